/* SPDX-License-Identifier: Apache-2.0 */
/* pe_section - the sections of a program: their names, how dense their bytes are, and what packers
 * do to them: code that is compressed, that will be written over when it starts, or that is not
 * there yet. Density is Shannon's entropy in hundredths of a bit a byte, of a sample. */
#include "base/text.h"
#include "decode/pe/pe_private.h"

enum {
    NAMES_SAID = 24,
    SAMPLES = 8,
    SAMPLE = 4096,
    DENSE = 720,        /* machine code has 550 to 670, compressed data 790 and more */
    DENSE_LEAST = 8192, /* bytes; less tells nothing */
    LOG_BITS = 8,
};

/* log2 of 1 or more, in 1/256: the whole part by shifts, then one bit of the fraction a squaring. */
static uint32_t log2_256(uint32_t x)
{
    uint32_t whole = 0;
    while (x >> (whole + 1))
        whole++;
    uint64_t m = (uint64_t)x << (31 - whole); /* 1.0 is 2^31 */
    uint32_t fraction = 0;
    for (unsigned i = 0; i < LOG_BITS; i++) {
        m = m * m >> 31;
        fraction <<= 1;
        if (m >> 32) {
            fraction |= 1;
            m >>= 1;
        }
    }
    return whole << LOG_BITS | fraction;
}

/* Of at most SAMPLES pieces, evenly spread. */
static int64_t density(struct pe *p, slice s)
{
    uint32_t count[256] = { 0 }, n = 0;
    size_t step = s.len / SAMPLES;
    for (size_t i = 0; i < SAMPLES; i++) {
        slice piece = s.len <= SAMPLES * SAMPLE ? (i ? (slice){ 0 } : s) : slice_sub(s, i * step, SAMPLE);
        for (size_t k = 0; k < piece.len; k++)
            count[piece.at[k]]++;
        n += (uint32_t)piece.len;
    }
    if (n == 0 || !walk_work(p->w, n))
        return 0;
    uint64_t sum = 0;
    for (unsigned b = 0; b < 256; b++)
        sum += count[b] ? (uint64_t)count[b] * log2_256(count[b]) : 0;
    uint32_t whole = log2_256(n);
    uint64_t mean = sum / n;
    return mean < whole ? (int64_t)((whole - mean) * 100 >> LOG_BITS) : 0;
}

static slice bytes_of(const struct pe *p, const struct pe_section *s)
{
    uint32_t size = s->virtual_size && s->virtual_size < s->raw_size ? s->virtual_size : s->raw_size;
    return s->raw < p->all.len ? slice_sub(p->all, s->raw, size) : (slice){ 0 };
}

static bool holds(const struct pe_section *s, uint32_t rva)
{
    uint32_t size = s->virtual_size > s->raw_size ? s->virtual_size : s->raw_size;
    return rva >= s->va && rva - s->va < size;
}

/* Names that packers leave. Some tools give them to what is not packed. */
static bool named_by_packer(slice name)
{
    static const char *const names[] = { "UPX0", "UPX1", "UPX2", ".aspack", ".adata", "ASPack", ".MPRESS1", ".MPRESS2", ".petite", "PEC2", "PECompact2",
                                         ".vmp0", ".vmp1", ".vmp2", ".themida", ".winlice", ".enigma1", ".enigma2", "FSG!", ".nsp0", ".nsp1", ".packed",
                                         "MEW", ".yP", ".y0da", "kkrunchy", ".boom", ".perplex", ".spack", ".svkp", "pebundle" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

static void mark(struct pe *p, const char *how, int64_t *score)
{
    walk_cstr(p->w, FACT_FILE_PE_PACKED, how, NOWHERE);
    ++*score;
}

/* Code that runs first, and where room is kept for code that comes later. */
static int64_t say_packing(struct pe *p, const int64_t *dense, bool named)
{
    int64_t score = 0;
    bool empty = false, code = false;
    for (unsigned i = 0; i < p->n_sections; i++) {
        const struct pe_section *s = &p->sections[i];
        bool runs = s->flags & PE_EXECUTE;
        code = code || dense[i] >= DENSE;
        empty = empty || (runs && s->raw_size == 0 && s->virtual_size >= PE_PAGE);
        if (p->entry == 0 || !holds(s, p->entry))
            continue;
        if (runs && (s->flags & PE_WRITE))
            mark(p, "writable-code", &score);
        if (i > 0 && i + 1 == p->n_sections && !slice_is(s->name, ".text"))
            mark(p, "entry-in-last-section", &score);
    }
    if (code)
        mark(p, "dense-code", &score);
    if (empty)
        mark(p, "code-to-come", &score);
    if (named)
        mark(p, "packer-section-name", &score);
    return score;
}

void pe_sections(struct pe *p)
{
    int64_t dense[PE_SECTIONS_MAX] = { 0 }, densest = 0;
    bool named = false;
    for (unsigned i = 0; i < p->n_sections; i++) {
        const struct pe_section *s = &p->sections[i];
        slice bytes = bytes_of(p, s);
        int64_t d = bytes.len >= DENSE_LEAST ? density(p, bytes) : 0;
        bool code = s->flags & (PE_EXECUTE | PE_CODE);
        dense[i] = code ? d : 0;
        densest = d > densest ? d : densest;
        named = named || named_by_packer(s->name);
        if (i < NAMES_SAID && s->name.len)
            walk_text(p->w, FACT_FILE_PE_SECTIONS_NAME, pe_shown(p, s->name), range_of(s->raw, bytes.len));
        if (code && (s->flags & PE_WRITE))
            walk_text(p->w, FACT_FILE_PE_SECTIONS_WRITABLE_CODE, pe_shown(p, s->name), range_of(s->raw, bytes.len));
    }
    walk_int(p->w, FACT_FILE_PE_SECTIONS_COUNT, p->n_sections, NOWHERE);
    if (densest)
        walk_int(p->w, FACT_FILE_PE_SECTIONS_ENTROPY, densest, NOWHERE);
    int64_t score = say_packing(p, dense, named);
    if (score)
        walk_int(p->w, FACT_FILE_PE_PACKED_MARKS, score, NOWHERE);
}
