#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_second_onenote - the files that sekisho takes out of OneNote sections are those that a
second reader, written from [MS-ONESTORE] alone (tools/second-onenote), takes out: the same
bytes under the same names; or the difference is explained.

usage: check_second_onenote.py SEKISHO SOURCE-ROOT
"""
import sys

sys.dont_write_bytecode = True
from second import Second  # noqa: E402

NOTE = 'next(p for p in parts if p["name"] == "note.txt")'
LIES = {
    "gives other bytes": NOTE + '["sha256"] = "0" * 64',
    "lacks a file": f"parts.remove({NOTE})",
    "makes a file up": f'parts.append(dict({NOTE}, id=99, sha256="1" * 64))',
    "gives a wrong name": NOTE + '["name"] = "wrong.txt"',
    "gives no source": 'facts[:] = [f for f in facts if f["name"] != "onenote.file.source"]',
    "says that it is encrypted": 'facts.append(dict(name="onenote.encrypted", value=True, part=0))',
}
Second("onenote", ["decode/onenote/corpus", "examples"]).run(["-onenote-"], 70, "decode/onenote/corpus/plain.one", LIES)
