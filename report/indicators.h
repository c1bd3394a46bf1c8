/* SPDX-License-Identifier: Apache-2.0 */
/* indicators - what a report gives to look for elsewhere: addresses, hosts, digests, paths,
 * command lines, each once, with where it comes from and how sure it is.
 *
 * Only of objects found malicious or suspicious, and of these only what the code would use
 * (effects), what findings rest on, and addresses in the parts that findings are about; the
 * other links of a mail are not its fault. Best known first.
 */
#pragma once
#include "report/read.h"

enum indicator_kind { INDICATOR_URL, INDICATOR_DOMAIN, INDICATOR_IP, INDICATOR_SHA256, INDICATOR_PATH, INDICATOR_COMMAND, INDICATOR_EMAIL, INDICATOR_KINDS };

enum indicator_sure {
    SURE_KNOWN,   /* the evaluated code uses exactly this */
    SURE_CITED,   /* a finding rests on it */
    SURE_PARTIAL, /* the code uses it, but not all of its text is known */
    SURE_SEEN,    /* stands in the code of a part that a finding is about */
    SURES
};

struct indicator {
    enum indicator_kind kind;
    enum indicator_sure sure;
    slice value;
    slice from; /* kind of effect, name of the fact, or "part" */
    uint32_t part, line;
};

enum { INDICATORS_MAX = 1024 };

struct indicators {
    const struct read_report *report;
    const struct indicator *at;
    size_t n;
    bool more; /* than INDICATORS_MAX, or memory ran out */
};

struct indicators indicators_of(const struct read_report *r, struct arena *mem);
const char *indicator_kind_name(enum indicator_kind k);
const char *indicator_sure_name(enum indicator_sure s);
/* The names of the part and of those around it, outermost first. */
void indicator_part_path(struct buf *out, const struct read_report *r, uint32_t part);

/* The host of "scheme://..." in lower case, addresses in the usual form; what it is. False: none. */
bool indicator_host(slice url, struct arena *mem, slice *host_out, enum indicator_kind *kind_out);
/* Four numbers as inet_aton() reads them: dotted or one, decimal, octal or hexadecimal. */
bool indicator_ipv4(slice host, uint32_t *out);
/* An address of the inside, of this host, or of nobody; not those of documentation. */
bool indicator_private(slice ip);

enum indicators_form { INDICATORS_RAW = 1, INDICATORS_JSON = 2 };
/* One line each; addresses cannot be clicked unless raw. */
void indicators_put(struct buf *out, const struct indicators *all, unsigned form);
