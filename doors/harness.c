/* SPDX-License-Identifier: Apache-2.0 */
#include "doors/harness.h"
#include "os/file.h"

#include <string.h>
#include <unistd.h>

enum { SENT_MAX = 16 << 20, BODY_MAX = 64 << 20 };

static bool on_send(void *host, slice bytes)
{
    struct fake *f = host;
    CHECK(!f->ended || bytes.len == 0);
    if (f->sent.len + bytes.len > f->send_max)
        return false;
    buf_put(&f->sent, bytes);
    return true;
}

static void put_said(struct buf *out, const char *name, slice value)
{
    if (value.len == 0)
        return;
    buf_format(out, "%s=", name);
    buf_put(out, value);
    buf_byte(out, ';');
}

static void keep(struct fake_asked *a, const struct gate_request *r, int fd)
{
    *a = (struct fake_asked){ .id = r->id,
                              .size = r->size,
                              .direction = r->direction,
                              .has_fd = r->has_fd,
                              .n_recipients = r->n_recipients,
                              .body = buf_new(BODY_MAX),
                              .texts = buf_new(BODY_MAX) };
    if (r->has_fd)
        CHECK(file_read_fd(fd, BODY_MAX, &a->body, NULL) == 0);
    else
        buf_put(&a->body, r->body);
    put_said(&a->texts, "name", r->name);
    put_said(&a->texts, "client", r->client_address);
    put_said(&a->texts, "client-name", r->client_name);
    put_said(&a->texts, "helo", r->helo);
    put_said(&a->texts, "sender", r->sender);
    put_said(&a->texts, "user", r->user);
    put_said(&a->texts, "queue", r->queue_id);
    put_said(&a->texts, "tls", r->tls);
    for (size_t i = 0; i < r->n_recipients && i < 8; i++)
        put_said(&a->texts, "recipient", r->recipients[i]);
    for (size_t i = 0; i < r->n_passwords && i < 8; i++)
        put_said(&a->texts, "password", r->passwords[i]);
}

static bool on_ask(void *host, const struct gate_request *r, int fd)
{
    struct fake *f = host;
    CHECK(r->has_fd == (fd >= 0) && r->body.len <= GATE_INLINE_MAX &&
          (r->has_fd || r->body.len == r->size));
    bool taken = !f->away && f->n_asked < FAKE_ASKED;
    if (taken) {
        keep(&f->asked[f->n_asked++], r, fd);
        f->asked_ever++;
    }
    if (fd >= 0)
        (void)close(fd);
    return taken;
}

static void forget_one(struct fake *f, size_t place)
{
    buf_drop(&f->asked[place].body);
    buf_drop(&f->asked[place].texts);
    f->n_asked--;
    for (size_t i = place; i < f->n_asked; i++)
        f->asked[i] = f->asked[i + 1];
}

static void on_forget(void *host)
{
    struct fake *f = host;
    f->forgotten = true;
    f->n_fetched = 0;
    while (f->n_asked)
        forget_one(f, f->n_asked - 1);
}

static void on_end(void *host)
{
    ((struct fake *)host)->ended = true;
}

static void on_note(void *host, const char *text, slice detail)
{
    (void)detail;
    CHECK(text && text[0]);
    ((struct fake *)host)->notes++;
}

static const struct gate_state *on_state(void *host)
{
    struct fake *f = host;
    return f->away ? NULL : &f->state;
}

static bool on_fetch(void *host, uint64_t tag, slice reference)
{
    struct fake *f = host;
    if (f->away || f->n_fetched == FAKE_ASKED)
        return false;
    f->fetched[f->n_fetched++] = tag;
    f->reference[slice_copy_out(reference, (uint8_t *)f->reference, sizeof f->reference - 1)] = 0;
    return true;
}

static void on_counts(void *host, struct buf *out)
{
    (void)host;
    buf_text(out, "sekisho_door_asked_total{door=\"fake\"} 7\n");
}

bool fake_fetched(struct fake *f, slice report)
{
    if (!f->n_fetched || !fake_lives(f))
        return false;
    const struct gate_fetched a = { f->fetched[0], report.len > 0, report };
    f->n_fetched--;
    for (size_t i = 0; i < f->n_fetched; i++)
        f->fetched[i] = f->fetched[i + 1];
    f->over = !f->door->fetched(f->session, &a);
    return true;
}

void fake_new(struct fake *f, const struct door *door)
{
    *f = (struct fake){
        .door = door,
        .settings = { .limits = { .object_max = 8 << 20,
                                  .idle_ms = 60000,
                                  .recipients_max = GATE_RECIPIENTS_MAX },
                      .authserv_id = SLICE_LIT("mx.example.invalid"),
                      .version = SLICE_LIT("1.2.3") },
        .state = { .ready = true,
                   .version = SLICE_LIT("1.2.3"),
                   .rules = SLICE_LIT("0123456789abcdef"),
                   .workers = 2 },
        .send_max = SENT_MAX,
        .sent = buf_new(SENT_MAX),
    };
}

void fake_open(struct fake *f, const char *peer)
{
    const struct door_host host = { f,       on_send,  on_ask,   on_forget, on_end,
                                    on_note, on_state, on_fetch, on_counts };
    CHECK(f->door->open(&f->settings, &host, slice_of(peer), &f->session) == 0);
}

bool fake_lives(const struct fake *f)
{
    return f->session && !f->ended && !f->over;
}

void fake_feed(struct fake *f, slice bytes, size_t piece, const int *fds, size_t n_fds)
{
    bool first = true;
    if (!fake_lives(f))
        for (size_t i = 0; i < n_fds; i++)
            (void)close(fds[i]);
    for (size_t at = 0; at < bytes.len && fake_lives(f); at += piece) {
        f->over = !f->door->feed(f->session, slice_sub(bytes, at, piece), fds, first ? n_fds : 0);
        first = false;
    }
}

bool fake_answer(struct fake *f, size_t place, struct gate_answer a)
{
    if (place >= f->n_asked || !fake_lives(f))
        return false;
    a.id = f->asked[place].id;
    forget_one(f, place);
    f->over = !f->door->answer(f->session, &a);
    return true;
}

void fake_finish(struct fake *f)
{
    if (fake_lives(f))
        f->over = !f->door->finish(f->session);
}

void fake_drop(struct fake *f)
{
    if (f->session)
        f->door->drop(&f->session);
    on_forget(f);
    buf_drop(&f->sent);
}

const struct door *fake_door(const char *name)
{
    for (size_t i = 0; i < n_doors; i++)
        if (strcmp(doors[i]->name, name) == 0)
            return doors[i];
    CHECK(false); /* no door has this name */
    return NULL;
}
