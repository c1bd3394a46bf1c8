/* SPDX-License-Identifier: Apache-2.0 */
/* YARA in the worker; see yara.h. The only file that includes libyara's header.
 *
 * Sources are compiled by the pool head, before any worker is forked: no
 * include is followed, and compiled rule files are never loaded (libyara
 * trusts them). The variables that public rule sets expect are defined. A part
 * is scanned as its stored extents, each a block at its offset. libyara counts
 * no steps, only seconds: its time limit is a backstop, and says so. */
#include "guard/yara.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <yara.h>

enum { SECONDS = 1, RULES_PER_PART = 100, WORK_PER_YARA_BYTE = 10, VARIABLE_MAX = 255 };

static const char *const variables[] = { "filename", "filepath", "extension", "filetype", "owner" };

struct yara {
    YR_SCANNER *scanner;
    struct walk *w; /* of the part that is being scanned */
    const struct body *body;
    size_t extent; /* the next block */
    unsigned found;
    YR_MEMORY_BLOCK block;
};

/* --- compiling */

struct compiling {
    int source;
    char text[512]; /* of the first error */
};

static void on_error(int level, const char *file, int line, const YR_RULE *rule,
                     const char *message, void *host)
{
    struct compiling *c = host;
    (void)file, (void)rule;
    char where[24] = "at its end";
    if (line > 0)
        (void)snprintf(where, sizeof where, "line %d", line);
    if (level == YARA_ERROR_LEVEL_ERROR && c->text[0] == 0)
        (void)snprintf(c->text, sizeof c->text, "YARA file %d, %s: %.400s", c->source + 1, where,
                       message);
}

static int compile(int first, unsigned n, YR_COMPILER *compiler, YR_RULES **rules_out,
                   struct err *err_out)
{
    struct compiling c = { 0 };
    yr_compiler_set_callback(compiler, on_error, &c);
    yr_compiler_set_include_callback(compiler, NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        if (yr_compiler_define_string_variable(compiler, variables[i], "") != ERROR_SUCCESS)
            return err_set(err_out, -ENOMEM, "YARA: out of memory");
    for (unsigned i = 0; i < n; i++) {
        char space[16]; /* rule names need be unique in one file only */
        (void)snprintf(space, sizeof space, "%u", i + 1);
        c.source = (int)i;
        if (yr_compiler_add_fd(compiler, first + (int)i, space, NULL) > 0)
            return err_set(err_out, -EINVAL, "%s",
                           c.text[0] ? c.text : "a YARA file does not compile");
    }
    if (yr_compiler_get_rules(compiler, rules_out) != ERROR_SUCCESS)
        return err_set(err_out, -ENOMEM, "YARA: out of memory");
    return 0;
}

/* --- scanning */

static struct range first_match(YR_SCAN_CONTEXT *context, YR_RULE *rule)
{
    YR_STRING *string;
    YR_MATCH *match;
    yr_rule_strings_foreach(rule, string)
    {
        yr_string_matches_foreach(context, string, match)
        {
            return range_of((uint64_t)(match->base + match->offset), (uint64_t)match->match_length);
        }
    }
    return NOWHERE;
}

static int on_match(YR_SCAN_CONTEXT *context, int message, void *data, void *host)
{
    struct yara *y = host;
    if (message != CALLBACK_MSG_RULE_MATCHING)
        return CALLBACK_CONTINUE;
    YR_RULE *rule = data;
    struct range at = first_match(context, rule);
    walk_cstr(y->w, FACT_YARA_RULE, rule->identifier, at);
    walk_cstr(y->w, FACT_YARA_NAMESPACE, rule->ns->name, at);
    const char *tag;
    yr_rule_tags_foreach(rule, tag)
    {
        walk_cstr(y->w, FACT_YARA_TAGS, tag, at);
    }
    return ++y->found < RULES_PER_PART ? CALLBACK_CONTINUE : CALLBACK_ABORT;
}

static const uint8_t *block_bytes(YR_MEMORY_BLOCK *block)
{
    const struct yara *y = block->context;
    return y->body->all.at + block->base;
}

static YR_MEMORY_BLOCK *next_block(YR_MEMORY_BLOCK_ITERATOR *blocks)
{
    struct yara *y = blocks->context;
    struct extent whole = { 0, y->body->all.len }, e;
    size_t n = y->body->stored ? y->body->n_stored : 1;
    blocks->last_error = ERROR_SUCCESS;
    if (y->extent >= n)
        return NULL;
    e = y->body->stored ? y->body->stored[y->extent] : whole;
    y->extent++;
    y->block = (YR_MEMORY_BLOCK){
        .base = e.at, .size = (size_t)e.len, .context = y, .fetch_data = block_bytes
    };
    return &y->block;
}

static YR_MEMORY_BLOCK *first_block(YR_MEMORY_BLOCK_ITERATOR *blocks)
{
    struct yara *y = blocks->context;
    y->extent = 0;
    return next_block(blocks);
}

static uint64_t whole_size(YR_MEMORY_BLOCK_ITERATOR *blocks)
{
    const struct yara *y = blocks->context;
    return y->body->all.len;
}

static void set(YR_SCANNER *scanner, const char *variable, slice value)
{
    char text[VARIABLE_MAX + 1];
    slice cut = utf8_cut(value, VARIABLE_MAX);
    (void)slice_copy_out(cut, (uint8_t *)text, VARIABLE_MAX);
    text[cut.len] = 0;
    (void)yr_scanner_define_string_variable(scanner, variable, text);
}

/* With its dot, as the public rules compare it. */
static slice extension_of(slice name)
{
    size_t at = name.len;
    while (at > 0 && name.at[at - 1] != '.' && name.at[at - 1] != '/')
        at--;
    return at > 0 && name.at[at - 1] == '.' ? slice_from(name, at - 1) : (slice){ 0 };
}

static uint64_t stored_bytes(const struct body *body)
{
    uint64_t n = body->stored ? 0 : body->all.len;
    for (size_t i = 0; body->stored && i < body->n_stored; i++)
        n += body->stored[i].len;
    return n;
}

static void scan(void *host, struct walk *w, const struct body *body)
{
    struct yara *y = host;
    if (body->all.len == 0 || !walk_work(w, stored_bytes(body) * WORK_PER_YARA_BYTE))
        return;
    y->w = w;
    y->body = body;
    y->found = 0;
    set(y->scanner, "filename", w->name);
    set(y->scanner, "extension", extension_of(w->name));
    set(y->scanner, "filetype", w->type);
    YR_MEMORY_BLOCK_ITERATOR blocks = { .context = y,
                                        .first = first_block,
                                        .next = next_block,
                                        .file_size = whole_size,
                                        .last_error = ERROR_SUCCESS };
    int rc = yr_scanner_scan_mem_blocks(y->scanner, &blocks);
    if (rc == ERROR_SCAN_TIMEOUT)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_YARA_TIME, (slice){ 0 });
    else if (rc != ERROR_SUCCESS)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_YARA, (slice){ 0 });
    set(y->scanner, "filename", (slice){ 0 });
    y->w = NULL;
    y->body = NULL;
}

int yara_open(int first, unsigned n, struct engine *engine, struct err *err_out)
{
    static struct yara y; /* made once, by the head */
    YR_COMPILER *compiler = NULL;
    YR_RULES *rules = NULL;
    if (yr_initialize() != ERROR_SUCCESS || yr_compiler_create(&compiler) != ERROR_SUCCESS)
        return err_set(err_out, -ENOMEM, "YARA: out of memory");
    int rc = compile(first, n, compiler, &rules, err_out);
    yr_compiler_destroy(compiler);
    if (rc == 0 && yr_scanner_create(rules, &y.scanner) != ERROR_SUCCESS)
        rc = err_set(err_out, -ENOMEM, "YARA: out of memory");
    if (rc)
        return rc;
    yr_scanner_set_callback(y.scanner, on_match, &y);
    yr_scanner_set_timeout(y.scanner, SECONDS);
    /* The process has its own fault handler (worker_crash.c). */
    yr_scanner_set_flags(y.scanner, SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_FAST_MODE);
    const struct engine_bytes_scanner scanner = { &y, scan };
    engine_set_bytes_scanner(engine, &scanner);
    return 0;
}
