/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of what a taken-over worker may send. The first byte chooses how the
 * stream is cut into pieces; the outcome must not depend on it, no id may be
 * out of range, and an abandoned answer must have every part closed. */
#include "base/text.h"
#include "wire/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_bytes(void *host, uint32_t part, uint64_t at, slice bytes)
{
    const struct record *r = host;
    (void)at;
    CHECK(part < r->n_parts && bytes.len);
}

static void check_record(const struct record *r)
{
    for (uint32_t i = 0; i < r->n_parts; i++)
        CHECK((i == 0 ? r->parts[i].parent == NO_ID : r->parts[i].parent < i) &&
              r->parts[i].closed && utf8_valid(r->parts[i].name));
    for (uint32_t i = 0; i < r->n_facts; i++)
        CHECK(r->facts[i].id < FACT_COUNT && r->facts[i].event < r->n_events &&
              r->facts[i].part < r->n_parts && utf8_valid(r->facts[i].text));
    for (uint32_t i = 0; i < r->n_hits; i++)
        CHECK(r->hits[i].field < FACT_COUNT && r->hits[i].event < r->n_events &&
              r->hits[i].part < r->n_parts);
    for (uint32_t i = 0; i < r->n_effects; i++)
        for (uint32_t j = 0; j < r->effects[i].n_origins; j++)
            CHECK(r->effects[i].origins[j].part < r->n_parts);
    for (uint32_t i = 0; i < r->n_unread; i++)
        CHECK(r->unread[i].part < r->n_parts && r->unread[i].cause < UNREAD_CAUSES && r->unread[i].of < UNREAD_OFS);
}

static enum frames_status run(slice bytes, size_t step, struct record *r, struct arena *mem)
{
    struct frames_in *in;
    struct frames_done done;
    CHECK(frames_in_new(&in) == 0);
    record_init(r, mem);
    struct sink sink = record_sink(r);
    sink.bytes = take_bytes;
    frames_in_start(in, &sink);
    enum frames_status status = FRAMES_MORE;
    for (size_t at = 0; at < bytes.len && status == FRAMES_MORE; at += step)
        status = frames_in_feed(in, slice_sub(bytes, at, step), &done);
    const struct part root = { .parent = NO_ID };
    if (status != FRAMES_DONE)
        frames_in_abandon(in, &root, WALK_CRASHED, UNREAD_CRASHED, UNREAD_OF_PROCESS);
    frames_in_drop(&in);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    slice bytes = { data + 1, size - 1 };
    struct arena *mem = arena_new(64 << 20), *mem2 = arena_new(64 << 20);
    CHECK(mem && mem2);
    struct record whole, pieces;
    enum frames_status a = run(bytes, bytes.len ? bytes.len : 1, &whole, mem);
    enum frames_status b = run(bytes, 1 + (size_t)data[0] * 3, &pieces, mem2);
    check_record(&whole);
    check_record(&pieces);
    /* Behind DONE the pieces are no longer fed; the whole has seen the tail. */
    CHECK(a == b || (a == FRAMES_BAD && b == FRAMES_DONE));
    /* A refused answer has a root part made for it, so the counts are compared of equal ends. */
    CHECK(a != b || (whole.n_parts == pieces.n_parts && whole.n_facts == pieces.n_facts &&
                     whole.n_hits == pieces.n_hits));
    arena_drop(&mem);
    arena_drop(&mem2);
    return 0;
}
