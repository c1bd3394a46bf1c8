/* SPDX-License-Identifier: Apache-2.0 */
/* xml - elements, attributes and text of an XML document; seam in front of expat.
 *
 * No DTD is loaded, no entity is expanded beyond expat's own protection. At
 * the first fault the rest is read by a lenient tag scanner of our own, as
 * Office repairs damaged parts; *faulty_out of xml_read says so.
 * Nesting deeper than 256 ends an undamaged document (XML_LIMIT). After a fault closes may come
 * without opens and opens without closes, to any depth: handlers must not rely on balance.
 * Text comes in as many pieces as the library likes.
 * Names come with their prefix as written ("w:t"); local names decide.
 */
#pragma once
#include "base/arena.h"
#include "base/budget.h"

struct xml_attribute {
    slice name, value;
};

struct xml_handler {
    void *host;
    /* Any may be NULL. Slices live until the callback returns. `at` is the byte offset. */
    void (*open)(void *host, slice name, const struct xml_attribute *attributes, size_t n, size_t at);
    void (*close)(void *host, slice name, size_t at);
    void (*text)(void *host, slice text, size_t at);
};

enum xml_end { XML_WHOLE, XML_FAULTY, XML_LIMIT };

enum xml_end xml_read(slice document, const struct xml_handler *handler, struct arena *mem,
                      struct budget *budget);
/* The part behind the last ':'. */
slice xml_local(slice name);
/* Value of the attribute with this local name; empty when absent. */
slice xml_get(const struct xml_attribute *attributes, size_t n, const char *local);
