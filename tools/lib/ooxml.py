# SPDX-License-Identifier: Apache-2.0
"""ooxml - writes small Office Open XML documents (ECMA-376): docx, docm, xlsx, xlsm.

    ooxml.sheet([('Sheet1', [['品目', '金額'], ['交通費', 1200]])], vba=modules)

Deterministic: fixed times, fixed order of parts. No styles but the default ones.
"""
import io
import zipfile
from xml.sax.saxutils import escape

import ovba

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
SHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
VBA_RELATION = 'http://schemas.microsoft.com/office/2006/relationships/vbaProject'


def pack(parts):
    """parts: [(name, bytes or text)] in the order of the archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, data in parts:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            z.writestr(info, data if isinstance(data, bytes) else data.encode('utf-8'))
    return out.getvalue()


def relations(rows):
    """rows: [(id, type, target, external)]"""
    text = HEAD + '<Relationships xmlns="%s/relationships">' % PACKAGE
    for ident, kind, target, external in rows:
        mode = ' TargetMode="External"' if external else ''
        text += '<Relationship Id="%s" Type="%s" Target="%s"%s/>' % (ident, kind, escape(target), mode)
    return text + '</Relationships>'


def content_types(overrides, macro):
    text = HEAD + '<Types xmlns="%s/content-types">' % PACKAGE
    text += '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    text += '<Default Extension="xml" ContentType="application/xml"/>'
    if macro:
        text += '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    for name, kind in overrides:
        text += '<Override PartName="/%s" ContentType="%s"/>' % (name, kind)
    return text + '</Types>'


def _properties(author, application):
    core = (HEAD + '<cp:coreProperties xmlns:cp="%s/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>%s</dc:creator>'
            '<cp:lastModifiedBy>%s</cp:lastModifiedBy></cp:coreProperties>' %
            (PACKAGE, escape(author), escape(author)))
    app = (HEAD + '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
           'extended-properties"><Application>%s</Application></Properties>' % application)
    return core, app


def _document(main, kind, parts, author, application, vba):
    core, app = _properties(author, application)
    types = [(main, kind), ('docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml'),
             ('docProps/app.xml', 'application/vnd.openxmlformats-officedocument.extended-properties+xml')]
    types += [(name, t) for name, _, t in parts if t]
    top = relations([('rId1', OFFICE + '/officeDocument', main, False),
                     ('rId2', PACKAGE + '/relationships/metadata/core-properties', 'docProps/core.xml', False),
                     ('rId3', OFFICE + '/extended-properties', 'docProps/app.xml', False)])
    out = [('[Content_Types].xml', content_types(types, vba is not None)), ('_rels/.rels', top)]
    out += [(name, data) for name, data, _ in parts]
    if vba is not None:
        out.append((main.split('/')[0] + '/vbaProject.bin', ovba.vba_project_bin(vba)))
    return pack(out + [('docProps/core.xml', core), ('docProps/app.xml', app)])


def word(paragraphs, vba=None, author='総務部', links=()):
    body = ''.join('<w:p><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>' % escape(p) for p in paragraphs)
    text = HEAD + '<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (WORD, body)
    rows = [('rId%d' % (i + 2), OFFICE + '/hyperlink', link, True) for i, link in enumerate(links)]
    if vba is not None:
        rows.insert(0, ('rId1', VBA_RELATION, 'vbaProject.bin', False))
    kind = ('application/vnd.ms-word.document.macroEnabled.main+xml' if vba is not None else
            'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml')
    parts = [('word/document.xml', text, None), ('word/_rels/document.xml.rels', relations(rows), None)]
    return _document('word/document.xml', kind, parts, author, 'Microsoft Office Word', vba)


def slides(texts, actions=(), author='営業部'):
    """One slide. actions: [(element, action, target)], element 'hlinkClick' or 'hlinkHover'."""
    drawn = 'http://schemas.openxmlformats.org/drawingml/2006/main'
    shown = 'http://schemas.openxmlformats.org/presentationml/2006/main'
    body, rows = '', []
    for i, text in enumerate(texts):
        links = ''
        for element, action, target in actions if i == 0 else ():
            ident = 'rId%d' % (len(rows) + 2)
            rows.append((ident, OFFICE + '/hyperlink', target, True))
            links += '<a:%s r:id="%s"%s/>' % (element, ident, ' action="%s"' % action if action else '')
        body += ('<p:sp><p:nvSpPr><p:cNvPr id="%d" name="Shape %d">%s</p:cNvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>%s</a:t></a:r></a:p></p:txBody></p:sp>'
                 % (i + 2, i + 1, links, escape(text)))
    slide = HEAD + '<p:sld xmlns:p="%s" xmlns:a="%s" xmlns:r="%s"><p:cSld><p:spTree>%s</p:spTree></p:cSld></p:sld>' % (shown, drawn, OFFICE, body)
    main = HEAD + '<p:presentation xmlns:p="%s" xmlns:r="%s"><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst></p:presentation>' % (shown, OFFICE)
    parts = [('ppt/presentation.xml', main, None),
             ('ppt/_rels/presentation.xml.rels', relations([('rId1', OFFICE + '/slide', 'slides/slide1.xml', False)]), None),
             ('ppt/slides/slide1.xml', slide, 'application/vnd.openxmlformats-officedocument.presentationml.slide+xml'),
             ('ppt/slides/_rels/slide1.xml.rels', relations(rows), None)]
    kind = 'application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml'
    return _document('ppt/presentation.xml', kind, parts, author, 'Microsoft Office PowerPoint', None)


def column(n):
    return (column(n // 26 - 1) if n >= 26 else '') + chr(65 + n % 26)


def _sheet_xml(rows):
    out = HEAD + '<worksheet xmlns="%s"><sheetData>' % SHEET
    for r, row in enumerate(rows, 1):
        out += '<row r="%d">' % r
        for c, value in enumerate(row):
            ref = '%s%d' % (column(c), r)
            if value is None:
                continue
            if isinstance(value, (int, float)):
                out += '<c r="%s"><v>%s</v></c>' % (ref, value)
            elif value.startswith('='):
                out += '<c r="%s"><f>%s</f></c>' % (ref, escape(value[1:]))
            else:
                out += '<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (ref, escape(value))
        out += '</row>'
    return out + '</sheetData></worksheet>'


def sheet(sheets, vba=None, author='経理部', states=None):
    """sheets: [(name, rows)]; a row's cells are text, numbers, '=formula' or None.
    states: {name: 'hidden' or 'veryHidden'}"""
    kind = 'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml'
    entries, rows, parts = '', [], []
    for i, (name, cells) in enumerate(sheets, 1):
        state = (states or {}).get(name)
        entries += '<sheet name="%s" sheetId="%d"%s r:id="rId%d"/>' % (
            escape(name), i, ' state="%s"' % state if state else '', i)
        rows.append(('rId%d' % i, OFFICE + '/worksheet', 'worksheets/sheet%d.xml' % i, False))
        parts.append(('xl/worksheets/sheet%d.xml' % i, _sheet_xml(cells), kind))
    if vba is not None:
        rows.append(('rId%d' % (len(sheets) + 1), VBA_RELATION, 'vbaProject.bin', False))
    book = HEAD + '<workbook xmlns="%s" xmlns:r="%s"><sheets>%s</sheets></workbook>' % (SHEET, OFFICE, entries)
    main = ('application/vnd.ms-excel.sheet.macroEnabled.main+xml' if vba is not None else
            'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml')
    parts = [('xl/workbook.xml', book, None), ('xl/_rels/workbook.xml.rels', relations(rows), None)] + parts
    return _document('xl/workbook.xml', main, parts, author, 'Microsoft Excel', vba)
