/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/zip/zip_test.h"

/* --- what a case expects */

enum want_kind { WANT_NONE, WANT_TEXT, WANT_NUMBER, WANT_ABSENT, WANT_PART, WANT_NO_PART, WANT_PARTS, WANT_UNREAD, WANT_READ, WANT_END };

struct want {
    enum want_kind kind;
    enum fact_id id;
    const char *text;
    slice bytes;
    int64_t n;
};

#define SAYS(fact, value) { WANT_TEXT, FACT_##fact, value, { 0 }, 0 }
#define COUNTS(fact, value) { WANT_NUMBER, FACT_##fact, NULL, { 0 }, value }
#define SILENT(fact) { WANT_ABSENT, FACT_##fact, NULL, { 0 }, 0 }
#define HOLDS(name, literal) { WANT_PART, 0, name, SLICE_INIT(literal), 0 }
#define HIDES(name) { WANT_NO_PART, 0, name, { 0 }, 0 }
#define PARTS(count) { WANT_PARTS, 0, NULL, { 0 }, count }
#define UNREAD(cause) { WANT_UNREAD, 0, NULL, { 0 }, UNREAD_##cause }
#define READ(cause) { WANT_READ, 0, NULL, { 0 }, UNREAD_##cause }
#define ENDS(end) { WANT_END, 0, NULL, { 0 }, WALK_##end }
#define T "An inert sample. It does nothing.\r\n"
#define O "Another inert sample, at example.invalid.\r\n"

static void check_want(const struct tally *t, const char *what, size_t i, const struct want *w)
{
    uint32_t part = w->text ? tally_part_named(t, w->text) : NO_ID;
    const struct fact *f = tally_fact(t, w->id);
    uint8_t digest[32];
    bool ok = true;
    switch (w->kind) {
    case WANT_TEXT:
        ok = tally_has(t, w->id, w->text);
        break;
    case WANT_NUMBER:
        ok = f && f->number == w->n;
        break;
    case WANT_ABSENT:
        ok = !f;
        break;
    case WANT_PART:
        sha256_of(w->bytes, digest);
        ok = false;
        for (uint32_t k = 0; k < t->r.n_parts; k++)
            ok = ok || (slice_is(t->r.parts[k].name, w->text) && memcmp(t->r.parts[k].sha256, digest, 32) == 0);
        break;
    case WANT_NO_PART:
        ok = part == NO_ID;
        break;
    case WANT_PARTS:
        ok = t->r.n_parts == (uint32_t)w->n + 1;
        break;
    case WANT_UNREAD:
        ok = tally_unread(t, (enum unread_cause)w->n);
        break;
    case WANT_READ:
        ok = !tally_unread(t, (enum unread_cause)w->n);
        break;
    case WANT_END:
        ok = t->r.parts[0].end == (enum walk_end)w->n;
        break;
    case WANT_NONE:
        break;
    }
    if (!ok)
        fail_msg("%s: expectation %zu (%s%s)", what, i, w->id ? fact_row(w->id)->name : "", w->text ? w->text : "");
}

/* --- archives */

static void plain(struct buf *b)
{
    ARCHIVE(b, file_of("a.txt", TEXT, 8), file_of("d/", (slice){ 0 }, 0), file_of("d/b.txt", OTHER, 0));
}

static void empty(struct buf *b) { put_end(b, 0, 0, 0, (slice){ 0 }); }

static slice descriptor_of(slice data, slice packed, bool sign, unsigned wide)
{
    struct buf d = buf_new(64);
    buf_put(&d, sign ? SLICE_LIT("PK\7\10") : (slice){ 0 });
    le(&d, crc32_of(0, data), 4);
    le(&d, packed.len, wide);
    le(&d, data.len, wide);
    slice s = keep(&d);
    buf_drop(&d);
    return s;
}

static struct file with_descriptor(const char *name, slice data, uint16_t method, bool sign, unsigned wide)
{
    struct file f = file_of(name, data, method);
    f.local.flags = f.central.flags = FLAG_DESCRIPTOR;
    f.local.crc = f.local.packed = f.local.size = 0;
    f.tail = descriptor_of(data, f.bytes, sign, wide);
    return f;
}

static void descriptors(struct buf *b)
{
    ARCHIVE(b, with_descriptor("a.txt", TEXT, 8, true, 4), with_descriptor("b.txt", OTHER, 0, false, 8));
}

static void descriptors_alone(struct buf *b)
{
    struct file f[] = { with_descriptor("a.txt", TEXT, 8, true, 4), with_descriptor("b.txt", OTHER, 0, false, 4),
                        with_descriptor("c.txt", TEXT, 0, true, 8), with_descriptor("e.txt", (slice){ 0 }, 0, true, 4) };
    for (size_t i = 0; i < 4; i++) {
        put_local(b, &f[i].local);
        buf_put(b, f[i].bytes);
        buf_put(b, f[i].tail);
    }
}

static void other_name(struct buf *b)
{
    struct file f = file_of("invoice.doc", TEXT, 0);
    f.local.name = SLICE_LIT("harmless.txt");
    ARCHIVE(b, f);
}

static void other_method(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    f.central.method = 0;
    ARCHIVE(b, f);
}

static void too_small_in_central(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    f.central.packed = f.central.size = 5;
    ARCHIVE(b, f);
}

static void zero_sizes(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    f.central.packed = f.central.size = f.local.packed = f.local.size = 0;
    ARCHIVE(b, f);
}

static void all_ones(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    f.central.packed = f.central.size = f.local.packed = f.local.size = UINT32_MAX;
    ARCHIVE(b, f);
}

static void wrong_crc(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8), g = file_of("b.txt", OTHER, 0);
    f.central.crc = f.local.crc = g.central.crc = g.local.crc = 7;
    ARCHIVE(b, f, g);
}

static void no_central(struct buf *b)
{
    struct file f = file_of("part/one.xml", TEXT, 8), g = file_of("b.txt", OTHER, 0);
    put_local(b, &f.local);
    buf_put(b, f.bytes);
    put_local(b, &g.local);
    buf_put(b, g.bytes);
}

static void hidden(struct buf *b)
{
    struct file f = file_of("hidden.txt", OTHER, 8);
    f.no_central = true;
    ARCHIVE(b, file_of("a.txt", TEXT, 8), f, file_of("c.txt", TEXT, 0));
}

static void no_local(struct buf *b)
{
    struct file f = file_of("ghost.txt", OTHER, 8);
    f.no_local = true;
    f.offset = 3;
    ARCHIVE(b, file_of("a.txt", TEXT, 8), f);
}

static void hidden_in_reach(struct buf *b)
{
    struct buf in = buf_new(4096);
    struct file inner = file_of("inner.txt", OTHER, 0);
    buf_put(&in, TEXT);
    put_local(&in, &inner.local);
    buf_put(&in, inner.bytes);
    struct file outer = file_of("outer.txt", keep(&in), 0);
    outer.local.packed = outer.local.size = (uint32_t)TEXT.len; /* a streaming reader meets the inner one */
    buf_drop(&in);
    ARCHIVE(b, outer);
}

static void stored_archive(struct buf *b)
{
    struct buf in = buf_new(4096);
    plain(&in);
    struct file f = file_of("inner.zip", keep(&in), 0);
    buf_drop(&in);
    ARCHIVE(b, f);
}

static void two(struct buf *b)
{
    ARCHIVE(b, file_of("first.txt", TEXT, 8));
    struct file f = file_of("second.txt", OTHER, 0);
    put_archive(b, &f, 1, b->len);
}

static void junk_before(struct buf *b)
{
    for (size_t i = 0; i < 300; i++)
        buf_byte(b, 'j');
    struct file f = file_of("a.txt", TEXT, 8);
    put_archive(b, &f, 1, 300); /* offsets not corrected */
}

static void junk_before_corrected(struct buf *b)
{
    for (size_t i = 0; i < 300; i++)
        buf_byte(b, 'j');
    struct file f = file_of("a.txt", TEXT, 8);
    put_archive(b, &f, 1, 0);
}

static void junk_behind(struct buf *b)
{
    plain(b);
    buf_text(b, "trailing bytes");
}

static void archive_in_comment(struct buf *b)
{
    struct buf in = buf_new(4096), dirs = buf_new(4096);
    plain(&in);
    struct file f = file_of("outer.txt", TEXT, 0);
    put_local(b, &f.local);
    buf_put(b, f.bytes);
    size_t from = b->len;
    put_central(b, &f.central, 0);
    put_end(b, 1, b->len - from, from, buf_slice(&in));
    buf_drop(&in);
    buf_drop(&dirs);
}

static void end_without_directory(struct buf *b)
{
    plain(b);
    put_end(b, 3, 10, 99, (slice){ 0 }); /* an end record that leads nowhere */
}

static void wrong_count(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8), g = file_of("b.txt", OTHER, 8);
    put_local(b, &f.local);
    buf_put(b, f.bytes);
    size_t second = b->len;
    put_local(b, &g.local);
    buf_put(b, g.bytes);
    size_t from = b->len;
    put_central(b, &f.central, 0);
    put_central(b, &g.central, second);
    put_end(b, 1, b->len - from, from, (slice){ 0 });
}

static void fake_flags(struct buf *b)
{
    struct file f = file_of("central.txt", TEXT, 8), g = file_of("both.txt", OTHER, 8), h = file_of("stored.txt", TEXT, 0);
    f.central.flags = g.central.flags = g.local.flags = h.central.flags = h.local.flags = FLAG_LOCKED;
    ARCHIVE(b, f, g, h);
}

static slice extra64(uint64_t size, uint64_t packed, uint64_t offset)
{
    struct buf x = buf_new(64);
    le(&x, 1, 2);
    le(&x, offset == UINT64_MAX ? 16 : 24, 2);
    le(&x, size, 8);
    le(&x, packed, 8);
    if (offset != UINT64_MAX)
        le(&x, offset, 8);
    slice s = keep(&x);
    buf_drop(&x);
    return s;
}

static void large(struct head *h, uint64_t offset)
{
    h->extra = extra64(h->size, h->packed, offset);
    h->size = h->packed = UINT32_MAX;
}

static void zip64_local(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    large(&f.local, UINT64_MAX);
    ARCHIVE(b, f);
}

static void zip64_central(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    large(&f.central, 0);
    f.offset = UINT32_MAX;
    ARCHIVE(b, f);
}

static void zip64_all(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    large(&f.central, 0);
    large(&f.local, UINT64_MAX);
    put_local(b, &f.local);
    buf_put(b, f.bytes);
    size_t from = b->len;
    put_central(b, &f.central, UINT32_MAX);
    size_t record = b->len;
    buf_put(b, SLICE_LIT("PK\6\6"));
    le(b, 44, 8);
    le(b, 45 | 45 << 16, 4);
    le(b, 0, 8);
    le(b, 1, 8);
    le(b, 1, 8);
    le(b, record - from, 8);
    le(b, from, 8);
    buf_put(b, SLICE_LIT("PK\6\7"));
    le(b, 0, 4);
    le(b, record, 8);
    le(b, 1, 4);
    put_end(b, 0xffff, UINT32_MAX, UINT32_MAX, (slice){ 0 });
}

static void zip64_missing(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    f.central.size = f.central.packed = UINT32_MAX; /* and no extra field: inflate must tell */
    f.local.size = f.local.packed = 0;
    ARCHIVE(b, f, file_of("b.txt", OTHER, 0));
}

static void names(struct buf *b)
{
    struct file u = file_of("\xe8\xab\x8b\xe6\xb1\x82.txt", TEXT, 0), s = file_of("\x90\xbf\x8b\x81\x8f\x91\x83\x5c.txt", TEXT, 0);
    struct file x = file_of("??.txt", TEXT, 0), l = file_of("lie.txt", TEXT, 0);
    u.local.flags = u.central.flags = FLAG_UTF8;
    struct buf e = buf_new(64);
    le(&e, 0x7075, 2);
    le(&e, 5 + 7, 2);
    le(&e, 1, 1);
    le(&e, crc32_of(0, x.local.name), 4);
    buf_text(&e, "\xe8\xa6\x8b.txt");
    x.local.extra = x.central.extra = keep(&e);
    l.local.extra = l.central.extra = x.local.extra; /* the sum is that of another name */
    buf_drop(&e);
    ARCHIVE(b, u, s, x, l);
}

static void duplicates(struct buf *b) { ARCHIVE(b, file_of("a.txt", TEXT, 8), file_of("A.TXT", OTHER, 8)); }

static void paths(struct buf *b)
{
    ARCHIVE(b, file_of("../up.txt", TEXT, 0), file_of("x\\..\\..\\y.txt", TEXT, 0), file_of("/abs.txt", TEXT, 0),
            file_of("c:\\w.txt", OTHER, 0), file_of("a..b/..c.txt", OTHER, 0));
}

static void twins(struct buf *b)
{
    struct file f = file_of("k.bin", TEXT, 8);
    put_local(b, &f.local);
    buf_put(b, f.bytes);
    size_t from = b->len;
    for (size_t i = 0; i < 500; i++)
        put_central(b, &f.central, 0);
    put_end(b, 500, b->len - from, from, (slice){ 0 });
}

static void inside_another(struct buf *b)
{
    struct buf in = buf_new(4096);
    struct file inner = file_of("inner.txt", OTHER, 8);
    put_local(&in, &inner.local);
    buf_put(&in, inner.bytes);
    struct file outer = file_of("outer.bin", keep(&in), 0);
    buf_drop(&in);
    inner.no_local = true;
    inner.offset = 30 + 9;
    ARCHIVE(b, outer, inner);
}

static void unusual_method(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 0);
    f.local.method = f.central.method = 9;
    ARCHIVE(b, f);
}

static void cut_off(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    put_local(b, &f.local);
    buf_put(b, slice_sub(f.bytes, 0, 15));
}

static void broken_data(struct buf *b)
{
    struct file f = file_of("a.txt", TEXT, 8);
    f.bytes = SLICE_LIT("\x00\x03\x00\xfc\xff" "abc" "\x07\xff\xff\xff\xff\xff");
    f.local.packed = f.central.packed = (uint32_t)f.bytes.len;
    ARCHIVE(b, f);
}

static const struct {
    const char *what;
    void (*make)(struct buf *b);
    struct want want[8];
} archives[] = {
    { "plain", plain,
      { HOLDS("a.txt", T), HOLDS("d/b.txt", O), PARTS(2), COUNTS(ZIP_ENTRIES, 3), SILENT(ZIP_MISMATCH), SILENT(ZIP_ENTRY_HIDDEN),
        SILENT(ZIP_PREPENDED), ENDS(WHOLE) } },
    { "empty archive", empty, { COUNTS(ZIP_ENTRIES, 0), PARTS(0), ENDS(WHOLE) } },
    { "data descriptors", descriptors, { HOLDS("a.txt", T), HOLDS("b.txt", O), PARTS(2), SILENT(ZIP_MISMATCH), SILENT(ZIP_ENTRY_BAD_CRC) } },
    { "data descriptors without a directory", descriptors_alone,
      { HOLDS("a.txt", T), HOLDS("b.txt", O), HOLDS("c.txt", T), COUNTS(ZIP_NO_CENTRAL_DIRECTORY, 1), COUNTS(ZIP_ENTRIES, 4),
        SILENT(ZIP_ENTRY_BAD_CRC), ENDS(SHORT) } },
    { "another name in the local header", other_name,
      { HOLDS("invoice.doc", T), SAYS(ZIP_MISMATCH, "name: invoice.doc"), SAYS(ZIP_ENTRY_NAME, "harmless.txt"), PARTS(1) } },
    { "another method in the local header", other_method,
      { HOLDS("a.txt", T), SAYS(ZIP_MISMATCH, "method: a.txt"), SAYS(ZIP_ENTRY_HIDDEN, "a.txt"), PARTS(2) } },
    { "directory says too small", too_small_in_central, { HOLDS("a.txt", T), SAYS(ZIP_MISMATCH, "sizes: a.txt") } },
    { "sizes are zero in both", zero_sizes, { HOLDS("a.txt", T), PARTS(1) } },
    { "sizes are all ones in both", all_ones, { HOLDS("a.txt", T), PARTS(1) } },
    { "wrong checksums", wrong_crc,
      { HOLDS("a.txt", T), HOLDS("b.txt", O), SAYS(ZIP_ENTRY_BAD_CRC, "a.txt"), SAYS(ZIP_ENTRY_BAD_CRC, "b.txt"), ENDS(WHOLE) } },
    { "no central directory", no_central,
      { HOLDS("part/one.xml", T), HOLDS("b.txt", O), COUNTS(ZIP_NO_CENTRAL_DIRECTORY, 1), SILENT(ZIP_ENTRY_HIDDEN), ENDS(SHORT) } },
    { "member that the directory hides", hidden, { HOLDS("hidden.txt", O), SAYS(ZIP_ENTRY_HIDDEN, "hidden.txt"), PARTS(3), ENDS(WHOLE) } },
    { "member without a local header", no_local, { HOLDS("a.txt", T), SAYS(ZIP_MISMATCH, "no local header"), PARTS(1), UNREAD(DAMAGED) } },
    { "member inside another one's claim", hidden_in_reach, { HOLDS("inner.txt", O), SAYS(ZIP_ENTRY_HIDDEN, "inner.txt"), SAYS(ZIP_MISMATCH, "sizes: outer.txt") } },
    { "stored archive in an archive", stored_archive,
      { HOLDS("a.txt", T), HOLDS("d/b.txt", O), PARTS(3), SILENT(ZIP_SEVERAL), SILENT(ZIP_ENTRY_HIDDEN), SAYS(ZIP_SINGLE, "inner.zip") } },
    { "two archives", two, { HOLDS("first.txt", T), HOLDS("second.txt", O), COUNTS(ZIP_SEVERAL, 2), SILENT(ZIP_ENTRY_HIDDEN), PARTS(2) } },
    { "bytes before", junk_before, { HOLDS("a.txt", T), COUNTS(ZIP_PREPENDED, 300), PARTS(1), SILENT(ZIP_MISMATCH) } },
    { "bytes before, offsets corrected", junk_before_corrected, { HOLDS("a.txt", T), COUNTS(ZIP_PREPENDED, 300), PARTS(1) } },
    { "bytes behind", junk_behind, { HOLDS("a.txt", T), COUNTS(ZIP_APPENDED, 14), PARTS(2) } },
    { "archive in the comment", archive_in_comment, { HOLDS("outer.txt", T), HOLDS("d/b.txt", O), COUNTS(ZIP_SEVERAL, 2) } },
    { "end record that leads nowhere", end_without_directory, { HOLDS("a.txt", T), HOLDS("d/b.txt", O), SILENT(ZIP_SEVERAL), SILENT(ZIP_ENTRY_HIDDEN) } },
    { "more members than counted", wrong_count, { HOLDS("a.txt", T), HOLDS("b.txt", O), SAYS(ZIP_MISMATCH, "number of entries") } },
    { "encryption flags that lie", fake_flags,
      { HOLDS("central.txt", T), HOLDS("both.txt", O), HOLDS("stored.txt", T), SAYS(ZIP_ENTRY_FAKE_ENCRYPTION, "both.txt"),
        SILENT(ZIP_ENCRYPTED), READ(ENCRYPTED), SAYS(ZIP_MISMATCH, "encryption flag: central.txt") } },
    { "ZIP64 in the local header only", zip64_local, { HOLDS("a.txt", T), COUNTS(ZIP_ZIP64, 1), SILENT(ZIP_MISMATCH) } },
    { "ZIP64 in the directory only", zip64_central, { HOLDS("a.txt", T), COUNTS(ZIP_ZIP64, 1), SILENT(ZIP_MISMATCH) } },
    { "ZIP64 everywhere", zip64_all, { HOLDS("a.txt", T), COUNTS(ZIP_ZIP64, 1), SILENT(ZIP_MISMATCH), PARTS(1) } },
    { "ZIP64 sizes that are missing", zip64_missing, { HOLDS("a.txt", T), HOLDS("b.txt", O), PARTS(2) } },
    { "names", names,
      { HOLDS("\xe8\xab\x8b\xe6\xb1\x82.txt", T), HOLDS("\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8\xe3\x82\xbd.txt", T),
        HOLDS("\xe8\xa6\x8b.txt", T), HOLDS("lie.txt", T), SAYS(ZIP_NAME_CHARSET, "shift_jis"), SILENT(ZIP_ENTRY_PATH) } },
    { "same name twice", duplicates, { HOLDS("a.txt", T), HOLDS("A.TXT", O), SAYS(ZIP_ENTRY_DUPLICATE, "A.TXT") } },
    { "paths", paths,
      { SAYS(ZIP_ENTRY_PATH, "../up.txt"), SAYS(ZIP_ENTRY_PATH, "x/../../y.txt"), SAYS(ZIP_ENTRY_PATH, "abs.txt"),
        SAYS(ZIP_ENTRY_PATH, "c:/w.txt"), HOLDS("a..b/..c.txt", O), PARTS(5) } },
    { "500 entries, one data", twins, { HOLDS("k.bin", T), PARTS(1), COUNTS(ZIP_OVERLAP, 499), COUNTS(ZIP_ENTRIES, 500) } },
    { "member inside a stored one", inside_another, { HOLDS("inner.txt", O), COUNTS(ZIP_OVERLAP, 1) } },
    { "Deflate64", unusual_method, { SAYS(ZIP_ENTRY_METHOD, "deflate64"), UNREAD(NO_READER), HIDES("a.txt") } },
    { "cut off", cut_off, { HOLDS("a.txt", "An inert s"), SAYS(ZIP_ENTRY_DAMAGED, "a.txt") } },
    { "broken data", broken_data, { HOLDS("a.txt", "abc"), SAYS(ZIP_ENTRY_DAMAGED, "a.txt"), ENDS(BROKEN) } },
};

static void archives_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof archives / sizeof archives[0]; i++) {
        struct buf b = buf_new(ARCHIVE_MAX);
        pooled = 0;
        archives[i].make(&b);
        struct tally *t = tally_format("zip", buf_slice(&b));
        tally_check(t);
        for (size_t k = 0; k < 8; k++)
            check_want(t, archives[i].what, k, &archives[i].want[k]);
        tally_drop(&t);
        buf_drop(&b);
    }
}

static void no_memory_is_no_crash(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof archives / sizeof archives[0]; i++) {
        struct buf b = buf_new(ARCHIVE_MAX);
        pooled = 0;
        archives[i].make(&b);
        for (size_t n = 1; n < 60; n++) {
            struct tally *t = tally_run(&(struct tally_options){ .format = "zip", .fail_at = n }, buf_slice(&b));
            tally_check(t);
            tally_drop(&t);
        }
        buf_drop(&b);
    }
}

/* --- what counts as an archive */

static void make_letters(struct buf *b) { buf_text(b, "The letters PK and PK\3 and PK\5\6 stand in this text, PK\3\4 too, and mean nothing at all."); }
static void make_short(struct buf *b) { buf_text(b, "PK\3\4"); }
static void make_end_only_in_text(struct buf *b)
{
    make_letters(b);
    put_end(b, 2, 30, 3, (slice){ 0 });
}
static void make_far(struct buf *b)
{
    for (size_t i = 0; i < 5000; i++)
        buf_byte(b, 'x');
    struct file f = file_of("a.txt", TEXT, 8);
    put_archive(b, &f, 1, b->len);
}
static void make_compound(struct buf *b)
{
    buf_put(b, SLICE_LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"));
    make_far(b);
}
static void make_near_without_directory(struct buf *b)
{
    buf_text(b, "\xff\xd8\xff\xe0 something in front");
    no_central(b);
}

static const struct {
    const char *what;
    void (*make)(struct buf *b);
    bool zip;
    const char *name;
} sniffs[] = {
    { "archive", plain, true, "a.bin" },
    { "empty archive", empty, true, "a.bin" },
    { "no directory", no_central, true, "a.bin" },
    { "behind junk", junk_before, true, "a.bin" },
    { "far behind junk", make_far, true, "a.bin" },
    { "near behind a picture, no directory", make_near_without_directory, true, "a.bin" },
    { "trailing bytes", junk_behind, true, "a.bin" },
    { "letters in a text", make_letters, false, "a.bin" },
    { "four letters", make_short, false, "a.bin" },
    { "end record in a text", make_end_only_in_text, false, "a.bin" },
    { "in a compound file", make_compound, false, "a.doc" },
    { "behind a compound file, as an archive", make_compound, true, "a.ZIP" },
};

static void archives_are_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sniffs / sizeof sniffs[0]; i++) {
        struct buf b = buf_new(ARCHIVE_MAX);
        pooled = 0;
        sniffs[i].make(&b);
        struct tally *t = tally_run(&(struct tally_options){ .name = sniffs[i].name }, buf_slice(&b));
        if ((tally_fact(t, FACT_ZIP_ENTRIES) != NULL) != sniffs[i].zip)
            fail_msg("%s", sniffs[i].what);
        tally_drop(&t);
        buf_drop(&b);
    }
}

/* --- encryption */

#define PW SLICE_LIT("Pw-1234")

static void locked_plain(struct buf *b) { ARCHIVE(b, locked("a.doc", TEXT, 8, PW), locked("b.txt", OTHER, 0, PW)); }

static void locked_by_time(struct buf *b)
{
    struct file f = with_descriptor("a.txt", TEXT, 8, true, 4);
    f.bytes = lock(f.bytes, PW, 0x60); /* high byte of the time */
    f.local.flags = f.central.flags = FLAG_LOCKED | FLAG_DESCRIPTOR;
    f.central.packed = (uint32_t)f.bytes.len;
    ARCHIVE(b, f);
}

static void locked_twice(struct buf *b)
{
    ARCHIVE(b, locked("a.txt", TEXT, 8, PW), locked("b.txt", OTHER, 8, SLICE_LIT("other")), file_of("open.txt", TEXT, 0));
}

static void locked_sjis(struct buf *b) { ARCHIVE(b, locked("a.txt", TEXT, 8, SLICE_LIT("\x82\xa0\x82\xa2"))); }
static void locked_utf8(struct buf *b) { ARCHIVE(b, locked("a.txt", TEXT, 8, SLICE_LIT("\xe3\x81\x82\xe3\x81\x84"))); }

/* The candidate "Pw-1234" passes the one check byte and is wrong all the same. */
static void check_byte_collides(struct buf *b)
{
    uint8_t password[] = "x000";
    for (unsigned i = 0; i < 4000; i++) {
        password[1] = (uint8_t)('a' + i % 20);
        password[2] = (uint8_t)('a' + i / 20 % 20);
        password[3] = (uint8_t)('a' + i / 400);
        struct file f = locked("a.txt", TEXT, 0, (slice){ password, 4 });
        struct keys k = keys_of(PW);
        uint8_t c = 0;
        for (size_t n = 0; n < 12; n++) {
            c = f.bytes.at[n] ^ pad(&k);
            feed(&k, c);
        }
        if (c == f.local.crc >> 24) {
            ARCHIVE(b, f);
            return;
        }
        pooled = 0;
    }
    fail_msg("no collision found");
}

static void strong(struct buf *b)
{
    struct file f = locked("a.txt", TEXT, 8, PW);
    f.local.flags = f.central.flags = FLAG_LOCKED | 0x40;
    ARCHIVE(b, f);
}

static void aes128(struct buf *b) { ARCHIVE(b, locked_aes("a.txt", TEXT, 8, PW, 1, 2, false), locked_aes("b.txt", OTHER, 0, PW, 1, 1, false)); }
static void aes256(struct buf *b) { ARCHIVE(b, locked_aes("a.txt", TEXT, 8, PW, 3, 2, false), locked_aes("b.txt", OTHER, 0, PW, 2, 2, false)); }
static void aes_tampered(struct buf *b) { ARCHIVE(b, locked_aes("a.txt", TEXT, 0, PW, 3, 2, true)); }
static void aes_tampered_sum(struct buf *b) { ARCHIVE(b, locked_aes("a.txt", TEXT, 8, PW, 3, 1, true)); }
static void aes_wrong(struct buf *b) { ARCHIVE(b, locked_aes("a.txt", TEXT, 8, SLICE_LIT("nobody knows"), 3, 2, false)); }
static void aes_unknown_method(struct buf *b)
{
    struct file f = locked_aes("a.txt", TEXT, 9, PW, 3, 2, false);
    ARCHIVE(b, f);
}
static void aes_no_extra(struct buf *b)
{
    struct file f = locked_aes("a.txt", TEXT, 8, PW, 3, 2, false);
    f.local.extra = f.central.extra = (slice){ 0 };
    ARCHIVE(b, f);
}
static void aes_short(struct buf *b)
{
    struct file f = locked_aes("a.txt", TEXT, 8, PW, 3, 2, false);
    f.bytes.len = f.local.packed = f.central.packed = 20;
    ARCHIVE(b, f);
}
static void locked_in_locked(struct buf *b)
{
    struct buf in = buf_new(1 << 16);
    ARCHIVE(&in, locked("inner.txt", TEXT, 8, SLICE_LIT("other")));
    struct file f = locked("inner.zip", buf_slice(&in), 8, PW);
    buf_drop(&in);
    ARCHIVE(b, f);
}

static const struct {
    const char *what;
    void (*make)(struct buf *b);
    struct want want[8];
} locks[] = {
    { "traditional", locked_plain,
      { HOLDS("a.doc", T), HOLDS("b.txt", O), COUNTS(ZIP_ENCRYPTED, 2), SAYS(ZIP_ENTRY_ENCRYPTED_EXTENSION, "doc"), SAYS(ZIP_ENCRYPTION, "zipcrypto"),
        SAYS(PASSWORD_SOURCE, "hint"), COUNTS(PASSWORD_FOUND, 1), READ(ENCRYPTED) } },
    { "check byte is of the time", locked_by_time, { HOLDS("a.txt", T), READ(ENCRYPTED) } },
    { "two passwords", locked_twice, { HOLDS("a.txt", T), HOLDS("b.txt", O), HOLDS("open.txt", T), READ(ENCRYPTED) } },
    { "password in CP932", locked_sjis, { HOLDS("a.txt", T), READ(ENCRYPTED) } },
    { "password in UTF-8", locked_utf8, { HOLDS("a.txt", T), READ(ENCRYPTED) } },
    { "check byte collides", check_byte_collides,
      { HIDES("a.txt"), UNREAD(ENCRYPTED), SILENT(PASSWORD_FOUND), COUNTS(PASSWORD_WANTED, 1), COUNTS(PASSWORD_TRIED, 4) } },
    { "strong encryption", strong, { HIDES("a.txt"), UNREAD(ENCRYPTED), SAYS(ZIP_ENCRYPTION, "strong") } },
    { "AES-128, AE-2 and AE-1", aes128, { HOLDS("a.txt", T), HOLDS("b.txt", O), SAYS(ZIP_ENCRYPTION, "aes-128"), READ(ENCRYPTED) } },
    { "AES-256 and AES-192", aes256, { HOLDS("a.txt", T), HOLDS("b.txt", O), SAYS(ZIP_ENCRYPTION, "aes-256"), SAYS(ZIP_ENCRYPTION, "aes-192") } },
    { "AES, nothing proves the password", aes_tampered, { HIDES("a.txt"), UNREAD(ENCRYPTED), SILENT(PASSWORD_FOUND) } },
    { "AES, the checksum proves it", aes_tampered_sum, { HOLDS("a.txt", T), READ(ENCRYPTED) } },
    { "AES, unknown password", aes_wrong, { HIDES("a.txt"), UNREAD(ENCRYPTED), SAYS(ZIP_ENTRY_ENCRYPTED_NAME, "a.txt") } },
    { "AES around Deflate64", aes_unknown_method, { HIDES("a.txt"), UNREAD(ENCRYPTED), SAYS(ZIP_ENTRY_METHOD, "deflate64") } },
    { "AES without its extra field", aes_no_extra, { HIDES("a.txt"), UNREAD(ENCRYPTED) } },
    { "AES, too short", aes_short, { HIDES("a.txt"), UNREAD(ENCRYPTED) } },
    { "locked in locked", locked_in_locked, { HOLDS("inner.txt", T), READ(ENCRYPTED), PARTS(2) } },
};

static void locks_open(void **state)
{
    static const char *const passwords[] = { "wrong", "\xe3\x81\x82\xe3\x81\x84", "Pw-1234", "other", NULL };
    (void)state;
    for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++) {
        struct buf b = buf_new(ARCHIVE_MAX);
        pooled = 0;
        locks[i].make(&b);
        struct tally *t = tally_run(&(struct tally_options){ .format = "zip", .passwords = passwords }, buf_slice(&b));
        tally_check(t);
        for (size_t k = 0; k < 8; k++)
            check_want(t, locks[i].what, k, &locks[i].want[k]);
        tally_drop(&t);
        for (size_t n = 1; n < 40; n++) {
            t = tally_run(&(struct tally_options){ .format = "zip", .passwords = passwords, .fail_at = n }, buf_slice(&b));
            tally_check(t);
            tally_drop(&t);
        }
        buf_drop(&b);
    }
}

/* --- limits */

static void bomb(struct buf *b)
{
    struct file f = file_of("zeros.bin", TEXT, 0), g = file_of("after.txt", OTHER, 0);
    f.bytes = deflated_zeros(40000); /* 10 MB */
    f.local.method = 8;
    f.local.packed = (uint32_t)f.bytes.len;
    f.local.size = 40000 * 258 + 1;
    f.central = f.local;
    ARCHIVE(b, f, g);
}

static const struct {
    const char *what;
    void (*make)(struct buf *b);
    enum budget_kind kind;
    uint64_t left;
    struct want want[4];
} limits[] = {
    { "all is enough", bomb, BUDGET_INFLATED, 768u << 20, { HOLDS("after.txt", O), READ(LIMIT), PARTS(2) } },
    { "inflated bytes", bomb, BUDGET_INFLATED, 1 << 20, { HOLDS("after.txt", O), UNREAD(LIMIT), ENDS(LIMIT) } },
    { "work", bomb, BUDGET_WORK, 100000, { UNREAD(LIMIT), ENDS(LIMIT) } },
    { "entries", twins, BUDGET_ENTRIES, 10, { UNREAD(LIMIT), COUNTS(ZIP_ENTRIES, 10) } },
    { "parts", paths, BUDGET_PARTS, 3, { UNREAD(LIMIT), PARTS(2) } },
    { "depth", stored_archive, BUDGET_DEPTH, 1, { UNREAD(LIMIT), PARTS(0) } },
    { "keys", aes256, BUDGET_KEYS, 500, { UNREAD(LIMIT), UNREAD(ENCRYPTED), HIDES("a.txt") } },
};

static void limits_are_named(void **state)
{
    static const char *const passwords[] = { "wrong", "Pw-1234", NULL };
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct buf b = buf_new(ARCHIVE_MAX);
        struct budget budget = budget_default();
        pooled = 0;
        budget.left[limits[i].kind] = limits[i].left;
        limits[i].make(&b);
        struct tally *t = tally_run(&(struct tally_options){ .format = "zip", .passwords = passwords, .budget = &budget }, buf_slice(&b));
        tally_check(t);
        for (size_t k = 0; k < 4; k++)
            check_want(t, limits[i].what, k, &limits[i].want[k]);
        tally_drop(&t);
        buf_drop(&b);
    }
}

/* Members that overlap may share some, not an allowance each. */
static void overlapping_bombs_cost_little(void **state)
{
    (void)state;
    struct buf b = buf_new(ARCHIVE_MAX), dirs = buf_new(1 << 20);
    pooled = 0;
    slice zeros = deflated_zeros(40000); /* 10 MB */
    struct head h = { .name = SLICE_LIT("k"), .method = 8, .size = 40000 * 258 + 1 };
    enum { MEMBERS = 100 };
    for (size_t i = 0; i < MEMBERS; i++) { /* each ends in the same zeros: stored blocks quote the next headers */
        h.packed = (uint32_t)((MEMBERS - 1 - i) * (31 + 5) + zeros.len);
        put_central(&dirs, &h, b.len);
        put_local(&b, &h);
        if (i + 1 < MEMBERS) {
            buf_byte(&b, 0);
            le(&b, 31, 2);
            le(&b, (uint16_t)~31u, 2);
        }
    }
    buf_put(&b, zeros);
    size_t from = b.len;
    buf_put(&b, buf_slice(&dirs));
    put_end(&b, MEMBERS, dirs.len, from, (slice){ 0 });
    struct budget budget = budget_default();
    struct tally *t = tally_run(&(struct tally_options){ .format = "zip", .budget = &budget }, buf_slice(&b));
    tally_check(t);
    assert_int_equal(tally_fact(t, FACT_ZIP_OVERLAP)->number, MEMBERS - 1);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    assert_true(budget.left[BUDGET_INFLATED] - t->budget.left[BUDGET_INFLATED] < 80u << 20);
    tally_drop(&t);
    buf_drop(&b);
    buf_drop(&dirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_are_read),
        cmocka_unit_test(archives_are_recognised),
        cmocka_unit_test(locks_open),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(overlapping_bombs_cost_little),
        cmocka_unit_test(no_memory_is_no_crash),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
