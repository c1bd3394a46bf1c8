/* SPDX-License-Identifier: Apache-2.0 */
/* archive_stream - one compressed file without a list of members. */
#include "decode/shared/archive.h"

enum walk_end archive_walk_stream(struct walk *w, const struct body *body,
                                  struct unpack_result (*unpack)(struct body_writer *out, slice in, struct arena *mem,
                                                                 struct budget *budget),
                                  const char *const *endings, size_t n)
{
    struct archive list = { .w = w };
    uint64_t max = w->budget->left[BUDGET_INFLATED];
    struct archive_member *m = archive_add(&list, archive_stem(w->mem, w->name, endings, n));
    struct body_writer *bw = m ? body_writer_new(w->mem, 0, max) : NULL;
    if (!bw)
        return WALK_LIMIT;
    struct unpack_result r = unpack(bw, body->all, w->mem, w->budget);
    struct body content = body_writer_done(bw);
    m->size = content.all.len;
    m->at = range_of(0, r.used);
    archive_say(&list);
    if (r.end == UNPACK_WHOLE && r.used < body->all.len)
        walk_int(w, FACT_FILE_OVERLAY, (int64_t)(body->all.len - r.used), range_of(r.used, body->all.len - r.used));
    if (r.end == UNPACK_LIMIT)
        archive_unread(&list, UNREAD_LIMIT, m->name);
    else if (content.all.len == 0 && r.end != UNPACK_WHOLE)
        archive_unread(&list, UNREAD_DAMAGED, m->name);
    if (content.all.len || r.end == UNPACK_WHOLE)
        archive_walk_member(&list, m, &content);
    body_release(&content);
    static const enum walk_end ends[] = {
        [UNPACK_WHOLE] = WALK_WHOLE, [UNPACK_SHORT] = WALK_SHORT, [UNPACK_BROKEN] = WALK_BROKEN, [UNPACK_LIMIT] = WALK_LIMIT,
    };
    return ends[r.end];
}
