/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the milter door share; see milter.c. */
#pragma once
#include "base/arena.h"
#include "base/cidr.h"
#include "base/cursor.h"
#include "doors/door.h"
#include "doors/object.h"

/* From the MTA (libmilter, include/libmilter/mfdef.h: SMFIC_*). */
enum milter_command {
    MILTER_ABORT = 'A',
    MILTER_BODY = 'B',
    MILTER_CONNECT = 'C',
    MILTER_MACRO = 'D',
    MILTER_BODY_END = 'E',
    MILTER_HELO = 'H',
    MILTER_QUIT_NEXT = 'K', /* SMFIC_QUIT_NC: another SMTP client comes on this connection */
    MILTER_HEADER = 'L',
    MILTER_MAIL = 'M',
    MILTER_HEADERS_END = 'N',
    MILTER_OPTIONS = 'O',
    MILTER_QUIT = 'Q',
    MILTER_RECIPIENT = 'R',
    MILTER_DATA = 'T',
    MILTER_UNKNOWN = 'U',
};

/* To the MTA (SMFIR_*). */
enum milter_reply {
    MILTER_ACCEPT = 'a',
    MILTER_CONTINUE = 'c',
    MILTER_DISCARD = 'd',
    MILTER_INSERT_HEADER = 'i',
    MILTER_CHANGE_HEADER = 'm',
    MILTER_PROGRESS = 'p',
    MILTER_SKIP = 's',
    MILTER_REPLY_CODE = 'y',
};

enum milter_action { /* SMFIF_* */
                     MILTER_MAY_ADD_HEADERS = 0x01,
                     MILTER_MAY_CHANGE_HEADERS = 0x10,
                     MILTER_MAY_SET_MACROS = 0x100,
};

enum milter_step { /* SMFIP_*; "quiet": no reply is read (SMFIP_NR_*) */
                   MILTER_QUIET_HEADER = 0x80,
                   MILTER_NO_UNKNOWN = 0x100,
                   MILTER_NO_DATA = 0x200,
                   MILTER_MAY_SKIP = 0x400,
                   MILTER_QUIET_CONNECT = 0x1000,
                   MILTER_QUIET_HELO = 0x2000,
                   MILTER_QUIET_MAIL = 0x4000,
                   MILTER_QUIET_RECIPIENT = 0x8000,
                   MILTER_QUIET_DATA = 0x10000,
                   MILTER_QUIET_UNKNOWN = 0x20000,
                   MILTER_QUIET_HEADERS_END = 0x40000,
                   MILTER_QUIET_BODY = 0x80000,
                   MILTER_LEADING_SPACE = 0x100000,
};

enum {
    MILTER_VERSION = 6,
    MILTER_VERSION_LEAST = 2,
    /* One packet. libmilter takes 64 KiB, and 1 MiB where both sides agreed; a header of Postfix is
     * as long as header_size_limit (100 KiB) lets it be. */
    MILTER_PACKET_MAX = (1 << 20) + 4096,
    MILTER_LATER_MAX = 256 << 10, /* of what came while the desk was asked */
    MILTER_OUT_MAX = 512 << 10,   /* of one turn's replies */
    MILTER_TEXT_MAX = 1024,       /* what is kept of a name of the connection */
    MILTER_ADDRESS_MAX = 1000,    /* of an envelope address (RFC 5321 4.5.3.1.3: 256); as is kept */
    MILTER_FORGED_MAX = 1000,     /* headers that are removed from one mail */
    MILTER_FORGED_NAMES = 64,
    MILTER_REPLY_MAX = 400, /* bytes of an SMTP reply's text: RFC 5321 4.5.3.1.5 gives 512 */
};

/* A header that strangers must not write, and how many of its name there were. */
struct milter_watched {
    slice name;
    uint32_t seen;
};

/* One that is not to reach the recipients: the `index`-th of its name, from 1. */
struct milter_forged {
    uint16_t watched;
    uint32_t index;
};

enum milter_stage {
    MILTER_NO_MAIL,
    MILTER_ENVELOPE,
    MILTER_HEADERS,
    MILTER_IN_BODY,
};

struct milter_mail {
    enum milter_stage stage;
    struct arena *mem; /* recipients, names of headers; wiped behind each mail */
    struct buf sender;
    slice *recipients;
    size_t n_recipients, room_recipients;
    uint64_t recipients_over; /* that are not in the list */
    struct object object;
    struct milter_watched *watched;
    size_t n_watched;
    struct milter_forged *forged;
    size_t n_forged, room_forged;
    uint64_t forged_over;
    bool skipped; /* the MTA was told to send no more body */
};

struct door_session {
    struct arena *mem; /* of the session itself */
    const struct door_settings *settings;
    struct door_host host;
    /* a packet that came in part */
    uint8_t head[5];
    uint32_t n_head;
    uint32_t left; /* payload bytes of the packet that are still to come */
    struct buf part;
    struct buf later;
    struct buf out;
    /* negotiated */
    bool negotiated;
    uint32_t actions, steps;
    /* of the SMTP connection */
    struct buf client_name, client_address, helo, tls, user, queue_id;
    bool from_own; /* the client is in the site's own networks */
    struct milter_mail mail;
    uint64_t last_id;
    bool asked;
    bool ended;
};

/* --- milter_codec.c: packets */
void milter_put(struct buf *out, enum milter_reply reply);
/* "550 5.7.1 text (reference)": one line, whatever stands in the text. */
void milter_put_code(struct buf *out, const char *code, const char *status, slice text,
                     slice reference);
void milter_put_delete(struct buf *out, uint32_t index, slice name);
/* On top of all headers. Not put when the name is none. */
void milter_put_header(struct buf *out, slice name, slice value, bool leading_space);
/* What we answer to an offer, and what we ask for. False: the offer cannot be taken. */
bool milter_put_options(struct buf *out, cursor offer, uint32_t *actions_out, uint32_t *steps_out);
/* A NUL-terminated string; what is left when there is no NUL. */
slice milter_string(cursor *c);

/* --- milter_mail.c: a mail as it comes */
bool milter_mail_new(struct milter_mail *m, uint64_t object_max) MUST_USE;
void milter_mail_drop(struct milter_mail *m);
void milter_mail_clear(struct milter_mail *m);
void milter_mail_recipient(struct door_session *s, cursor in);
/* False: a header behind the body. */
bool milter_mail_header(struct door_session *s, cursor in) MUST_USE;
bool milter_mail_headers_end(struct door_session *s);
void milter_mail_body(struct door_session *s, slice chunk);
slice milter_address(cursor *c);

/* --- milter_answer.c: from the mail to the desk, and from the answer to the MTA */
void milter_ask(struct door_session *s);
void milter_say(struct door_session *s, const struct gate_answer *a);
