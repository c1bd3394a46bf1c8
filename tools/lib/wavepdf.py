# SPDX-License-Identifier: Apache-2.0
"""wavepdf - the PDF samples of tools/make-waves: what mass mail does with PDFs, and what honest
programs do with the same features. Scripts only name calls, commands do not exist, links lead
to example.invalid or 192.0.2.0/24.
"""
import hashlib

import pdfwrite as w
import wavemacro as m
import waveweb

URL = 'http://example.invalid/a'
LETTER = ['Dear customer,', 'please find our offer for 200 pieces attached to this letter.',
          'The prices are valid until the end of the month.', 'Kind regards, the sales department'] * 8
OFFER = w.show(LETTER)
BUTTON = w.PICTURE_AT % (600, 780, 6, 6)


def one(content, annotations=(), more=b'', picture=False, **how):
    p = w.Pdf()
    return p.write(w.page(p, content, annotations, more, picture), **how)


def noise(n):
    """Letters that mean nothing, always the same."""
    out = b''.join(hashlib.sha256(b'%d' % i).hexdigest().encode() for i in range(n // 64 + 1))
    return out[:n].decode()


def padded():
    return one(w.show(LETTER[:4]) + w.show([noise(3000)], size=0.8), [w.link(URL)])


def launch(action, auto=False):
    if auto:
        return one(OFFER, more=b'/OpenAction' + action)
    return one(OFFER, [b'<</Type/Annot/Subtype/Link/Rect[50 700 300 760]/A' + action + b'>>'])


def scripted(script, where='open'):
    js = b'<</S/JavaScript/JS' + w.literal(script) + b'>>'
    if where == 'open':
        return one(OFFER, more=b'/OpenAction' + js)
    if where == 'names':
        return one(OFFER, more=b'/Names<</JavaScript<</Names[(a)' + js + b']>>>>')
    return one(OFFER, [b'<</Type/Annot/Subtype/Widget/FT/Btn/Rect[50 700 300 760]/A' + js + b'>>'])


def carrier(name, data, script=None):
    p = w.Pdf()
    spec = w.carried(p, name, data)
    more = b'/Names<</EmbeddedFiles<</Names[(a)%d 0 R]>>>>' % spec
    if script:
        more += b'/OpenAction<</S/JavaScript/JS' + w.literal(script) + b'>>'
    return p.write(w.page(p, OFFER, more=more))


def picture(url=URL, rect=(6, 6, 606, 786)):
    return one(BUTTON, [w.link(url, rect)], picture=True)


def picture_download():
    return picture('https://example.invalid/files/document.zip')


def password():
    p = w.Pdf()
    lines = ['This document is stored in the cloud.', 'Press the button to open it.', 'File password: K7731']
    return p.write(w.page(p, w.show(lines), [w.link('http://192.0.2.9/file', (50, 690, 200, 720))]))


def password_noted():
    """Nothing but an address and a password; the reader is asked for nothing."""
    p = w.Pdf()
    return p.write(w.page(p, w.show(['Q4 contract, signed copy.', 'Password: K7731']), [w.link('http://192.0.2.9/contract.zip', (50, 690, 200, 720))]))


def redirected():
    p = w.Pdf()
    root = w.page(p, w.show(['A document was shared with you.']), [w.link('https://www.google.com/url?q=http://example.invalid/a', (50, 300, 450, 700))])
    return p.write(root)


def button():
    p = w.Pdf()
    lines = ['This document contains files from the cloud.', 'To receive them, press the Open button.']
    return p.write(w.page(p, w.show(lines), [w.link(URL, (50, 300, 450, 700))]))


def locked(password, content, annotations=(), picture=False):
    p = w.Pdf(b'1.6', w.Lock(4, password, aes=True))
    notes = []
    for url, rect in annotations:
        n = p.number()
        notes.append(p.add(b'<</Type/Annot/Subtype/Link/Rect[%d %d %d %d]/A<</S/URI/URI%s>>>>' % (*rect, p.secret(n, url.encode())), n))
    root = w.page(p, content, picture=picture)
    for num, (body, data) in list(p.objects.items()):
        if b'/Annots[]' in body:
            p.objects[num] = (body.replace(b'/Annots[]', b'/Annots[' + b''.join(b'%d 0 R ' % n for n in notes) + b']'), data)
    return p.write(root)


def locked_picture():
    return locked(b'7731', BUTTON, [(URL, (6, 6, 606, 786))], True)


def locked_letter():
    return locked(b'7731', OFFER)


def web_archive(macro):
    """JPCERT/CC 2023: a web archive behind the objects of a PDF."""
    return one(OFFER) + b'\r\n' + waveweb.mht(m.doc(macro))


def account():
    p = w.Pdf()
    lines = ['Your account has been limited because of an unusual sign-in.', 'Please act within 12 hours.', 'VERIFY YOUR ACCOUNT']
    return p.write(w.page(p, w.show(lines), [w.link('https://example.invalid/x', (40, 700, 300, 722))]))


def packed_script():
    """The script lies in an object stream, its keyword in the clear nowhere."""
    p = w.Pdf(b'1.5')
    js = p.stream(b'app.launchURL("http://example.invalid/", true);')
    action = p.add(b'<</S/JavaScript/JS %d 0 R>>' % js)
    root = w.page(p, OFFER, more=b'/OpenAction %d 0 R' % action)
    p.pack([action])
    return p.write(root, xref_stream=True)


def locked_script():
    """Encrypted under the empty password: every viewer opens it, and only who decrypts sees anything."""
    p = w.Pdf(b'1.6', w.Lock(4, aes=True))
    action = p.number()
    p.add(b'<</S/Launch/Win<</F%s/P%s>>>>' % (p.secret(action, b'cmd.exe'), p.secret(action, b'/c example-command-that-does-not-exist')), action)
    return p.write(w.page(p, OFFER, more=b'/OpenAction %d 0 R' % action))


FORM = (b'function total() { var a = this.getField("a").value; this.getField("sum").value = util.printf("%.2f", a * 1.1); }\n'
        b'if (this.getField("sum").value == "") { app.alert("Fill in the amount."); }')

HOSTILE = {
    'pdf-padded.pdf': padded,
    'pdf-launch.pdf': lambda: launch(b'<</S/Launch/Win<</F(cmd.exe)/P(/c example-command-that-does-not-exist)>>>>'),
    'pdf-launch-open.pdf': lambda: launch(b'<</S/Launch/F(example.doc)>>', True),
    'pdf-opens-carried.pdf': lambda: carrier('offer.docx', b'words\n', b'this.exportDataObject({cName: "offer.docx", nLaunch: 2});'),
    'pdf-exploit.pdf': lambda: scripted(b'var a = unescape("' + b'%u4141' * 200 + b'");', 'names'),
    'pdf-exploit-call.pdf': lambda: scripted(b'var a = unescape("%41"); try { this.media.newPlayer(null); } catch (e) { }'),
    'pdf-goes-out.pdf': lambda: scripted(b'app.launchURL("http://example.invalid/", true);'),
    'pdf-goes-out-packed.pdf': packed_script,
    'pdf-goes-out-link.pdf': lambda: one(OFFER, more=b'/OpenAction<</S/URI/URI(http://example.invalid/a)>>'),
    'pdf-server-file.pdf': lambda: one(OFFER, more=b'/OpenAction<</S/GoToE/F(\\\\\\\\192.0.2.7\\\\share\\\\a)/D[0/Fit]>>'),
    'pdf-escaped.pdf': lambda: one(OFFER, [b'<</Type/Annot/Subtype/Link/Rect[50 700 300 760]/A<</S/J#61v#61Script/J#53(app.alert\\(1\\))>>>>']),
    'pdf-carries-script.pdf': lambda: carrier('offer.js', b'// inert sample, built by tools/make-waves; it does nothing\r\n'),
    'pdf-picture-download.pdf': picture_download,
    'pdf-password-address.pdf': password,
    'pdf-password-noted.pdf': password_noted,
    'pdf-account.pdf': account,
    'pdf-redirected.pdf': redirected,
    'pdf-button.pdf': button,
    'pdf-web-archive.doc': lambda: web_archive(m.honest('open-updates-fields')),
    'pdf-locked-launch.pdf': locked_script,
}

BENIGN = {
    'pdf-letter.pdf': lambda: one(OFFER, [w.link('https://www.partner.example/')]),
    'pdf-portal.pdf': lambda: one(w.show(['Your statement is ready.', 'To view the statement, use the link below.']), [w.link('https://www.partner.example/', (50, 600, 200, 620))]),
    'pdf-form.pdf': lambda: scripted(FORM, 'names'),
    'pdf-form-submit.pdf': lambda: scripted(b'this.submitForm("https://www.partner.example/form");', 'button'),
    'pdf-flyer.pdf': lambda: picture('https://www.partner.example/'),
    'pdf-invoice-with-data.pdf': lambda: carrier('factur-x.xml', b'<?xml version="1.0"?><invoice><total>120.00</total></invoice>\n'),
    'pdf-fine-print.pdf': lambda: one(OFFER + w.show(['Terms and conditions apply, see our pages.'] * 90, size=3), [w.link('https://www.partner.example/')]),
    'pdf-opens-first-page.pdf': lambda: one(OFFER, more=b'/OpenAction[9 0 R/Fit]'),
    'pdf-manual-beside.pdf': lambda: launch(b'<</S/Launch/F(manual.pdf)>>'),
    'pdf-cut.pdf': lambda: one(OFFER)[:-200],
}
