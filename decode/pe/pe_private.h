/* SPDX-License-Identifier: Apache-2.0 */
/* pe_private - what the pieces of the program reader share. */
#pragma once
#include "decode/walk.h"

enum {
    PE_SECTIONS_MAX = 96,     /* the loader takes no more */
    PE_DIRECTORIES = 16,
    PE_NAME_MAX = 512,        /* bytes of the name of a library or function */
    PE_SECTOR = 512,          /* raw addresses are rounded down to it */
    PE_PAGE = 4096,
};

/* Data directories ([PECOFF] "Optional Header Data Directories"). */
enum { PE_EXPORTS, PE_IMPORTS, PE_RESOURCES, PE_EXCEPTIONS, PE_CERTIFICATES, PE_DOTNET = 14 };

/* Section flags. */
#define PE_CODE 0x00000020u
#define PE_EXECUTE 0x20000000u
#define PE_WRITE 0x80000000u

struct pe_span {
    uint32_t at, size;
};

struct pe_section {
    slice name;
    uint32_t va, virtual_size, raw, raw_size, flags;
};

struct pe {
    struct walk *w;
    const struct body *body;
    slice all;
    uint16_t machine, characteristics, subsystem;
    bool wide;                /* PE32+ */
    bool flat;                /* alignment below a page: addresses are offsets */
    uint32_t entry, headers;
    uint32_t symbols, n_symbols;
    struct pe_span directories[PE_DIRECTORIES];
    struct pe_section sections[PE_SECTIONS_MAX];
    unsigned n_sections, cached;
    uint64_t end;             /* of what the headers account for */
    uint32_t functions;       /* imported */
    bool versioned, installer, torn;
};

void pe_malformed(struct pe *p, const char *what);
/* Bytes of the address, at most `max`; empty where the file has none. */
slice pe_at(struct pe *p, uint64_t rva, size_t max);
/* Text up to its NUL, at most PE_NAME_MAX. */
slice pe_name(struct pe *p, uint64_t rva);
/* A name for a report: clean UTF-8, cut. */
slice pe_shown(struct pe *p, slice raw);
/* Said once a file. */
void pe_installer(struct pe *p, const char *name);
/* A file inside, if it is of a kind that is worth reading. `data` lies at `at`. */
bool pe_child(struct pe *p, slice name, uint64_t at, uint64_t size);

void pe_sections(struct pe *p);  /* pe_section.c: names, density, packing */
void pe_imports(struct pe *p);   /* pe_import.c: libraries, functions, imphash */
void pe_exports(struct pe *p);   /* pe_export.c */
void pe_resources(struct pe *p); /* pe_resource.c: version, files in resources */
void pe_overlay(struct pe *p);   /* pe_overlay.c: what stands behind the program */

/* Name of a function that libraries are asked for by number (pe_ordinal.c); NULL. */
const char *pe_ordinal_name(slice library, uint16_t ordinal);
