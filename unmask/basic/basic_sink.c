/* SPDX-License-Identifier: Apache-2.0 */
/* Effects: what reaches the system is said, command lines and scripts are handed on to the
 * languages that read them, bytes of programs are walked as what they are. */
#include "base/text.h"
#include "unmask/basic/basic.h"

enum { ORIGIN_MIN = 4, PAYLOAD_MIN = 64, CODE_MIN = 16, CODE_SAID = 2000 };

static uint32_t way(const struct machine *m, slice via[UNMASK_VIA_MAX])
{
    uint32_t n = 0, depth = 0;
    for (const struct frame *f = m->top; f; f = f->up)
        depth++;
    for (const struct frame *f = m->top; f; f = f->up)
        if (--depth < UNMASK_VIA_MAX) {
            via[depth] = m->names[f->proc->name].text;
            n = n ? n : depth + 1;
        }
    return n;
}

/* Behind a limit values may be cut off: nothing is certain any more. */
static uint8_t perhaps(const struct machine *m)
{
    bool doubt = m->stop || m->t->full || m->out_of_memory || m->guessed;
    return (uint8_t)((m->maybe || m->doubtful ? UNMASK_CONDITIONAL : 0) | (doubt ? UNMASK_DOUBT : 0));
}

/* --- what both ways of a condition reach */

static void reach(struct machine *m, struct basic_reached one)
{
    if (!m->forks || m->fogs || m->n_reached == BASIC_REACHED_MAX)
        return;
    if (!m->reached)
        m->reached = ARENA_ARRAY(m->mem, struct basic_reached, BASIC_REACHED_MAX);
    if (m->reached)
        m->reached[m->n_reached++] = one;
}

static bool reached_same(const struct basic_reached *a, const struct basic_reached *b)
{
    bool same = a->kind == b->kind && a->n == b->n && slice_eq(slice_of(a->sink), slice_of(b->sink));
    for (uint32_t i = 0; same && i < a->n; i++)
        same = slice_eq(slice_of(a->arguments[i].name), slice_of(b->arguments[i].name)) &&
               text_says_same(a->arguments[i].value, b->arguments[i].value);
    return same;
}

void basic_say_reached(struct machine *m, uint32_t from, uint32_t middle)
{
    uint32_t end = m->n_reached, n = from;
    for (uint32_t i = from; i < middle && basic_step(m, 1); i++)
        for (uint32_t k = middle; k < end; k++)
            if (reached_same(&m->reached[i], &m->reached[k])) {
                m->reached[n++] = m->reached[i];
                break;
            }
    m->n_reached = n;
    if (perhaps(m))
        return; /* of the way around them */
    m->n_reached = from;
    for (uint32_t i = from; i < n; i++) {
        const struct basic_reached *one = &m->reached[i];
        struct basic_download *d = one->download ? &m->downloads[one->download - 1] : NULL;
        if (d)
            d->maybe &= (uint8_t)~UNMASK_CONDITIONAL;
        if (!d || d->said)
            basic_say(m, one->kind, one->sink, one->arguments, one->n);
    }
}

void basic_say(struct machine *m, enum effect_kind kind, const char *sink, const struct unmask_argument *a, size_t n)
{
    slice via[UNMASK_VIA_MAX];
    uint32_t n_via = way(m, via);
    struct basic_reached one = { .kind = kind, .sink = sink, .n = (uint32_t)n };
    for (size_t i = 0; i < n && i < 2; i++)
        one.arguments[i] = a[i];
    if (n <= 2)
        reach(m, one);
    if (m->u->trace)
        basic_note_effect(m, sink, a, n);
    struct unmask_said said = { kind, sink, a, n, via, n_via, perhaps(m) };
    if (kind != EFFECT_MESSAGE && kind != EFFECT_QUERY && kind != EFFECT_DELAY)
        m->n_effects++;
    (void)unmask_effect(m->u, m->w, &said);
}

void basic_hand_on(struct machine *m, const char *type, struct text code)
{
    slice via[UNMASK_VIA_MAX];
    uint32_t n = way(m, via);
    uint32_t hole = text_first_hole(code);
    bool before = m->u->maybe;
    m->u->maybe = before || perhaps(m) & UNMASK_CONDITIONAL;
    if (code.n > (hole == 0 ? ORIGIN_MIN : 1))
        unmask_hand_on(m->u, m->w, type, code, via, n);
    m->u->maybe = before;
}

static struct text said_text(struct machine *m, struct value v);

/* A macro that is added to a project, to be run there ("AddFromString", "InsertLines"): a project of
 * its own. Nobody says what begins it: all that nothing calls may. */
void basic_say_code(struct machine *m, const char *sink, struct value code)
{
    static const slice head = SLICE_INIT("Attribute VB_Name = \"Added\"\r\n");
    struct text s = said_text(m, code);
    slice via[UNMASK_VIA_MAX];
    uint32_t n = way(m, via);
    struct unmask_argument a[] = { { "value", text_sub(s, 0, CODE_SAID) } };
    struct unmask_said said = { EFFECT_WRITE, sink, a, 1, via, n, perhaps(m) };
    if (m->u->trace)
        basic_note_effect(m, sink, a, 1);
    m->n_effects++;
    if (!unmask_effect(m->u, m->w, &said) || s.n < CODE_MIN || text_first_hole(s) == 0)
        return;
    struct buf b = buf_new(BASIC_SOURCE_MAX);
    bool before = m->u->maybe;
    buf_put(&b, head);
    buf_put(&b, text_utf8(m->t, s));
    m->u->maybe = before || (perhaps(m) & UNMASK_CONDITIONAL);
    unmask_program(m->u, m->w, SLICE_LIT("Added.bas"), arena_copy(m->mem, buf_slice(&b)), via, n);
    m->u->maybe = before;
    buf_drop(&b);
}

static struct text said_text(struct machine *m, struct value v)
{
    int32_t before = m->error;
    if (v.type == V_MISSING || v.type == V_NULL)
        return (struct text){ 0 };
    struct text s = basic_string(m, v);
    if (m->error && !before) {
        m->error = 0;
        return text_hole(m->t, texts_reason(m->t, SLICE_LIT("value")));
    }
    return s;
}

/* A script that was written before and is run by its path goes on under its own language. */
static void hand_written(struct machine *m, struct text command);

void basic_say_run(struct machine *m, const char *sink, struct value command)
{
    struct text s = said_text(m, command);
    struct unmask_argument a[] = { { "command", s } };
    if (s.n == 0)
        return;
    basic_say(m, EFFECT_RUN, sink, a, 1);
    basic_hand_on(m, "command", s);
    hand_written(m, s);
}

void basic_say_run2(struct machine *m, const char *sink, struct value program, struct value arguments)
{
    struct text p = said_text(m, program), s = said_text(m, arguments);
    if (s.n)
        p = text_join(m->t, text_join(m->t, p, text_of(m->t, SLICE_LIT(" "), TEXT_NOWHERE)), s);
    basic_say_run(m, sink, basic_text(p));
}

void basic_say_path(struct machine *m, enum effect_kind kind, const char *sink, struct value path)
{
    struct unmask_argument a[] = { { "path", said_text(m, path) } };
    basic_say(m, kind, sink, a, 1);
}

/* --- files that are written */

static const char *script_type(struct text path)
{
    static const char *const types[][2] = { { ".vbs", "vbscript" }, { ".js", "jscript" }, { ".ps1", "powershell" }, { ".bat", "batch" },
                                            { ".cmd", "batch" }, { ".vbe", "vbscript" }, { ".jse", "jscript" }, { ".hta", "html" }, { ".wsf", "wsf" } };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint32_t n = (uint32_t)slice_of(types[i][0]).len;
        if (path.n > n && text_is_nocase(text_sub(path, path.n - n, n), types[i][0]))
            return types[i][1];
    }
    return NULL;
}

static bool is_payload(slice b)
{
    return b.len >= PAYLOAD_MIN && (slice_starts(b, SLICE_LIT("MZ")) || slice_starts(b, SLICE_LIT("PK\x03\x04")) ||
                                    slice_starts(b, SLICE_LIT("\xd0\xcf\x11\xe0")) || slice_starts(b, SLICE_LIT("MSCF")) ||
                                    slice_starts(b, SLICE_LIT("Rar!")) || slice_starts(b, SLICE_LIT("{\\rtf")) ||
                                    slice_starts(b, SLICE_LIT("7z\xbc\xaf")) || slice_starts(b, SLICE_LIT("%PDF")) || slice_starts(b, SLICE_LIT("\x7f" "ELF")));
}

static slice file_name(struct machine *m, struct text path)
{
    slice s = text_utf8(m->t, path);
    for (size_t i = s.len; i > 0; i--)
        if (s.at[i - 1] == '\\' || s.at[i - 1] == '/')
            return slice_from(s, i);
    return s;
}

void basic_say_written(struct machine *m, const char *sink, struct value path, struct value content)
{
    struct text p = said_text(m, path);
    struct unmask_argument a[] = { { "path", p } };
    slice bytes;
    basic_say(m, EFFECT_WRITE, sink, a, 1);
    if (content.type != V_STRING && content.type != V_ARRAY)
        return;
    if (basic_bytes(m, content, &bytes) && is_payload(bytes)) {
        unmask_payload(m->u, m->w, file_name(m, p), bytes);
        return;
    }
    struct text code = said_text(m, content);
    if (m->n_written < BASIC_WRITTEN_MAX)
        m->written[m->n_written++] = (struct basic_written){ .path = p, .content = code };
    const char *type = script_type(p);
    if (type) {
        basic_hand_on(m, type, code);
        if (m->n_written)
            m->written[m->n_written - 1].handed = true;
    }
}

/* With it what the copies that it names are copies of: a host under another name (T1036.003). */
static struct text by_its_name(struct machine *m, struct text command)
{
    struct text s = command;
    for (uint32_t i = 0; i < m->n_written; i++) {
        const struct basic_written *w = &m->written[i];
        if (w->copy && w->path.n && text_known(w->path) && text_find(command, w->path, 0, true) != UINT32_MAX)
            s = text_join(m->t, text_join(m->t, s, text_of(m->t, SLICE_LIT(" "), TEXT_NOWHERE)), w->content);
    }
    return s;
}

void basic_note_copy(struct machine *m, struct value from, struct value to)
{
    if (from.type == V_STRING && to.type == V_STRING && m->n_written < BASIC_WRITTEN_MAX)
        m->written[m->n_written++] = (struct basic_written){ .path = to.s, .content = from.s, .copy = true };
}

static void hand_written(struct machine *m, struct text command)
{
    struct text program = m->n_written ? by_its_name(m, command) : command;
    for (uint32_t i = 0; i < m->n_written; i++) {
        struct basic_written *w = &m->written[i];
        if (w->handed || w->copy || !w->path.n || !text_known(w->path) || text_find(command, w->path, 0, true) == UINT32_MAX)
            continue;
        bool js = text_find(program, text_of(m->t, SLICE_LIT("jscript"), TEXT_NOWHERE), 0, true) != UINT32_MAX;
        bool host = text_find(program, text_of(m->t, SLICE_LIT("script"), TEXT_NOWHERE), 0, true) != UINT32_MAX;
        bool page = text_find(program, text_of(m->t, SLICE_LIT("mshta"), TEXT_NOWHERE), 0, true) != UINT32_MAX;
        w->handed = true;
        if (host || page)
            basic_hand_on(m, page ? "html" : js ? "jscript" : "vbscript", w->content);
    }
}

/* --- downloads */

uint32_t basic_say_request(struct machine *m, const char *sink, struct value url)
{
    if (!m->downloads)
        m->downloads = ARENA_ARRAY(m->mem, struct basic_download, BASIC_DOWNLOADS_MAX);
    if (!m->downloads || m->n_downloads == BASIC_DOWNLOADS_MAX)
        return 0;
    struct basic_download *d = &m->downloads[m->n_downloads++];
    *d = (struct basic_download){ .url = said_text(m, url), .sink = sink, .maybe = perhaps(m) };
    d->n_via = way(m, d->via);
    if (m->u->trace)
        basic_note_effect(m, sink, (struct unmask_argument[]){ { "url", d->url } }, 1);
    m->n_effects++;
    reach(m, (struct basic_reached){ EFFECT_DOWNLOAD, sink, { { "url", d->url } }, 1, m->n_downloads });
    return m->n_downloads;
}

void basic_say_download(struct machine *m, const char *sink, struct value url, struct value path)
{
    struct unmask_argument a[] = { { "url", said_text(m, url) }, { "path", said_text(m, path) } };
    basic_say(m, EFFECT_DOWNLOAD, sink, a, a[1].value.n ? 2 : 1);
}

static void say_download(struct machine *m, struct basic_download *d)
{
    struct unmask_argument a[] = { { "url", d->url }, { "path", d->path } };
    struct unmask_said said = { EFFECT_DOWNLOAD, d->sink, a, d->path.n ? 2 : 1, d->via, d->n_via, d->maybe };
    d->said = true;
    (void)unmask_effect(m->u, m->w, &said);
}

void basic_say_saved(struct machine *m, uint32_t download, struct value path)
{
    if (download == 0 || download > m->n_downloads)
        return;
    struct basic_download *d = &m->downloads[download - 1];
    if (!d->said) {
        d->path = said_text(m, path);
        d->maybe |= perhaps(m) & UNMASK_DOUBT;
        say_download(m, d);
    }
}

void basic_say_rest(struct machine *m)
{
    for (uint32_t i = 0; i < m->n_downloads; i++)
        if (!m->downloads[i].said)
            say_download(m, &m->downloads[i]);
}

/* --- declared functions of the system, by what they are exported as */

static bool export_is(const struct basic_api *api, const char *name)
{
    slice s = api->alias;
    size_t n = slice_of(name).len;
    bool tail = s.len == n + 1 && (s.at[n] == 'A' || s.at[n] == 'W');
    return slice_starts_nocase(s, name) && (s.len == n || tail);
}

static void say_load(struct machine *m, const struct basic_api *api)
{
    struct unmask_argument a[] = { { "function", text_of(m->t, api->alias, basic_here(m)) } };
    basic_say(m, EFFECT_LOAD, "Declare", a, 1);
}

void basic_say_api(struct machine *m, const struct basic_api *api, struct arg *args, uint32_t n)
{
    static const char *const code[] = { "VirtualAlloc", "VirtualAllocEx", "RtlMoveMemory", "CreateThread", "WriteProcessMemory", "CreateRemoteThread",
                                        "VirtualProtect", "NtAllocateVirtualMemory", "HeapCreate", "HeapAlloc", "EnumWindows", "CallWindowProc",
                                        "EnumSystemLocales", "SetTimer", "QueueUserAPC", "NtWriteVirtualMemory", "ZwWriteVirtualMemory" };
    struct value v1 = basic_arg(args, n, 0), v2 = basic_arg(args, n, 1), v3 = basic_arg(args, n, 2);
    if (export_is(api, "URLDownloadToFile")) {
        basic_say_download(m, "URLDownloadToFile", v2, v3);
    } else if (export_is(api, "URLDownloadToCacheFile")) {
        basic_say_download(m, "URLDownloadToCacheFile", v2, (struct value){ .type = V_MISSING });
    } else if (export_is(api, "ShellExecute")) {
        basic_say_run2(m, "ShellExecute", v3, basic_arg(args, n, 3));
    } else if (export_is(api, "WinExec")) {
        basic_say_run(m, "WinExec", v1);
    } else if (export_is(api, "CreateProcess")) {
        bool line = v2.type != V_MISSING && !(v2.type >= V_BOOLEAN && v2.type <= V_LONGLONG) && v2.type != V_EMPTY;
        basic_say_run(m, "CreateProcess", line ? v2 : v1);
    } else if (export_is(api, "InternetOpenUrl")) {
        (void)basic_say_request(m, "InternetOpenUrl", v2);
    } else if (export_is(api, "LoadLibrary")) {
        basic_say_path(m, EFFECT_LOAD, "LoadLibrary", v1);
    } else if (export_is(api, "Sleep")) {
        struct unmask_argument a[] = { { "value", said_text(m, v1) } };
        basic_say(m, EFFECT_DELAY, "Sleep", a, 1);
    } else {
        for (size_t i = 0; i < sizeof code / sizeof code[0]; i++)
            if (export_is(api, code[i]))
                say_load(m, api);
    }
}

void basic_say_formula(struct machine *m, struct value formula)
{
    struct text s = said_text(m, formula);
    if (s.n)
        basic_hand_on(m, "xlm-formula", s);
}
