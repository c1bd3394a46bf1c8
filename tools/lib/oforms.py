# SPDX-License-Identifier: Apache-2.0
"""oforms - writes forms and controls of Microsoft Forms ([MS-OFORMS]) for test documents.

    oforms.form('UserForm1', [oforms.TextBox('TextBox1', 'text', tag='...'), oforms.Label('Label1', 'caption')])

returns the streams of one form's storage, to be put beside the project ('Macros/UserForm1/f').
`control(...)` alone is what an ActiveX control keeps in its stream `contents`, and behind `CLSID`
what a package keeps in activeX1.bin. Frames take controls of their own.
"""
import struct

import cfbwrite

CLSID = {name: cfbwrite.clsid_bytes(text) for name, text in {
    "TextBox": "8BD21D10-EC42-11CE-9E0D-00AA006002F3", "ListBox": "8BD21D20-EC42-11CE-9E0D-00AA006002F3",
    "ComboBox": "8BD21D30-EC42-11CE-9E0D-00AA006002F3", "CheckBox": "8BD21D40-EC42-11CE-9E0D-00AA006002F3",
    "OptionButton": "8BD21D50-EC42-11CE-9E0D-00AA006002F3", "CommandButton": "D7053240-CE69-11CD-A777-00DD01143C57",
    "Label": "978C9E23-D4B0-11CE-BF2D-00AA003F40D0", "Frame": "6E182020-F460-11CE-9BCD-00AA00608E01",
    "Flash": "D27CDB6E-AE6D-11CF-96B8-444553540000"}.items()}
INDEX = {"Frame": 14, "CommandButton": 17, "TabStrip": 18, "Label": 21, "TextBox": 23, "ListBox": 24, "ComboBox": 25,
         "CheckBox": 26, "OptionButton": 27}


def _text(text):
    """The count and the bytes: one each where that is enough (2.4.14)."""
    try:
        raw, flag = text.encode("latin-1"), 0x80000000
    except UnicodeEncodeError:
        raw, flag = text.encode("utf-16-le"), 0
    return struct.pack("<I", len(raw) | flag), raw + bytes(-len(raw) % 4)


def _font(name="Tahoma"):
    count, raw = _text(name)
    return struct.pack("<BBHI", 0, 2, 4 + 4 + len(raw), 1) + count + raw


def _morph(kind, value, caption, group):
    mask, data, extra = 0x80000001 | 1 << 8, struct.pack("<I", 0x2C80481B), struct.pack("<II", 2540, 635)
    if kind != "TextBox":
        mask |= 1 << 6
        data += struct.pack("<Bxxx", INDEX[kind] - 23 + 1)
    for bit, text in ((22, value), (23, caption), (32, group)):
        if text is not None:
            count, raw = _text(text)
            mask |= 1 << bit
            data, extra = data + count, extra + raw
    return mask, 8, data + extra


def _plain(caption):
    count, raw = _text(caption)
    return 1 << 3 | 1 << 5, 4, count + raw + struct.pack("<II", 2540, 635)


def control(kind, value=None, caption=None, group=None):
    if kind in ("Label", "CommandButton"):
        mask, wide, data = _plain(caption or value or "")
    else:
        mask, wide, data = _morph(kind, value, caption, group)
    body = mask.to_bytes(wide, "little") + data
    return struct.pack("<BBH", 0, 2, len(body) & 0xFFFF) + body + _font()


class Control:
    def __init__(self, kind, name, value=None, caption=None, group=None, tag=None, tip=None, inside=()):
        self.kind, self.name, self.value, self.caption, self.group = kind, name, value, caption, group
        self.tag, self.tip, self.inside = tag, tip, inside

    def bytes(self):
        return control(self.kind, self.value, self.caption, self.group)


def TextBox(name, value, **more):
    return Control("TextBox", name, value, **more)


def Label(name, caption, **more):
    return Control("Label", name, caption=caption, **more)


def _site(c, ident, size):
    mask, data, tail = 0x1 | 0x4 | 0x10 | 0x20 | 0x80 | 0x100, b"", b""
    count, raw = _text(c.name)
    data, tail = count, raw
    if c.tag is not None:
        count, raw = _text(c.tag)
        mask, data, tail = mask | 2, data + count, tail + raw
    data += struct.pack("<III", ident, 0 if c.inside else 0x10, size)
    data += struct.pack("<Hxx", INDEX[c.kind])
    tail += struct.pack("<II", 100, 200)
    if c.tip is not None:
        count, raw = _text(c.tip)
        mask, data, tail = mask | 1 << 11, data + count, tail + raw
    body = struct.pack("<I", mask) + data + tail
    return struct.pack("<HH", 0, len(body)) + body


def _storage(path, caption, controls, first):
    count, raw = _text(caption)
    mask = 1 << 6 | 1 << 10 | 1 << 19
    head = struct.pack("<II", mask, 0x8000) + count + struct.pack("<II", 8000, 6000) + raw
    f, o, streams = struct.pack("<BBH", 0, 4, len(head)) + head, b"", {}
    sites, ident = b"", first
    for c in controls:
        data = b"" if c.inside else c.bytes()
        sites += _site(c, ident, len(data))
        if c.inside:
            streams.update(_storage(f"{path}i{ident:02}/", c.caption or c.name, c.inside, ident + 1))
            ident += len(c.inside)
        o += data
        ident += 1
    depths = bytes([0, 1]) * len(controls)
    depths += bytes(-len(depths) % 4)
    f += struct.pack("<II", len(controls), len(depths) + len(sites)) + depths + sites
    return {path + "f": f, path + "o": o, **streams}


def form(name, controls, caption=None, tag=None):
    streams = _storage(name + "/", caption or name, controls, 1)
    frame = 'VERSION 5.00\r\nBegin {C62A69F0-16DC-11CE-9E98-00AA00574A4F} %s \r\n   Caption         =   "%s"\r\n' % (name, caption or name)
    if tag is not None:
        frame += '   Tag             =   "%s"\r\n' % tag.replace('"', '""')
    streams[name + "/\x03VBFrame"] = (frame + "End\r\n").encode("cp932")
    return streams


def ocx(name, kind, value=None, **more):
    """Streams of one storage in ObjectPool; its class id belongs to the storage."""
    return {"contents": control(kind, value, **more), "\x03OCXNAME": name.encode("utf-16-le") + b"\0\0\0\0"}
