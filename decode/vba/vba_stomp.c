/* SPDX-License-Identifier: Apache-2.0 */
/* Does the compiled code hold what the source does not? Office runs the
 * compiled code where its version fits; sources can be emptied or replaced.
 *
 * Two signs: a module with hardly any source behind a large compiled part; and
 * names in the identifier table of _VBA_PROJECT that no source mentions (its
 * layout is not published: each name stands behind its length and a type
 * byte). The compiled code itself is not read.
 */
#include "decode/vba/vba_private.h"
#include "base/text.h"

enum {
    COMPILED_OF_EMPTY = 4096,
    COMPILED_OF_FEW = 8192,
    WHY_MAX = 256,
};

/* Names a macro that starts by itself or acts outside the document cannot do
 * without. The table also remembers names of code that its author deleted, so
 * one entry name proves nothing: wanted are one that acts, or NAMES_ENOUGH. */
static const char *const names[] = {
    "Shell",          "URLDownloadToFileA", "URLDownloadToFile",
    "ShellExecute",   "ShellExecuteA",      "WinExec",
    "VirtualAlloc",   "CreateThread",       "ExecuteExcel4Macro",
    "SaveToFile",     "AutoOpen",           "Auto_Open",
    "AutoClose",      "AutoExec",           "Document_Open",
    "Document_Close", "Workbook_Open",      "Workbook_Activate",
    "CreateObject",   "GetObject",          "CallByName",
    "responseBody",   "ShowWindow",
};

enum { N_NAMES = sizeof names / sizeof names[0], NAMES_ACTING = 10, NAMES_ENOUGH = 3 };
_Static_assert(N_NAMES <= 32, "a bit for each name");

/* Which names, one bit each, stand in the table behind their length and a type byte. */
static uint32_t table_names(slice table)
{
    uint32_t found = 0, of_length[256] = { 0 };
    for (size_t i = 0; i < N_NAMES; i++)
        of_length[strlen(names[i])] |= 1u << i;
    for (size_t at = 2; at < table.len; at++) {
        uint8_t len = table.at[at - 2];
        for (uint32_t left = of_length[len]; left; left &= left - 1) {
            int i = __builtin_ctz(left);
            if (table.at[at] == (uint8_t)names[i][0] &&
                slice_is(slice_sub(table, at, len), names[i]))
                found |= 1u << i;
        }
    }
    return found;
}

static bool sources_have(const struct vba *p, const char *name)
{
    for (size_t i = 0; i < p->n_modules; i++)
        if (slice_find_nocase(p->modules[i].source, slice_of(name), 0) != SIZE_MAX)
            return true;
    return false;
}

static slice read_table(struct vba *p, struct body *body)
{
    for (size_t i = 0; i < p->n_streams; i++) {
        if (!slice_is_nocase(vba_entry_name(p->b, p->streams[i]), "_VBA_PROJECT"))
            continue;
        (void)p->b->open(p->outer, p->b, p->streams[i], body);
        p->b->entries[p->streams[i]].taken = true;
        return body->all;
    }
    return (slice){ 0 };
}

static void look_at_names(struct vba *p)
{
    struct body body = body_borrow((slice){ 0 });
    slice table = read_table(p, &body);
    struct buf missing = buf_new(WHY_MAX);
    size_t total = 0, count = 0;
    for (size_t i = 0; i < p->n_modules; i++)
        total += p->modules[i].source.len;
    if (walk_work(p->w, table.len * 2 + total)) {
        uint32_t found = table_names(table);
        for (size_t i = 0; i < N_NAMES; i++) {
            if (!(found >> i & 1) || sources_have(p, names[i]))
                continue;
            buf_text(&missing, missing.len ? ", " : "only compiled: ");
            buf_text(&missing, names[i]);
            count += i < NAMES_ACTING ? NAMES_ENOUGH : 1;
        }
    }
    if (count >= NAMES_ENOUGH)
        walk_text(p->w, FACT_VBA_STOMPED, buf_slice(&missing), NOWHERE);
    buf_drop(&missing);
    body_release(&body);
}

/* Compiled bytes in front of a source, over some 800 modules: 1 to 14 for each
 * character, below 4 KiB where there are but attributes (controls on a sheet
 * have long ones). */
static const char *look_at_sizes(const struct vba_module *m)
{
    uint64_t source = m->source.len;
    if (!m->sourced)
        return m->compiled > COMPILED_OF_EMPTY ? "source missing: " : NULL;
    if (m->bare)
        return m->compiled > COMPILED_OF_EMPTY + 3 * source ? "no source behind compiled code: "
                                                            : NULL;
    return m->compiled > COMPILED_OF_FEW + 8 * source ? "short source behind compiled code: "
                                                      : NULL;
}

static void look_at_module(struct vba *p, const struct vba_module *m)
{
    const char *sign = m->in_dir ? look_at_sizes(m) : NULL;
    if (!sign)
        return;
    struct buf why = buf_new(WHY_MAX);
    buf_text(&why, sign);
    buf_put(&why, utf8_cut(m->name, 128));
    walk_text(p->w, FACT_VBA_STOMPED, buf_slice(&why), NOWHERE);
    buf_drop(&why);
}

void vba_stomp_look(struct vba *p)
{
    unsigned told = 0;
    for (size_t i = 0; i < p->n_modules && told < 16; i++)
        look_at_module(p, &p->modules[i]);
    look_at_names(p);
}
