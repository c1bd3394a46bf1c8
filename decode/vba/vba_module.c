/* SPDX-License-Identifier: Apache-2.0 */
/* Source of the modules of a project: [MS-OVBA] 2.3.4.3.
 *
 * The `dir` stream says where the source of a module begins; where it says
 * nothing or something wrong, the container is searched for. Streams that no
 * directory lists are searched as well: Office ignores them, people who hide
 * code in documents do not.
 */
#include "decode/vba/vba_private.h"
#include "base/charset.h"
#include "base/text.h"

struct vba_module *vba_module_add(struct vba *p)
{
    if (!p->modules) {
        p->modules = ARENA_ARRAY(p->outer->mem, struct vba_module, 16);
        if (!p->modules)
            return NULL;
    }
    size_t n = p->n_modules;
    if (n >= VBA_MODULES_MAX) {
        vba_damage(p, "too many modules");
        return NULL;
    }
    if (n >= 16 && (n & (n - 1)) == 0) {
        struct vba_module *more =
            arena_regrow(p->outer->mem, p->modules, n * sizeof *more, n * 2, sizeof *more);
        if (!more)
            return NULL;
        p->modules = more;
    }
    struct vba_module *m = &p->modules[p->n_modules++];
    m->entry = SIZE_MAX;
    return m;
}

slice vba_entry_name(const struct bundle *b, size_t entry)
{
    slice name = b->entries[entry].name;
    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '/')
            return slice_from(name, i);
    return name;
}

static size_t find_stream(struct vba *p, slice name)
{
    if (name.len == 0 || !walk_work(p->w, 10 * p->n_streams))
        return SIZE_MAX;
    for (size_t i = 0; i < p->n_streams; i++)
        if (slice_eq_nocase(vba_entry_name(p->b, p->streams[i]), name))
            return p->streams[i];
    return SIZE_MAX;
}

static bool is_fixed(slice name)
{
    return slice_is_nocase(name, "dir") || slice_is_nocase(name, "_VBA_PROJECT") ||
           slice_starts_nocase(name, "__SRP_") || slice_is_nocase(name, "PROJECT") ||
           slice_is_nocase(name, "PROJECTwm") || slice_is_nocase(name, "PROJECTlk");
}

void vba_module_find(struct vba *p)
{
    for (size_t i = 0; i < p->n_modules; i++) {
        struct vba_module *m = &p->modules[i];
        m->entry = find_stream(p, m->stream);
        if (m->entry == SIZE_MAX)
            m->entry = find_stream(p, m->stream_mbcs);
        if (m->entry == SIZE_MAX)
            m->entry = find_stream(p, m->name);
        if (m->entry != SIZE_MAX)
            p->b->entries[m->entry].taken = true;
        else
            vba_damage(p, "module stream missing");
    }
    for (size_t i = 0; i < p->n_streams; i++) {
        struct bundle_entry *e = &p->b->entries[p->streams[i]];
        slice name = vba_entry_name(p->b, p->streams[i]);
        if (e->taken || is_fixed(name))
            continue;
        struct vba_module *m = vba_module_add(p);
        if (!m)
            return;
        m->name = m->stream = name;
        m->entry = p->streams[i];
    }
}

/* Nothing but the lines that the editor hides. */
static bool is_bare(slice source)
{
    cursor k = cur_open(source);
    while (cur_more(&k)) {
        slice line = slice_trim(cur_until(&k, '\n'));
        if (line.len && !slice_starts_nocase(line, "Attribute "))
            return false;
    }
    return true;
}

static bool looks_like_source(slice s)
{
    return slice_starts_nocase(slice_trim(slice_sub(s, 0, 64)), "Attribut");
}

/* Where the source begins, by the directory if that is right, else by search. */
static size_t source_offset(struct vba *p, const struct vba_module *m, slice stream)
{
    if (m->has_offset && m->offset < stream.len && stream.at[m->offset] == 1)
        return m->offset;
    size_t found = vba_inflate_find(stream, 0);
    if (m->has_offset && found != m->offset)
        vba_damage(p, "source offset");
    return found;
}

/* What the source calls itself; for modules that no directory names. */
static slice name_in_source(slice source)
{
    static const slice mark = SLICE_INIT("VB_Name = \"");
    size_t at = slice_find(slice_sub(source, 0, 512), mark, 0);
    slice rest = slice_from(source, at == SIZE_MAX ? source.len : at + mark.len);
    return slice_sub(rest, 0, slice_find_byte(slice_sub(rest, 0, 128), '"', 0));
}

static void take_source(struct vba *p, struct vba_module *m, slice bytes)
{
    struct arena *mem = p->outer->mem;
    slice text = charset_decode_codepage(mem, p->codepage, bytes).text;
    m->source = text.at == bytes.at ? arena_copy(mem, text) : text;
    m->bare = is_bare(m->source);
    m->sourced = true;
    slice own = m->in_dir ? (slice){ 0 } : name_in_source(m->source);
    if (own.len && own.len < 128)
        m->name = own;
}

void vba_module_read(struct vba *p, struct vba_module *m, struct buf *scratch)
{
    struct body body;
    if (m->entry == SIZE_MAX)
        return;
    if (!p->b->open(p->outer, p->b, m->entry, &body))
        vba_damage(p, "module stream cut off");
    size_t at = source_offset(p, m, body.all);
    if (at != SIZE_MAX) {
        buf_clear(scratch);
        bool sound = vba_inflate(slice_from(body.all, at), scratch, p->w->budget);
        if (m->in_dir || looks_like_source(buf_slice(scratch))) {
            if (!sound && !p->carved)
                vba_damage(p, scratch->full ? "source too long" : "compressed source");
            m->compiled = at;
            take_source(p, m, buf_slice(scratch));
            p->b->entries[m->entry].taken = true;
            if ((!m->has_offset || at != m->offset) && p->recovered_told++ < VBA_NAMES_TOLD)
                walk_text(p->w, FACT_VBA_RECOVERED, m->name, NOWHERE);
        }
    } else if (m->in_dir) {
        m->compiled = body.all.len;
        vba_damage(p, "no source");
    }
    body_release(&body);
}
