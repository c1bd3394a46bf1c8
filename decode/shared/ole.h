/* SPDX-License-Identifier: Apache-2.0 */
/* ole - embedded and linked objects, whoever carries them: [MS-OLEDS].
 *
 * RTF has OLE 1 objects in hex, compound files their OLE 2 form. Here is what
 * both share; nothing is kept, all is said about the walk given.
 */
#pragma once
#include "decode/walk.h"

/* One OLE 1 object (2.2.4 to 2.2.6) at the beginning of `data`; its file, if
 * it has one, becomes a child. False: nothing there looks like an object. */
bool ole_object_read(struct walk *w, slice data, struct range at);
/* How much of an object `data` looks like: 0 none; for choosing between readings. */
unsigned ole_object_likely(slice data);

/* The shell's packager, as native data or in \1Ole10Native behind its length.
 * False: it is none. *cut_out: the file is longer than the data. */
bool ole_package_read(struct walk *w, slice data, struct range at, bool *cut_out);

/* The stream \1Ole (2.3.3): what a linked object is linked to. */
void ole_link_read(struct walk *w, slice stream, struct range at);

/* A file out of an object becomes a child. */
void ole_give(struct walk *w, slice name, slice file, struct range at);
