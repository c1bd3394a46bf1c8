/* SPDX-License-Identifier: Apache-2.0 */
/* script_private - shared by the files of this format only. */
#pragma once
#include "base/buf.h"
#include "decode/plain.h"
#include "decode/walk.h"

enum script_language {
    SCRIPT_NONE,
    SCRIPT_JSCRIPT,
    SCRIPT_VBSCRIPT,
    SCRIPT_WSF,
    SCRIPT_POWERSHELL,
    SCRIPT_BATCH,
    SCRIPT_REG,
    SCRIPT_SCF, /* also .inf: sections of name=value */
};

/* --- script_words.c: which language is it? */
enum script_language script_language_by_type(slice type_name);
enum script_language script_language_by_words(slice text);
const char *script_language_type(enum script_language language);
/* The Content-Type under which a child of this language is handed on. */
slice script_language_media(enum script_language language);

/* --- script_squeeze.c: the code without comments and padding */

struct script_squeezed {
    slice code;
    uint64_t comments; /* bytes left out as comments */
    uint64_t longest;  /* comment */
    uint64_t padding;  /* bytes left out as runs of blanks */
    bool cut;          /* the code is longer than is kept */
};

/* `out` holds the code where anything was left out. */
struct script_squeezed script_squeeze(enum script_language language, slice text, struct buf *out);

/* --- script_encoder.c: Windows Script Encoder */

static inline size_t script_encoder_find(slice s, size_t from)
{
    return slice_find(s, SLICE_LIT("#@~^"), from);
}
struct script_decoded {
    slice text; /* the whole text, its encoded blocks decoded */
    unsigned blocks;
    unsigned bad_sums;  /* blocks whose checksum is wrong */
    unsigned bad_sizes; /* blocks whose length is wrong */
};
struct script_decoded script_encoder_decode(struct arena *mem, slice text);

/* --- script_wsf.c, script_payload.c */
void script_wsf(struct walk *w, const struct plain *p);
/* Files and commands that a script carries in base64. */
void script_payloads(struct walk *w, const struct plain *p, enum script_language language);
void script_child(struct walk *w, slice code, enum script_language language, struct range at);
/* A shell's or a section's lines that name a file on another computer. */
void script_sections(struct walk *w, const struct plain *p);
