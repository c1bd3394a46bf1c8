# SPDX-License-Identifier: Apache-2.0
"""wavemail - the frame of the sample mails of tools/make-waves: who writes to whom, over
which path, and the conversations that replies quote.

Everybody is invented, hosts are under .example and .invalid (RFC 2606), addresses in
192.0.2.0/24 (RFC 5737). Each mail says in its own header where it comes from.
"""
import mail
import zipcrypt

OWN, PARTNER, HIJACKED = 'corp.example', 'partner.example', 'hijacked.invalid'
HANAKO = ('佐藤 花子', 'hanako.sato@' + OWN)
TARO = ('山田 太郎', 'taro.yamada@' + PARTNER)
JIRO = ('鈴木 次郎', 'jiro.suzuki@' + PARTNER)
STRANGER = ('高橋 三郎', 'saburo@elsewhere.example')
ROBBED = ('経理担当', 'info@' + HIJACKED)
ORIGIN = ('X-Sekisho-Origin', b'built by tools/make-waves; inert')

BODY = 'お世話になっております。\n添付ファイルをご確認ください。\nよろしくお願いいたします。\n'
REFERS = [('In-Reply-To', b'<20261119.1@corp.example>'), ('References', b'<20261119.1@corp.example>')]


def box(who):
    return mail.mailbox(who[0], who[1])


def results(server, passed, shown):
    """What a server saw: SPF and DKIM passed for one host, DMARC for the host shown."""
    dmarc = 'pass' if passed == shown else 'none'
    return ('%s; spf=pass smtp.mailfrom=%s; dkim=pass header.d=%s; dmarc=%s header.from=%s' %
            (server, passed, passed, dmarc, shown)).encode('ascii')


def build(sender, subject, part, to=HANAKO, extra=(), frm=None, back=None, cc=None, server='mx.' + OWN):
    """`sender` is who really sends, `frm` the From header where it is not simply his box,
    `back` the return path where it is not his address, `server` who says what was authenticated."""
    host = sender[1].split('@')[1]
    shown = (frm or sender[1].encode()).decode('ascii', 'replace').rsplit('@', 1)[1].strip('>" \r\n')
    hop = ('from mail.%s (mail.%s [192.0.2.25])\r\n by mx.%s (Postfix) with ESMTPS id WAVE01;\r\n'
           ' Fri, 20 Nov 2026 10:00:05 +0900' % (host, host, OWN))
    headers = [('Return-Path', b'<' + (back or sender[1]).encode() + b'>'), ('Received', hop.encode()),
               ('Authentication-Results', results(server, host, shown)), ORIGIN, ('From', frm or box(sender)), ('To', box(to))]
    if cc:
        headers.append(('Cc', box(cc)))
    headers += [('Subject', mail.words(subject)), ('Date', b'Fri, 20 Nov 2026 10:00:00 +0900'),
                ('Message-ID', b'<wave-1@' + host.encode() + b'>')] + list(extra)
    return mail.message(headers, part)


def carry(sender, subject, name, data, body=BODY, **more):
    """A mail with one attachment."""
    return build(sender, subject, mail.mixed([mail.text(body), mail.file(name, data)]), **more)


def page(sender, subject, html, **more):
    """A mail whose text is a page."""
    return build(sender, subject, mail.html('<html><head><meta charset="utf-8"></head><body>%s</body></html>' % html), **more)


def archive(members, password=None, method='zipcrypto'):
    return zipcrypt.write([zipcrypt.Member(n, d) for n, d in members], password, method)


def quoted(writer, to, subject='見積のお願い'):
    """A conversation as Outlook quotes it."""
    return ('\n-----元のメッセージ-----\n差出人: %s <%s>\n送信日時: 2026年11月19日 16:40\n宛先: %s <%s>\n件名: %s\n\n'
            'いつもお世話になっております。\nボルトとナットの見積をお願いできますでしょうか。\n' % (writer + to + (subject,)))


def name_of_other(who=TARO, real=ROBBED, quotes=False):
    """A display name that shows somebody else's address."""
    shown = mail.words('%s %s' % who)
    if quotes:
        shown = mail.words('"%s"' % who[0])
    return shown + b'\r\n <' + real[1].encode() + b'>'
