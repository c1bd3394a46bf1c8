/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes what observe/whole reads from hostile text: quoted headers, addresses, subjects,
 * host names, Authentication-Results. The first byte divides the input. */
#include "observe/whole/fragment.h"
#include "observe/whole/lookalike.h"
#include "observe/whole/mailbox.h"
#include "observe/whole/whole_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(struct record *r, enum fact_id id, slice text)
{
    struct sink s = record_sink(r);
    struct fact f = { .id = id, .text = utf8_clean(r->mem, text) };
    s.fact(s.host, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *mem;
    if (!mem)
        mem = arena_new(64 << 20);
    if (size == 0)
        return 0;
    slice all = { data + 1, size - 1 }, head = slice_sub(all, 0, data[0]), rest = slice_from(all, data[0]);
    struct quotes q;
    if (quote_read(mem, all, &q)) {
        CHECK(q.n <= QUOTES_MAX && q.fresh <= all.len);
        for (size_t i = 0; i < q.n; i++)
            CHECK(q.list[i].at <= all.len && q.list[i].n_recipients <= QUOTE_PEOPLE_MAX);
    }
    (void)lookalike_domains(mem, head, rest);
    (void)lookalike_mixed(all, true);
    (void)fragment_of(mem, head, rest);
    slice texts[3] = { head, rest, all };
    uint32_t groups[3];
    if (fragment_group(texts, 3, mem, groups))
        for (uint32_t i = 0; i < 3; i++)
            CHECK(groups[i] <= i);

    struct record r;
    record_init(&r, mem);
    struct sink s = record_sink(&r);
    struct part mail = { .parent = NO_ID };
    struct event event = { EVENT_MAIL, 0 };
    struct view view = { FACT_EMAIL_BODY, 0, rest.len, utf8_clean(mem, rest) };
    s.part(s.host, &mail);
    s.event(s.host, &event);
    s.view(s.host, &view);
    add(&r, FACT_EMAIL_FROM_NAME, head);
    add(&r, FACT_EMAIL_FROM_ADDRESS, head);
    add(&r, FACT_EMAIL_TO_ADDRESS, SLICE_LIT("u.sato@own.example"));
    add(&r, FACT_EMAIL_SUBJECT, head);
    add(&r, FACT_EMAIL_AUTH_RESULTS, head);
    add(&r, FACT_EMAIL_AUTH_RESULTS, rest);
    add(&r, FACT_EMAIL_ATTACHMENTS_FILE_NAME, rest);
    add(&r, FACT_EMAIL_DATE_ZONE, head);
    add(&r, FACT_EMAIL_RECEIVED_ZONE, rest);
    const slice own = SLICE_INIT("own.example");
    whole_observe(&r, &(struct site){ SLICE_LIT("mx.own.example"), &own, 1 });
    for (uint32_t i = 0; i < r.n_facts; i++)
        CHECK(utf8_valid(r.facts[i].text));
    arena_reset(mem);
    return 0;
}
