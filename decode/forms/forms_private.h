/* SPDX-License-Identifier: Apache-2.0 */
/* forms_private - the storages of forms and controls of one bundle, for the files of this folder.
 *
 * forms_site.c reads what a form says of itself and its controls, forms_frame.c what the editor
 * keeps beside, forms.c finds the storages and leads.
 */
#pragma once
#include "decode/shared/controls.h"
#include "decode/hidden.h"

enum { FORMS_DEPTH = 12, FORMS_SITES_MAX = 4096 };

/* 2.2.10.12: one control of a form. */
struct forms_site {
    slice name, tag, tip, source, rows; /* UTF-8 */
    uint32_t id, size;                  /* of its stream in `o` */
    enum control_kind kind;
    bool streamed; /* its properties stand in `o`; else in a storage of its own */
};

struct forms_form {
    slice caption;
    struct forms_site *sites;
    size_t n_sites;
    bool whole; /* all that the form promised was there */
};

/* The stream `f`. False: it begins like no form. */
bool forms_site_read(struct walk *w, slice in, struct forms_form *out);

/* \3VBFrame: what the form is called there, and its tag. */
void forms_frame_read(struct walk *w, slice owner, slice text, struct range at);
