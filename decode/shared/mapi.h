/* SPDX-License-Identifier: Apache-2.0 */
/* mapi - messages as Outlook keeps them: properties by number ([MS-OXPROPS]).
 *
 * Message files and TNEF carry the same properties in different wrappings: each
 * fills bags, and what they mean is told here, once. Values are borrowed and
 * must live as long as the bag.
 */
#pragma once
#include "decode/walk.h"

enum mapi_type {
    MAPI_INT = 0x0003,
    MAPI_OBJECT = 0x000d,
    MAPI_STRING8 = 0x001e,
    MAPI_STRING = 0x001f,
    MAPI_TIME = 0x0040,
    MAPI_BINARY = 0x0102,
};

enum mapi_id {
    MAPI_CLASS = 0x001a,
    MAPI_SUBJECT = 0x0037,
    MAPI_SUBMIT_TIME = 0x0039,
    MAPI_REPRESENTING_NAME = 0x0042,
    MAPI_REPRESENTING_ADDRESS = 0x0065,
    MAPI_TOPIC = 0x0070,
    MAPI_HEADERS = 0x007d,
    MAPI_SENDER_NAME = 0x0c1a,
    MAPI_SENDER_ADDRESS = 0x0c1f,
    MAPI_RECIPIENT_TYPE = 0x0c15,
    MAPI_DELIVERY_TIME = 0x0e06,
    MAPI_BODY = 0x1000,
    MAPI_RTF = 0x1009,
    MAPI_HTML = 0x1013,
    MAPI_NATIVE_BODY = 0x1016,
    MAPI_MESSAGE_ID = 0x1035,
    MAPI_REFERENCES = 0x1039,
    MAPI_IN_REPLY_TO = 0x1042,
    MAPI_NAME = 0x3001,
    MAPI_ADDRESS = 0x3003,
    MAPI_ATTACH_DATA = 0x3701,
    MAPI_ATTACH_FILE = 0x3704,
    MAPI_ATTACH_METHOD = 0x3705,
    MAPI_ATTACH_LONG_FILE = 0x3707,
    MAPI_ATTACH_MIME = 0x370e,
    MAPI_SMTP_ADDRESS = 0x39fe,
    MAPI_INTERNET_CODEPAGE = 0x3fde,
    MAPI_LOCALE = 0x3ff1,
    MAPI_CODEPAGE = 0x3ffd,
    MAPI_SENDER_SMTP = 0x5d01,
    MAPI_REPRESENTING_SMTP = 0x5d02,
};

struct mapi_property {
    uint16_t id, type;
    slice value; /* numbers and times: little endian */
};

struct mapi_bag {
    struct mapi_property *list;
    size_t n, room;
    unsigned codepage; /* of 8-bit strings, where the bag has none itself */
};

/* Is this a property that is told here? Others need not be kept. */
bool mapi_wanted(uint16_t id);
/* The first of an id counts. False: no memory. */
bool mapi_put(struct walk *w, struct mapi_bag *bag, uint16_t id, uint16_t type, slice value);
const struct mapi_property *mapi_find(const struct mapi_bag *bag, enum mapi_id id);
/* UTF-8, trimmed of zeros; empty. */
slice mapi_text(struct walk *w, const struct mapi_bag *bag, enum mapi_id id);
/* Code page of the 8-bit strings of a message; 0: to be guessed. */
unsigned mapi_codepage(const struct mapi_bag *message);
bool mapi_number(const struct mapi_bag *bag, enum mapi_id id, uint32_t *out);

/* The header of the mail: opens its event. */
void mapi_say_header(struct walk *w, const struct mapi_bag *m, const struct mapi_bag *recipients, size_t n);
/* Its text, page and rich text, as children. */
void mapi_give_bodies(struct walk *w, const struct mapi_bag *m);
/* Name and Content-Type of an attachment. */
slice mapi_file_name(struct walk *w, const struct mapi_bag *attachment);
/* A file attached; `body` must live until this returns. */
void mapi_give_file(struct walk *w, const struct mapi_bag *attachment, const struct body *body, struct range at);

/* Compressed rich text ([MS-OXRTFCP]); release it. False: it broke off, what was unpacked stands. */
bool mapi_unpack_rtf(struct walk *w, slice packed, struct body *out);
