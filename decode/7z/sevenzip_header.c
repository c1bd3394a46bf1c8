/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a 7z archive (7zFormat.txt of the LZMA SDK, "Archive structure").
 *
 * Counts are believed as far as the bytes of the header can hold what they
 * announce. Checksums of headers are not judged: a header that reads is read.
 * Where the start header leads nowhere, the tail is searched for a header, as
 * 7-Zip does. Left out: times, comments, anti-items. */
#include "decode/7z/sevenzip_private.h"
#include "base/charset.h"
#include "base/inflate.h"

enum property {
    P_END, P_HEADER, P_ARCHIVE, P_ADDITIONAL, P_MAIN, P_FILES, P_PACK, P_UNPACK, P_SUB, P_SIZE, P_CRC, P_FOLDER,
    P_UNPACK_SIZE, P_NUM_STREAMS, P_EMPTY_STREAM, P_EMPTY_FILE, P_ANTI, P_NAMES, P_CREATED, P_ACCESSED, P_MODIFIED,
    P_ATTRIBUTES, P_COMMENT, P_ENCODED, P_START, P_DUMMY
};

enum {
    JUNK_MAX = 1024,
    TAIL_SEARCH = 64 << 10,
    LEVELS_MAX = 4, /* headers in headers */
    HEADER_MAX = 64 << 20,
    NAME_BYTES = 4096,
    TRIES_MAX = 16,
    ATTRIBUTE_HIDDEN = 2, ATTRIBUTE_SYSTEM = 4, ATTRIBUTE_FOLDER = 16, ATTRIBUTE_UNIX = 0x8000, UNIX_LINK = 012,
};

size_t sevenzip_find(slice all)
{
    slice sign = SLICE_LIT("7z\xbc\xaf\x27\x1c");
    return slice_find(slice_sub(all, 0, JUNK_MAX), sign, 0);
}

/* "NUMBER": the leading ones of the first byte say how many bytes follow. */
static uint64_t number(cursor *c)
{
    uint8_t first = cur_u8(c), mask = 0x80;
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++, mask >>= 1) {
        if (!(first & mask))
            return v | (uint64_t)(first & (mask - 1u)) << (8 * i);
        v |= (uint64_t)cur_u8(c) << (8 * i);
    }
    return v;
}

/* A number of things each of which takes at least one byte. */
static size_t count(cursor *c)
{
    uint64_t n = number(c);
    if (n > cur_left(c) + 1)
        c->torn = true;
    return c->torn ? 0 : (size_t)n;
}

/* One bit per thing, highest first; NULL: all are set, or torn. */
static slice bits(cursor *c, size_t n, bool *all_out)
{
    *all_out = false;
    return cur_take(c, (n + 7) / 8);
}

static slice bits_or_all(cursor *c, size_t n, bool *all_out)
{
    if (cur_u8(c) == 0)
        return bits(c, n, all_out);
    *all_out = true;
    return (slice){ 0 };
}

static bool bit(slice s, bool all, size_t i)
{
    return all || (i / 8 < s.len && (s.at[i / 8] >> (7 - i % 8) & 1));
}

static void read_pack(struct walk *w, cursor *c, struct sevenzip_streams *s)
{
    uint64_t at = number(c);
    size_t n = count(c);
    if (__builtin_add_overflow(at, (uint64_t)SEVENZIP_START, &at))
        c->torn = true;
    s->packed_at = ARENA_ARRAY(w->mem, uint64_t, n + 1);
    s->packed_size = ARENA_ARRAY(w->mem, uint64_t, n + 1);
    if (!s->packed_at || !s->packed_size || s->n_packed || !budget_spend(w->budget, BUDGET_ENTRIES, n)) {
        c->torn = true;
        return;
    }
    s->n_packed = n;
    for (uint64_t id; cur_ok(c) && (id = number(c)) != P_END;) {
        bool all = false;
        if (id == P_SIZE) {
            for (size_t i = 0; i < n && cur_ok(c); i++) {
                s->packed_size[i] = number(c);
                s->packed_at[i] = at;
                if (__builtin_add_overflow(at, s->packed_size[i], &at))
                    c->torn = true;
            }
        } else if (id == P_CRC) {
            slice defined = bits_or_all(c, n, &all);
            for (size_t i = 0; i < n && cur_ok(c); i++)
                if (bit(defined, all, i))
                    cur_skip(c, 4);
        } else {
            c->torn = true;
        }
    }
}

static void read_coder(cursor *c, struct sevenzip_coder *coder)
{
    uint8_t flags = cur_u8(c);
    slice id = cur_take(c, flags & 15);
    for (size_t i = 0; i < id.len && i < 8; i++)
        coder->method = coder->method << 8 | id.at[i];
    coder->n_in = coder->n_out = 1;
    if (flags & 0x10) {
        uint64_t in = number(c), out = number(c);
        c->torn = c->torn || in > SEVENZIP_STREAMS || out > SEVENZIP_STREAMS || out == 0;
        coder->n_in = (uint8_t)in;
        coder->n_out = (uint8_t)out;
    }
    if (flags & 0x20)
        coder->props = cur_take(c, count(c));
    if (flags & 0xc0)
        c->torn = true;
}

static bool has(const uint8_t *list, size_t n, uint64_t v)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == v)
            return true;
    return false;
}

/* "Bind pairs" and "packed streams", and which output is the folder's own. */
static void read_binds(cursor *c, struct sevenzip_folder *f, unsigned n_out)
{
    f->n_binds = (uint8_t)(n_out - 1);
    for (size_t i = 0; i < f->n_binds && cur_ok(c); i++) {
        uint64_t in = number(c), out = number(c);
        if (in >= f->n_in || out >= n_out || has(f->bind_in, i, in) || has(f->bind_out, i, out)) {
            c->torn = true;
            return;
        }
        f->bind_in[i] = (uint8_t)in;
        f->bind_out[i] = (uint8_t)out;
    }
    if (f->n_in < f->n_binds) {
        c->torn = true;
        return;
    }
    f->n_packed = (uint8_t)(f->n_in - f->n_binds);
    for (size_t i = 0, next = 0; i < f->n_packed && cur_ok(c); i++) {
        if (f->n_packed == 1) {
            while (has(f->bind_in, f->n_binds, next))
                next++;
            f->packed[0] = (uint8_t)next;
            break;
        }
        uint64_t in = number(c);
        if (in >= f->n_in || has(f->bind_in, f->n_binds, in) || has(f->packed, i, in))
            c->torn = true;
        else
            f->packed[i] = (uint8_t)in;
    }
    while (has(f->bind_out, f->n_binds, f->main))
        f->main++;
}

static void read_folder(struct walk *w, cursor *c, struct sevenzip_folder *f)
{
    size_t n = count(c);
    unsigned n_in = 0, n_out = 0;
    if (n == 0 || n > SEVENZIP_CODERS || !walk_work(w, WORK_PER_ENTRY))
        c->torn = true;
    if (!cur_ok(c) || !(f->coders = ARENA_ARRAY(w->mem, struct sevenzip_coder, n))) {
        c->torn = true;
        return;
    }
    f->n_coders = (uint8_t)n;
    for (size_t i = 0; i < n && cur_ok(c); i++) {
        read_coder(c, &f->coders[i]);
        f->coders[i].first_in = (uint8_t)n_in;
        n_in += f->coders[i].n_in;
        n_out += f->coders[i].n_out;
        f->strange = f->strange || f->coders[i].n_out != 1;
        if (n_in > SEVENZIP_STREAMS || n_out > SEVENZIP_STREAMS)
            c->torn = true;
    }
    if (!cur_ok(c))
        return;
    f->n_in = (uint8_t)n_in;
    read_binds(c, f, n_out);
}

static unsigned outputs(const struct sevenzip_folder *f)
{
    unsigned n = 0;
    for (size_t i = 0; i < f->n_coders; i++)
        n += f->coders[i].n_out;
    return n;
}

static void read_unpack(struct walk *w, cursor *c, struct sevenzip_streams *s)
{
    if (number(c) != P_FOLDER)
        c->torn = true;
    size_t n = count(c);
    bool external = cur_u8(c) != 0;
    if (external || s->n_folders) { /* read before: those stand */
        c->torn = true;
        return;
    }
    s->folders = cur_ok(c) && budget_spend(w->budget, BUDGET_ENTRIES, n)
                     ? ARENA_ARRAY(w->mem, struct sevenzip_folder, n + 1) : NULL;
    if (!s->folders) {
        c->torn = true;
        return;
    }
    uint32_t packed = 0;
    for (size_t i = 0; i < n && cur_ok(c); i++) {
        read_folder(w, c, &s->folders[i]);
        s->folders[i].first_packed = packed;
        packed += s->folders[i].n_packed;
    }
    s->n_folders = n;
    for (uint64_t id; cur_ok(c) && (id = number(c)) != P_END;) {
        bool all = false;
        if (id == P_UNPACK_SIZE) {
            for (size_t i = 0; i < n && cur_ok(c); i++)
                for (unsigned k = 0, of = outputs(&s->folders[i]); k < of && cur_ok(c); k++) {
                    uint64_t size = number(c);
                    if (k < s->folders[i].n_coders)
                        s->folders[i].coders[k].size = size;
                }
        } else if (id == P_CRC) {
            slice defined = bits_or_all(c, n, &all);
            for (size_t i = 0; i < n && cur_ok(c); i++)
                if ((s->folders[i].has_crc = bit(defined, all, i)))
                    s->folders[i].crc = cur_u32le(c);
        } else {
            c->torn = true;
        }
    }
}

static uint64_t folder_size(const struct sevenzip_folder *f)
{
    return f->main < f->n_coders ? f->coders[f->main].size : 0;
}

/* How many members each folder holds; one where nothing is said. */
static bool make_streams(struct walk *w, cursor *c, struct sevenzip_streams *s, bool told)
{
    uint64_t total = 0;
    for (size_t i = 0; i < s->n_folders && cur_ok(c); i++) {
        uint64_t n = told ? number(c) : 1;
        if (n > cur_left(c) + 1)
            c->torn = true;
        s->folders[i].first_stream = (uint32_t)total;
        s->folders[i].n_streams = c->torn ? 0 : (uint32_t)n;
        total += s->folders[i].n_streams;
        if (total > c->in.len + s->n_folders)
            c->torn = true;
    }
    if (!cur_ok(c) || !budget_spend(w->budget, BUDGET_ENTRIES, total))
        return false;
    s->streams = ARENA_ARRAY(w->mem, struct sevenzip_stream, (size_t)total + 1);
    s->n_streams = s->streams ? (size_t)total : 0;
    return s->streams != NULL;
}

static void stream_sizes(cursor *c, struct sevenzip_streams *s, bool told)
{
    for (size_t i = 0; i < s->n_folders && cur_ok(c); i++) {
        const struct sevenzip_folder *f = &s->folders[i];
        uint64_t left = folder_size(f);
        for (size_t k = 0; k < f->n_streams && cur_ok(c); k++) {
            uint64_t size = k + 1 < f->n_streams ? (told ? number(c) : 0) : left;
            s->streams[f->first_stream + k].size = size < left ? size : left;
            left -= size < left ? size : left;
        }
    }
}

static void stream_sums(cursor *c, struct sevenzip_streams *s, bool told)
{
    size_t unknown = 0, k = 0;
    bool all = false;
    slice defined = { 0 };
    for (size_t i = 0; i < s->n_folders; i++)
        unknown += s->folders[i].n_streams == 1 && s->folders[i].has_crc ? 0 : s->folders[i].n_streams;
    if (told)
        defined = bits_or_all(c, unknown, &all);
    for (size_t i = 0; i < s->n_folders; i++) {
        const struct sevenzip_folder *f = &s->folders[i];
        for (size_t n = 0; n < f->n_streams; n++) {
            struct sevenzip_stream *one = &s->streams[f->first_stream + n];
            if (f->n_streams == 1 && f->has_crc) {
                one->has_crc = true;
                one->crc = f->crc;
            } else if (told && cur_ok(c) && (one->has_crc = bit(defined, all, k++))) {
                one->crc = cur_u32le(c);
            }
        }
    }
}

static void read_sub(struct walk *w, cursor *c, struct sevenzip_streams *s)
{
    uint64_t id = number(c);
    bool counts = id == P_NUM_STREAMS;
    if (!make_streams(w, c, s, counts)) {
        c->torn = true;
        return;
    }
    if (counts)
        id = number(c);
    stream_sizes(c, s, id == P_SIZE);
    if (id == P_SIZE)
        id = number(c);
    stream_sums(c, s, id == P_CRC);
    if (id == P_CRC)
        id = number(c);
    if (id != P_END)
        c->torn = true;
}

static void read_streams(struct walk *w, cursor *c, struct sevenzip_streams *s)
{
    for (uint64_t id; cur_ok(c) && (id = number(c)) != P_END;) {
        if (id == P_PACK)
            read_pack(w, c, s);
        else if (id == P_UNPACK)
            read_unpack(w, c, s);
        else if (id == P_SUB)
            read_sub(w, c, s);
        else
            c->torn = true;
    }
    if (cur_ok(c) && !s->streams && s->n_folders) {
        cursor none = cur_open((slice){ 0 });
        if (make_streams(w, &none, s, false)) {
            stream_sizes(&none, s, false);
            stream_sums(&none, s, false);
        }
    }
}

struct files {
    size_t n;
    slice empty, empty_file, names, attributes, attributes_defined;
    bool names_external, attributes_all;
};

static void file_property(struct files *f, uint64_t id, cursor *c)
{
    switch (id) {
    case P_EMPTY_STREAM:
        f->empty = cur_rest(c);
        break;
    case P_EMPTY_FILE:
        f->empty_file = cur_rest(c);
        break;
    case P_NAMES:
        f->names_external = cur_u8(c) != 0;
        f->names = cur_rest(c);
        break;
    case P_ATTRIBUTES:
        f->attributes_defined = bits_or_all(c, f->n, &f->attributes_all);
        if (cur_u8(c) == 0)
            f->attributes = cur_rest(c);
        break;
    default:
        break;
    }
}

static slice next_name(struct arena *mem, cursor *c)
{
    size_t from = c->pos;
    while (cur_left(c) >= 2 && cur_u16le(c) != 0)
        continue;
    size_t n = c->pos - from;
    slice wide = slice_sub(c->in, from, n >= 2 && cur_ok(c) ? n - 2 : n);
    return charset_decode_id(mem, CHARSET_UTF16LE, slice_sub(wide, 0, NAME_BYTES)).text;
}

static void say_attributes(struct archive_member *m, uint32_t attributes)
{
    m->hidden = attributes & (ATTRIBUTE_HIDDEN | ATTRIBUTE_SYSTEM);
    if (attributes & ATTRIBUTE_FOLDER)
        m->folder = m->key[0] == 0;
    if (attributes & ATTRIBUTE_UNIX && attributes >> 28 == UNIX_LINK)
        m->link = m->name; /* where to is its content */
}

/* Every file with content takes the next stream, in order. */
static void list_files(struct sevenzip *z, const struct files *f)
{
    struct walk *w = z->list.w;
    cursor names = cur_open(f->names), attributes = cur_open(f->attributes);
    size_t stream = 0, folder = 0, empty = 0;
    for (size_t i = 0; i < f->n; i++) {
        bool has_stream = !bit(f->empty, false, i);
        slice name = f->names_external ? (slice){ 0 } : next_name(w->mem, &names);
        struct archive_member *m = archive_add(&z->list, name);
        if (!m)
            return;
        if (has_stream && stream < z->main.n_streams) {
            while (folder < z->main.n_folders &&
                   stream >= z->main.folders[folder].first_stream + z->main.folders[folder].n_streams)
                folder++;
            const struct sevenzip_folder *of = &z->main.folders[folder];
            m->size = z->main.streams[stream].size;
            m->locked = sevenzip_is_locked(of);
            m->scheme = m->locked ? "aes-256" : NULL;
            m->method = sevenzip_method_name(of);
            m->key[0] = folder + 1;
            m->key[1] = stream++;
        } else if (!has_stream) {
            m->folder = !bit(f->empty_file, false, empty++);
        }
        if (bit(f->attributes_defined, f->attributes_all, i))
            say_attributes(m, cur_u32le(&attributes));
    }
}

static void read_files(struct sevenzip *z, cursor *c)
{
    struct files f = { .n = count(c) };
    for (uint64_t id; cur_ok(c) && (id = number(c)) != P_END;) {
        uint64_t size = number(c);
        cursor property = cur_sub(c, size < SIZE_MAX ? (size_t)size : SIZE_MAX);
        if (cur_ok(c))
            file_property(&f, id, &property);
    }
    list_files(z, &f); /* also what a torn list told */
}

static void read_header(struct sevenzip *z, cursor *c)
{
    struct walk *w = z->list.w;
    uint64_t id = number(c);
    if (id == P_ARCHIVE) {
        while (cur_ok(c) && number(c) != P_END)
            cur_skip(c, (size_t)number(c));
        id = number(c);
    }
    if (id == P_ADDITIONAL) {
        struct sevenzip_streams more = { 0 };
        read_streams(w, c, &more);
        id = number(c);
    }
    if (id == P_MAIN) {
        read_streams(w, c, &z->main);
        id = number(c);
    }
    if (id == P_FILES && cur_ok(c))
        read_files(z, c);
    z->damaged = !cur_ok(c);
}

/* A header, or one that is packed like a folder of its own. */
static enum sevenzip_end parse(struct sevenzip *z, slice header, struct sevenzip_key *key)
{
    for (unsigned level = 0; level < LEVELS_MAX; level++) {
        cursor c = cur_open(header);
        uint64_t id = number(&c);
        if (id == P_HEADER) {
            read_header(z, &c);
            return SEVENZIP_WHOLE;
        }
        struct sevenzip_streams s = { 0 };
        struct body unpacked = { 0 };
        if (id != P_ENCODED)
            return SEVENZIP_BROKEN;
        read_streams(z->list.w, &c, &s);
        if (s.n_folders == 0 || !s.streams)
            return SEVENZIP_BROKEN;
        z->header_locked = z->header_locked || sevenzip_is_locked(&s.folders[0]);
        if (folder_size(&s.folders[0]) > HEADER_MAX)
            return SEVENZIP_LIMIT;
        enum sevenzip_end end = sevenzip_unfold(z, &s, 0, key, &unpacked);
        body_release(&z->header);
        z->header = unpacked;
        if (end == SEVENZIP_LOCKED || end == SEVENZIP_LIMIT || end == SEVENZIP_METHOD)
            return end;
        bool fits = !s.folders[0].has_crc || crc32_of(0, unpacked.all) == s.folders[0].crc;
        if (sevenzip_is_locked(&s.folders[0]) && (!fits || end != SEVENZIP_WHOLE))
            return SEVENZIP_LOCKED;
        if (unpacked.all.len == 0)
            return SEVENZIP_BROKEN;
        header = unpacked.all;
    }
    return SEVENZIP_BROKEN;
}

/* A header that begins somewhere in the tail: "header, main streams" or "encoded header, pack info". */
static enum sevenzip_end search_tail(struct sevenzip *z, struct sevenzip_key *key)
{
    size_t from = z->all.len > TAIL_SEARCH ? z->all.len - TAIL_SEARCH : SEVENZIP_START;
    unsigned tries = 0;
    for (size_t at = z->all.len; at-- > from && tries < TRIES_MAX;) {
        slice s = slice_from(z->all, at);
        if (!slice_starts(s, SLICE_LIT("\x17\x06")) && !slice_starts(s, SLICE_LIT("\x01\x04\x06")))
            continue;
        tries++;
        enum sevenzip_end end = parse(z, s, key);
        if (end != SEVENZIP_BROKEN && (end != SEVENZIP_WHOLE || z->list.n)) {
            z->end = z->base + z->all.len;
            return end;
        }
        z->main = (struct sevenzip_streams){ 0 };
        z->list.n = 0;
    }
    return SEVENZIP_BROKEN;
}

enum sevenzip_end sevenzip_read(struct sevenzip *z, struct walk *w, const struct body *body, struct sevenzip_key *key)
{
    *z = (struct sevenzip){ .list.w = w, .body = body, .base = sevenzip_find(body->all) };
    z->all = slice_from(body->all, (size_t)z->base);
    cursor c = cur_open(z->all);
    cur_skip(&c, 12); /* signature, version, checksum */
    uint64_t offset = cur_u64le(&c), size = cur_u64le(&c);
    cur_skip(&c, 4);
    if (!cur_ok(&c))
        return SEVENZIP_BROKEN;
    z->end = z->base + SEVENZIP_START;
    slice behind = cur_rest(&c);
    if (size == 0 && offset == 0) {
        z->empty = behind.len == 0;
        return z->empty ? SEVENZIP_WHOLE : search_tail(z, key);
    }
    if (offset < behind.len) {
        slice header = slice_sub(slice_from(behind, (size_t)offset), 0, size < SIZE_MAX ? (size_t)size : SIZE_MAX);
        z->end += offset + header.len;
        enum sevenzip_end end = parse(z, header, key);
        if (end != SEVENZIP_BROKEN)
            return end;
    }
    return search_tail(z, key);
}
