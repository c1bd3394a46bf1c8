/* SPDX-License-Identifier: Apache-2.0 */
/* release - a held mail goes to its recipients after all, once; forward - to others.
 *
 * In the record stands first that it is begun, then how it ended. Between the MTA's receipt and the
 * second line only a crash can come: then the first stands alone, and nobody sends it again without
 * saying so. */
#include "base/text.h"
#include "doors/smtp/smtp.h"
#include "programs/cli/vault.h"

#include <errno.h>
#include <stdio.h>

static const char listener[] = "inet:127.0.0.1:10026";

/* What is known of the mail, kept beyond the row it was read from. */
struct leaving {
    struct vault_command *v;
    bool found, vaulted, full;
    uint8_t name[VAULT_NAME];
    slice sender;
    slice recipients[VAULT_RECIPIENTS];
    size_t n_recipients;
    struct smtp smtp;
    int r; /* of the way to the MTA */
    struct err *err;
};

static bool take(void *host, const struct search_mail *m)
{
    struct leaving *l = host;
    slice lines = m->recipients;
    l->found = true;
    l->vaulted = m->original && slice_copy_out((slice){ m->original, VAULT_NAME }, l->name,
                                               sizeof l->name) == VAULT_NAME;
    l->sender = arena_copy(l->v->mem, m->sender);
    while (lines.len && l->n_recipients < VAULT_RECIPIENTS) {
        size_t n = slice_find_byte(lines, '\n', 0);
        l->recipients[l->n_recipients++] = arena_copy(l->v->mem, slice_sub(lines, 0, n));
        lines = n == SIZE_MAX ? (slice){ 0 } : slice_from(lines, n + 1);
    }
    return false;
}

static int find(struct leaving *l, const char *reference, struct err *err_out)
{
    struct vault_command *v = l->v;
    int r = vault_command_open(v, err_out);
    if (r == 0)
        r = search_mails(v->files.db,
                         &(struct search){ .reference = slice_of(reference), .limit = 1 }, take, l,
                         err_out);
    if (r < 0)
        return r;
    if (!l->found || !l->vaulted)
        return cli_err(err_out, -ENOENT, v->cli->language,
                       l->found ? MSG_RECORD_NO_ORIGINAL : MSG_RECORD_NO_REFERENCE, reference,
                       NULL);
    return arena_full(v->mem)
               ? cli_err(err_out, -ENOMEM, v->cli->language, MSG_CLI_MEMORY, NULL, NULL)
               : 0;
}

static int deed(struct vault_command *v, const char *reference, const char *verb, const char *note,
                struct err *err_out)
{
    const struct keep_order o = { .what = KEEP_DEED,
                                  .reference = slice_of(reference),
                                  .verb = slice_of(verb),
                                  .argument = slice_of(v->again ? "again" : ""),
                                  .note = slice_of(note) };
    int r = record_order(&v->files, v->cli, &o, err_out);
    if (r == -EALREADY)
        r = cli_err(err_out, r, v->cli->language,
                    strcmp(err_out->text, "released") == 0 ? MSG_RECORD_RELEASED
                                                           : MSG_RECORD_UNSURE,
                    reference, NULL);
    return r;
}

static bool give(void *host, slice bytes)
{
    struct leaving *l = host;
    l->r = smtp_data(&l->smtp, bytes, l->err);
    return l->r == 0;
}

static int send_it(struct leaving *l, const struct smtp_envelope *e, struct err *err_out)
{
    l->err = err_out;
    int r = smtp_begin(&l->smtp, e, err_out);
    if (r == 0) {
        r = vault_get(l->v->vault, l->name, give, l, NULL, err_out);
        r = l->r ? l->r
                 : r; /* a damaged original ends here, and the MTA throws away what came of it */
    }
    if (r == 0)
        r = smtp_end(&l->smtp, err_out);
    smtp_close(&l->smtp);
    return r;
}

static int leave(struct leaving *l, const char *reference, const char *const verbs[3],
                 struct smtp_envelope *e, struct err *err_out)
{
    struct vault_command *v = l->v;
    struct err second = { 0 };
    char to[256];
    int r = vault_get(v->vault, l->name, NULL, NULL, &e->size,
                      err_out); /* whole, before anything is said */
    (void)snprintf(
        to, sizeof to, "%s%s%.*s%s%s", e->address, v->n_recipients ? ", " : "",
        (int)(v->n_recipients ? v->recipients[0].len > 100 ? 100 : v->recipients[0].len : 0),
        v->n_recipients ? (const char *)v->recipients[0].at : "", v->note ? ": " : "",
        v->note ? v->note : "");
    if (r == 0)
        r = deed(v, reference, verbs[0], to, err_out);
    if (r)
        return r;
    r = send_it(l, e, err_out);
    if (r == -ECONNABORTED)
        return r;
    int noted = deed(v, reference, r ? verbs[2] : verbs[1], r ? err_out->text : to, &second);
    if (r == 0 && noted)
        return cli_err(err_out, noted, v->cli->language, MSG_RECORD_NOT_NOTED, reference,
                       second.text);
    return r;
}

int vault_command_release(struct vault_command *v, const char *reference, struct err *err_out)
{
    static const char *const verbs[3] = { "release", "released", "release-failed" };
    struct leaving l = { .v = v };
    int r = find(&l, reference, err_out);
    struct smtp_envelope e = { .address = v->smtp ? v->smtp : listener,
                               .sender = l.sender,
                               .recipients = l.recipients,
                               .n_recipients = l.n_recipients };
    v->n_recipients = 0; /* to whom it was sent, and nobody else */
    return r ? r : leave(&l, reference, verbs, &e, err_out);
}

/* With the null sender: what the MTA has to say of it is not the stranger's business. */
int vault_command_forward(struct vault_command *v, const char *reference, struct err *err_out)
{
    static const char *const verbs[3] = { "forward", "forwarded", "forward-failed" };
    struct leaving l = { .v = v };
    int r = find(&l, reference, err_out);
    struct smtp_envelope e = { .address = v->smtp ? v->smtp : listener,
                               .recipients = v->recipients,
                               .n_recipients = v->n_recipients };
    return r ? r : leave(&l, reference, verbs, &e, err_out);
}
