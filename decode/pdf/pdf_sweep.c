/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the text of an object, at any nesting, that sets aside the dictionaries which
 * somebody has to look at: actions, pages, embedded files, forms. Nothing here asks whether
 * anything refers to them: viewers find more ways into a file than its page tree. */
#include "decode/pdf/pdf_private.h"
#include "base/text.h"

enum { WORK_PER_BYTE = 5, NO_KEY = -1, OTHER_KEY = -2 };

struct frame {
    uint64_t depth; /* that this place of the ring is used for now */
    uint64_t has[2];
    slice from;         /* where it begins, empty */
    slice type, action; /* values of /Type and /S, undecoded */
    unsigned arrays;    /* open inside it */
    int pending;        /* key whose value comes next */
};

struct sweep {
    struct pdf *p;
    uint32_t owner;
    uint64_t depth;
    unsigned arrays; /* open outside of any dictionary */
    struct frame ring[PDF_NEST_MAX];
};

void pdf_put_aside(struct pdf *p, enum pdf_class class, slice raw, uint32_t owner)
{
    struct pdf_list *l = &p->found[class];
    if (l->n == l->room) {
        size_t room = l->room ? 2 * l->room : 64;
        void *more = room <= PDF_FOUND_MAX
                         ? arena_regrow(p->w->mem, l->at, l->n * sizeof *l->at, room, sizeof *l->at)
                         : NULL;
        if (!more) {
            p->limit = true;
            return;
        }
        l->at = more;
        l->room = room;
    }
    l->at[l->n++] = (struct pdf_found){ raw, owner };
}

static bool has(const struct frame *f, enum pdf_key k)
{
    return f->has[k / 64] >> k % 64 & 1;
}

static bool type_is(const struct frame *f, const char *name)
{
    return pdf_is_name(&(struct pdf_value){ .kind = PDF_IS_NAME, .raw = f->type }, name);
}

/* Tables 198 and others; a dictionary with /S may be much else. */
static bool is_action(const struct frame *f)
{
    static const char *const names[] = { "URI",        "JavaScript", "Launch",
                                         "GoToR",      "GoToE",      "SubmitForm",
                                         "ImportData", "Rendition",  "RichMediaExecute",
                                         "Movie" };
    if (has(f, PDF_JS) || has(f, PDF_URI))
        return true;
    if (has(f, PDF_S))
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (pdf_is_name(&(struct pdf_value){ .kind = PDF_IS_NAME, .raw = f->action }, names[i]))
                return true;
    return false;
}

static void classify(struct sweep *s, const struct frame *f, slice raw)
{
    struct pdf *p = s->p;
    if (is_action(f))
        pdf_put_aside(p, PDF_FOUND_ACTION, raw, s->owner);
    if (has(f, PDF_OpenAction) || has(f, PDF_AA) || has(f, PDF_JavaScript))
        pdf_put_aside(p, PDF_FOUND_AUTO, raw, s->owner);
    if (has(f, PDF_EF))
        pdf_put_aside(p, PDF_FOUND_FILE, raw, s->owner);
    if (has(f, PDF_XFA))
        pdf_put_aside(p, PDF_FOUND_FORM, raw, s->owner);
    if (s->depth == 0 && (type_is(f, "Page") ||
                          (has(f, PDF_Contents) &&
                           (has(f, PDF_MediaBox) || has(f, PDF_Parent) || has(f, PDF_Resources)))))
        pdf_put_aside(p, PDF_FOUND_PAGE, raw, s->owner);
    /* Not all viewers ask for the type. */
    if (s->depth == 0 && has(f, PDF_First) && has(f, PDF_N) &&
        (f->type.len == 0 || type_is(f, "ObjStm")))
        pdf_put_aside(p, PDF_FOUND_PACK, raw, s->owner);
    if (s->depth == 0 && has(f, PDF_Root) && (has(f, PDF_Size) || has(f, PDF_Encrypt)))
        pdf_put_aside(p, PDF_FOUND_TRAILER, raw, s->owner);
}

static struct frame *top(struct sweep *s)
{
    struct frame *f = s->depth ? &s->ring[(s->depth - 1) % PDF_NEST_MAX] : NULL;
    return f && f->depth == s->depth ? f : NULL;
}

static void open_dict(struct sweep *s, slice from)
{
    struct frame *f = top(s);
    if (f)
        f->pending = NO_KEY;
    s->depth++;
    s->ring[(s->depth - 1) % PDF_NEST_MAX] =
        (struct frame){ .depth = s->depth, .from = from, .pending = NO_KEY };
}

static void close_dict(struct sweep *s, const uint8_t *end)
{
    struct frame *f = top(s);
    if (s->depth)
        s->depth--;
    if (f)
        classify(s, f, (slice){ f->from.at, (size_t)(end - f->from.at) });
}

/* Only names that do something are worth hiding. */
static bool hidden_name(const struct pdf_value *v)
{
    static const char *const names[] = { "JavaScript", "Launch",     "URI",        "GoToE",
                                         "GoToR",      "SubmitForm", "ImportData", "EmbeddedFile",
                                         "Filespec",   "RichMedia" };
    if (slice_find_byte(v->raw, '#', 0) == SIZE_MAX)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (pdf_is_name(v, names[i]))
            return true;
    return false;
}

static void take_name(struct sweep *s, const struct pdf_value *v)
{
    struct frame *f = top(s);
    struct pdf *p = s->p;
    bool escaped = false;
    if (f && f->arrays == 0 && f->pending == NO_KEY) {
        int key = pdf_key_of(v->raw, &escaped);
        f->pending = key < 0 ? OTHER_KEY : key;
        if (key >= 0)
            f->has[key / 64] |= UINT64_C(1) << key % 64;
    } else {
        if (f && f->pending == PDF_Type && f->arrays == 0)
            f->type = v->raw;
        if (f && f->pending == PDF_S && f->arrays == 0)
            f->action = v->raw;
        if (f && f->arrays == 0)
            f->pending = NO_KEY;
        escaped = hidden_name(v);
    }
    if (escaped && !p->escaped) {
        uint8_t room[PDF_NAME_MAX];
        p->escaped = true;
        walk_text(p->w, FACT_PDF_NAME_ESCAPED, pdf_name(v->raw, room), pdf_range(p, v->raw));
    }
}

static void take_array(struct sweep *s, bool open)
{
    struct frame *f = top(s);
    unsigned *arrays = f ? &f->arrays : &s->arrays;
    if (f)
        f->pending = NO_KEY;
    if (open)
        ++*arrays;
    else if (*arrays)
        --*arrays;
}

static bool ends_object(const struct pdf_value *v)
{
    static const char *const words[] = { "endobj",  "stream",    "obj",      "xref",
                                         "trailer", "startxref", "endstream" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is(v->raw, words[i]))
            return true;
    /* "endobj7 0 obj", "endobj%..." and the like */
    return slice_starts(v->raw, SLICE_LIT("endobj"));
}

static void take(struct sweep *s, const struct pdf_value *v)
{
    struct frame *f;
    switch (v->kind) {
    case PDF_IS_DICT:
        open_dict(s, v->raw);
        break;
    case PDF_IS_ARRAY:
        take_array(s, true);
        break;
    case PDF_IS_CLOSE:
        if (v->raw.at[0] == '>')
            close_dict(s, v->raw.at);
        else
            take_array(s, false);
        break;
    case PDF_IS_NAME:
        take_name(s, v);
        break;
    default:
        f = top(s);
        if (f && f->arrays == 0)
            f->pending = NO_KEY;
    }
}

size_t pdf_sweep(struct pdf *p, uint32_t object)
{
    struct pdf_object *o = &p->objects[object];
    struct sweep s = { .p = p, .owner = object };
    struct pdf_lexer l = { .in = o->text, .owner = object };
    struct pdf_value v = { 0 };
    size_t paid = 0;
    while (pdf_next(&l, true, &v)) {
        if (l.pos - paid >= 4096) {
            if (!walk_work(p->w, (l.pos - paid) * WORK_PER_BYTE))
                break;
            paid = l.pos;
        }
        if (v.kind == PDF_IS_WORD && ends_object(&v)) {
            o->stream = slice_is(v.raw, "stream");
            o->text.len = l.pos - v.raw.len;
            break;
        }
        take(&s, &v);
        if (o->packed && s.depth == 0 && s.arrays == 0)
            break;
    }
    (void)walk_work(p->w, (l.pos - paid) * WORK_PER_BYTE + WORK_PER_ENTRY);
    if (o->text.len > l.pos)
        o->text.len = l.pos;
    while (s.depth && l.pos) /* never closed: what was seen of them counts */
        close_dict(&s, o->text.at + o->text.len);
    return l.pos;
}
