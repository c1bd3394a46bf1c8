/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_intent_say - facts of Excel 4.0 macros with line and range in the text of their formulas;
 * each text once, of each kind only so many. */
#include "observe/part/xlm_intent_private.h"
#include "base/hash.h"
#include "base/text.h"
#include "decode/links.h"

enum {
    SLOTS = 1024,
    SEEN_MAX = SLOTS * 3 / 4,
    EACH_MAX = 24,
    STRINGS_MAX = 64,
    STRING_MIN = 4,
    STRING_SHOWN = 1024,
    CALL_SHOWN = 2048,
    URLS_MAX = 48,
    COMMAND_LOOK = 4096,
    /* Above these numbers a trace counts as obfuscation. */
    MANY_CHARS = 12,
    MANY_JOINS = 40,
    MANY_PIECES = 8,
    MANY_JUMPS = 12,
    WIDE_ROWS = 1000,
    WIDE_COLS = 40,
    FEW_FORMULAS = 10,
};

struct said {
    uint64_t hashes[SLOTS];
    uint32_t n, strings, urls;
    uint8_t count[FACT_COUNT];
};

struct teller {
    struct xlm_code *c;
    struct said *said;
    uint32_t score;
};

static bool is_new(struct said *s, uint64_t hash)
{
    hash |= 1;
    if (s->n >= SEEN_MAX)
        return false;
    for (size_t i = hash >> 20 & (SLOTS - 1);; i = (i + 1) & (SLOTS - 1)) {
        if (s->hashes[i] == hash)
            return false;
        if (s->hashes[i] == 0) {
            s->hashes[i] = hash;
            s->n++;
            return true;
        }
    }
}

static void say_at(struct teller *t, enum fact_id id, slice text, struct range range, uint32_t line)
{
    if (text.len == 0 || t->said->count[id] >= EACH_MAX ||
        !is_new(t->said, fnv1a((uint64_t)id + 1, text)))
        return;
    t->said->count[id]++;
    walk_text_line(t->c->w, id, text, range, line);
}

static void say(struct teller *t, enum fact_id id, slice text, uint32_t cell)
{
    const struct xlm_cell *at = cell < t->c->n_cells ? &t->c->cells[cell] : NULL;
    say_at(t, id, text, at ? at->range : NOWHERE, at ? at->line : NO_LINE);
}

static void trace(struct teller *t, const char *what)
{
    t->score++;
    say_at(t, FACT_XLM_OBFUSCATION, slice_of(what), NOWHERE, NO_LINE);
}

/* --- text: addresses and programs in it */

static bool ends_url(uint8_t ch)
{
    return ch <= ' ' || ch == '"' || ch == '\'' || ch == '<' || ch == '>' || ch == ',' || ch == ';' ||
           ch == '|' || ch == '^' || ch == ')' || ch == '`';
}

static void say_urls(struct teller *t, slice text, uint32_t cell)
{
    static const char *const schemes[] = { "http://", "https://", "ftp://" };
    size_t colon = 0;
    while ((colon = slice_find(text, SLICE_LIT("://"), colon)) != SIZE_MAX) {
        size_t from = SIZE_MAX, to = colon + 3;
        for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
            size_t head = strlen(schemes[i]) - 3;
            if (head <= colon && slice_starts_nocase(slice_from(text, colon - head), schemes[i]))
                from = colon - head;
        }
        while (to < text.len && !ends_url(text.at[to]))
            to++;
        slice url = slice_sub(text, from, to - from);
        colon += 3;
        if (from == SIZE_MAX || to < colon + 3 || t->said->urls >= URLS_MAX ||
            !is_new(t->said, fnv1a(FACT_XLM_URL + 1, url)))
            continue;
        t->said->urls++;
        const struct xlm_cell *at = cell < t->c->n_cells ? &t->c->cells[cell] : NULL;
        walk_text_line(t->c->w, FACT_XLM_URL, url, at ? at->range : NOWHERE, at ? at->line : NO_LINE);
        walk_link(t->c->w, url, (slice){ 0 }, at ? at->range : NOWHERE, "xlm.code");
    }
}

/* Programs that run what they are given. Carets and quotes inside them mean nothing to cmd. */
static void say_commands(struct teller *t, slice text, uint32_t cell)
{
    static const char *const programs[] = {
        "regsvr32", "rundll32", "mshta",    "powershell", "pwsh",     "wscript",     "cscript",
        "certutil", "bitsadmin", "msiexec", "wmic",       "schtasks", "forfiles",    "installutil",
        "msbuild",  "cmd",      "curl",     "explorer",   "hh.exe",   "regasm",      "regsvcs",
        "conhost",  "odbcconf", "cmstp",    "scriptrunner",
    };
    struct buf b = buf_new(COMMAND_LOOK);
    for (size_t i = 0; i < text.len && b.len < COMMAND_LOOK - 8; i++)
        if (text.at[i] != '^' && text.at[i] != '"')
            buf_byte(&b, ascii_lower(text.at[i]));
    slice plain = buf_slice(&b);
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        slice word = slice_of(programs[i]);
        size_t at = slice_find(plain, word, 0);
        if (at == SIZE_MAX || (at > 0 && ascii_alnum(plain.at[at - 1])))
            continue;
        slice rest = slice_from(plain, at + word.len);
        bool program = rest.len == 0 || rest.at[0] == ' ' || rest.at[0] == '/' || rest.at[0] == ',' ||
                       slice_starts(rest, SLICE_LIT(".exe"));
        bool lone = at == 0 || plain.at[at - 1] == ' ' || plain.at[at - 1] == '\\' || plain.at[at - 1] == '/' ||
                    plain.at[at - 1] == '=';
        /* "cmd" and "explorer" are words of their own. */
        if (program && (lone || word.len > 4) &&
            (rest.len || word.len > 4 || !slice_is(word, "cmd")))
            say(t, FACT_XLM_COMMAND, word, cell);
    }
    buf_drop(&b);
}

static bool is_shaped(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        switch (s.at[i]) {
        case '\\':
        case '/':
        case '%':
        case '^':
        case '.':
        case ':':
            return true;
        default:
            break;
        }
    return false;
}

static void say_string(struct teller *t, slice text, uint32_t cell, bool always)
{
    if (text.len < STRING_MIN)
        return;
    bool shaped = is_shaped(slice_sub(text, 0, 256));
    slice shown = utf8_cut(text, STRING_SHOWN);
    if ((always || shaped) && t->said->strings < STRINGS_MAX &&
        is_new(t->said, fnv1a(FACT_XLM_STRING + 1, shown))) {
        t->said->strings++;
        const struct xlm_cell *at = cell < t->c->n_cells ? &t->c->cells[cell] : NULL;
        walk_text_line(t->c->w, FACT_XLM_STRING, shown, at ? at->range : NOWHERE, at ? at->line : NO_LINE);
    }
    if (shaped)
        say_urls(t, text, cell);
    say_commands(t, text, cell);
}

/* --- calls */

static void put_argument(struct teller *t, struct buf *b, const struct xlm_value *v)
{
    if (v->kind == XLM_BLANK)
        return;
    if (v->kind == XLM_TEXT)
        buf_byte(b, '"');
    buf_put(b, utf8_cut(xlm_intent_text(t->c, v), STRING_SHOWN));
    if (v->kind == XLM_TEXT)
        buf_byte(b, '"');
}

static slice shown_call(struct teller *t, const struct xlm_call *call)
{
    struct buf b = buf_new(CALL_SHOWN * 2);
    buf_put(&b, call->name);
    buf_byte(&b, '(');
    for (uint32_t i = 0; i < call->n && i < 4; i++) {
        if (i > 0)
            buf_byte(&b, ',');
        put_argument(t, &b, &call->a[i]);
    }
    buf_text(&b, call->n > 4 ? ",...)" : ")");
    slice s = arena_copy(t->c->mem, utf8_cut(buf_slice(&b), CALL_SHOWN));
    buf_drop(&b);
    return s;
}

static bool is_library_call(const struct xlm_call *call)
{
    return slice_is_nocase(call->name, "CALL") || slice_starts_nocase(call->name, "REGISTER");
}

/* "urlmon!URLDownloadToFileA" */
static slice api_of(struct teller *t, const struct xlm_call *call)
{
    struct buf b = buf_new(256);
    for (uint32_t i = 0; i < 2; i++) {
        const struct xlm_value *v = &call->a[i];
        bool known = i < call->n && v->kind == XLM_TEXT && !v->holes;
        if (i)
            buf_byte(&b, '!');
        if (known)
            buf_put(&b, utf8_cut(v->text, 100));
        else
            buf_text(&b, "(computed)");
    }
    slice s = arena_copy(t->c->mem, buf_slice(&b));
    buf_drop(&b);
    return s;
}

static bool has(slice s, const char *word)
{
    return slice_find_nocase(s, slice_of(word), 0) != SIZE_MAX;
}

/* What the function does for a macro. */
static const char *library_kind(slice api)
{
    static const struct {
        const char *word, *kind;
    } rows[] = {
        { "!URLDownloadTo", "download" }, { "!URLOpen", "download" },     { "!InternetOpenUrl", "download" },
        { "!WinHttp", "download" },       { "!HttpSend", "download" },    { "!ShellExecute", "run" },
        { "!WinExec", "run" },            { "!CreateProcess", "run" },    { "!VirtualAlloc", "memory" },
        { "!WriteProcessMemory", "memory" }, { "!RtlCopyMemory", "memory" }, { "!CreateThread", "memory" },
        { "!QueueUserAPC", "memory" },    { "!CreateDirectory", "file" }, { "(computed)", "computed" },
        { "!DllInstall", "run" },         { "!DllRegisterServer", "run" }, { "!LoadLibrary", "run" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (has(api, rows[i].word))
            return rows[i].kind;
    return "library";
}

static void put_reach(struct teller *t, const struct xlm_call *call, slice what, const char *kind)
{
    struct buf b = buf_new(512);
    const struct xlm_code *c = t->c;
    slice entry = { 0 };
    for (uint32_t i = 0; i < c->n_names && !entry.len; i++)
        if (slice_starts_nocase(c->names[i].name, "auto_") || slice_starts_nocase(c->names[i].name, "_xlnm.auto_"))
            entry = c->names[i].name;
    buf_put(&b, utf8_cut(entry, 100));
    buf_text(&b, " -> ");
    buf_put(&b, what);
    say(t, FACT_XLM_REACH, buf_slice(&b), call->cell);
    say(t, FACT_XLM_REACH_KIND, slice_of(kind), call->cell);
    buf_drop(&b);
}

static void say_call(struct teller *t, const struct xlm_call *call)
{
    const char *kind = xlm_intent_sink_kind(call->name);
    if (!kind) {
        say(t, FACT_XLM_ENVIRONMENT, shown_call(t, call), call->cell);
        return;
    }
    slice what = call->name;
    if (is_library_call(call)) {
        what = api_of(t, call);
        kind = library_kind(what);
        say(t, FACT_XLM_API, what, call->cell);
        /* The first call names a function; those of an already registered number do not. */
        if (call->n < 2 && call->a[0].kind != XLM_TEXT)
            kind = "computed";
    } else if (slice_is_nocase(kind ? slice_of(kind) : (slice){ 0 }, "run") &&
               (call->n == 0 || call->a[0].kind == XLM_UNKNOWN)) {
        kind = "run-computed";
    }
    say(t, FACT_XLM_SINK, call->name, call->cell);
    say(t, FACT_XLM_SINK_KIND, slice_of(kind), call->cell);
    say(t, FACT_XLM_CALL, shown_call(t, call), call->cell);
    for (uint32_t i = 0; i < call->n && i < 4; i++)
        if (call->a[i].kind == XLM_TEXT)
            say_string(t, call->a[i].text, call->cell, !call->a[i].literal);
    if (call->cell < t->c->n_cells && t->c->cells[call->cell].reached)
        put_reach(t, call, what, kind);
}

/* --- the whole */

static void say_sheets(struct teller *t)
{
    bool hidden = false;
    for (uint32_t i = 0; i < t->c->n_sheets; i++) {
        const struct xlm_sheet *s = &t->c->sheets[i];
        if (!s->macro || !s->hidden)
            continue;
        struct buf b = buf_new(300);
        buf_put(&b, utf8_cut(s->name, 200));
        buf_text(&b, s->very_hidden ? " (very hidden)" : " (hidden)");
        say_at(t, FACT_XLM_SHEET_HIDDEN, buf_slice(&b), s->range, s->line);
        buf_drop(&b);
        hidden = true;
    }
    if (hidden)
        trace(t, "hidden macro sheet");
}

static void say_names(struct teller *t)
{
    bool hidden = false;
    for (uint32_t i = 0; i < t->c->n_names; i++) {
        struct xlm_name *n = &t->c->names[i];
        bool entry = slice_starts_nocase(n->name, "auto_") || slice_starts_nocase(n->name, "_xlnm.auto_");
        if (n->hidden && !slice_starts(n->name, SLICE_LIT("_xlfn")) && !slice_starts(n->name, SLICE_LIT("_Filter")))
            say_at(t, FACT_XLM_NAME_HIDDEN, utf8_cut(n->name, 200), n->range, n->line);
        if (entry) {
            struct buf b = buf_new(600);
            buf_put(&b, utf8_cut(n->name, 200));
            buf_text(&b, " -> ");
            buf_put(&b, utf8_cut(n->formula, 200));
            say_at(t, FACT_XLM_ENTRY, buf_slice(&b), n->range, n->line);
            buf_drop(&b);
            hidden = hidden || n->hidden;
        }
        struct xlm_value v = xlm_intent_name_value(t->c, n);
        if (v.kind == XLM_TEXT)
            say_string(t, v.text, XLM_NONE, false);
    }
    if (hidden)
        trace(t, "hidden entry");
}

/* Formulas strewn over a sheet so that nobody finds them by scrolling. */
static void measure_square(struct teller *t)
{
    struct xlm_code *c = t->c;
    for (uint32_t i = 0; i < c->n_cells; i++) {
        const struct xlm_cell *cell = &c->cells[i];
        if (!cell->formula.len || cell->at.sheet >= c->n_sheets || cell->written)
            continue;
        struct xlm_sheet *s = &c->sheets[cell->at.sheet];
        s->formulas++;
        s->row_min = cell->at.row < s->row_min ? cell->at.row : s->row_min;
        s->row_max = cell->at.row > s->row_max ? cell->at.row : s->row_max;
        s->col_min = cell->at.col < s->col_min ? cell->at.col : s->col_min;
        s->col_max = cell->at.col > s->col_max ? cell->at.col : s->col_max;
    }
    for (uint32_t i = 0; i < c->n_sheets; i++) {
        const struct xlm_sheet *s = &c->sheets[i];
        if (s->macro && s->formulas >= FEW_FORMULAS && s->row_max - s->row_min > WIDE_ROWS &&
            s->col_max - s->col_min > WIDE_COLS) {
            trace(t, "scattered cells");
            break;
        }
    }
}

static void say_traces(struct teller *t)
{
    const struct xlm_counts *n = &t->c->count;
    if (n->chars >= MANY_CHARS)
        trace(t, "character codes");
    if (n->joins >= MANY_JOINS)
        trace(t, "joined fragments");
    if (n->pieces >= MANY_PIECES)
        trace(t, "pieces of text");
    if (n->writes > 0)
        trace(t, "self-writing");
    if (n->jumps >= MANY_JUMPS)
        trace(t, "many jumps");
    if (n->lost_jumps > 0)
        trace(t, "computed jump");
    if (n->environment > 0)
        trace(t, "environment checks");
    for (uint32_t i = 0; i < t->c->n_calls; i++) {
        const struct xlm_call *call = &t->c->calls[i];
        if (xlm_intent_sink_kind(call->name) && call->n > 0 && !call->a[0].literal) {
            trace(t, "computed call");
            break;
        }
    }
}

static void say_strings(struct teller *t)
{
    struct xlm_code *c = t->c;
    for (uint32_t i = 0; i < c->n_cells && !walk_over(c->w); i++) {
        const struct xlm_cell *cell = &c->cells[i];
        struct xlm_value v = { 0 };
        if (cell->at.sheet >= c->n_sheets)
            continue;
        bool macro = c->sheets[cell->at.sheet].macro;
        if (cell->formula.len)
            v = cell->folded;
        else if (macro && cell->value.len > STRING_MIN)
            v = xlm_intent_value(c, i);
        if (v.kind == XLM_TEXT)
            say_string(t, v.text, i, cell->formula.len && v.text.len >= 8 && macro);
    }
}

void xlm_intent_say(struct xlm_code *c)
{
    struct teller t = { c, ARENA_NEW(c->mem, struct said), 0 };
    if (!t.said)
        return;
    say_sheets(&t);
    say_names(&t);
    for (uint32_t i = 0; i < c->n_calls; i++)
        say_call(&t, &c->calls[i]);
    say_strings(&t);
    measure_square(&t);
    say_traces(&t);
    walk_int(c->w, FACT_XLM_OBFUSCATION_SCORE, t.score, NOWHERE);
}
