/* SPDX-License-Identifier: Apache-2.0 */
/* lnk_private - what the pieces of the shell link reader share. */
#pragma once
#include "decode/walk.h"

enum {
    LNK_HEADER = 0x4C,
    LNK_STRING_MAX = 64 * 1024, /* characters; the count has 16 bits */
    LNK_PATH_MAX = 4096,        /* bytes of UTF-8 kept of one path */
    LNK_BLOCKS_MAX = 64,
};

/* LinkFlags ([MS-SHLLINK] 2.1.1) */
enum {
    LNK_HAS_LIST = 1u << 0,
    LNK_HAS_INFO = 1u << 1,
    LNK_HAS_NAME = 1u << 2,
    LNK_HAS_RELATIVE = 1u << 3,
    LNK_HAS_WORKING = 1u << 4,
    LNK_HAS_ARGUMENTS = 1u << 5,
    LNK_HAS_ICON = 1u << 6,
    LNK_UNICODE = 1u << 7,
    LNK_NO_INFO = 1u << 8,
};

struct lnk {
    struct walk *w;
    slice all;          /* without the padding at the end */
    uint32_t flags;
    bool bad;           /* contradicts the specification somewhere */
    bool torn;          /* ends early */
    size_t content_end; /* where the link ends and foreign bytes begin */
    slice list, info, env, relative; /* paths, UTF-8 */
    slice arguments, property_arguments, icon;
    struct range arguments_at;
};

/* Bytes of the system's code page, up to the first NUL, to UTF-8. */
slice lnk_ansi(struct lnk *l, slice raw);
void lnk_malformed(struct lnk *l, const char *what, struct range at);
void lnk_text(struct lnk *l, enum fact_id id, slice utf8, struct range at);

slice lnk_items(struct lnk *l, slice list, size_t at);      /* IDList (2.2.1): the path it spells */
void lnk_info(struct lnk *l, slice info, size_t at);        /* LinkInfo (2.3) */
size_t lnk_extra(struct lnk *l, size_t at);                 /* ExtraData (2.5): where it ends */
void lnk_properties(struct lnk *l, slice store, size_t at); /* [MS-PROPSTORE] 2.2 */
void lnk_command(struct lnk *l);                            /* what the link would run */
void lnk_appended(struct lnk *l);
/* Bytes that are not the link's own, as a part. */
void lnk_give(struct lnk *l, slice bytes, size_t at);                           /* bytes behind the link */
