/* SPDX-License-Identifier: Apache-2.0 */
/* script - scripts that Windows runs on a double click: JScript, VBScript, Windows Script Files
 * and components, PowerShell, command files, and the sections of .reg, .inf and .scf.
 *
 * The language is what the name says, since the name chooses the engine; without a name, what
 * the words say. Encoded scripts (script_encoder.c) and what a script carries (script_payload.c)
 * become children; rules and observers see the code without comments and padding
 * (script_squeeze.c). HTML applications are pages: decode/html.
 * Left out: what the code computes when it runs (observe/part/script_intent.c folds constants).
 */
#include "base/text.h"
#include "decode/page.h"
#include "decode/script/script_private.h"
#include "decode/types.h"

enum { SNIFF_BYTES = 8192, COMMENTS_FROM = 1024, PROGRAM_MAX = 4 << 20 };

/* What a name or a declared type says; `known` even where it says something else. */
static enum script_language by_name(slice name, slice declared, bool *known_out)
{
    const struct type_row *t = type_by_extension(type_extension_of(name));
    if (!t && !type_extension_of(name).len)
        t = type_by_media(declared);
    *known_out = t != NULL;
    return t ? script_language_by_type(slice_of(t->name)) : SCRIPT_NONE;
}

static bool is_encoded(slice head)
{
    return slice_starts(slice_trim(head), SLICE_LIT("#@~^")) && head.len > 12;
}

/* The engines run whatever bytes have the name, but a picture is no code in any case. */
static bool is_other_file(const struct body *body)
{
    size_t magic_len;
    return type_by_magic(body, &magic_len) != NULL;
}

static enum sniff script_sniff(const struct sniff_input *in)
{
    bool known;
    slice head = slice_sub(in->body->all, 0, SNIFF_BYTES);
    enum script_language language = by_name(in->name, in->declared, &known);
    if (head.len == 0)
        return SNIFF_NO;
    if (language != SCRIPT_NONE)
        return plain_sniff(in->body) || !is_other_file(in->body) ? SNIFF_STRONG : SNIFF_NO;
    if (is_encoded(head))
        return SNIFF_STRONG;
    if (known || in->mail_part || head.at[0] == '<' || !plain_sniff(in->body))
        return SNIFF_NO;
    language = script_language_by_words(head);
    return language != SCRIPT_NONE && language != SCRIPT_WSF ? SNIFF_STRONG : SNIFF_NO;
}

void script_child(struct walk *w, slice code, enum script_language language, struct range at)
{
    struct body b = body_borrow(code);
    struct child c = {
        .declared = script_language_media(language), .how = HOW_UNMASK, .at = at, .body = &b
    };
    (void)walk_child(w, &c);
}

static void see_encoded(struct walk *w, const struct plain *p, enum script_language language)
{
    struct script_decoded d = script_encoder_decode(w->mem, p->text);
    if (d.blocks == 0)
        return;
    struct range all = range_of(0, w->size);
    walk_cstr(w, FACT_SCRIPT_ENCODED, "script encoder", all);
    if (d.bad_sums || d.bad_sizes)
        walk_int(w, FACT_SCRIPT_ENCODED_DAMAGED,
                 d.bad_sums > d.bad_sizes ? d.bad_sums : d.bad_sizes, all);
    if (language == SCRIPT_NONE)
        language = script_language_by_words(d.text);
    script_child(w, d.text, language == SCRIPT_NONE ? SCRIPT_JSCRIPT : language, all);
}

/* Over the text budget the beginning. */
static void view(struct walk *w, slice code)
{
    uint64_t left = w->budget->left[BUDGET_TEXT];
    if (code.len > left) {
        w->budget->hit |= 1u << BUDGET_TEXT;
        code = utf8_cut(code, (size_t)left);
    }
    walk_view(w, FACT_SCRIPT_CODE, code, range_of(0, w->size));
}

static void see_code(struct walk *w, const struct plain *p, enum script_language language)
{
    struct buf out = buf_new(0);
    if (!walk_work(w, p->text.len * 3))
        return;
    struct script_squeezed q = script_squeeze(language, p->text, &out);
    walk_int(w, FACT_SCRIPT_LENGTH, (int64_t)q.code.len, NOWHERE);
    if (q.longest >= COMMENTS_FROM) {
        walk_int(w, FACT_SCRIPT_COMMENT_LONGEST, (int64_t)q.longest, NOWHERE);
        walk_int(w, FACT_SCRIPT_COMMENT_SHARE, (int64_t)(q.comments * 100 / p->text.len), NOWHERE);
    }
    if (q.padding >= COMMENTS_FROM)
        walk_int(w, FACT_SCRIPT_PADDING, (int64_t)q.padding, NOWHERE);
    if (q.cut)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_SCRIPT_SOURCE, (slice){ 0 });
    /* Whoever looks at the code may keep what it saw until the part ends. */
    view(w, q.code.at == p->text.at ? q.code : arena_copy(w->mem, q.code));
    buf_drop(&out);
}

/* As it stands, with its comments, so that places in it are places in the file. */
static void say_program(struct walk *w, const struct plain *p, enum script_language language)
{
    struct script_page program = { .w = w, .job = true, .read = true };
    struct range at = p->exact ? plain_range(p, 0, p->text.len) : range_of(0, w->size);
    struct page_script s = { .code = p->text, .language = PAGE_VBSCRIPT, .at = at, .line = 1, .exact = p->exact };
    if (language != SCRIPT_VBSCRIPT || p->text.len > PROGRAM_MAX)
        return;
    page_add(&program, &s);
    walk_page(w, &program);
}

static enum walk_end script_walk(struct walk *w, const struct body *body)
{
    bool known;
    struct plain p = plain_read(w, body, plain_charset(w->declared), true);
    enum script_language language = by_name(w->name, w->declared, &known);
    bool encoded = script_encoder_find(slice_sub(p.text, 0, 1 << 20), 0) != SIZE_MAX;
    if (language == SCRIPT_NONE && !encoded)
        language = script_language_by_words(p.text);
    if (language != SCRIPT_NONE) {
        walk_type(w, script_language_type(language));
        walk_cstr(w, FACT_SCRIPT_LANGUAGE, script_language_type(language), NOWHERE);
    }
    if (walk_over(w))
        return WALK_LIMIT;
    if (encoded && language != SCRIPT_WSF) {
        see_encoded(w, &p, language);
        return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
    }
    if (language == SCRIPT_WSF) {
        script_wsf(w, &p);
        return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
    }
    if (language == SCRIPT_SCF)
        script_sections(w, &p);
    script_payloads(w, &p, language);
    say_program(w, &p, language);
    see_code(w, &p, language);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_script = {
    .name = "script",
    .spec = "ECMA-262 3rd edition, VBScript and Windows Script Host reference",
    .sniff = script_sniff,
    .walk = script_walk,
};
