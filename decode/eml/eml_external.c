/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that lie elsewhere: message/external-body (RFC 2046 5.2.3, RFC 2017 for URLs).
 *
 * What the reader's program would fetch is a link like any other. Left out: mail-server
 * (an answer by mail), whether a program follows it without being asked.
 */
#include "base/text.h"
#include "decode/links.h"
#include "eml_private.h"

enum { URL_MOST = 2048 };

static slice first_value(struct eml *e, const struct eml_params *p, const char *key)
{
    slice values[EML_VARIANTS];
    size_t n = 0;
    (void)eml_param_values(e->w->mem, p, key, false, values, &n);
    return n ? slice_trim(values[0]) : (slice){ 0 };
}

/* RFC 2017 2: the URL may be folded; blanks in it do not count. */
static void put_unfolded(struct buf *out, slice url)
{
    for (size_t i = 0; i < url.len; i++)
        if (!ascii_space(url.at[i]))
            buf_byte(out, url.at[i]);
}

static void put_address(struct eml *e, const struct eml_params *p, slice access, struct buf *out)
{
    slice name = first_value(e, p, "name"), site = first_value(e, p, "site");
    slice directory = first_value(e, p, "directory");
    if (slice_is_nocase(access, "url")) {
        put_unfolded(out, first_value(e, p, "url"));
    } else if (slice_is_nocase(access, "local-file") || slice_is_nocase(access, "afs")) {
        bool server = slice_starts(name, SLICE_LIT("\\\\")) || slice_starts(name, SLICE_LIT("//"));
        buf_text(out, server ? "file:" : "");
        for (size_t i = 0; server && i < name.len; i++)
            buf_byte(out, name.at[i] == '\\' ? '/' : name.at[i]);
    } else if (site.len) { /* ftp, anon-ftp, tftp */
        buf_text(out, slice_is_nocase(access, "tftp") ? "tftp://" : "ftp://");
        buf_put(out, site);
        buf_byte(out, '/');
        buf_put(out, directory);
        buf_text(out, directory.len ? "/" : "");
        buf_put(out, name);
    }
}

void eml_external_body(struct eml *e, const struct eml_content *c)
{
    struct eml_params p;
    eml_param_read(e->w, c->declared, &p);
    slice access = first_value(e, &p, "access-type");
    walk_flag(e->w, FACT_MIME_EXTERNAL_BODY, c->at);
    if (access.len == 0)
        return;
    walk_text(e->w, FACT_MIME_EXTERNAL_BODY_ACCESS, utf8_cut(access, 64), c->at);
    struct buf url = buf_new(URL_MOST);
    put_address(e, &p, access, &url);
    if (url.len)
        walk_link(e->w, buf_slice(&url), (slice){ 0 }, c->at, "mime.external_body");
    buf_drop(&url);
}
