/* SPDX-License-Identifier: Apache-2.0 */
/* outcome - see outcome.h. Reports are strangers' text: all of it is made safe to show. */
#include "programs/verify/outcome.h"
#include "base/json.h"
#include "os/folder.h"

#include <stdio.h>

enum { VALUES_ROOM = 4096 };

static void put_message(struct buf *out, enum message m, enum language l, slice first, slice second)
{
    struct buf shown[2] = { buf_new(VALUES_ROOM), buf_new(VALUES_ROOM) };
    shown_put(&shown[0], first, STEPS_TEXT_MAX, SHOWN_DEFANG);
    shown_put(&shown[1], second, STEPS_TEXT_MAX, SHOWN_DEFANG);
    const slice values[] = { buf_slice(&shown[0]), buf_slice(&shown[1]) };
    message_put(out, m, l, values, 2);
    buf_drop(&shown[0]);
    buf_drop(&shown[1]);
}

static void put_counts(struct buf *out, enum message m, enum language l, size_t first,
                       size_t second)
{
    char text[2][24];
    snprintf(text[0], sizeof text[0], "%zu", first);
    snprintf(text[1], sizeof text[1], "%zu", second);
    put_message(out, m, l, slice_of(text[0]), slice_of(text[1]));
}

static void put_place(struct buf *out, const struct outcome_place *at)
{
    shown_put(out, slice_of(at->reports), PATH_BYTES_MAX, 0);
    buf_format(out, ":%zu: ", at->line);
}

static void put_uncompared(struct buf *out, const struct check *c, enum language l)
{
    for (unsigned id = 0; id < FACT_COUNT; id++) {
        char n[24];
        if (!c->uncompared[id])
            continue;
        snprintf(n, sizeof n, "%u", (unsigned)c->uncompared[id]);
        buf_text(out, "  ");
        put_message(out, MSG_VERIFY_UNCOMPARED, l, slice_of(fact_row((enum fact_id)id)->name),
                    slice_of(n));
        buf_byte(out, '\n');
    }
}

void outcome_text(struct buf *out, const struct check *c, const struct outcome_place *at,
                  enum language l, bool details)
{
    size_t kept = 0;
    for (const struct failed *f = c->s.first; f; f = f->next, kept++) {
        put_place(out, at);
        shown_put(out, f->path, f->path.len, 0);
        buf_text(out, ": ");
        put_message(out, f->why, l, f->found, f->wanted);
        buf_byte(out, '\n');
    }
    put_place(out, at);
    shown_put(out, shape_text(c->report, "path"), PATH_BYTES_MAX, 0);
    buf_text(out, ": ");
    if (c->s.n_failed)
        put_counts(out, MSG_VERIFY_REFUSED, l, c->s.n_failed, c->s.held);
    else
        put_counts(out, MSG_VERIFY_GOOD, l, c->s.held, c->s.not_comparable);
    buf_byte(out, '\n');
    if (details)
        put_uncompared(out, c, l);
}

static void put_failed(struct json *j, const struct failed *f)
{
    struct buf why = buf_new(2 * VALUES_ROOM);
    const slice values[] = { f->found, f->wanted };
    message_put(&why, f->why, LANGUAGE_EN, values, 2);
    json_object(j);
    json_key(j, "step");
    json_cstr(j, step_kind_name(f->kind));
    json_key(j, "path");
    json_text(j, f->path);
    json_key(j, "why");
    json_text(j, buf_slice(&why));
    json_object_end(j);
    buf_drop(&why);
}

void outcome_json(struct buf *out, const struct check *c, const struct outcome_place *at)
{
    struct json j = json_new(out);
    json_object(&j);
    json_key(&j, "report");
    json_cstr(&j, at->reports);
    json_key(&j, "line");
    json_uint(&j, at->line);
    json_key(&j, "path");
    json_text(&j, shape_text(c->report, "path"));
    json_key(&j, "verified");
    json_bool(&j, c->s.n_failed == 0);
    json_key(&j, "steps");
    json_uint(&j, c->s.held + c->s.n_failed);
    json_key(&j, "not_comparable");
    json_uint(&j, c->s.not_comparable);
    json_key(&j, "failed");
    json_array(&j);
    for (const struct failed *f = c->s.first; f; f = f->next)
        put_failed(&j, f);
    json_array_end(&j);
    json_key(&j, "more");
    json_uint(&j, c->s.n_failed > STEPS_FAILED_KEPT ? c->s.n_failed - STEPS_FAILED_KEPT : 0);
    json_key(&j, "uncompared");
    json_object(&j);
    for (unsigned id = 0; id < FACT_COUNT; id++)
        if (c->uncompared[id]) {
            json_key(&j, fact_row((enum fact_id)id)->name);
            json_uint(&j, c->uncompared[id]);
        }
    json_object_end(&j);
    json_object_end(&j);
    buf_byte(out, '\n');
}
