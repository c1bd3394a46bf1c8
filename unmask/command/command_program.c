/* SPDX-License-Identifier: Apache-2.0 */
/* command_program - what programs of Windows do with their arguments, as far as attackers use them.
 * Follows Microsoft's command reference, about_PowerShell_exe and the LOLBAS project. */
#include "unmask/command/command_private.h"

enum { VALUE_MAX = 16384, BASE64_MAX = 1 << 20 };

/* --- saying */

static void say2(struct command *c, enum effect_kind kind, const char *sink, const struct unmask_argument *a, size_t n)
{
    struct unmask_argument given[4];
    size_t count = 0;
    for (size_t i = 0; i < n && count < 4; i++)
        if (a[i].value.n)
            given[count++] = (struct unmask_argument){ a[i].name, text_sub(a[i].value, 0, VALUE_MAX) };
    slice via[] = { slice_of(sink) };
    struct unmask_said said = { kind, sink, given, count, via, c->depth > 2 ? 1 : 0, (uint8_t)(c->maybe | (c->doubt ? UNMASK_DOUBT : 0)) };
    if (count)
        (void)unmask_effect(c->u, c->w, &said);
}

void command_say(struct command *c, enum effect_kind kind, const char *sink, const char *name, struct text value)
{
    struct unmask_argument a[] = { { name, value } };
    say2(c, kind, sink, a, 1);
}

static void hand_on(struct command *c, const char *type, struct text code, const char *program)
{
    slice via[] = { slice_of(program) };
    bool before = c->u->maybe;
    c->u->maybe = before || c->maybe;
    const struct unmask_variable *environment = c->u->environment;
    uint32_t n_environment = c->u->n_environment;
    c->u->environment = c->variables;
    c->u->n_environment = c->n_variables;
    if (code.n > 3)
        unmask_hand_on(c->u, c->w, type, code, via, 1);
    c->u->environment = environment;
    c->u->n_environment = n_environment;
    c->u->maybe = before;
}

/* --- files */

static const struct {
    const char *end, *type;
} scripts[] = {
    { ".vbs", "vbscript" }, { ".vbe", "vbscript" }, { ".js", "jscript" }, { ".jse", "jscript" },
    { ".ps1", "powershell" }, { ".bat", "batch" }, { ".cmd", "batch" }, { ".hta", "html" }, { ".wsf", "wsf" },
};

static bool same(struct text a, struct text b) { return a.n == b.n && a.n && text_find(a, b, 0, true) == 0; }

static bool ends_with(struct text s, const char *end)
{
    uint32_t n = (uint32_t)strlen(end);
    return s.n > n && text_is_nocase(text_sub(s, s.n - n, n), end);
}

void command_write(struct command *c, struct text path, struct text more, bool append)
{
    if (path.n == 0 || text_is_nocase(path, "nul") || text_is_nocase(path, "con"))
        return;
    for (uint32_t i = 0; i < c->n_files; i++)
        if (same(c->files[i].path, path)) {
            c->files[i].content = append ? text_join(c->t, c->files[i].content, more) : more;
            c->files[i].handed = false;
            return;
        }
    if (c->n_files < COMMAND_FILES_MAX)
        c->files[c->n_files++] = (struct command_file){ path, more, false };
    else
        c->limited = true;
}

void command_say_files(struct command *c)
{
    for (uint32_t i = 0; i < c->n_files; i++) {
        struct unmask_argument a[] = { { "path", c->files[i].path }, { "value", c->files[i].content } };
        say2(c, EFFECT_WRITE, "redirection", a, 2);
    }
}

static struct text base_of(struct text s)
{
    uint32_t base = 0;
    for (uint32_t i = 0; i < s.n; i++)
        if (text_unit(s, i) == '\\' || text_unit(s, i) == '/')
            base = i + 1;
    return text_sub(s, base, s.n);
}

/* A file that was written before is named: what it holds runs. */
static void run_written(struct command *c, struct text path, const char *type)
{
    for (uint32_t i = 0; i < c->n_files; i++) {
        struct command_file *f = &c->files[i];
        if (f->handed || f->content.n < 4 || !(same(f->path, path) || same(base_of(f->path), base_of(path))))
            continue;
        f->handed = true;
        for (size_t k = 0; k < sizeof scripts / sizeof scripts[0]; k++)
            if (ends_with(f->path, scripts[k].end))
                type = scripts[k].type;
        if (type)
            hand_on(c, type, f->content, "a file");
    }
}

/* --- words */

/* As CommandLineToArgvW takes a line apart: quotes go, \" is one. */
uint32_t command_words(struct command *c, struct text line, struct text words[COMMAND_WORDS_MAX], uint32_t ends[COMMAND_WORDS_MAX])
{
    uint32_t n = 0, i = 0;
    while (n < COMMAND_WORDS_MAX) {
        while (i < line.n && (text_unit(line, i) == ' ' || text_unit(line, i) == '\t' || text_unit(line, i) == '\r' || text_unit(line, i) == '\n'))
            i++;
        if (i >= line.n)
            return n;
        struct text word = { 0 };
        bool quoted = false;
        uint32_t from = i;
        for (; i < line.n; i++) {
            uint16_t u = text_unit(line, i);
            if (u == '\\' && text_unit(line, i + 1) == '"') {
                word = text_join(c->t, word, text_sub(line, from, i - from));
                from = ++i;
            } else if (u == '"') {
                word = text_join(c->t, word, text_sub(line, from, i - from));
                from = i + 1;
                quoted = !quoted;
            } else if (!quoted && (u == ' ' || u == '\t' || u == '\r' || u == '\n')) {
                break;
            }
        }
        words[n] = text_join(c->t, word, text_sub(line, from, i - from));
        ends[n++] = i;
    }
    return n;
}

struct call {
    struct command *c;
    struct text line, input;
    struct text words[COMMAND_WORDS_MAX];
    uint32_t ends[COMMAND_WORDS_MAX], n;
    const char *name;
};

static bool starts(struct text s, const char *with) { return text_is_nocase(text_sub(s, 0, strlen(with)), with); }

static bool is_url(struct text s)
{
    return starts(s, "http://") || starts(s, "https://") || starts(s, "ftp://") || starts(s, "http:\\\\") || starts(s, "https:\\\\") || starts(s, "\\\\");
}

static struct text word(const struct call *a, uint32_t i) { return i < a->n ? a->words[i] : (struct text){ 0 }; }
static struct text rest_of(const struct call *a, uint32_t i) { return command_trim(i && i <= a->n ? text_sub(a->line, a->ends[i - 1], a->line.n) : a->line); }

static bool is_switch(struct text s, const char *name)
{
    uint16_t u = text_unit(s, 0);
    return (u == '/' || u == '-') && text_is_nocase(text_sub(s, 1, s.n), name);
}

static void download(const struct call *a, struct text url, struct text path)
{
    struct unmask_argument said[] = { { "url", url }, { "path", path } };
    say2(a->c, EFFECT_DOWNLOAD, a->name, said, 2);
}

/* --- PowerShell */

static bool prefix_of(struct text s, const char *whole, uint32_t least)
{
    bool good = s.n >= least && s.n <= strlen(whole);
    for (uint32_t i = 0; i < s.n && good; i++)
        good = text_unit(s, i) < 0x80 && ascii_lower((uint8_t)text_unit(s, i)) == (uint8_t)whole[i];
    return good;
}

static void encoded(const struct call *a, struct text base64)
{
    struct command *c = a->c;
    if (!text_known(base64) || base64.n > BASE64_MAX || !command_spend(c, base64.n))
        return;
    slice bytes = base64_decode(c->t->mem, text_utf8(c->t, base64), NULL);
    size_t n = bytes.len / 2;
    uint16_t *units = n ? ARENA_ARRAY(c->t->mem, uint16_t, n) : NULL;
    for (size_t i = 0; units && i < n; i++)
        units[i] = (uint16_t)(bytes.at[2 * i] | bytes.at[2 * i + 1] << 8);
    if (units)
        hand_on(c, "powershell", text_of_units(c->t, units, n, text_mark_at(base64, 0)), "powershell -EncodedCommand");
}

/* The words from this one on with one blank between them, as PowerShell puts them together. */
static struct text joined_words(const struct call *a, uint32_t from)
{
    struct text all = { 0 }, rest = rest_of(a, from);
    uint32_t start = 0;
    bool quoted = false;
    for (uint32_t i = 0; i < rest.n; i++) {
        uint16_t u = text_unit(rest, i);
        bool escaped = u == '\\' && text_unit(rest, i + 1) == '"', blank = !quoted && (u == ' ' || u == '\t');
        if (!escaped && !blank && u != '"')
            continue;
        all = text_join(a->c->t, all, text_sub(rest, start, i - start));
        quoted ^= u == '"';
        for (; blank && (text_unit(rest, i + 1) == ' ' || text_unit(rest, i + 1) == '\t'); i++)
            ;
        start = blank ? i : i + 1;
        i += escaped;
    }
    return text_join(a->c->t, all, text_sub(rest, start, rest.n));
}

/* about_PowerShell_exe: any beginning of a parameter's name will do. */
static void do_powershell(const struct call *a)
{
    static const char *const with_value[] = { "windowstyle", "executionpolicy", "version", "inputformat", "outputformat", "workingdirectory",
                                              "configurationname", "psconsolefile", "settingsfile", "custompipename", "encodedarguments" };
    for (uint32_t i = 1; i < a->n; i++) {
        struct text s = a->words[i];
        uint16_t u = text_unit(s, 0);
        bool dash = u == '-' || u == '/' || (u >= 0x2013 && u <= 0x2015);
        struct text name = text_sub(s, 1, s.n);
        if (!dash) {
            hand_on(a->c, "powershell", joined_words(a, i), "powershell");
            return;
        }
        if (name.n == 0) {
            hand_on(a->c, "powershell", a->input, "powershell");
            return;
        }
        if (prefix_of(name, "encodedcommand", 1) || text_is_nocase(name, "ec")) {
            encoded(a, word(a, i + 1));
            return;
        }
        if (prefix_of(name, "command", 1)) {
            bool stdin_text = text_is_nocase(word(a, i + 1), "-");
            hand_on(a->c, "powershell", stdin_text ? a->input : joined_words(a, i + 1), "powershell -Command");
            return;
        }
        if (prefix_of(name, "file", 1)) {
            run_written(a->c, word(a, i + 1), "powershell");
            return;
        }
        bool value = text_is_nocase(name, "ep");
        for (size_t k = 0; k < sizeof with_value / sizeof with_value[0]; k++)
            value = value || prefix_of(name, with_value[k], 1);
        i += value;
    }
    if (a->input.n)
        hand_on(a->c, "powershell", a->input, "powershell");
}

/* --- script hosts and loaders */

/* All behind its name is one address: quotes in it are those of the script. */
static struct text address_of(const struct call *a)
{
    struct text s = rest_of(a, 1);
    while (s.n && (text_unit(s, s.n - 1) <= ' '))
        s = text_sub(s, 0, s.n - 1);
    if (text_unit(s, 0) != '"')
        return s;
    return text_sub(s, 1, s.n - 1 - (s.n > 1 && text_unit(s, s.n - 1) == '"'));
}

static void do_mshta(const struct call *a)
{
    struct text what = address_of(a);
    if (starts(what, "vbscript:"))
        hand_on(a->c, "vbscript", text_sub(what, 9, what.n), "mshta");
    else if (starts(what, "javascript:"))
        hand_on(a->c, "jscript", text_sub(what, 11, what.n), "mshta");
    else if (starts(what, "about:"))
        hand_on(a->c, "html", text_sub(what, 6, what.n), "mshta");
    else if (is_url(what) && what.n)
        download(a, word(a, 1), (struct text){ 0 });
    else
        run_written(a->c, word(a, 1), "html");
}

static void do_script_host(const struct call *a)
{
    const char *type = NULL;
    for (uint32_t i = 1; i < a->n; i++) {
        struct text s = a->words[i];
        if (text_unit(s, 0) == '/') {
            if (starts(s, "//e:") || starts(s, "/e:"))
                type = text_find(s, command_lit(a->c, "vb"), 0, true) != UINT32_MAX ? "vbscript" : "jscript";
            continue;
        }
        if (is_url(s))
            download(a, s, (struct text){ 0 });
        run_written(a->c, s, type);
        return;
    }
}

static void do_regsvr32(const struct call *a)
{
    struct text path = { 0 };
    for (uint32_t i = 1; i < a->n; i++) {
        struct text s = a->words[i];
        uint16_t u = text_unit(s, 0);
        if ((u == '/' || u == '-') && (text_unit(s, 1) | 32) == 'i' && text_unit(s, 2) == ':' && is_url(text_sub(s, 3, s.n)))
            download(a, text_sub(s, 3, s.n), (struct text){ 0 });
        else if (u != '/' && u != '-')
            path = s;
    }
    command_say(a->c, EFFECT_LOAD, a->name, "path", path);
}

/* rundll32 FILE,EXPORT ARGUMENTS */
static void do_rundll32(const struct call *a)
{
    struct text s = rest_of(a, 1);
    bool quoted = false;
    uint32_t end = 0;
    for (; end < s.n; end++) {
        quoted ^= text_unit(s, end) == '"';
        if (!quoted && (text_unit(s, end) == ',' || text_unit(s, end) == ' '))
            break;
    }
    struct text path = command_unquoted(a->c, text_sub(s, 0, end));
    struct text rest = text_sub(s, end + 1, s.n);
    for (rest = command_trim(rest); text_unit(rest, 0) == ',';)
        rest = command_trim(text_sub(rest, 1, rest.n));
    uint32_t name = 0;
    while (name < rest.n && text_unit(rest, name) != ' ' && text_unit(rest, name) != ',')
        name++;
    if (starts(path, "javascript:"))
        hand_on(a->c, "jscript", text_sub(s, 11, s.n), "rundll32");
    struct unmask_argument said[] = { { "path", path }, { "function", text_sub(rest, 0, name) } };
    say2(a->c, EFFECT_LOAD, a->name, said, 2);
}

static void do_msiexec(const struct call *a)
{
    for (uint32_t i = 1; i < a->n; i++) {
        struct text s = a->words[i];
        if (starts(s, "/i") && s.n > 2)
            s = text_sub(s, 2, s.n);
        if (is_url(s))
            download(a, s, (struct text){ 0 });
    }
}

/* --- fetching */

static void do_curl(const struct call *a)
{
    struct text url = { 0 }, path = { 0 };
    for (uint32_t i = 1; i < a->n; i++) {
        struct text s = a->words[i];
        bool dash = text_unit(s, 0) == '-';
        if (dash && text_unit(s, 1) == '-') {
            if (text_is_nocase(s, "--output") || text_is_nocase(s, "--output-document"))
                path = word(a, ++i);
            else if (text_is_nocase(s, "--url"))
                url = word(a, ++i);
            else if (text_is_nocase(s, "--user-agent") || text_is_nocase(s, "--header") || text_is_nocase(s, "--data"))
                i++;
        } else if (dash) {
            uint16_t last = text_unit(s, s.n - 1);
            if (last == 'o' || (last == 'O' && slice_is(slice_of(a->name), "wget")))
                path = word(a, ++i);
            else if (last == 'A' || last == 'H' || last == 'd' || last == 'u' || last == 'x' || last == 'X' || last == 'e' || last == 'm')
                i++;
        } else if (url.n == 0) {
            url = s;
        }
    }
    if (url.n)
        download(a, url, path);
}

static void do_certutil(const struct call *a)
{
    struct text plain[3] = { { 0 } };
    bool fetch = false, decode = false;
    uint32_t n = 0;
    for (uint32_t i = 1; i < a->n; i++) {
        struct text s = a->words[i];
        fetch = fetch || is_switch(s, "urlcache") || is_switch(s, "verifyctl") || is_switch(s, "url");
        decode = decode || is_switch(s, "decode") || is_switch(s, "decodehex");
        if (text_unit(s, 0) != '-' && text_unit(s, 0) != '/' && n < 3)
            plain[n++] = s;
    }
    if (fetch && n)
        download(a, plain[0], plain[1]);
    if (decode && n > 1)
        command_write(a->c, plain[1], command_unknown(a->c, "certutil -decode"), false);
}

static void do_bitsadmin(const struct call *a)
{
    for (uint32_t i = 1; i < a->n; i++)
        if (is_url(a->words[i])) {
            download(a, a->words[i], word(a, i + 1));
            i++;
        }
}

/* --- what starts other things */

static void run_rest(const struct call *a, struct text line)
{
    a->c->said = false;
    command_direct(a->c, line);
}

/* Quotes go; \" stays as it is, for the program that is started. */
static struct text unquoted_of_wmic(struct command *c, struct text s)
{
    struct text all = { 0 };
    uint32_t from = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        if (text_unit(s, i) == '\\' && text_unit(s, i + 1) == '"') {
            i++;
        } else if (text_unit(s, i) == '"') {
            all = text_join(c->t, all, text_sub(s, from, i - from));
            from = i + 1;
        }
    }
    return from ? text_join(c->t, all, text_sub(s, from, s.n)) : s;
}

static void do_wmic(const struct call *a)
{
    for (uint32_t i = 1; i < a->n; i++) {
        if (text_is_nocase(a->words[i], "create")) {
            run_rest(a, unquoted_of_wmic(a->c, rest_of(a, i + 1)));
            return;
        }
        if (starts(a->words[i], "/format:") && is_url(text_sub(a->words[i], 8, a->words[i].n)))
            download(a, text_sub(a->words[i], 8, a->words[i].n), (struct text){ 0 });
    }
    command_say(a->c, EFFECT_QUERY, a->name, "query", rest_of(a, 1));
}

static void do_forfiles(const struct call *a)
{
    for (uint32_t i = 1; i + 1 < a->n; i++)
        if (is_switch(a->words[i], "c"))
            run_rest(a, a->words[i + 1]);
}

static void do_pcalua(const struct call *a)
{
    for (uint32_t i = 1; i + 1 < a->n; i++)
        if (is_switch(a->words[i], "a"))
            run_rest(a, a->words[i + 1]);
}

static void do_conhost(const struct call *a)
{
    uint32_t i = 1;
    while (i < a->n && starts(a->words[i], "--"))
        i++;
    run_rest(a, rest_of(a, i));
}

/* --- staying */

static struct text after(const struct call *a, const char *name)
{
    for (uint32_t i = 1; i + 1 < a->n; i++)
        if (is_switch(a->words[i], name))
            return a->words[i + 1];
    return (struct text){ 0 };
}

static void do_schtasks(const struct call *a)
{
    bool makes = false;
    for (uint32_t i = 1; i < a->n; i++)
        makes = makes || is_switch(a->words[i], "create") || is_switch(a->words[i], "change");
    struct unmask_argument said[] = { { "name", after(a, "tn") }, { "command", after(a, "tr") } };
    if (!makes)
        return;
    say2(a->c, EFFECT_PERSIST, a->name, said, 2);
    if (said[1].value.n)
        hand_on(a->c, "command", said[1].value, "schtasks");
}

static void do_reg(const struct call *a)
{
    struct unmask_argument said[] = { { "name", word(a, 2) }, { "value", after(a, "d") } };
    if (text_is_nocase(word(a, 1), "add"))
        say2(a->c, EFFECT_PERSIST, a->name, said, 2);
    else if (text_is_nocase(word(a, 1), "query"))
        command_say(a->c, EFFECT_QUERY, a->name, "query", word(a, 2));
}

static void do_sc(const struct call *a)
{
    for (uint32_t i = 1; i + 1 < a->n; i++)
        if (text_is_nocase(a->words[i], "create")) {
            struct unmask_argument said[] = { { "name", word(a, i + 1) }, { "command", { 0 } } };
            for (uint32_t k = i + 2; k + 1 < a->n; k++)
                if (text_is_nocase(a->words[k], "binpath="))
                    said[1].value = a->words[k + 1];
            say2(a->c, EFFECT_PERSIST, a->name, said, 2);
        }
}

/* --- the rest */

static void do_copy(const struct call *a)
{
    struct text from = { 0 }, to = { 0 };
    for (uint32_t i = 1; i < a->n; i++)
        if (text_unit(a->words[i], 0) != '/' || a->words[i].n > 4) {
            if (from.n && to.n == 0)
                to = a->words[i];
            else if (from.n == 0)
                from = a->words[i];
        }
    struct unmask_argument said[] = { { "path", to.n ? to : from }, { "value", to.n ? from : to } };
    say2(a->c, EFFECT_WRITE, a->name, said, 2);
}

static void do_delay(const struct call *a) { command_say(a->c, EFFECT_DELAY, a->name, "value", rest_of(a, 1)); }

static void do_message(const struct call *a)
{
    uint32_t i = 2;
    while (i < a->n && text_unit(a->words[i], 0) == '/')
        i++;
    command_say(a->c, EFFECT_MESSAGE, a->name, "text", command_unquoted(a->c, rest_of(a, i)));
}

static void do_query(const struct call *a) { command_say(a->c, EFFECT_QUERY, a->name, "query", command_trim(a->line)); }

static void do_load(const struct call *a)
{
    for (uint32_t i = a->n; i > 1; i--)
        if (text_unit(a->words[i - 1], 0) != '/' && text_unit(a->words[i - 1], 0) != '-') {
            command_say(a->c, EFFECT_LOAD, a->name, "path", a->words[i - 1]);
            return;
        }
}

static void do_find(const struct call *a)
{
    struct command *c = a->c;
    if (c->catching)
        c->output = text_join(c->t, c->output,
                              command_found(c, a->input, a->words + 1, a->n ? a->n - 1 : 0,
                                            slice_is(slice_of(a->name), "findstr")));
}

static void do_nothing(const struct call *a) { (void)a; }

static const struct program {
    const char *name;
    void (*does)(const struct call *a);
    bool quiet; /* that it runs says nothing */
} programs[] = {
    { "powershell", do_powershell, false },
    { "pwsh", do_powershell, false },
    { "mshta", do_mshta, false },
    { "wscript", do_script_host, false },
    { "cscript", do_script_host, false },
    { "regsvr32", do_regsvr32, false },
    { "rundll32", do_rundll32, false },
    { "msiexec", do_msiexec, false },
    { "curl", do_curl, false },
    { "wget", do_curl, false },
    { "certutil", do_certutil, false },
    { "bitsadmin", do_bitsadmin, false },
    { "wmic", do_wmic, false },
    { "forfiles", do_forfiles, false },
    { "pcalua", do_pcalua, false },
    { "conhost", do_conhost, false },
    { "schtasks", do_schtasks, true },
    { "reg", do_reg, true },
    { "sc", do_sc, true },
    { "copy", do_copy, true },
    { "move", do_copy, true },
    { "xcopy", do_copy, true },
    { "ren", do_copy, true },
    { "rename", do_copy, true },
    { "ping", do_delay, true },
    { "timeout", do_delay, true },
    { "choice", do_delay, true },
    { "waitfor", do_delay, true },
    { "msg", do_message, true },
    { "net", do_query, true },
    { "whoami", do_query, true },
    { "nltest", do_query, true },
    { "systeminfo", do_query, true },
    { "ipconfig", do_query, true },
    { "tasklist", do_query, true },
    { "ver", do_query, true },
    { "findstr", do_find, true },
    { "find", do_find, true },
    { "more", do_nothing, true },
    { "attrib", do_nothing, true },
    { "del", do_nothing, true },
    { "erase", do_nothing, true },
    { "installutil", do_load, false },
    { "msbuild", do_load, false },
    { "cmstp", do_load, false },
    { "odbcconf", do_load, false },
    { "control", do_load, false },
    { "regasm", do_load, false },
    { "regsvcs", do_load, false },
};

/* The file's name without path, blanks, dots and extension. */
static struct text program_name(struct text s)
{
    s = base_of(command_trim(s));
    static const char *const ends[] = { ".exe", ".com", "." };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (ends_with(s, ends[i]))
            s = text_sub(s, 0, s.n - strlen(ends[i]));
    return s;
}

void command_program(struct command *c, struct text line, struct text input)
{
    if (!command_spend(c, 2 * (uint64_t)line.n))
        return;
    struct call *a = ARENA_NEW(c->t->mem, struct call);
    if (!a)
        return;
    *a = (struct call){ .c = c, .line = line, .input = input };
    a->n = command_words(c, line, a->words, a->ends);
    struct text name = program_name(word(a, 0));
    const struct program *known = NULL;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (text_is_nocase(name, programs[i].name))
            known = &programs[i];
    bool said = c->said;
    c->said = false;
    if (a->n && !said && !(known && known->quiet))
        command_say(c, EFFECT_RUN, "CreateProcess", "command", line);
    if (known) {
        a->name = known->name;
        known->does(a);
        return;
    }
    a->name = "CreateProcess";
    if (a->n)
        run_written(c, a->words[0], NULL);
}
