/* SPDX-License-Identifier: Apache-2.0 */
/* Effects: what reaches the system is said, command lines and scripts are handed on to the
 * languages that read them, bytes of programs are walked as what they are. */
#include "unmask/jscript/jscript_private.h"

enum { PAYLOAD_MIN = 64, COMMAND_MIN = 2 };

static uint32_t way(struct js *m, slice via[UNMASK_VIA_MAX])
{
    uint32_t n = 0, depth = 0;
    for (const struct js_frame *f = m->frame; f; f = f->up)
        depth++;
    for (const struct js_frame *f = m->frame; f; f = f->up)
        if (--depth < UNMASK_VIA_MAX) {
            slice name = f->name ? js_atom_utf8(m, f->name)
                         : f->up ? SLICE_LIT("(function)")
                                 : SLICE_LIT("(script)");
            via[depth] = utf8_cut(name, 100);
            n = n ? n : depth + 1;
        }
    return n;
}

/* Behind a limit values may be cut off: nothing is certain any more. */
uint8_t js_perhaps(const struct js *m)
{
    return (uint8_t)((m->maybe ? UNMASK_CONDITIONAL : 0) |
                     (m->stop || m->limited || m->broken || m->t->full ? UNMASK_DOUBT : 0));
}

void js_say(struct js *m, enum effect_kind kind, const char *sink, const struct unmask_argument *a,
            size_t n)
{
    slice via[UNMASK_VIA_MAX];
    uint32_t n_via = way(m, via);
    struct unmask_said said = { kind, sink, a, n, via, n_via, js_perhaps(m) };
    m->n_effects++;
    (void)unmask_effect(m->u, m->w, &said);
}

void js_hand_on(struct js *m, const char *type, struct text code)
{
    slice via[UNMASK_VIA_MAX];
    uint32_t n = way(m, via);
    bool before = m->u->maybe;
    m->u->maybe = before || m->maybe;
    if (code.n >= COMMAND_MIN && text_first_hole(code) > 0)
        unmask_hand_on(m->u, m->w, type, code, via, n);
    m->u->maybe = before;
}

void js_say_path(struct js *m, enum effect_kind kind, const char *sink, const char *argument,
                 struct js_value v)
{
    struct unmask_argument a[] = { { argument, js_text(m, v) } };
    js_say(m, kind, sink, a, 1);
}

/* --- files that are written */

static const char *script_type(struct text path)
{
    static const char *const types[][2] = { { ".vbs", "vbscript" },   { ".js", "jscript" },
                                            { ".ps1", "powershell" }, { ".bat", "batch" },
                                            { ".cmd", "batch" },      { ".vbe", "vbscript" },
                                            { ".jse", "jscript" },    { ".hta", "html" },
                                            { ".wsf", "wsf" } };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint32_t n = (uint32_t)slice_of(types[i][0]).len;
        if (path.n > n && text_is_nocase(text_sub(path, path.n - n, n), types[i][0]))
            return types[i][1];
    }
    return NULL;
}

static bool is_payload(slice b)
{
    static const struct {
        const char *magic;
        uint8_t n;
    } magics[] = { { "MZ", 2 },
                   { "PK\x03\x04", 4 },
                   { "\xd0\xcf\x11\xe0", 4 },
                   { "MSCF", 4 },
                   { "Rar!", 4 },
                   { "{\\rtf", 5 },
                   { "7z\xbc\xaf", 4 },
                   { "%PDF", 4 },
                   { "\x7f"
                     "ELF",
                     4 },
                   { "\x1f\x8b", 2 },
                   { "<html", 5 },
                   { "<!DOCTYPE", 9 },
                   { "<script", 7 },
                   { "L\0\0\0", 4 } };
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (b.len >= PAYLOAD_MIN &&
            slice_starts(b, (slice){ (const uint8_t *)magics[i].magic, magics[i].n }))
            return true;
    return b.len > 0x8006 && slice_starts(slice_from(b, 0x8001), SLICE_LIT("CD001")); /* ISO 9660 */
}

static slice file_name(struct js *m, struct text path)
{
    slice s = text_utf8(m->t, path);
    for (size_t i = s.len; i > 0; i--)
        if (s.at[i - 1] == '\\' || s.at[i - 1] == '/')
            return slice_from(s, i);
    return s;
}

static void keep_file(struct js *m, struct text path, struct js_value content, bool handed)
{
    if (m->n_files < JS_FILES_MAX)
        m->files[m->n_files++] = (struct js_file){ path, content, handed };
}

void js_say_written(struct js *m, const char *sink, struct js_value path, struct js_value content)
{
    struct text p = js_text(m, path);
    struct unmask_argument a[] = { { "path", p } };
    slice bytes;
    js_say(m, EFFECT_WRITE, sink, a, 1);
    bool text = content.kind == JS_STRING;
    bool known = text ? js_binary_text(m, content.s, &bytes) : js_bytes(m, content, &bytes);
    if (known && is_payload(bytes)) {
        keep_file(m, p, content, true);
        unmask_payload(m->u, m->w, file_name(m, p), bytes);
        return;
    }
    const char *type = text ? script_type(p) : NULL;
    keep_file(m, p, content, type != NULL);
    if (type)
        js_hand_on(m, type, content.s);
}

/* A script that was written before and is run by its path goes on under its own language. */
static void hand_written(struct js *m, struct text command)
{
    for (uint32_t i = 0; i < m->n_files; i++) {
        struct js_file *f = &m->files[i];
        if (f->handed || !f->path.n || f->content.kind != JS_STRING || !text_known(f->path) ||
            text_find(command, f->path, 0, true) == UINT32_MAX)
            continue;
        bool js = text_find(command, js_cstr(m, "jscript").s, 0, true) != UINT32_MAX;
        bool vb = text_find(command, js_cstr(m, "vbscript").s, 0, true) != UINT32_MAX;
        f->handed = true;
        if (js || vb)
            js_hand_on(m, js ? "jscript" : "vbscript", f->content.s);
    }
}

void js_say_run(struct js *m, const char *sink, struct text command)
{
    struct unmask_argument a[] = { { "command", command } };
    if (command.n == 0)
        return;
    js_say(m, EFFECT_RUN, sink, a, 1);
    js_hand_on(m, "command", command);
    hand_written(m, command);
}

/* --- downloads are said when it is known where they go, or at the end */

enum { DOWNLOADS_OTHERS = 16 }; /* of one address that are told apart */

uint32_t js_say_request(struct js *m, const char *sink, struct js_value url)
{
    if (!m->downloads)
        m->downloads = ARENA_ARRAY(m->mem, struct js_download, JS_DOWNLOADS_MAX);
    struct text address = js_text(m, url);
    for (uint32_t i = m->n_downloads; i > DOWNLOADS_OTHERS; i--) /* once more, in a loop */
        if (!m->downloads[i - 1].said && text_eq(m->downloads[i - 1].url, address))
            return i;
    if (!m->downloads || m->n_downloads == JS_DOWNLOADS_MAX)
        return 0;
    struct js_download *d = &m->downloads[m->n_downloads++];
    *d = (struct js_download){ .url = address, .sink = sink, .maybe = js_perhaps(m) };
    d->n_via = way(m, d->via);
    m->n_effects++;
    return m->n_downloads;
}

void js_say_download(struct js *m, const char *sink, struct js_value url, struct js_value path)
{
    struct unmask_argument a[] = { { "url", js_text(m, url) },
                                   { "path", path.kind == JS_UNDEFINED ? (struct text){ 0 }
                                                                       : js_text(m, path) } };
    js_say(m, EFFECT_DOWNLOAD, sink, a, a[1].value.n ? 2 : 1);
}

static void say_download(struct js *m, struct js_download *d)
{
    struct unmask_argument a[] = { { "url", d->url }, { "path", d->path } };
    struct unmask_said said = { EFFECT_DOWNLOAD, d->sink,  a,       d->path.n ? 2 : 1,
                                d->via,          d->n_via, d->maybe };
    d->said = true;
    (void)unmask_effect(m->u, m->w, &said);
}

void js_say_saved(struct js *m, uint32_t download, struct js_value path)
{
    if (download == 0 || download > m->n_downloads)
        return;
    struct js_download *d = &m->downloads[download - 1];
    if (d->said)
        return;
    d->path = js_text(m, path);
    d->maybe |= (uint8_t)(js_perhaps(m) & UNMASK_DOUBT);
    say_download(m, d);
}

void js_say_rest(struct js *m)
{
    for (uint32_t i = 0; i < m->n_downloads; i++)
        if (!m->downloads[i].said)
            say_download(m, &m->downloads[i]);
}
