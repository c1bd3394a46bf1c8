/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_image - compiled rules changed by somebody who knows the format: the
 * input is a list of changes (offset, value) to a good image, whose sum is then
 * made right again. What opens must be usable, for scanning and for judging. */
#include "judge/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
    "title: c\nname: c\ncorrelation: {type: value_count, rules: [a, b], timespan: 1m, group-by: "
    "[url.domain], condition: {field: url.port, gte: 1}}\n---\n"
    "title: d\nname: d\ncorrelation: {type: temporal_ordered, rules: [a, c], timespan: 1m}\n---\n"
    "title: a\nname: a\nlogsource: {product: sekisho, category: url}\n"
    "detection: {s: {url.path|contains: [abc, 'd*e'], url.ip|cidr: 192.0.2.0/24}, t: {url.full|re: "
    "'a+b'}, condition: s or not t}\n---\n"
    "title: b\nname: b\nlogsource: {product: sekisho, category: url}\n"
    "detection: {s: {url.port|gt: 5, parent.file.name: x, url.text|fieldref: url.full}, k: [word], "
    "condition: s and not k}\n";

static const struct buf *good_image(size_t *tables_end)
{
    static struct buf image;
    static size_t end;
    if (!image.at) {
        struct rule_source s = { SLICE_LIT("f.yml"),
                                 { (const uint8_t *)text, sizeof text - 1 },
                                 false };
        struct rules *r = NULL;
        image = buf_new(IMAGE_MAX);
        CHECK(rules_compile(&s, 1, &image, NULL) == 0);
        CHECK(rules_open(buf_slice(&image), &r, NULL) == 0);
        end = image.len - r->matcher.len;
        rules_drop(&r);
    }
    *tables_end = end;
    return &image;
}

static void on_hit(void *host, uint32_t atom, struct range at)
{
    struct record *r = host;
    struct sink s = record_sink(r);
    s.hit(s.host, &(struct hit){
                      .atom = atom, .event = r->n_events - 1, .field = FACT_URL_PATH, .at = at });
}

static void use(const struct rules *r)
{
    struct arena *mem = arena_new(64 << 20);
    struct record record;
    struct rule_scanner *scanner = NULL;
    CHECK(mem);
    record_init(&record, mem);
    struct sink s = record_sink(&record);
    s.part(s.host, &(struct part){ .parent = NO_ID });
    s.part(s.host, &(struct part){ .parent = 0 });
    for (uint32_t e = 0; e < 4; e++) {
        s.event(s.host, &(struct event){ e == 3 ? EVENT_PART : EVENT_URL, e & 1 });
        s.fact(s.host,
               &(struct fact){
                   .id = FACT_URL_PATH, .event = e, .part = e & 1, .text = SLICE_LIT("/abcdxe") });
        s.fact(s.host,
               &(struct fact){ .id = FACT_URL_PORT, .event = e, .part = e & 1, .number = e });
        s.fact(s.host, &(struct fact){ .id = FACT_URL_DOMAIN,
                                       .event = e,
                                       .part = e & 1,
                                       .text = SLICE_LIT("192.0.2.3") });
    }
    if (rule_scanner_new(r, &scanner, NULL) == 0)
        rule_scanner_scan(scanner, FACT_URL_PATH, SLICE_LIT("/abc word aab"), on_hit, &record);
    rule_scanner_drop(&scanner);
    (void)judge_record_mode(r, &record, NULL, JUDGE_SKIPPING, mem);
    (void)judge_record_mode(r, &record, NULL, JUDGE_DIRECT, mem);
    arena_drop(&mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t end;
    const struct buf *good = good_image(&end);
    struct buf image = buf_new(IMAGE_MAX);
    struct rules *r = NULL;
    buf_put(&image, buf_slice(good));
    CHECK(!image.full);
    for (size_t i = 0; i + 3 <= size && i < 300; i += 3)
        image.at[IMAGE_HEAD + (size_t)(data[i] | data[i + 1] << 8) % (end - IMAGE_HEAD)] =
            data[i + 2];
    image_seal(image.at, image.len);
    if (rules_open(buf_slice(&image), &r, NULL) == 0)
        use(r);
    rules_drop(&r);
    buf_drop(&image);
    return 0;
}
