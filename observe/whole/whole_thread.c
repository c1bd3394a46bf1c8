/* SPDX-License-Identifier: Apache-2.0 */
/* Is the reply a reply? Stateless checks of the conversation a mail shows: T01, T06, T11, T13,
 * T14, and subjects that are fragments (T20 within one mail) or name the recipient.
 *
 * What a true reply looks like: its sender took part in the mail it quotes, as its writer or as
 * one of the people it went to; or the quoted mail is a third person's and went on to somebody
 * who is addressed here too (reply to all, a list, a role address). A forwarded mail may quote
 * anybody. Contradicted is a reply whose sender's organisation is nowhere in the quoted header
 * while that header names a correspondent who is not addressed: the mail was stolen from there.
 * Headers that give names without addresses prove nothing and are left alone.
 */
#include "observe/whole/fragment.h"
#include "observe/whole/mailbox.h"
#include "observe/whole/whole_private.h"

enum { GENERIC_CODES = 200, REST_CODES = 30, KANA_ENOUGH = 10, LANGUAGE_BYTES = 32 << 10 };

static bool addressed(struct whole *w, slice address)
{
    for (size_t i = 0; i < w->to.n; i++)
        if (slice_eq_nocase(w->to.list[i], address))
            return true;
    return false;
}

/* We, or somebody of the people this mail goes to. */
static bool party(struct whole *w, slice address)
{
    return addressed(w, address) || whole_is_own(w, address) ||
           whole_has_organisation(w, &w->to, address);
}

static bool is_sender(struct whole *w, slice address)
{
    return whole_has_organisation(w, &w->from, address);
}

/* Letters of a name, for comparison: without spaces, case and titles. */
static slice letters_near(struct whole *w, slice name)
{
    name = mailbox_narrow(w->mem, name);
    uint8_t *out = ARENA_ARRAY(w->mem, uint8_t, name.len + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < name.len; i++)
        if (!ascii_space(name.at[i]) && !(name.at[i] < 0x80 && !ascii_alnum(name.at[i])))
            out[n++] = ascii_lower(name.at[i]);
    return (slice){ out, n };
}

static slice name_letters(struct whole *w, slice name)
{
    slice s = letters_near(w, slice_sub(name, 0, 256));
    return slice_ends(s, SLICE_LIT("様")) ? slice_sub(s, 0, s.len - 3) : s;
}

static bool bears_name(struct whole *w, slice name)
{
    slice wanted = name_letters(w, name);
    for (size_t i = 0; wanted.len >= 4 && i < w->from_name.n; i++)
        if (slice_eq(name_letters(w, w->from_name.list[i]), wanted))
            return true;
    return false;
}

/* Delivery reports quote the mail that failed. */
static bool is_report(struct whole *w)
{
    slice local = w->from.n ? mailbox_local(w->from.list[0]) : (slice){ 0 };
    return slice_is_nocase(local, "mailer-daemon") || slice_is_nocase(local, "postmaster");
}

/* The correspondent of the quoted mail that this mail should have come from; empty when the
 * conversation fits, or cannot be judged. */
static slice contradiction(struct whole *w, const struct quote *q, enum whole_prefix prefix,
                           bool tagged)
{
    slice writer = q->sender.address;
    bool forward = prefix == PREFIX_FORWARD || q->forwarded, listed = false;
    slice other = { 0 };
    if (w->list || writer.len == 0 || w->from.n == 0 || is_report(w) || is_sender(w, writer))
        return (slice){ 0 };
    for (size_t i = 0; i < q->n_recipients; i++) {
        slice address = q->recipients[i].address;
        if (address.len == 0)
            continue;
        listed = true;
        if (is_sender(w, address))
            return (slice){ 0 }; /* the sender received it */
        if (addressed(w, address) && !slice_eq_nocase(address, writer) && !party(w, writer))
            continue;
        if (addressed(w, address) && !slice_eq_nocase(address, writer))
            return (slice){ 0 }; /* a list or role address that is still in the round */
        if (other.len == 0 && !party(w, address))
            other = address;
    }
    if (party(w, writer)) /* our own mail comes back: from whom it went to? */
        return !forward && listed ? other : (slice){ 0 };
    /* A third person's mail. Its writer's name on another address is impersonation. */
    if (bears_name(w, q->sender.name))
        return writer;
    return forward || tagged ? (slice){ 0 } : writer;
}

static void count_letters(slice text, size_t *kana, size_t *codes)
{
    *kana = *codes = 0;
    for (size_t pos = 0; pos < text.len; ++*codes) {
        uint32_t c = utf8_next(text, &pos);
        *kana += c >= 0x3041 && c <= 0x30FE && c != 0x30FB;
    }
}

static bool is_japanese(struct whole *w)
{
    size_t kana, codes;
    if (slice_is(w->language, "ja"))
        return true;
    count_letters(slice_sub(w->body, 0, LANGUAGE_BYTES), &kana, &codes);
    return kana >= KANA_ENOUGH && kana > codes / 20;
}

static void quoted(struct whole *w, enum whole_prefix prefix, bool tagged)
{
    static const char *const languages[] = { "other", "en", "ja" };
    const struct quotes *qs = w->quotes;
    if (!qs || qs->n == 0)
        return;
    for (size_t i = 0; i < qs->n; i++) {
        const struct quote *q = &qs->list[i];
        if (q->sender.address.len)
            whole_text(w, FACT_EMAIL_THREAD_QUOTED_ADDRESS, q->sender.address, q->line);
        if (q->sender.name.len)
            whole_text(w, FACT_EMAIL_THREAD_QUOTED_NAME, q->sender.name, q->line);
        for (size_t k = 0; i == 0 && k < q->n_recipients && k < 16; k++)
            if (q->recipients[k].address.len)
                whole_text(w, FACT_EMAIL_THREAD_QUOTED_ADDRESS, q->recipients[k].address, q->line);
    }
    const struct quote *q = &qs->list[0];
    whole_text(w, FACT_EMAIL_THREAD_QUOTED_LANGUAGE, slice_of(languages[q->language]), q->line);
    if (q->n_recipients)
        whole_int(w, FACT_EMAIL_THREAD_QUOTED_RECIPIENTS, (int64_t)q->n_recipients, q->line);
    /* T14. "On ..., X wrote:" and Gmail's forward header are English in Japanese programs too. */
    if (q->form == QUOTE_BLOCK && q->language == QUOTE_ENGLISH && !q->forwarded && is_japanese(w))
        whole_flag(w, FACT_EMAIL_THREAD_QUOTED_LANGUAGE_FOREIGN);
    slice missing = contradiction(w, q, prefix, tagged);
    if (missing.len)
        whole_text(w, FACT_EMAIL_THREAD_QUOTED_SENDER_FOREIGN, missing, q->line);
}

/* --- T13: nothing but set phrases above the quote */

static const char *const set_phrases[] = {
    "添付",
    "ご確認",
    "御確認",
    "確認ください",
    "確認下さい",
    "お世話にな",
    "お疲れ様",
    "お疲れさま",
    "よろしくお願い",
    "宜しくお願い",
    "ご査収",
    "お願いいたします",
    "お願い致します",
    "お願いします",
    "ご覧ください",
    "ご参照",
    "取り急ぎ",
    "以上",
    "お送りします",
    "お送りいたします",
    "送付",
    "ありがとうございます",
    "ご連絡",
    "拝啓",
    "please see",
    "please find",
    "please check",
    "please review",
    "please confirm",
    "see attach",
    "attached",
    "attachment",
    "as requested",
    "as discussed",
    "thank",
    "regards",
    "best wishes",
    "sincerely",
    "hello",
    "hi,",
    "hi ",
    "good morning",
    "good day",
    "good afternoon",
    "dear ",
    "fyi",
    "cheers",
    "let me know",
    "take a look",
    "have a look",
    "kind ",
    "greetings",
    "look at",
    "per your request",
};

static bool set_phrase(slice line)
{
    for (size_t i = 0; i < sizeof set_phrases / sizeof *set_phrases; i++)
        if (slice_find_nocase(line, slice_of(set_phrases[i]), 0) != SIZE_MAX)
            return true;
    return false;
}

/* Address, telephone, rule: what a signature consists of. */
static bool signature_line(struct whole *w, slice line)
{
    size_t digits = 0, odd = 0;
    for (size_t i = 0; i < line.len; i++) {
        digits += ascii_digit(line.at[i]);
        odd += line.at[i] < 0x80 && !ascii_alnum(line.at[i]) && !ascii_space(line.at[i]);
    }
    return slice_find_byte(line, '@', 0) != SIZE_MAX || digits >= 7 || odd * 2 > line.len ||
           bears_name(w, line);
}

/* Up to a line end or a full stop. */
static slice sentence(slice text, size_t *at)
{
    slice stop = SLICE_LIT("。");
    size_t end = slice_find_byte(text, '\n', *at), full = slice_find(text, stop, *at);
    size_t to = full < end ? full : end == SIZE_MAX ? text.len : end;
    slice s = slice_trim(slice_sub(text, *at, to - *at));
    *at = to + (full < end ? stop.len : 1);
    return s;
}

static void generic_reply(struct whole *w)
{
    if (!w->quotes || w->quotes->fresh >= w->body.len || w->quotes->fresh > GENERIC_CODES * 4)
        return;
    slice fresh = slice_sub(w->body, 0, w->quotes->fresh);
    size_t kana, codes, phrases = 0, rest = 0;
    count_letters(fresh, &kana, &codes);
    if (codes > GENERIC_CODES)
        return;
    for (size_t at = 0; at < fresh.len;) {
        slice line = sentence(fresh, &at);
        size_t length, unused;
        count_letters(line, &unused, &length);
        if (set_phrase(line))
            phrases++;
        else if (!signature_line(w, line))
            rest += length;
    }
    if (phrases && rest <= REST_CODES)
        whole_flag(w, FACT_EMAIL_THREAD_GENERIC_REPLY);
}

/* --- the signature: the stolen identity in full, above the quote */

enum { SIGNATURE_BYTES = 8 << 10, NAME_DISTANCE = 400 };

/* Does the sender's name stand near the address? People have several addresses, and mention
 * those of others: alone this fact says little. */
static bool signed_near(struct whole *w, slice text, size_t at)
{
    size_t from = at < NAME_DISTANCE ? 0 : at - NAME_DISTANCE;
    slice near = letters_near(w, slice_sub(text, from, at - from + NAME_DISTANCE / 4));
    for (size_t i = 0; i < w->from_name.n; i++) {
        slice name = mailbox_narrow(w->mem, w->from_name.list[i]);
        size_t sign = slice_find_byte(name, '@', 0);
        while (sign != SIZE_MAX && sign > 0 && !ascii_space(name.at[sign - 1]) &&
               name.at[sign - 1] != '<')
            sign--;
        name = name_letters(w, slice_sub(name, 0, sign));
        if (name.len >= 6 && slice_find(near, name, 0) != SIZE_MAX)
            return true;
    }
    return false;
}

static void signature(struct whole *w, enum whole_prefix prefix)
{
    if (w->list || w->from.n == 0 || prefix == PREFIX_FORWARD)
        return;
    size_t end = w->quotes ? w->quotes->fresh : w->body.len;
    slice fresh = slice_sub(w->body, end > SIGNATURE_BYTES ? end - SIGNATURE_BYTES : 0,
                            end > SIGNATURE_BYTES ? SIGNATURE_BYTES : end);
    fresh = mailbox_narrow(w->mem, fresh);
    struct mailbox m;
    unsigned n = 0;
    for (size_t pos = 0; n < 16 && mailbox_next(fresh, &pos, &m); n++) {
        if (is_sender(w, m.address) || party(w, m.address) || !signed_near(w, fresh, m.at))
            continue;
        whole_text(w, FACT_EMAIL_SIGNATURE_FOREIGN, m.address, NO_LINE);
        return;
    }
}

/* --- the subject */

static slice letters_only(struct whole *w, slice s)
{
    uint8_t *out = ARENA_ARRAY(w->mem, uint8_t, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++)
        if (s.at[i] >= 0x80 || ascii_alpha(s.at[i]))
            out[n++] = ascii_lower(s.at[i]);
    return (slice){ out, n };
}

/* The recipient's address, name, or "taro yamada" for taro.yamada@... in either order. */
static bool names_recipient(struct whole *w, slice subject)
{
    subject = slice_sub(subject, 0, 256);
    slice letters = letters_only(w, subject);
    for (size_t i = 0; i < w->to_name.n; i++) {
        slice name = name_letters(w, w->to_name.list[i]);
        if (name.len >= 4 && slice_eq(name, name_letters(w, subject)))
            return true;
    }
    for (size_t i = 0; i < w->to.n; i++) {
        if (slice_eq_nocase(w->to.list[i], subject))
            return true;
        slice local = mailbox_local(w->to.list[i]);
        size_t dot = 0;
        while (dot < local.len && ascii_alpha(local.at[dot]))
            dot++;
        if (dot < 2 || dot + 2 >= local.len || letters.len < 5)
            continue;
        slice given = slice_lower(w->mem, slice_sub(local, 0, dot)),
              family = letters_only(w, slice_from(local, dot));
        if (letters.len != given.len + family.len || family.len < 2)
            continue;
        if ((slice_starts(letters, given) && slice_ends(letters, family)) ||
            (slice_starts(letters, family) && slice_ends(letters, given)))
            return true;
    }
    return false;
}

static void fragments(struct whole *w, slice subject)
{
    for (size_t i = 0; w->quotes && i < w->quotes->n && i < 4; i++) {
        enum whole_prefix unused;
        bool tagged;
        slice old = whole_subject_strip(w->quotes->list[i].subject, &unused, &tagged);
        if (fragment_of(w->mem, subject, old)) {
            whole_text(w, FACT_EMAIL_SUBJECT_FRAGMENT, old, w->quotes->list[i].line);
            return;
        }
    }
    for (size_t i = 0; i < w->file_names.n && i < 16; i++) {
        slice name = w->file_names.list[i];
        const void *dot = name.len ? memrchr(name.at, '.', name.len) : NULL;
        slice stem = dot ? slice_sub(name, 0, (size_t)((const uint8_t *)dot - name.at)) : name;
        /* cut by the mail program for length, the name may be the shorter one */
        if (fragment_of(w->mem, subject, stem)) {
            whole_text(w, FACT_EMAIL_SUBJECT_FRAGMENT, name, NO_LINE);
            return;
        }
    }
}

void whole_thread(struct whole *w)
{
    enum whole_prefix prefix;
    bool tagged;
    slice subject = whole_subject_strip(mailbox_narrow(w->mem, w->subject), &prefix, &tagged);
    if (prefix != PREFIX_NONE) {
        whole_text(w, FACT_EMAIL_SUBJECT_PREFIX,
                   prefix == PREFIX_REPLY ? SLICE_LIT("re") : SLICE_LIT("fwd"), NO_LINE);
        if (!w->referring)
            whole_flag(w, FACT_EMAIL_THREAD_REPLY_WITHOUT_REFERENCE);
    }
    if (subject.len && names_recipient(w, subject))
        whole_flag(w, FACT_EMAIL_SUBJECT_RECIPIENT);
    if (subject.len)
        fragments(w, subject);
    quoted(w, prefix, tagged);
    generic_reply(w);
    signature(w, prefix);
}
