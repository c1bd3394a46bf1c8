/* SPDX-License-Identifier: Apache-2.0 */
/* links - one URL that the reader of a part could follow becomes one event.
 *
 * Whoever sees a URL (a link of a page, a relationship of a document, plain
 * text) says so here. The same URL is said once a scan, and once more where
 * its text names another site; the first LINKS_MAX are said, then a limit.
 */
#pragma once
#include "decode/walk.h"

enum { LINKS_MAX = 512 };

/* Opens an EVENT_URL on w's part and emits its url.* facts. `text` is what the
 * reader sees instead of the URL; empty where he sees the URL itself. `source`
 * names the place ("html.href", "email.body"). Relative references, mail
 * addresses and URLs that stay inside the mail (cid:) are passed over. */
void walk_link(struct walk *w, slice url, slice text, struct range at, const char *source);

/* A URL taken apart as browsers do. Slices borrow from the input or the arena. */
struct link {
    slice full;   /* without blanks at the ends and line breaks inside */
    slice scheme; /* lower case */
    slice username;
    slice host; /* lower case, decoded, no trailing dot; empty for schemes without */
    slice registered;
    slice path, query;
    slice extension; /* of the path's last segment, lower case */
    slice ip;        /* canonical address, if the host is one */
    uint32_t port;   /* 0: none given */
    bool ip_obfuscated;
    bool idn;
};

/* False when it is not an absolute URL. */
bool link_parse(struct arena *mem, slice url, struct link *out);
/* The host that a link's visible text names ("www.bank.example", "https://x.jp/"), lower case;
 * empty. */
slice link_text_host(struct arena *mem, slice text);
