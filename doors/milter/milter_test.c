/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of the milter door: what an MTA says, what is asked, what it hears. Each is
 * fed whole and one byte at a time, and must go the same way.
 *
 * A script's lines are packets: the command, then the payload, where '|' is NUL and '^'
 * a line feed. "O" offers everything, "O2" protocol 2 alone, "On" all but SMFIP_NR_*, "Oc"
 * all but changes of headers. Other lines: "=X" the desk's answer, "~" a tick,
 * "!HEX" raw bytes, "$COMMAND BYTES TIMES" a packet of many bytes, so many times. */
#include "base/cursor.h"
#include "doors/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

#define HELLO                                                                                      \
    "O\nCmail.example.invalid|4\x30\x39"                                                           \
    "192.0.2.7|\nHmail.example.invalid|\n"
#define BEGIN HELLO "M<a@example.invalid>|SIZE=10|\nR<b@example.org>|\n"
#define MAIL BEGIN "LSubject| hi|\nN\nBtext^\nE\n"
#define WHO "client=192.0.2.7;client-name=mail.example.invalid;helo=mail.example.invalid;"
#define ASKED WHO "sender=a@example.invalid;recipient=b@example.org;"
#define BODY "Subject: hi\r\n\r\ntext\n"
#define HEADERS "i0X-Sekisho-Verdict| malicious| i0X-Sekisho-Id| 261122-7K3F9Q2M| "
#define NOT_THERE "y451 4.7.1 Try again later: not examined: no examiner is there|"
#define UNKNOWN(why) "i0X-Sekisho-Reason| not examined: " why "| i0X-Sekisho-Verdict| unknown| a"

enum how {
    AWAY = 1,
    ACCEPTS = 2, /* away_accepts */
    STAYS = 4,   /* inbound_headers_stay */
    OWN = 8,     /* 192.0.2.0/24 is the site's own */
    SMALL = 16,  /* object_max is 64 bytes */
    FEW = 32,    /* recipients_max is 3 */
    ENDS = 64,   /* the session says that the connection ends */
    QUITS = 128, /* it ends in order */
    OUT = 256,   /* asked as outbound */
    FORGETS = 512,
    NO_NAME = 1024, /* no authserv_id */
};

static const struct {
    const char *name;
    unsigned how;
    const char *script, *sent, *asked, *body;
} cases[] = {
    /* kind */
    { "a clean mail", 0, MAIL "=D\nQ\n", "a", ASKED, BODY },
    { "tagged", 0, MAIL "=T\n", HEADERS "a", ASKED, BODY },
    { "refused", 0, MAIL "=R\n", "y550 5.7.1 refused (261122-7K3F9Q2M)|", ASKED, BODY },
    { "held", 0, MAIL "=H\n", "d", ASKED, BODY },
    { "later", 0, MAIL "=F\n", "y451 4.7.1 refused (261122-7K3F9Q2M)|", ASKED, BODY },
    { "progress while the desk works", 0, MAIL "~\n~\n=D\n", "p p a", ASKED, BODY },
    { "no progress when nothing is asked", 0, MAIL "=D\n~\n", "a", ASKED, BODY },
    { "two mails", 0, MAIL "=D\nDM\nM<>|\nR<c@example.org>|\nL\x58| 2|\nN\nE\n=T\n",
      "a " HEADERS "a", WHO "recipient=c@example.org;", "X: 2\r\n\r\n" },
    { "macros", OUT,
      HELLO "DH{tls_version}|TLSv1.3|{cipher}|X|\nHx|\nDMi|4ABC|{auth_authen}|taro|\nM<a@example."
            "invalid>|\nN\nDEi|4DEF|\nE\n=D\n",
      "a",
      "client=192.0.2.7;client-name=mail.example.invalid;helo=x;sender=a@example.invalid;user=taro;"
      "queue=4DEF;tls=TLSv1.3;",
      "\r\n" },
    { "who is logged in sends outbound", OUT,
      BEGIN "DM{auth_authen}|taro|\nM<a@example.invalid>|\nN\nE\n=D\n", "a",
      WHO "sender=a@example.invalid;user=taro;", "\r\n" },
    { "the site's own network sends outbound", OUT | OWN, MAIL "=D\n", "a", ASKED, BODY },
    { "the login of the mail before counts no more", 0,
      HELLO "DM{auth_authen}|taro|i|1|\nM<>|\nN\nE\n=D\nDM\nM<>|\nN\nE\n=D\n", "a a", WHO, "\r\n" },
    { "IPv6", 0, "O\nCx|6\x30\x39IPv6:2001:db8::1|\nM<>|\nE\n=D\n", "a",
      "client=2001:db8::1;client-name=x;", "" },
    { "a Unix socket", 0, "O\nClocalhost|L\x30\x39/tmp/x|\nM<>|\nE\n=D\n", "a",
      "client-name=localhost;", "" },
    { "an unknown family", 0, "O\nCunknown|U\nM<>|\nE\n=D\n", "a", "client-name=unknown;", "" },
    { "folded header", 0, BEGIN "LSubject| a^\tb^ c|\nLTo|x|\nLX||\nN\nE\n=D\n", "a", ASKED,
      "Subject: a\r\n\tb\r\n c\r\nTo:x\r\nX:\r\n\r\n" },
    { "an MTA without leading space and quiet", 0, "O2\nM<>|\nR<b@x>|\nLSubject|a|\nN\nBz\nE\n=T\n",
      "c c c c c i0X-Sekisho-Verdict|malicious| i0X-Sekisho-Id|261122-7K3F9Q2M| a",
      "recipient=b@x;", "Subject: a\r\n\r\nz" },
    { "an MTA that waits for each reply", 0,
      "On\nCx|U\nHy|\nM<>|\nR<b@x>|\nT\nLS|x|\nN\nBz\nUVRFY|\nE\n=D\n", "c c c c c c c c c a",
      "client-name=x;helo=y;recipient=b@x;", "S:x\r\n\r\nz" },
    { "body in the last packet", 0, BEGIN "N\nBone\nEtwo\n=D\n", "a", ASKED, "\r\nonetwo" },
    { "another client on the same connection", 0,
      MAIL "=D\nK\nCy|4\x30\x39"
           "198.51.100.9|\nHz|\nM<>|\nE\n=D\n",
      "a a", "client=198.51.100.9;client-name=y;helo=z;", "" },
    { "aborted, then another", 0, BEGIN "LSubject| hi|\nA\nM<c@x>|\nN\nBz\nE\n=D\n", "a",
      WHO "sender=c@x;", "\r\nz" },
    { "quit", QUITS, MAIL "=D\nQ\n", "a", ASKED, BODY },
    { "SMTPUTF8", 0, HELLO "M<\xe6\x97\xa5@example.invalid>|SMTPUTF8|\nN\nE\n=D\n", "a",
      WHO "sender=\xe6\x97\xa5@example.invalid;", "\r\n" },

    /* forged headers */
    { "our headers from outside go", 0,
      BEGIN
      "LX-Sekisho-Verdict| clean|\nLx-sekisho-verdict| clean|\nLX-Sekisho-Foo| a|\nN\nE\n=D\n",
      "m1X-Sekisho-Foo|| m2X-Sekisho-Verdict|| m1X-Sekisho-Verdict|| a", ASKED,
      "X-Sekisho-Verdict: clean\r\nx-sekisho-verdict: clean\r\nX-Sekisho-Foo: a\r\n\r\n" },
    { "they go before ours come", 0, BEGIN "LX-Sekisho-Id| 1|\nN\nE\n=T\n",
      "m1X-Sekisho-Id|| " HEADERS "a", ASKED, "X-Sekisho-Id: 1\r\n\r\n" },
    { "they stay of our own relay", OWN | OUT, BEGIN "LX-Sekisho-Id| 1|\nN\nE\n=D\n", "a", ASKED,
      "X-Sekisho-Id: 1\r\n\r\n" },
    { "they stay where the site says so", STAYS, BEGIN "LX-Sekisho-Id| 1|\nN\nE\n=D\n", "a", ASKED,
      "X-Sekisho-Id: 1\r\n\r\n" },
    { "nothing is removed from what is refused", 0, BEGIN "LX-Sekisho-Id| 1|\nN\nE\n=R\n",
      "y550 5.7.1 refused (261122-7K3F9Q2M)|", ASKED, "X-Sekisho-Id: 1\r\n\r\n" },
    { "an MTA that lets nothing be changed", 0, "Oc\nM<>|\nLX-Sekisho-Id| 1|\nN\nE\n=T\n", "a", "",
      "X-Sekisho-Id: 1\r\n\r\n" },
    { "results in our name", 0,
      BEGIN "LAuthentication-Results| other.example; dkim=pass|\nLauthentication-results| "
            "MX.example.invalid; dkim=pass|\nN\nE\n=D\n",
      "m2Authentication-Results|| a", ASKED,
      "Authentication-Results: other.example; dkim=pass\r\n\r\n" },
    { "results in our name, with a comment", 0,
      BEGIN "LAuthentication-Results| (a (b) \\)^) ^\tmx.example.invalid 1; spf=pass|\nN\nE\n=D\n",
      "m1Authentication-Results|| a", ASKED, "\r\n" },
    { "results in our name, quoted", 0,
      BEGIN "LAuthentication-Results| \"mx.example.invalid\"; spf=pass|\nN\nE\n=D\n",
      "m1Authentication-Results|| a", ASKED, "\r\n" },
    { "results in our name, nothing behind", 0,
      BEGIN "LAuthentication-Results|mx.example.invalid|\nN\nE\n=D\n",
      "m1Authentication-Results|| a", ASKED, "\r\n" },
    { "results of a name that begins as ours", 0,
      BEGIN "LAuthentication-Results| mx.example.invalid.evil.example; spf=pass|\nN\nE\n=D\n", "a",
      ASKED, "Authentication-Results: mx.example.invalid.evil.example; spf=pass\r\n\r\n" },
    { "results while we have no name", NO_NAME,
      BEGIN "LAuthentication-Results| ; spf=pass|\nN\nE\n=D\n", "a", ASKED,
      "Authentication-Results: ; spf=pass\r\n\r\n" },
    { "an open comment", 0, BEGIN "LAuthentication-Results| (((((\\|\nN\nE\n=D\n", "a", ASKED,
      "Authentication-Results: (((((\\\r\n\r\n" },

    /* nobody examines */
    { "no desk", AWAY, MAIL, NOT_THERE, NULL, NULL },
    { "no desk, and the site lets pass", AWAY | ACCEPTS, MAIL, UNKNOWN("no examiner is there"),
      NULL, NULL },
    { "no desk, twice", AWAY, MAIL "M<>|\nE\n", NOT_THERE " " NOT_THERE, NULL, NULL },
    { "trouble", 0, MAIL "=t\n", "y451 4.7.1 Try again later: not examined: no answer|", ASKED,
      BODY },
    { "trouble, and the site lets pass", ACCEPTS, MAIL "=t\n", UNKNOWN("no answer"), ASKED, BODY },
    { "trouble, and the desk lets pass", 0, MAIL "=u\n", UNKNOWN("no answer"), ASKED, BODY },
    { "trouble, and the desk holds", 0, MAIL "=v\n", "d", ASKED, BODY },
    { "too large", SMALL, BEGIN "N\n$B 100 2\nE\n",
      "y451 4.7.1 Try again later: not examined: the message is too large|", NULL, NULL },
    { "too large, and the site lets pass", SMALL | ACCEPTS,
      BEGIN "LX-Sekisho-Id| 1|\nN\n$B 100 1\nE\n",
      "m1X-Sekisho-Id|| " UNKNOWN("the message is too large"), NULL, NULL },
    { "too large, and an MTA that can skip", SMALL, "On\nM<>|\nN\n$B 100 2\nE\n",
      "c c s c y451 4.7.1 Try again later: not examined: the message is too large|", NULL, NULL },
    { "too large by its headers", SMALL, BEGIN "$L 60 9\nN\nE\n",
      "y451 4.7.1 Try again later: not examined: the message is too large|", NULL, NULL },
    { "a small one behind a large one", SMALL, BEGIN "N\n$B 100 2\nE\nM<>|\nN\nBz\nE\n=D\n",
      "y451 4.7.1 Try again later: not examined: the message is too large| a", WHO, "\r\nz" },

    /* who breaks off */
    { "aborted while the desk works", FORGETS, MAIL "A\n", "", NULL, NULL },
    { "aborted while the desk works, then another", FORGETS, MAIL "A\nM<>|\nN\nE\n=D\n", "a", WHO,
      "\r\n" },
    { "quit while the desk works", FORGETS | QUITS, MAIL "Q\n", "", NULL, NULL },
    { "another client while the desk works", FORGETS, MAIL "K\nCy|U\nM<>|\nE\n=D\n", "a",
      "client-name=y;", "" },
    { "the next mail comes too early", 0, MAIL "M<c@x>|\nN\nE\n=D\n=T\n", "a " HEADERS "a",
      WHO "sender=c@x;", "\r\n" },
    { "three come too early", 0, MAIL "M<1>|\nE\nM<2>|\nE\nM<3>|\nE\n=D\n=D\n=D\n=D\n", "a a a a",
      WHO "sender=3;", "" },
    { "a great deal comes too early", ENDS, MAIL "$M 1000 300\n", "", ASKED, BODY },

    /* hostile */
    { "no length", ENDS, "!0000000041\n", "", NULL, NULL },
    { "no length behind the offer", ENDS, HELLO "!00000000 4d\n", "", NULL, NULL },
    { "4 GiB", ENDS, HELLO "!ffffffff4c\n", "", NULL, NULL },
    { "4 GiB of body", ENDS, BEGIN "!ffffffff42\n", "", NULL, NULL },
    { "just too long", ENDS, HELLO "!001010014c\n", "", NULL, NULL },
    { "HTTP", ENDS, "!474554202f20485454502f312e310d0a\n", "", NULL, NULL },
    { "no offer first", ENDS, "M<>|\n", "", NULL, NULL },
    { "an offer of version 1", ENDS, "O1\n", "", NULL, NULL },
    { "an offer cut short", ENDS, "!000000054f00000006\n", "", NULL, NULL },
    { "an unknown command", ENDS, HELLO "Zabc\n", "", NULL, NULL },
    { "a header behind the body", ENDS, BEGIN "N\nBx\nLSubject| a|\n", "", NULL, NULL },
    { "the headers end twice", ENDS, BEGIN "N\nN\n", "", NULL, NULL },
    { "a body without anything before", 0, "O\nBx\nE\n=D\n", "a", "", "\r\nx" },
    { "an end without anything before", 0, "O\nE\n=D\n", "a", "", "" },
    { "MAIL twice", 0, BEGIN "LX| 1|\nM<c@x>|\nLY| 2|\nE\n=D\n", "a", WHO "sender=c@x;",
      "Y: 2\r\n" },
    { "recipient before MAIL", 0, "O\nR<b@x>|\nE\n=D\n", "a", "recipient=b@x;", "" },
    { "empty packets", 0, "O\nC\nH\nD\nDM\nM\nR\nL\nB\nE\n=D\n", "a", "", ":\r\n" },
    { "no NUL at the end", 0, "O\nCx\nHy\nM<a@b\nR<c@d>\nLS| x\nN\nE\n=D\n", "a",
      "client-name=x;helo=y;sender=<a@b;recipient=c@d;", "S: x\r\n\r\n" },
    { "NULs within", 0, BEGIN "LSubject| a|b|\nN\nBx|y\nE\n=D\n", "a", ASKED, NULL },
    { "CR LF and bare CR in a header", 0, BEGIN "LSubject| a\r^ b\rc|\nN\nE\n=D\n", "a", ASKED,
      "Subject: a\r\n b\rc\r\n\r\n" },
    { "more recipients than are kept", FEW,
      HELLO "M<>|\nR<1@x>|\nR<2@x>|\nR<3@x>|\nR<4@x>|\nR<5@x>|\nE\n=D\n", "a",
      WHO "recipient=1@x;recipient=2@x;recipient=3@x;", "" },
    { "held, and not all recipients are known", FEW,
      HELLO "M<>|\nR<1@x>|\nR<2@x>|\nR<3@x>|\nR<4@x>|\nE\n=H\n",
      "y451 4.5.3 Send to fewer recipients at once (261122-7K3F9Q2M)|",
      WHO "recipient=1@x;recipient=2@x;recipient=3@x;", "" },
    { "held, and a recipient is cut", 0, HELLO "M<>|\n$R 1500 1\nE\n=H\n",
      "y451 4.5.3 Send to fewer recipients at once (261122-7K3F9Q2M)|", NULL, "" },
    { "a recipient longer than mail can have", 0, HELLO "M<>|\n$R 5000 1\nE\n=D\n", "a", NULL, "" },
    { "macros in braces that do not close", 0, "O\nD\nDM{i|x|{}|y|{|z|i\nM<>|\nE\n=D\n", "a", "",
      "" },
    { "a reply with its status", 0, MAIL "=Z\n", "y550 5.7.1 no (261122-7K3F9Q2M)|", ASKED, BODY },
    { "long headers", 0, MAIL "=L\n",
      "i0X-V| aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghh  | "
      "i0X-W| aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg\n h i| a",
      ASKED, BODY },
    { "what the desk says is no header", 0, MAIL "=X\n", "i0X-Ok| a b c| a", ASKED, BODY },
    { "what the desk says is no reply", 0, MAIL "=Y\n", "y550 5.7.1 100%%  250 ok ??|", ASKED,
      BODY },
};

static void put_packet(struct buf *out, slice payload)
{
    const uint8_t head[] = { (uint8_t)(payload.len >> 24), (uint8_t)(payload.len >> 16),
                             (uint8_t)(payload.len >> 8), (uint8_t)payload.len };
    buf_put(out, (slice){ head, sizeof head });
    buf_put(out, payload);
}

static void put_line(struct buf *out, slice line)
{
    struct buf payload = buf_new(1 << 20);
    for (size_t i = 0; i < line.len; i++)
        buf_byte(&payload, line.at[i] == '|' ? 0 : line.at[i] == '^' ? '\n' : line.at[i]);
    put_packet(out, buf_slice(&payload));
    buf_drop(&payload);
}

static void put_offer(struct buf *out, slice line)
{
    uint8_t o[13] = { 'O', 0, 0, 0, 6, 0, 0, 1, 0xff, 0, 0x1f, 0xff, 0xff };
    uint8_t kind = line.len > 1 ? line.at[1] : 0;
    if (kind == '1' || kind == '2') {
        const uint8_t old[13] = {
            'O', 0, 0, 0, (uint8_t)(kind - '0'), 0, 0, 0, 0x3f, 0, 0, 0, 0x7f
        };
        put_packet(out, (slice){ old, sizeof old });
        return;
    }
    if (kind == 'n') { /* without the leading space too is of old MTAs only */
        o[10] = 0x10;
        o[11] = 0x04;
        o[12] = 0x7f;
    }
    if (kind == 'c')
        o[7] = o[8] = 0;
    put_packet(out, (slice){ o, sizeof o });
}

static void put_raw(struct buf *out, slice hex)
{
    unsigned digits = 0, v = 0;
    for (size_t i = 0; i < hex.len; i++) {
        if (hex.at[i] == ' ')
            continue;
        v = v << 4 | (unsigned)(hex.at[i] <= '9' ? hex.at[i] - '0' : hex.at[i] - 'a' + 10);
        if (++digits % 2 == 0)
            buf_byte(out, (uint8_t)v);
    }
}

static void put_many(struct buf *out, slice line)
{
    struct buf payload = buf_new(1 << 20), text = buf_new(100);
    buf_put(&text, slice_from(line, 1));
    buf_byte(&text, 0);
    char *end;
    unsigned long bytes = strtoul((const char *)text.at + 1, &end, 10),
                  times = strtoul(end, NULL, 10);
    buf_byte(&payload, text.at[0]);
    while (payload.len < bytes)
        buf_byte(&payload, 'x');
    for (unsigned long i = 0; i < times; i++)
        put_packet(out, buf_slice(&payload));
    buf_drop(&payload);
    buf_drop(&text);
}

static void answer(struct fake *f, uint8_t how)
{
    static const struct gate_header ours[] = {
        { SLICE_INIT("X-Sekisho-Id"), SLICE_INIT("261122-7K3F9Q2M") },
        { SLICE_INIT("X-Sekisho-Verdict"), SLICE_INIT("malicious") }
    };
    static const struct gate_header wide[] = {
        { SLICE_INIT("X-W"),
          SLICE_INIT(
              "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg h i") },
        { SLICE_INIT("X-V"),
          SLICE_INIT(
              "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghh  ") }
    };
    static const struct gate_header odd[] = { { SLICE_INIT("X Bad"), SLICE_INIT("1") },
                                              { SLICE_INIT("X-Bad:"), SLICE_INIT("1") },
                                              { SLICE_INIT(""), SLICE_INIT("1") },
                                              { SLICE_INIT("X-Ok"), SLICE_INIT("a\nb\0c") } };
    struct gate_answer a = { .deed = DEED_DELIVER,
                             .reference = SLICE_LIT("261122-7K3F9Q2M"),
                             .reply = SLICE_LIT("refused") };
    switch (how) {
    case 'T':
        a.deed = DEED_TAG, a.headers = ours, a.n_headers = 2;
        break;
    case 'H':
        a.deed = DEED_HOLD;
        break;
    case 'R':
        a.deed = DEED_REJECT;
        break;
    case 'F':
        a.deed = DEED_TEMPFAIL;
        break;
    case 't':
        a.deed = DEED_TEMPFAIL, a.trouble = SLICE_LIT("overloaded");
        break;
    case 'u':
        a.deed = DEED_TAG, a.trouble = SLICE_LIT("crashed");
        break;
    case 'v':
        a.deed = DEED_HOLD, a.trouble = SLICE_LIT("crashed");
        break;
    case 'Z':
        a.deed = DEED_REJECT, a.reply = SLICE_LIT("5.7.1 no (261122-7K3F9Q2M)");
        break;
    case 'L':
        a.deed = DEED_TAG, a.headers = wide, a.n_headers = 2;
        break;
    case 'X':
        a.deed = DEED_TAG, a.headers = odd, a.n_headers = 4;
        break;
    case 'Y':
        a.deed = DEED_REJECT, a.reply = SLICE_LIT("100%\r\n250 ok \xe6\x97"),
        a.reference = (slice){ 0 };
        break;
    default:
        break;
    }
    assert_true(fake_answer(f, 0, a));
}

struct seen {
    struct buf texts, body;
    enum gate_direction direction;
    bool any;
};

static void look(struct fake *f, struct seen *seen)
{
    if (!f->n_asked)
        return;
    struct fake_asked *a = &f->asked[f->n_asked - 1];
    buf_clear(&seen->texts);
    buf_clear(&seen->body);
    buf_put(&seen->texts, buf_slice(&a->texts));
    buf_put(&seen->body, buf_slice(&a->body));
    seen->direction = a->direction;
    seen->any = true;
}

static void play(struct fake *f, const char *script, size_t piece, struct seen *seen)
{
    cursor lines = cur_open(slice_of(script));
    while (cur_more(&lines)) {
        slice line = cur_until(&lines, '\n');
        struct buf bytes = buf_new(8 << 20);
        switch (line.at[0]) {
        case 'O':
            put_offer(&bytes, line);
            break;
        case '!':
            put_raw(&bytes, slice_from(line, 1));
            break;
        case '$':
            put_many(&bytes, line);
            break;
        case '=':
            answer(f, line.at[1]);
            break;
        case '~':
            f->over = !f->door->tick(f->session);
            break;
        default:
            put_line(&bytes, line);
            break;
        }
        fake_feed(f, buf_slice(&bytes), piece ? piece : bytes.len + 1, NULL, 0);
        buf_drop(&bytes);
        look(f, seen);
    }
}

/* Packets as text, one blank between them; the answer to the offer is left out. */
static void show(slice sent, struct buf *out)
{
    cursor c = cur_open(sent);
    while (cur_more(&c)) {
        cursor p = cur_sub(&c, cur_u32be(&c));
        uint8_t reply = cur_u8(&p);
        assert_true(cur_ok(&p));
        if (reply == 'O')
            continue;
        if (out->len)
            buf_byte(out, ' ');
        buf_byte(out, reply);
        if (reply == 'i' || reply == 'm')
            buf_format(out, "%u", (unsigned)cur_u32be(&p));
        while (cur_more(&p)) {
            uint8_t b = cur_u8(&p);
            buf_byte(out, b ? b : '|');
        }
    }
}

static void set_up(struct fake *f, unsigned how)
{
    static const slice own[] = { SLICE_INIT("no network"), SLICE_INIT("192.0.2.0/24") };
    fake_new(f, fake_door("milter"));
    f->away = how & AWAY;
    f->settings.away_accepts = how & ACCEPTS;
    f->settings.inbound_headers_stay = how & STAYS;
    f->settings.own_networks = own;
    f->settings.n_own_networks = how & OWN ? 2 : 0;
    if (how & SMALL)
        f->settings.limits.object_max = 64;
    if (how & FEW)
        f->settings.limits.recipients_max = 3;
    if (how & NO_NAME)
        f->settings.authserv_id = (slice){ 0 };
    fake_open(f, "192.0.2.1");
}

static void each_session(void **state)
{
    (void)state;
    static const size_t pieces[] = { 0, 1, 7 };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
            struct fake f;
            struct seen seen = { .texts = buf_new(1 << 20), .body = buf_new(1 << 20) };
            struct buf sent = buf_new(1 << 20);
            set_up(&f, row->how);
            play(&f, row->script, pieces[i], &seen);
            show(buf_slice(&f.sent), &sent);
            table_slice(&t, row->name, buf_slice(&sent), row->sent);
            if (row->asked)
                table_slice(&t, row->name, buf_slice(&seen.texts), row->asked);
            if (row->body)
                table_slice(&t, row->name, buf_slice(&seen.body), row->body);
            if (f.over != !!(row->how & ENDS) ||
                f.ended != !!(row->how & QUITS || strstr(row->script, "\nQ\n")))
                table_wrong(&t, row->name, "over %d, ended %d", f.over, f.ended);
            if (seen.any && (seen.direction == GATE_OUT) != !!(row->how & OUT))
                table_wrong(&t, row->name, "direction %d", (int)seen.direction);
            if (f.forgotten != !!(row->how & FORGETS))
                table_wrong(&t, row->name, "forgotten %d", f.forgotten);
            buf_drop(&sent);
            buf_drop(&seen.texts);
            buf_drop(&seen.body);
            fake_drop(&f);
        }
    }
}

static void the_offer(void **state)
{
    (void)state;
    static const struct {
        const char *name, *offer;
        uint32_t version, actions, steps;
        bool lists;
    } offers[] = {
        { "Postfix", "O\n", 6, 0x111, 0x1ff780, true },
        { "protocol 2", "O2\n", 2, 0x11, 0, false },
        { "no change of headers", "Oc\n", 6, 0, 0x1ff780, false },
        { "nothing quiet", "On\n", 6, 0x111, 0x100400, true },
        { "of the future", "!0000000d4f 00000063 ffffffff ffffffff\n", 6, 0x111, 0x1ff780, true },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, offers)
    {
        struct fake f;
        struct seen seen = { .texts = buf_new(1), .body = buf_new(1) };
        set_up(&f, 0);
        play(&f, row->offer, 0, &seen);
        cursor c = cur_open(buf_slice(&f.sent));
        uint32_t length = cur_u32be(&c);
        bool good = length == cur_left(&c) && cur_u8(&c) == 'O' && cur_u32be(&c) == row->version &&
                    cur_u32be(&c) == row->actions && cur_u32be(&c) == row->steps &&
                    cur_more(&c) == row->lists;
        table_true(&t, row->name, good);
        if (row->lists)
            table_true(&t, row->name,
                       slice_find(buf_slice(&f.sent), SLICE_LIT("{auth_authen}"), 0) != SIZE_MAX);
        buf_drop(&seen.texts);
        buf_drop(&seen.body);
        fake_drop(&f);
    }
}

static const struct {
    const char *name, *many; /* script of what comes many times, with its packet */
    size_t times;
    const char *sent;
    uint64_t size;
    bool has_fd;
    size_t recipients;
} floods[] = {
    { "100,000 recipients", "R<someone@example.org>|\n", 100000, "a", 2, false,
      GATE_RECIPIENTS_MAX },
    { "100,000 headers", "LX-A| b|\n", 100000, "a", 800002, true, 0 },
    { "headers for ever", "$L 1000 1\n", 100000,
      "y451 4.7.1 Try again later: not examined: the message is too large|", 0, false, 0 },
    { "100,000 macros", "DMi|x|{auth_authen}||\n", 100000, "a", 2, false, 0 },
    { "HELO for ever", "Hexample|\n", 100000, "a", 2, false, 0 },
    { "1,000 of our headers, the last one first", "LX-Sekisho-Id| 1|\n", 1000, NULL, 17002, false,
      0 },
    { "100,000 of our headers", "LX-Sekisho-Id| 1|\n", 100000, NULL, 1700002, true, 0 },
};

static void each_flood(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, floods)
    {
        struct fake f;
        struct seen seen = { .texts = buf_new(1 << 20), .body = buf_new(8 << 20) };
        struct buf sent = buf_new(1 << 20), once = buf_new(2000), many = buf_new(128 << 20);
        set_up(&f, 0);
        play(&f, "O\nM<>|\n", 0, &seen);
        if (row->many[0] == '$')
            put_many(&once, slice_of(row->many));
        else
            put_line(&once, slice_sub(slice_of(row->many), 0, strlen(row->many) - 1));
        for (size_t i = 0; i < row->times; i++)
            buf_put(&many, buf_slice(&once));
        fake_feed(&f, buf_slice(&many), 65536, NULL, 0);
        play(&f, "N\nE\n", 0, &seen);
        if (f.n_asked) {
            if (f.asked[0].size != row->size || f.asked[0].has_fd != row->has_fd ||
                f.asked[0].n_recipients != row->recipients)
                table_wrong(&t, row->name, "%zu recipients, %llu bytes, fd %d",
                            f.asked[0].n_recipients, (unsigned long long)f.asked[0].size,
                            f.asked[0].has_fd);
            answer(&f, 'D');
        }
        show(buf_slice(&f.sent), &sent);
        if (row->sent)
            table_slice(&t, row->name, buf_slice(&sent), row->sent);
        else /* at most a thousand are removed */
            table_true(&t, row->name,
                       slice_starts(buf_slice(&sent), SLICE_LIT("m1000X-Sekisho-Id|| m999X")) &&
                           slice_ends(buf_slice(&sent), SLICE_LIT(" m1X-Sekisho-Id|| a")));
        table_true(&t, row->name, fake_lives(&f));
        buf_drop(&sent);
        buf_drop(&once);
        buf_drop(&many);
        buf_drop(&seen.texts);
        buf_drop(&seen.body);
        fake_drop(&f);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(each_session),
                                               cmocka_unit_test(the_offer),
                                               cmocka_unit_test(each_flood) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
