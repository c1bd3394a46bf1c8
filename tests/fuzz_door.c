/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of one door (DOOR): a stranger's bytes, cut into pieces, with answers of the desk
 * between them. The first byte chooses the pieces, the second the answers and whether a desk is
 * there, the third what files a peer passes. Run twice, it is the same; what is sent is bounded
 * by what came; clean is said only where the desk said it. */
#include "doors/harness.h"
#include "os/file.h"

#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 3, SENT_PER_BYTE = 1024, SENT_BASE = 64 << 10 };

static struct gate_answer answer_of(uint8_t how)
{
    static const struct gate_header headers[] = {
        { SLICE_INIT("X-Sekisho-Verdict"), SLICE_INIT("malicious") },
        { SLICE_INIT("X-Sekisho-Id"), SLICE_INIT("261122-7K3F9Q2M") }
    };
    struct gate_answer a = { .verdict = (enum verdict)(how % VERDICTS),
                             .unread = how % VERDICTS == VERDICT_UNKNOWN ? 1U << (how / 4 % 5) : 0,
                             .deed = (enum deed)(how / 3 % DEEDS),
                             .reference = SLICE_LIT("261122-7K3F9Q2M"),
                             .name =
                                 how % VERDICTS ? SLICE_LIT("Downloader.VBA.Test") : (slice){ 0 },
                             .reply = SLICE_LIT("refused, see 261122-7K3F9Q2M"),
                             .headers = headers,
                             .n_headers = how / 7 % 3,
                             .limit = how & 64 ? SLICE_LIT("depth") : (slice){ 0 } };
    if (how % 11 == 10)
        a.trouble = SLICE_LIT("overloaded");
    return a;
}

/* Answers of clamd that say OK, at the end of a line as its clients read them. */
static size_t count_ok(slice sent)
{
    size_t n = 0;
    for (size_t at = 0; (at = slice_find(sent, SLICE_LIT(": OK"), at)) != SIZE_MAX; at += 4) {
        slice next = slice_sub(sent, at + 4, 1);
        n += next.len && (next.at[0] == 0 || next.at[0] == '\n');
    }
    return n;
}

static void run(slice input, struct buf *sent_out)
{
    struct fake f;
    fake_new(&f, fake_door(DOOR));
    static const slice tokens[] = { /* of "secret" */
                                    SLICE_INIT("2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b") };
    f.settings.limits.object_max = 20000;
    f.settings.tokens = tokens;
    f.settings.n_tokens = 1;
    f.away = (input.at[1] & 15) == 15;
    size_t piece = 1 + (size_t)input.at[0] * 3, clean = 0, turn = 0;
    slice bytes = slice_from(input, HEAD);
    fake_open(&f, input.at[2] & 1 ? "192.0.2.7" : "unix");
    for (size_t at = 0; at < bytes.len && fake_lives(&f); at += piece, turn++) {
        int fd = -1;
        if (f.door->descriptors && input.at[2] >> (1 + turn % 7) & 1 &&
            file_sealed_bytes(slice_sub(bytes, 0, 100), &fd, NULL) != 0)
            fd = -1;
        fake_feed(&f, slice_sub(bytes, at, piece), piece, &fd, fd >= 0);
        if ((input.at[1] + turn) % 3 == 0 && f.n_asked) {
            struct gate_answer a = answer_of((uint8_t)(input.at[1] + turn));
            size_t place = turn % f.n_asked;
            if (fake_answer(&f, place, a))
                clean += a.verdict == VERDICT_CLEAN && !a.trouble.len;
        }
        if (turn % 2)
            (void)fake_fetched(&f, input.at[1] & 32 ? SLICE_LIT("{}") : (slice){ 0 });
        if (f.door->tick && f.n_asked && fake_lives(&f))
            f.over = !f.door->tick(f.session);
    }
    if (input.at[1] & 128)
        fake_finish(&f);
    while (f.n_fetched && fake_lives(&f))
        (void)fake_fetched(&f, SLICE_LIT("{}"));
    while (f.n_asked && fake_lives(&f)) {
        struct gate_answer a = answer_of(input.at[1]);
        clean += a.verdict == VERDICT_CLEAN && !a.trouble.len;
        CHECK(fake_answer(&f, 0, a));
    }
    if (!(input.at[1] & 128))
        fake_finish(&f);
    CHECK(f.sent.len <= SENT_BASE + SENT_PER_BYTE * bytes.len);
    CHECK(count_ok(buf_slice(&f.sent)) <= clean || strcmp(DOOR, "clamd") != 0);
    *sent_out = f.sent;
    f.sent = buf_new(1);
    fake_drop(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD)
        return 0;
    struct buf once, twice;
    run((slice){ data, size }, &once);
    run((slice){ data, size }, &twice);
    CHECK(slice_eq(buf_slice(&once), buf_slice(&twice)));
    buf_drop(&once);
    buf_drop(&twice);
    return 0;
}
