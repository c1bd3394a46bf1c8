#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_second_lnk - what sekisho says of a shortcut is what a second reader, written from
[MS-SHLLINK] alone (tools/second-lnk), reads: target, arguments, working folder, comment, icon,
window, computer, and the bytes behind the end; or the difference is explained.

usage: check_second_lnk.py SEKISHO SOURCE-ROOT
"""
import sys

sys.dont_write_bytecode = True
from second import Second  # noqa: E402

CHANGE = 'next(f for f in facts if f["name"] == "{0}")["value"] = {1!r}'
DROP = 'facts[:] = [f for f in facts if f["name"] != "{0}"]'
LIES = {
    "gives another target": CHANGE.format("lnk.target", "C:\\wrong.exe"),
    "lacks the arguments": DROP.format("lnk.arguments"),
    "cuts the arguments": CHANGE.format("lnk.arguments", "a.ln"),
    "does not see what is appended": DROP.format("lnk.appended"),
    "changes what is appended": '[p.update(sha256="0" * 64) for p in parts if p["how"] == "ole"]',
    "does not see the shortcut": '[p.update(type="data") for p in parts if p["type"] == "lnk"]',
}
BEYOND = {
    "blocks.lnk": "its property store ([MS-PROPSTORE]) names the target",
    "stores-damaged.lnk": "its property stores are damaged",
    "items.lnk": "its items of the shell are described nowhere",
}
Second("lnk", ["decode/lnk/corpus", "examples"], BEYOND).run(["-lnk-", "-shortcut-"], 400, "decode/lnk/corpus/overlay.lnk", LIES)
