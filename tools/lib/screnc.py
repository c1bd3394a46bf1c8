# SPDX-License-Identifier: Apache-2.0
"""screnc - encodes inert samples as the Windows Script Encoder does (see decode/script/script_encoder.c).

    screnc.encode('WScript.Echo "example.invalid"')
"""
import base64
import struct

# What a tab and the bytes 32..127 mean in each of the three alphabets.
ALPHABETS = [bytes.fromhex(h) for h in (
    "7b323021295b38333d583a3565395c5673664e456b6259785e7d4a6d713c603e"
    "5340422748727531374d5222546a47642d207f2e4c5d7e6c6f79744326762524"
    "2b28234134092a443f773b55696163506751494f46687c36706e7a2f5f4b5a2c"
    "57",
    "572e477a56426a2f26494134325b7672433839704568714f09624423753c7e3e"
    "5e40774a615d224b6f4e3b4c50672a7d74542b2d2c306e6b66352521644d5263"
    "3f7b7829287359337f6d55537c3a5f65465831696c5a48275c3d247937605120"
    "36",
    "6e2d755260715e495c627d2936207c7a7f6b63332b68516676316454433c3a3e"
    "7e40452c2a7427374479592f6f26726a397b3f387767534734785d30235a5b6c"
    "485570692e4c21244e5009567335614b583b57226d4d2528464a32413d5f4f42"
    "65",
)]
TURNS = "1201202002021020102011200210200211020201011201021020112001120102"
ESCAPES = {13: "@#", 10: "@&", 60: "@!", 62: "@*", 64: "@$"}


def number(value):
    return base64.b64encode(struct.pack("<I", value & 0xFFFFFFFF)).decode()


def encode(text, length=None, checksum=None):
    out, position = [], 0
    for c in text:
        code = ord(c)
        if code in ESCAPES:
            out.append(ESCAPES[code])
        elif code < 128 and (code == 9 or code >= 32):
            row = ALPHABETS[int(TURNS[position % 64])]
            at = max(i for i, v in enumerate(row) if v == code and (i == 0 or chr(i + 31) not in "<>@"))
            out.append(chr(9 if at == 0 else at + 31))
        else:
            out.append(c)
        position += code < 128
    body = "".join(out)
    total = sum(ord(c) for c in text if ord(c) < 128) if checksum is None else checksum
    return "#@~^" + number(len(body) if length is None else length) + body + number(total) + "^#~@"
