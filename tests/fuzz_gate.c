/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of what a door or a desk that was taken over may send. The first byte chooses the message;
 * what is understood must be written again as the same bytes. */
#include "wire/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool again(unsigned word, slice in, struct arena *mem, struct buf *out, bool *read)
{
    struct gate_request request;
    struct gate_answer answer;
    struct gate_state state;
    struct gate_fetch fetch;
    struct gate_fetched fetched;
    uint64_t id;
    switch (word) {
    case GATE_SCAN:
        return (*read = gate_read_request(in, mem, &request)) && gate_put_request(out, &request);
    case GATE_ANSWER:
        return (*read = gate_read_answer(in, mem, &answer)) && gate_put_answer(out, &answer);
    case GATE_CANCEL:
        return (*read = gate_read_cancel(in, &id)) && gate_put_cancel(out, id);
    case GATE_STATE:
        return (*read = gate_read_state(in, &state)) && gate_put_state(out, &state);
    case GATE_FETCH:
        return (*read = gate_read_fetch(in, &fetch)) && gate_put_fetch(out, &fetch);
    default:
        return (*read = gate_read_fetched(in, &fetched)) && gate_put_fetched(out, &fetched);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    slice in = { data + 1, size - 1 };
    struct arena *mem = arena_new(1 << 20);
    struct buf out = buf_new(GATE_PAYLOAD_MAX);
    bool read = false;
    CHECK(mem);
    bool written = again(data[0] % (GATE_FETCHED + 1), in, mem, &out, &read);
    CHECK(read == written && (!read || slice_eq(buf_slice(&out), in)));
    buf_drop(&out);
    arena_drop(&mem);
    return 0;
}
