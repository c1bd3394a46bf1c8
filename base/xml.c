/* SPDX-License-Identifier: Apache-2.0 */
/* XML 1.0 through expat until its first fault, then a lenient tag scanner; see xml.h.
 *
 * What Office writes is read by xml_plain.c as far as that goes, mostly to the end; expat then
 * reads from the start, for it cannot do otherwise, and what was told before is not told again.
 *
 * Office repairs damaged parts, so a fault must not hide what stands behind it. The scanner knows
 * tags, attributes (quoted or not), comments, CDATA, the five entities and numeric ones; it does
 * not know nesting: its closes may be without opens. No external entity is loaded and no parameter
 * entity read; expat's own limits hold against internal ones.
 *
 * The document is fed in growing pieces: a piece that ends inside a token would otherwise be read
 * again and again, with a cost of length times length (CVE-2023-52425).
 */
#include "base/xml.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xml_plain.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>

enum {
    PIECE = 64 << 10,
    PIECE_MAX = INT_MAX / 2,
    WORK_PER_BYTE = 4, /* tokenising and the callbacks */
};

struct reader {
    const struct xml_handler *handler;
    struct arena *mem;
    XML_Parser parser;
    struct xml_attribute *attributes; /* reused from tag to tag */
    size_t room;
    unsigned depth;
    size_t told;  /* what begins in front of this was told by xml_plain_read() */
    size_t heard; /* where the last event ended */
    bool stopped; /* a limit: no callback any more */
};

slice xml_local(slice name)
{
    const void *colon = name.len ? memrchr(name.at, ':', name.len) : NULL;
    return colon ? slice_from(name, (size_t)((const uint8_t *)colon - name.at) + 1) : name;
}

slice xml_get(const struct xml_attribute *attributes, size_t n, const char *local)
{
    for (size_t i = 0; i < n; i++)
        if (slice_is(xml_local(attributes[i].name), local))
            return attributes[i].value;
    return (slice){ 0 };
}

static bool attribute_put(struct reader *r, size_t n, slice name, slice value)
{
    if (n == r->room) {
        size_t room = r->room ? r->room * 2 : 32;
        struct xml_attribute *a = ARENA_ARRAY(r->mem, struct xml_attribute, room);
        if (!a)
            return false;
        if (n)
            memcpy(a, r->attributes, n * sizeof *a);
        r->attributes = a;
        r->room = room;
    }
    r->attributes[n] = (struct xml_attribute){ name, value };
    return true;
}

/* ---- expat ---- */

/* Whose arena pays for what expat allocates; its allocator has no other way to know. A handler may
 * itself read a document: every reader restores what it found. */
static _Thread_local struct arena *payer;

struct counted {
    struct arena *payer;
    size_t size;
};

static void *counted_new(size_t n)
{
    if (n > SIZE_MAX - sizeof(struct counted) || !arena_charge(payer, n + sizeof(struct counted)))
        return NULL;
    struct counted *c = malloc(sizeof *c + n);
    if (!c) {
        arena_refund(payer, n + sizeof *c);
        return NULL;
    }
    *c = (struct counted){ payer, n };
    return c + 1;
}

static void counted_drop(void *p)
{
    if (!p)
        return;
    struct counted *c = (struct counted *)p - 1;
    arena_refund(c->payer, c->size + sizeof *c);
    free(c);
}

static void *counted_resize(void *p, size_t n)
{
    if (!p)
        return counted_new(n);
    struct counted *c = (struct counted *)p - 1;
    struct arena *mem = c->payer;
    size_t old = c->size;
    if (n > SIZE_MAX - sizeof *c || (n > old && !arena_charge(mem, n - old)))
        return NULL;
    struct counted *moved = realloc(c, sizeof *c + n);
    if (!moved) {
        if (n > old)
            arena_refund(mem, n - old);
        return NULL;
    }
    if (n < old)
        arena_refund(mem, old - n);
    moved->size = n;
    return moved + 1;
}

static void stop(struct reader *r)
{
    r->stopped = true;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static size_t where(const struct reader *r)
{
    XML_Index at = XML_GetCurrentByteIndex(r->parser);
    return at < 0 ? 0 : (size_t)at;
}

static void hear(struct reader *r)
{
    int n = XML_GetCurrentByteCount(r->parser);
    r->heard = where(r) + (n > 0 ? (size_t)n : 0);
}

static void XMLCALL on_open(void *user, const XML_Char *name, const XML_Char **pairs)
{
    struct reader *r = user;
    size_t n = 0;
    if (r->stopped)
        return;
    if (++r->depth > XML_DEPTH_MAX) {
        stop(r);
        return;
    }
    hear(r);
    if (where(r) < r->told || !r->handler->open)
        return;
    for (; pairs[0]; pairs += 2, n++) {
        if (!attribute_put(r, n, slice_of(pairs[0]), slice_of(pairs[1]))) {
            stop(r);
            return;
        }
    }
    r->handler->open(r->handler->host, slice_of(name), r->attributes, n, where(r));
    payer = r->mem;
}

static void XMLCALL on_close(void *user, const XML_Char *name)
{
    struct reader *r = user;
    if (r->stopped)
        return;
    r->depth--;
    hear(r);
    /* That of an empty element lies behind it and has no bytes. */
    bool told = where(r) < r->told || (where(r) == r->told && r->heard == r->told && r->told);
    if (!told && r->handler->close)
        r->handler->close(r->handler->host, slice_of(name), where(r));
    payer = r->mem;
}

static void XMLCALL on_text(void *user, const XML_Char *text, int len)
{
    struct reader *r = user;
    if (r->stopped || len <= 0)
        return;
    hear(r);
    slice s = { (const uint8_t *)text, (size_t)len };
    if (where(r) >= r->told && r->handler->text)
        r->handler->text(r->handler->host, s, where(r));
    payer = r->mem;
}

/* Nothing to report, but what is in them must not be taken for tags afterwards. */
static void XMLCALL on_comment(void *user, const XML_Char *text)
{
    (void)text;
    hear(user);
}

static void XMLCALL on_instruction(void *user, const XML_Char *target, const XML_Char *text)
{
    (void)target;
    (void)text;
    hear(user);
}

/* Feeds the document; *stop_at_out is where expat gave up. */
static enum xml_end feed(struct reader *r, slice document, struct budget *budget,
                         size_t *stop_at_out)
{
    size_t fed = 0, piece = PIECE;
    do {
        size_t n = document.len - fed < piece ? document.len - fed : piece;
        if (!budget_spend(budget, BUDGET_WORK, n * WORK_PER_BYTE))
            return XML_LIMIT;
        const char *at = n ? (const char *)document.at + fed : "";
        fed += n;
        if (XML_Parse(r->parser, at, (int)n, fed == document.len) != XML_STATUS_OK) {
            *stop_at_out = where(r);
            bool memory = XML_GetErrorCode(r->parser) == XML_ERROR_NO_MEMORY;
            return r->stopped || memory ? XML_LIMIT : XML_FAULTY;
        }
        bool inside_token = fed - where(r) > n;
        piece = !inside_token ? PIECE : piece < PIECE_MAX / 2 ? piece * 2 : piece;
    } while (fed < document.len);
    return XML_WHOLE;
}

static enum xml_end read_strict(struct reader *r, slice document, struct budget *budget,
                                size_t *stop_at_out)
{
    static const XML_Memory_Handling_Suite counted = { counted_new, counted_resize, counted_drop };
    r->parser = XML_ParserCreate_MM(NULL, &counted, NULL);
    if (!r->parser)
        return XML_LIMIT;
    /* A salt of ours, for expat would open files to find one; an address is not for a sender to
     * know. Nothing that is reported depends on it. */
    unsigned long salt = (unsigned long)(uintptr_t)r->parser * 0x9e3779b1ul;
    XML_SetHashSalt(r->parser, salt ? salt : 1);
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_open, on_close);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetCommentHandler(r->parser, on_comment);
    XML_SetProcessingInstructionHandler(r->parser, on_instruction);
    enum xml_end end = feed(r, document, budget, stop_at_out);
    XML_ParserFree(r->parser);
    r->parser = NULL;
    return end;
}

/* ---- the lenient scanner ---- */

/* The code point of "#38", "#x26", "amp" ...; 0 when it is none. */
static uint32_t entity(slice name)
{
    static const struct {
        const char *name;
        uint32_t code;
    } known[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_is(name, known[i].name))
            return known[i].code;
    if (name.len < 2 || name.at[0] != '#')
        return 0;
    bool hex = name.at[1] == 'x' || name.at[1] == 'X';
    uint32_t v = 0;
    size_t i = hex ? 2 : 1;
    if (i == name.len)
        return 0;
    for (; i < name.len; i++) {
        int digit = ascii_hex(name.at[i]);
        if (digit < 0 || (!hex && digit > 9))
            return 0;
        v = v * (hex ? 16 : 10) + (uint32_t)digit;
        if (v > 0x10ffff)
            return 0xfffd;
    }
    return v;
}

static slice clean(struct reader *r, slice s)
{
    slice out = utf8_clean(r->mem, s);
    if (s.len && !out.len)
        r->stopped = true;
    return out;
}

/* Text with its entities replaced and its faults cleaned; the same bytes when there are none. */
static slice decode_text(struct reader *r, slice s)
{
    enum { NAME_MAX_BYTES = 16 };
    s = clean(r, s);
    if (slice_find_byte(s, '&', 0) == SIZE_MAX)
        return s;
    uint8_t *out = arena_get(r->mem, s.len, 1);
    size_t n = 0;
    if (!out) {
        r->stopped = true;
        return (slice){ 0 };
    }
    for (size_t i = 0; i < s.len;) {
        if (s.at[i] == '&') {
            slice name = slice_sub(s, i + 1, NAME_MAX_BYTES);
            size_t len = slice_find_byte(name, ';', 0);
            uint32_t code = len == SIZE_MAX ? 0 : entity(slice_sub(name, 0, len));
            if (code) { /* never longer than what it was written as: "&#N;" */
                n += utf8_put(out + n, code);
                i += len + 2;
                continue;
            }
        }
        out[n++] = s.at[i++];
    }
    return (slice){ out, n };
}

static bool name_start(uint8_t c)
{
    return ascii_alpha(c) || c >= 0x80 || c == ':' || c == '_';
}

static bool name_byte(uint8_t c)
{
    return ascii_alnum(c) || c >= 0x80 || c == ':' || c == '_' || c == '-' || c == '.';
}

static slice take_name(slice s, size_t *pos)
{
    size_t from = *pos;
    while (*pos < s.len && name_byte(s.at[*pos]))
        (*pos)++;
    return slice_sub(s, from, *pos - from);
}

static void skip_space(slice s, size_t *pos)
{
    while (*pos < s.len && ascii_space(s.at[*pos]))
        (*pos)++;
}

static slice take_value(slice s, size_t *pos)
{
    size_t from = *pos, end;
    uint8_t quote = from < s.len ? s.at[from] : 0;
    if (quote == '"' || quote == '\'') {
        end = slice_find_byte(s, quote, from + 1);
        if (end != SIZE_MAX) {
            *pos = end + 1;
            return slice_sub(s, from + 1, end - from - 1);
        }
        from++; /* never closed: up to the end of the tag */
    }
    for (end = from; end < s.len && !ascii_space(s.at[end]) && s.at[end] != '>'; end++)
        ;
    *pos = end;
    return slice_sub(s, from, end - from);
}

/* Attributes up to and with the '>'; returns their number. *empty_out: the tag closes itself. */
static size_t take_attributes(struct reader *r, slice s, size_t *pos, bool *empty_out)
{
    size_t n = 0;
    *empty_out = false;
    while (*pos < s.len && !r->stopped) {
        skip_space(s, pos);
        if (*pos == s.len)
            break;
        if (s.at[*pos] == '>') {
            (*pos)++;
            break;
        }
        if (s.at[*pos] == '<') /* the next tag: this one was never closed */
            break;
        *empty_out = s.at[*pos] == '/';
        slice name = take_name(s, pos), value = { 0 };
        if (name.len == 0) {
            (*pos)++;
            continue;
        }
        skip_space(s, pos);
        if (*pos < s.len && s.at[*pos] == '=') {
            (*pos)++;
            skip_space(s, pos);
            value = take_value(s, pos);
        }
        if (attribute_put(r, n, clean(r, name), decode_text(r, value)))
            n++;
        else
            r->stopped = true;
    }
    return n;
}

/* A tag with a name, from behind its '<' on. */
static void scan_tag(struct reader *r, slice s, size_t *pos, size_t at)
{
    const struct xml_handler *h = r->handler;
    bool closing = s.at[*pos] == '/', empty;
    *pos += closing;
    slice name = clean(r, take_name(s, pos));
    size_t n = take_attributes(r, s, pos, &empty);
    if (r->stopped)
        return;
    if (!closing && h->open)
        h->open(h->host, name, r->attributes, n, at);
    if ((closing || empty) && h->close)
        h->close(h->host, name, at);
}

static void scan_text(struct reader *r, slice text, bool raw, size_t at)
{
    if (text.len == 0 || !r->handler->text || r->stopped)
        return;
    text = raw ? clean(r, text) : decode_text(r, text);
    if (text.len)
        r->handler->text(r->handler->host, text, at);
}

/* Behind the first `end` at or after `from`; the end of the document when there is none. */
static size_t behind(slice s, size_t from, const char *end)
{
    size_t at = slice_find(s, slice_of(end), from);
    return at == SIZE_MAX ? s.len : at + strlen(end);
}

/* "<!-- -->", "<![CDATA[ ]]>", "<? ?>", "<! >" from its '<' on; returns where it ends. */
static size_t scan_markup(struct reader *r, slice s, size_t at, size_t base)
{
    slice rest = slice_from(s, at);
    if (slice_starts(rest, SLICE_LIT("<!--")))
        return behind(s, at + 4, "-->");
    if (slice_starts(rest, SLICE_LIT("<?")))
        return behind(s, at + 2, "?>");
    if (!slice_starts(rest, SLICE_LIT("<![CDATA[")))
        return behind(s, at + 2, ">");
    size_t from = at + 9, end = slice_find(s, SLICE_LIT("]]>"), from);
    slice inside = slice_sub(s, from, end == SIZE_MAX ? s.len : end - from);
    scan_text(r, inside, true, base + from);
    return end == SIZE_MAX ? s.len : end + 3;
}

/* Reads `s`, which begins at `base` of the document. */
static void scan(struct reader *r, slice s, size_t base)
{
    size_t text_from = 0;
    for (size_t i = 0; i < s.len && !r->stopped;) {
        size_t at = slice_find_byte(s, '<', i);
        if (at == SIZE_MAX || at + 1 == s.len)
            break;
        uint8_t c = s.at[at + 1], d = at + 2 < s.len ? s.at[at + 2] : 0;
        bool tag = c == '/' ? name_start(d) : name_start(c), markup = c == '!' || c == '?';
        if (!tag && !markup) { /* a '<' that is text */
            i = at + 1;
            continue;
        }
        scan_text(r, slice_sub(s, text_from, at - text_from), false, base + text_from);
        if (markup) {
            i = scan_markup(r, s, at, base);
        } else {
            i = at + 1;
            scan_tag(r, s, &i, base + at);
        }
        text_from = i;
    }
    scan_text(r, slice_from(s, text_from), false, base + text_from);
}

enum order { ORDER_BYTES, ORDER_LE, ORDER_BE };

static enum order order_of(slice document)
{
    if (slice_starts(document, SLICE_LIT("\xff\xfe")) || slice_starts(document, SLICE_LIT("<\0")))
        return ORDER_LE;
    if (slice_starts(document, SLICE_LIT("\xfe\xff")) || slice_starts(document, SLICE_LIT("\0<")))
        return ORDER_BE;
    return ORDER_BYTES;
}

/* expat may point into a tag (at the second of two equal attributes, behind the "</" of a wrong
 * close); such a tag was not reported, and is read again from its '<' on. */
static size_t tag_of_fault(slice document, enum order order, size_t heard, size_t fault)
{
    const char *lt = order == ORDER_LE ? "<" : order == ORDER_BE ? "\0<" : "<";
    size_t width = order == ORDER_BYTES ? 1 : 2;
    if (fault > document.len)
        fault = document.len;
    for (size_t at = fault; at > heard; at--) {
        size_t start = at - 1;
        if (start % width == 0 && document.len - start >= width &&
            memcmp(document.at + start, lt, width) == 0)
            return start;
    }
    return fault;
}

/* What is behind the fault as UTF-8; empty when that cannot be made. */
static slice rest_as_utf8(struct reader *r, slice document, enum order order, size_t from)
{
    slice rest = slice_from(document, from);
    if (order == ORDER_BYTES)
        return rest;
    if (from % 2)
        rest = slice_from(rest, 1);
    if (order == ORDER_BE) {
        uint8_t *swapped = arena_get(r->mem, rest.len, 1);
        if (!swapped) {
            r->stopped = true;
            return (slice){ 0 };
        }
        for (size_t i = 0; i + 1 < rest.len; i += 2) {
            swapped[i] = rest.at[i + 1];
            swapped[i + 1] = rest.at[i];
        }
        rest.at = swapped;
    }
    slice utf8 = utf8_from_utf16le(r->mem, rest);
    if (rest.len > 1 && !utf8.len)
        r->stopped = true;
    return utf8;
}

enum xml_end xml_read(slice document, const struct xml_handler *handler, struct arena *mem,
                      struct budget *budget)
{
    struct reader r = { .handler = handler, .mem = mem };
    uint64_t cost = (uint64_t)document.len * WORK_PER_BYTE;
    /* Short of work expat reads as far as that goes; out of memory nothing is read. */
    if (cost <= budget->left[BUDGET_WORK] && !arena_full(mem)) {
        (void)budget_spend(budget, BUDGET_WORK, cost);
        enum xml_plain_end plain = xml_plain_read(document, handler, mem, &r.told);
        if (plain != XML_PLAIN_STOPPED)
            return plain == XML_PLAIN_WHOLE ? XML_WHOLE : XML_LIMIT;
        budget_give_back(budget, BUDGET_WORK, cost);
    }
    struct arena *former = payer;
    size_t fault = 0;
    payer = mem;
    enum xml_end end = read_strict(&r, document, budget, &fault);
    payer = former;
    if (end != XML_FAULTY)
        return end;
    enum order order = order_of(document);
    fault = tag_of_fault(document, order, r.heard, fault);
    slice rest = rest_as_utf8(&r, document, order, fault);
    if (!budget_spend(budget, BUDGET_WORK, rest.len * WORK_PER_BYTE))
        return XML_LIMIT;
    scan(&r, rest, fault);
    return r.stopped ? XML_LIMIT : XML_FAULTY;
}
