# SPDX-License-Identifier: Apache-2.0
"""waveweb - documents as web pages and as XML: MHTML with ActiveMime, Flat OPC, the XML of
Office 2003. The macros inside are those of wavemacro: inert."""
import base64
import io
import struct
import zipfile
import zlib

HEAD = b'<?xml version="1.0" encoding="utf-8"?>\r\n<?mso-application progid="%s"?>\r\n'
WORDML = 'http://schemas.microsoft.com/office/word/2003/wordml'


def activemime(cfb, told=4):
    packed = zlib.compress(cfb, 9)
    head = b'ActiveMime\0\0\1\0\0\0\4\0\0\0\xff\xff\xff\xff\0\0\7\xf0'.ljust(0x1e, b'\0') + struct.pack('<H', told)
    return head.ljust(50, b'\0') + packed


def lines(data):
    return base64.encodebytes(data).replace(b'\n', b'\r\n')


def mht(cfb, text='見積書です。', junk=b''):
    """What Word saves as "single file web page", with its macros beside the page."""
    page = '<html xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta charset="utf-8"><link rel=Edit-Time-Data href="a.files/editdata.mso"></head><body><p>%s</p></body></html>' % text
    parts = [(b'file:///C:/1/a.htm', b'text/html; charset="utf-8"', page.encode())]
    if cfb:
        parts.append((b'file:///C:/1/a.files/editdata.mso', b'application/x-mso', activemime(cfb)))
    out = junk + b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="----=_NextPart_1"\r\n\r\nThis document is a Single File Web Page.\r\n\r\n'
    for place, kind, data in parts:
        out += b'------=_NextPart_1\r\nContent-Location: %s\r\nContent-Transfer-Encoding: base64\r\nContent-Type: %s\r\n\r\n' % (place, kind) + lines(data) + b'\r\n'
    return out + b'------=_NextPart_1--\r\n'


def flat_opc(package, progid=b'Word.Document'):
    """A .docx or .docm as one XML file."""
    out = HEAD % progid + b'<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
    with zipfile.ZipFile(io.BytesIO(package)) as z:
        for name in z.namelist():
            data = z.read(name)
            if name == '[Content_Types].xml':
                continue
            if data.lstrip().startswith(b'<'):
                inner = data.split(b'?>', 1)[1] if data.startswith(b'<?xml') else data
                out += b'<pkg:part pkg:name="/%s" pkg:contentType="application/xml"><pkg:xmlData>%s</pkg:xmlData></pkg:part>' % (name.encode(), inner.strip())
            else:
                out += b'<pkg:part pkg:name="/%s" pkg:contentType="application/vnd.ms-office.vbaProject" pkg:compression="store"><pkg:binaryData>%s</pkg:binaryData></pkg:part>' % (name.encode(), lines(data))
    return out + b'</pkg:package>\r\n'


def word2003(cfb, text='見積書です。', template=None, field=None):
    out = HEAD % b'Word.Document' + ('<w:wordDocument xmlns:w="%s" w:macrosPresent="%s">' % (WORDML, 'yes' if cfb else 'no')).encode()
    if template:
        out += b'<w:docPr><w:attachedTemplate w:val="%s"/></w:docPr>' % template.encode()
    if cfb:
        out += b'<w:docSuppData><w:binData w:name="editdata.mso">' + lines(activemime(cfb)) + b'</w:binData></w:docSuppData>'
    body = '<w:p><w:r><w:t>%s</w:t></w:r></w:p>' % text
    if field:
        body += '<w:p><w:r><w:instrText>%s</w:instrText></w:r><w:r><w:instrText>%s</w:instrText></w:r></w:p>' % (field[:6], field[6:])
    return out + ('<w:body>%s</w:body></w:wordDocument>\r\n' % body).encode()


def excel2003(rows, link=None):
    ns = 'urn:schemas-microsoft-com:office:spreadsheet'
    cells = ''.join('<Row>%s</Row>' % ''.join('<Cell%s><Data ss:Type="String">%s</Data></Cell>' % (' ss:HRef="%s"' % link if link else '', c) for c in row) for row in rows)
    return HEAD % b'Excel.Sheet' + ('<Workbook xmlns="%s" xmlns:ss="%s"><Worksheet ss:Name="1"><Table>%s</Table></Worksheet></Workbook>\r\n' % (ns, ns, cells)).encode()
