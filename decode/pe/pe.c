/* SPDX-License-Identifier: Apache-2.0 */
/* pe - Windows programs and libraries: "PE Format" of Microsoft ([PECOFF]), as the loader takes it.
 *
 * A program is not run or unpacked; what can be told from outside is said: what it imports and
 * exports, whether its code is packed, who it says made it, what it carries. Damaged tables are
 * read as far as they make sense.
 * Left out: signatures are seen, not verified; relocations, debug data, delayed and bound imports
 * and .NET metadata are not read; 16-bit programs (NE, LE) are not this format. */
#include "base/buf.h"
#include "base/date.h"
#include "base/text.h"
#include "decode/pe/pe_private.h"

enum { DOS_HEADER = 64, OPTIONAL_MAX = 1024, SHOWN_MAX = 128, SYMBOL = 18 };
enum { FILE_DLL = 0x2000 };

static bool find_header(slice all, uint32_t *at_out)
{
    cursor c = cur_open(slice_sub(all, 0, DOS_HEADER));
    if (!slice_starts(all, SLICE_LIT("MZ")))
        return false;
    cur_skip(&c, DOS_HEADER - 4);
    *at_out = cur_u32le(&c);
    return cur_ok(&c) && slice_starts(slice_from(all, *at_out), SLICE_LIT("PE\0\0"));
}

/* What Windows starts whatever else the bytes are: a DOS header that leads to a PE header. Two
 * letters alone also begin texts. */
static enum sniff pe_sniff(const struct sniff_input *in)
{
    uint32_t at;
    return find_header(in->body->all, &at) ? SNIFF_STRONG : SNIFF_NO;
}

void pe_malformed(struct pe *p, const char *what) { walk_cstr(p->w, FACT_FILE_PE_MALFORMED, what, NOWHERE); }

slice pe_shown(struct pe *p, slice raw) { return utf8_cut(utf8_clean(p->w->mem, slice_trim(raw)), SHOWN_MAX); }

/* --- addresses */

static bool in_section(const struct pe *p, const struct pe_section *s, uint64_t rva, uint64_t *at_out)
{
    if (rva < s->va || rva - s->va >= s->raw_size)
        return false;
    uint64_t raw = s->raw & ~(uint64_t)(PE_SECTOR - 1);
    *at_out = raw + (rva - s->va);
    return *at_out < p->all.len;
}

slice pe_at(struct pe *p, uint64_t rva, size_t max)
{
    uint64_t at = rva;
    bool found = p->cached < p->n_sections && in_section(p, &p->sections[p->cached], rva, &at);
    if (!found && !walk_work(p->w, 20 + 4u * p->n_sections))
        return (slice){ 0 };
    for (unsigned i = 0; !found && i < p->n_sections; i++)
        if (in_section(p, &p->sections[i], rva, &at)) {
            p->cached = i;
            found = true;
        }
    if (!found && !p->flat && rva >= p->headers)
        return (slice){ 0 };
    return at < p->all.len ? slice_sub(p->all, (size_t)at, max) : (slice){ 0 };
}

slice pe_name(struct pe *p, uint64_t rva)
{
    slice s = pe_at(p, rva, PE_NAME_MAX);
    return slice_sub(s, 0, slice_find_byte(s, 0, 0));
}

/* --- headers */

static const char *machine_name(uint16_t machine)
{
    switch (machine) {
    case 0x014c:
        return "x86";
    case 0x8664:
        return "x86_64";
    case 0xaa64:
        return "arm64";
    case 0x01c0:
    case 0x01c2:
    case 0x01c4:
        return "arm";
    case 0x0200:
        return "ia64";
    case 0x5032:
    case 0x5064:
        return "riscv";
    default:
        return "other";
    }
}

static bool is_efi(uint16_t subsystem) { return subsystem >= 10 && subsystem <= 13; }

static const char *kind_name(const struct pe *p)
{
    if (is_efi(p->subsystem))
        return "efi";
    if (p->subsystem == 1)
        return "driver";
    return p->characteristics & FILE_DLL ? "library" : "program";
}

/* Linkers of today write a digest where the time of old ones stands: said as it is. */
static void say_time(struct pe *p, uint32_t seconds)
{
    struct date d = date_of_days(seconds / 86400);
    struct buf b = buf_new(32);
    buf_format(&b, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)d.year, d.month, d.day, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    walk_text(p->w, FACT_FILE_PE_COMPILED, buf_slice(&b), NOWHERE);
    buf_drop(&b);
}

/* Optional header: the loader goes by its magic number, and takes as many directories as it counts. */
static void read_optional(struct pe *p, cursor o)
{
    p->wide = cur_u16le(&o) == 0x020b;
    cur_skip(&o, 14);
    p->entry = cur_u32le(&o);
    cur_seek(&o, 32);
    p->flat = cur_u32le(&o) < PE_PAGE;
    cur_seek(&o, 60);
    p->headers = cur_u32le(&o);
    cur_skip(&o, 4);
    p->subsystem = cur_u16le(&o);
    cur_seek(&o, p->wide ? 108 : 92);
    uint32_t n = cur_u32le(&o);
    for (unsigned i = 0; i < n && i < PE_DIRECTORIES && cur_ok(&o); i++)
        p->directories[i] = (struct pe_span){ cur_u32le(&o), cur_u32le(&o) };
}

static void read_section_table(struct pe *p, cursor *c, unsigned n)
{
    for (unsigned i = 0; i < n && p->n_sections < PE_SECTIONS_MAX; i++) {
        struct pe_section s = { .name = cur_take(c, 8) };
        s.virtual_size = cur_u32le(c);
        s.va = cur_u32le(c);
        s.raw_size = cur_u32le(c);
        s.raw = cur_u32le(c);
        cur_skip(c, 12);
        s.flags = cur_u32le(c);
        if (!cur_ok(c)) {
            pe_malformed(p, "sections");
            p->torn = true;
            return;
        }
        s.name = slice_sub(s.name, 0, slice_find_byte(s.name, 0, 0));
        uint64_t end = (uint64_t)s.raw + s.raw_size;
        if (s.raw_size && s.raw < p->all.len) {
            if (end > p->all.len)
                p->torn = true;
            p->end = end > p->end ? end : p->end;
        } else if (s.raw_size) {
            p->torn = true;
        }
        p->sections[p->n_sections++] = s;
    }
}

/* The symbols of GNU tools follow the sections: a table, then its strings, which begin with their size. */
static void count_symbols(struct pe *p)
{
    uint64_t strings = (uint64_t)p->symbols + (uint64_t)p->n_symbols * SYMBOL;
    if (p->symbols == 0 || p->symbols > p->all.len || strings > p->all.len)
        return;
    cursor c = cur_open(slice_sub(p->all, (size_t)strings, 4));
    uint64_t end = strings + cur_u32le(&c);
    if (end <= p->all.len && end > p->end && p->symbols <= p->end + PE_PAGE)
        p->end = end;
}

static bool read_headers(struct pe *p)
{
    uint32_t at;
    if (!find_header(p->all, &at))
        return false;
    cursor c = cur_open(slice_from(p->all, at));
    cur_skip(&c, 4);
    p->machine = cur_u16le(&c);
    unsigned sections = cur_u16le(&c);
    uint32_t time = cur_u32le(&c);
    p->symbols = cur_u32le(&c);
    p->n_symbols = cur_u32le(&c);
    uint16_t optional = cur_u16le(&c);
    p->characteristics = cur_u16le(&c);
    p->torn = !cur_ok(&c);
    cursor sub = cur_open(slice_sub(cur_rest(&c), 0, optional < OPTIONAL_MAX ? optional : OPTIONAL_MAX));
    read_optional(p, sub);
    cur_skip(&c, optional);
    if (!cur_ok(&c)) {
        pe_malformed(p, "headers");
        p->torn = true;
    }
    read_section_table(p, &c, cur_ok(&c) ? sections : 0);
    uint64_t table = (uint64_t)at + 24 + optional + (uint64_t)sections * 40;
    p->end = table > p->end ? table : p->end;
    p->end = p->headers > p->end && p->headers <= p->all.len ? p->headers : p->end;
    count_symbols(p);
    walk_cstr(p->w, FACT_FILE_PE_ARCHITECTURE, machine_name(p->machine), NOWHERE);
    walk_cstr(p->w, FACT_FILE_PE_KIND, kind_name(p), NOWHERE);
    if (time)
        say_time(p, time);
    return true;
}

/* Where a certificate would be; Windows looks for it at an offset, not at an address. */
static void say_signature(struct pe *p)
{
    struct pe_span s = p->directories[PE_CERTIFICATES];
    if (s.at && s.size > 8 && s.at < p->all.len && s.size <= p->all.len - s.at)
        walk_flag(p->w, FACT_FILE_PE_SIGNED, range_of(s.at, s.size));
}

void pe_installer(struct pe *p, const char *name)
{
    if (!p->installer)
        walk_cstr(p->w, FACT_FILE_PE_INSTALLER, name, NOWHERE);
    p->installer = true;
}

bool pe_child(struct pe *p, slice name, uint64_t at, uint64_t size)
{
    static const slice heads[] = { SLICE_INIT("MSCF\0\0\0\0"), SLICE_INIT("PK\3\4"), SLICE_INIT("7z\xbc\xaf\x27\x1c"), SLICE_INIT("Rar!\x1a\7"),
                                   SLICE_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), SLICE_INIT("%PDF-"), SLICE_INIT("{\\rtf"),
                                   SLICE_INIT("L\0\0\0\1\x14\2\0") };
    struct body b = body_part(p->w->mem, p->body, at, size);
    uint32_t header;
    bool known = find_header(b.all, &header);
    for (size_t i = 0; !known && i < sizeof heads / sizeof heads[0]; i++)
        known = slice_starts(b.all, heads[i]);
    struct child c = { .name = name, .how = HOW_OLE, .at = range_of(at, b.all.len), .body = &b };
    return known && walk_child(p->w, &c) != NO_ID;
}

static enum walk_end pe_walk(struct walk *w, const struct body *body)
{
    struct pe p = { .w = w, .body = body, .all = body->all };
    if (!walk_work(w, WORK_PER_ENTRY) || !read_headers(&p))
        return walk_over(w) ? WALK_LIMIT : WALK_NOT_MINE;
    if (p.torn)
        pe_malformed(&p, "short");
    pe_sections(&p);
    pe_imports(&p);
    pe_exports(&p);
    if (p.directories[PE_DOTNET].at)
        walk_flag(w, FACT_FILE_PE_DOTNET, NOWHERE);
    say_signature(&p);
    pe_resources(&p);
    pe_overlay(&p);
    /* nobody is known to stand behind it */
    bool runs = p.entry != 0 && !is_efi(p.subsystem) && p.subsystem != 1;
    if (runs && !p.versioned && !p.directories[PE_CERTIFICATES].at && !p.installer)
        walk_flag(w, FACT_FILE_PE_ANONYMOUS, NOWHERE);
    if (walk_over(w))
        return WALK_LIMIT;
    return p.torn ? WALK_SHORT : WALK_WHOLE;
}

const struct format format_pe = {
    .name = "pe",
    .spec = "PE Format (Microsoft)",
    .sniff = pe_sniff,
    .walk = pe_walk,
};
