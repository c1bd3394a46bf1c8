/* SPDX-License-Identifier: Apache-2.0 */
/* Quoted headers. There is no specification: the forms were collected from the programs' output.
 * A block is taken only with a sender and two more lines (one, when a line like "-----Original
 * Message-----" announces it), so that an address list in ordinary text is not a quote.
 * Left out: Notes' labels without colon, and quoting by indentation alone.
 */
#include "observe/whole/quote.h"

#include "observe/whole/mailbox.h"

enum { LINES_MAX = 8192, BLOCK_LINES = 24, JOINED_MAX = 600, LABEL_MAX = 48 };

enum role { ROLE_NONE, ROLE_FROM, ROLE_DATE, ROLE_TO, ROLE_SUBJECT, ROLE_MORE, ROLES };

struct label {
    const char *text;
    enum role role;
    enum quote_language language;
};

static const struct label labels[] = {
    { "from", ROLE_FROM, QUOTE_ENGLISH },
    { "差出人", ROLE_FROM, QUOTE_JAPANESE },
    { "送信者", ROLE_FROM, QUOTE_JAPANESE },
    { "送信元", ROLE_FROM, QUOTE_JAPANESE },
    { "発信者", ROLE_FROM, QUOTE_JAPANESE },
    { "発信元", ROLE_FROM, QUOTE_JAPANESE },
    { "von", ROLE_FROM, QUOTE_OTHER },
    { "de", ROLE_FROM, QUOTE_OTHER },
    { "da", ROLE_FROM, QUOTE_OTHER },
    { "van", ROLE_FROM, QUOTE_OTHER },
    { "från", ROLE_FROM, QUOTE_OTHER },
    { "fra", ROLE_FROM, QUOTE_OTHER },
    { "od", ROLE_FROM, QUOTE_OTHER },
    { "发件人", ROLE_FROM, QUOTE_OTHER },
    { "寄件者", ROLE_FROM, QUOTE_OTHER },
    { "보낸 사람", ROLE_FROM, QUOTE_OTHER },
    { "sent", ROLE_DATE, QUOTE_ENGLISH },
    { "date", ROLE_DATE, QUOTE_ENGLISH },
    { "送信日時", ROLE_DATE, QUOTE_JAPANESE },
    { "日時", ROLE_DATE, QUOTE_JAPANESE },
    { "日付", ROLE_DATE, QUOTE_JAPANESE },
    { "送信日", ROLE_DATE, QUOTE_JAPANESE },
    { "受信日時", ROLE_DATE, QUOTE_JAPANESE },
    { "gesendet", ROLE_DATE, QUOTE_OTHER },
    { "datum", ROLE_DATE, QUOTE_OTHER },
    { "envoyé", ROLE_DATE, QUOTE_OTHER },
    { "enviado", ROLE_DATE, QUOTE_OTHER },
    { "enviado el", ROLE_DATE, QUOTE_OTHER },
    { "inviato", ROLE_DATE, QUOTE_OTHER },
    { "data", ROLE_DATE, QUOTE_OTHER },
    { "verzonden", ROLE_DATE, QUOTE_OTHER },
    { "发送时间", ROLE_DATE, QUOTE_OTHER },
    { "to", ROLE_TO, QUOTE_ENGLISH },
    { "cc", ROLE_TO, QUOTE_OTHER },
    { "宛先", ROLE_TO, QUOTE_JAPANESE },
    { "受信者", ROLE_TO, QUOTE_JAPANESE },
    { "宛て先", ROLE_TO, QUOTE_JAPANESE },
    { "an", ROLE_TO, QUOTE_OTHER },
    { "à", ROLE_TO, QUOTE_OTHER },
    { "para", ROLE_TO, QUOTE_OTHER },
    { "aan", ROLE_TO, QUOTE_OTHER },
    { "收件人", ROLE_TO, QUOTE_OTHER },
    { "subject", ROLE_SUBJECT, QUOTE_ENGLISH },
    { "件名", ROLE_SUBJECT, QUOTE_JAPANESE },
    { "題名", ROLE_SUBJECT, QUOTE_JAPANESE },
    { "betreff", ROLE_SUBJECT, QUOTE_OTHER },
    { "objet", ROLE_SUBJECT, QUOTE_OTHER },
    { "asunto", ROLE_SUBJECT, QUOTE_OTHER },
    { "assunto", ROLE_SUBJECT, QUOTE_OTHER },
    { "oggetto", ROLE_SUBJECT, QUOTE_OTHER },
    { "onderwerp", ROLE_SUBJECT, QUOTE_OTHER },
    { "主题", ROLE_SUBJECT, QUOTE_OTHER },
    { "reply-to", ROLE_MORE, QUOTE_OTHER },
    { "importance", ROLE_MORE, QUOTE_OTHER },
    { "attachments", ROLE_MORE, QUOTE_OTHER },
    { "添付ファイル", ROLE_MORE, QUOTE_OTHER },
    { "重要度", ROLE_MORE, QUOTE_OTHER },
    { "message-id", ROLE_MORE, QUOTE_OTHER },
    { "organization", ROLE_MORE, QUOTE_OTHER },
    { "bcc", ROLE_MORE, QUOTE_OTHER },
};

struct marker {
    const char *text;
    bool forwarded;
};

static const struct marker markers[] = {
    { "original message", false },
    { "original appointment", false },
    { "元のメッセージ", false },
    { "元のメール", false },
    { "original-nachricht", false },
    { "ursprüngliche nachricht", false },
    { "message d'origine", false },
    { "mensaje original", false },
    { "mensagem original", false },
    { "messaggio originale", false },
    { "oorspronkelijk bericht", false },
    { "原始邮件", false },
    { "forwarded message", true },
    { "forwarded by", true },
    { "forwarded mail", true },
    { "転送メッセージ", true },
    { "転送されたメッセージ", true },
    { "転送メール", true },
    { "weitergeleitete nachricht", true },
    { "message transféré", true },
    { "mensaje reenviado", true },
    { "messaggio inoltrato", true },
    { "メッセージの転送", true },
};

/* What the line in front of a quotation ends with. */
static const char *const wrote[] = {
    "wrote:",     "wrote :",     "writes:",      "said:",         "wrote...",    "schrieb:",
    "a écrit :",  "a écrit:",    "escribió:",    "ha scritto:",   "escreveu:",   "schreef:",
    "skrev:",     "napisał(a):", "のメール:",    "のメッセージ:", "書きました:", "書きました。",
    "書きました", "wrote：",     "さんのメール", "からのメール:",
};

/* How such a line may begin: only these are joined with the following lines. */
static const char *const openers[] = { "on ",        "at ",      "am ",   "le ",    "el ",
                                       "il ",        "em ",      "op ",   "den ",   "in message",
                                       "in article", "quoting ", "dnia ", "w dniu " };

struct line {
    slice text; /* without quote marks and outer space */
    size_t at;  /* of the raw line */
    unsigned marks;
};

struct reader {
    struct arena *mem;
    struct line *lines;
    size_t n;
    struct quote_person people[QUOTE_PEOPLE_MAX]; /* of the block being read */
    struct quotes *out;
};

/* One quote mark or space at the front of s; its length, 0 for none. */
static size_t mark_length(slice s, unsigned *marks)
{
    if (s.len && (ascii_space(s.at[0]) || s.at[0] == '>' || s.at[0] == '|')) {
        *marks += s.at[0] == '>';
        return 1;
    }
    if (slice_starts(s, SLICE_LIT("＞"))) {
        (*marks)++;
        return 3;
    }
    if (slice_starts(s, SLICE_LIT("\xE3\x80\x80")) || slice_starts(s, SLICE_LIT("\xE2\x80\xAF")))
        return 3;
    return slice_starts(s, SLICE_LIT("\xC2\xA0")) ? 2 : 0;
}

static bool split_lines(struct reader *r, slice text)
{
    size_t count = 1;
    for (size_t at = 0; count < LINES_MAX && (at = slice_find_byte(text, '\n', at)) != SIZE_MAX;
         at++)
        count++;
    r->lines = ARENA_ARRAY(r->mem, struct line, count);
    if (!r->lines)
        return false;
    for (size_t at = 0; at < text.len && r->n < count;) {
        size_t end = slice_find_byte(text, '\n', at);
        slice raw = slice_sub(text, at, (end == SIZE_MAX ? text.len : end) - at);
        struct line *l = &r->lines[r->n++];
        *l = (struct line){ .at = at };
        for (size_t n; (n = mark_length(raw, &l->marks)) != 0;)
            raw = slice_from(raw, n);
        l->text = slice_trim(raw);
        at = end == SIZE_MAX ? text.len : end + 1;
    }
    return true;
}

/* The value behind a label and its colon; NULL when the line has no known label. */
static const struct label *label_of(slice line, slice *value_out)
{
    while (line.len && line.at[0] == '*')
        line = slice_from(line, 1); /* Gmail's plain text of bold labels */
    size_t colon = slice_find_byte(slice_sub(line, 0, LABEL_MAX), ':', 0), width = 1;
    size_t wide = slice_find(slice_sub(line, 0, LABEL_MAX), SLICE_LIT("："), 0);
    if (wide < colon)
        colon = wide, width = 3;
    if (colon == SIZE_MAX)
        return NULL;
    slice name = slice_trim(slice_sub(line, 0, colon));
    while (name.len && (name.at[name.len - 1] == '*' || ascii_space(name.at[name.len - 1])))
        name.len--;
    while (slice_ends(name, SLICE_LIT("\xE3\x80\x80")))
        name.len -= 3;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (!slice_is_nocase(name, labels[i].text))
            continue;
        slice value = slice_trim(slice_from(line, colon + width));
        while (value.len && value.at[0] == '*')
            value = slice_trim(slice_from(value, 1));
        *value_out = value;
        return &labels[i];
    }
    return NULL;
}

static slice trim_name(slice s)
{
    for (size_t before = SIZE_MAX; s.len != before;) {
        before = s.len;
        s = slice_trim(s);
        if (s.len && strchr("<>[]()\"',;:*", s.at[0]) && s.at[0])
            s = slice_from(s, 1);
        if (s.len && strchr("<>[](\"',;:*", s.at[s.len - 1]) && s.at[s.len - 1])
            s.len--;
        if (slice_ends_nocase(s, "mailto"))
            s.len -= 6;
        if (slice_starts(s, SLICE_LIT("、")))
            s = slice_from(s, 3);
        if (slice_ends(s, SLICE_LIT("、")))
            s.len -= 3;
    }
    return s;
}

/* Everybody in "X <a@b>; Y [mailto:c@d]" or, when there is no address, "X; Y". */
static size_t read_people(struct reader *r, slice value, struct quote_person *people, size_t n)
{
    size_t first = n, pos = 0, from = 0;
    value = mailbox_narrow(r->mem, value);
    struct mailbox m;
    while (n < QUOTE_PEOPLE_MAX && mailbox_next(value, &pos, &m)) {
        slice name = trim_name(slice_sub(value, from, m.at - from));
        from = pos;
        if (n > first && slice_eq_nocase(people[n - 1].address, m.address))
            continue; /* a@b<mailto:a@b> */
        people[n++] = (struct quote_person){ name, m.address };
    }
    if (n > first)
        return n;
    for (size_t at = 0; at < value.len && n < QUOTE_PEOPLE_MAX;) {
        size_t end = slice_find_byte(value, ';', at);
        slice name = trim_name(slice_sub(value, at, (end == SIZE_MAX ? value.len : end) - at));
        if (name.len)
            people[n++] = (struct quote_person){ .name = name };
        at = end == SIZE_MAX ? value.len : end + 1;
    }
    return n;
}

static const struct marker *marker_of(slice line)
{
    bool ruled = line.len > 6 &&
                 (line.at[0] == '-' || line.at[0] == '=' || line.at[0] == '*' || line.at[0] == '_');
    if (!ruled && !slice_starts_nocase(line, "begin forwarded") &&
        !slice_starts_nocase(line, "original message") &&
        !slice_starts(line, SLICE_LIT("以下、転送")))
        return NULL;
    if (line.len > 120)
        return NULL;
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
        if (slice_find_nocase(line, slice_of(markers[i].text), 0) != SIZE_MAX)
            return &markers[i];
    static const struct marker other = { "以下、転送", true };
    return slice_starts(line, SLICE_LIT("以下、転送")) ? &other : NULL;
}

static bool is_rule(slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] != '_' && line.at[i] != '-' && line.at[i] != '=')
            return false;
    return line.len >= 10;
}

static size_t next_text(const struct reader *r, size_t i)
{
    while (i < r->n && r->lines[i].text.len == 0)
        i++;
    return i;
}

struct block {
    struct quote q;
    struct quote_person *people;
    unsigned seen, english, japanese;
};

/* One labelled line and what continues it; returns the index behind. */
static size_t read_label(struct reader *r, struct block *b, size_t i, const struct label *l,
                         slice value)
{
    size_t next = i + 1;
    slice unused;
    if (value.len == 0 && l->role != ROLE_TO) { /* a table cell each */
        size_t cell = next_text(r, next);
        if (cell < r->n && cell <= i + 2 && !label_of(r->lines[cell].text, &unused)) {
            value = r->lines[cell].text;
            next = cell + 1;
        }
    }
    if (b->seen & 1u << l->role && l->role == ROLE_FROM)
        return 0; /* the next block has begun */
    if (value.len)
        b->seen |= 1u << l->role;
    b->english += l->language == QUOTE_ENGLISH;
    b->japanese += l->language == QUOTE_JAPANESE;
    if (l->role == ROLE_FROM) {
        struct quote_person sender[QUOTE_PEOPLE_MAX];
        size_t n = read_people(r, value, sender, QUOTE_PEOPLE_MAX - 1);
        if (n > QUOTE_PEOPLE_MAX - 1)
            b->q.sender = sender[QUOTE_PEOPLE_MAX - 1];
    } else if (l->role == ROLE_SUBJECT) {
        b->q.subject = value;
    } else if (l->role == ROLE_TO) {
        b->q.n_recipients = read_people(r, value, b->people, b->q.n_recipients);
        while (next < r->n && next < i + 12 && r->lines[next].text.len &&
               !label_of(r->lines[next].text, &unused) &&
               (slice_find_byte(r->lines[next].text, '@', 0) != SIZE_MAX ||
                slice_ends(value, SLICE_LIT(";")) || slice_ends(value, SLICE_LIT(",")))) {
            value = r->lines[next].text;
            b->q.n_recipients = read_people(r, value, b->people, b->q.n_recipients);
            next++;
        }
    }
    return next;
}

/* A block that begins at line i; returns the index behind it, 0 when there is none. */
static size_t read_block(struct reader *r, size_t i, const struct marker *announced,
                         struct quote *out)
{
    struct block b = { .q = { .form = QUOTE_BLOCK }, .people = r->people };
    slice value;
    const struct label *l = label_of(r->lines[i].text, &value);
    if (!l || l->role == ROLE_MORE || r->out->n >= QUOTES_MAX)
        return 0;
    size_t end = i, at = i;
    while (at < r->n && at < i + BLOCK_LINES) {
        l = label_of(r->lines[at].text, &value);
        size_t next = l ? read_label(r, &b, at, l, value) : 0;
        if (next == 0)
            break;
        end = next;
        at = next_text(r, next);
        if (at > next + 1)
            break;
    }
    unsigned others =
        (b.seen >> ROLE_DATE & 1) + (b.seen >> ROLE_TO & 1) + (b.seen >> ROLE_SUBJECT & 1);
    bool sender = b.seen & 1u << ROLE_FROM && (b.q.sender.name.len || b.q.sender.address.len);
    if (!sender || others < (announced ? 1u : 2u))
        return 0;
    b.q.language = b.japanese > b.english ? QUOTE_JAPANESE
                   : b.english            ? QUOTE_ENGLISH
                                          : QUOTE_OTHER;
    b.q.recipients = arena_regrow(r->mem, b.people, b.q.n_recipients * sizeof *b.people,
                                  b.q.n_recipients + 1, sizeof *b.people);
    if (!b.q.recipients)
        b.q.n_recipients = 0;
    *out = b.q;
    return end;
}

/* Appends a line to the joined text, with a space between. */
static void join(uint8_t *joined, size_t *len, slice s)
{
    if (*len && *len < JOINED_MAX)
        joined[(*len)++] = ' ';
    for (size_t i = 0; i < s.len && *len < JOINED_MAX; i++)
        joined[(*len)++] = s.at[i];
}

static bool ends_in(slice s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_ends_nocase(s, list[i]))
            return true;
    return false;
}

static bool starts_with_date(slice s)
{
    if (s.len && s.at[0] == '(')
        s = slice_from(s, 1);
    if (s.len < 10 || !ascii_digit(s.at[0]) || !ascii_digit(s.at[1]))
        return false;
    size_t digits = 2;
    while (digits < 4 && ascii_digit(s.at[digits]))
        digits++;
    slice rest = slice_from(s, digits);
    return slice_starts(rest, SLICE_LIT("年")) || rest.at[0] == '/' || rest.at[0] == '-' ||
           rest.at[0] == '.';
}

/* Does a line that begins like this introduce a quotation when it ends like that? */
static bool introduces(slice s, bool dated, bool opened)
{
    if (ends_in(s, wrote, sizeof wrote / sizeof *wrote))
        return true;
    bool colon = slice_ends(s, SLICE_LIT(":")) || slice_ends(s, SLICE_LIT("："));
    return colon && (dated || opened) && slice_find_byte(s, '@', 0) != SIZE_MAX;
}

/* Behind the last time of day ("10:00", "10:00:05 AM", "+0900") in s. */
static slice behind_time(slice s)
{
    size_t cut = 0;
    for (size_t i = 0; i + 3 < s.len; i++) {
        if (!ascii_digit(s.at[i]) || s.at[i + 1] != ':' || !ascii_digit(s.at[i + 2]))
            continue;
        cut = i + 2;
        while (cut < s.len && (ascii_digit(s.at[cut]) || s.at[cut] == ':'))
            cut++;
        i = cut - 1;
    }
    s = slice_trim(slice_from(s, cut));
    static const char *const more[] = { "AM", "PM", "a.m.", "p.m.", "(JST)", "JST", "GMT", "UTC" };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (slice_starts_nocase(s, more[i]) &&
            (s.len == strlen(more[i]) || !ascii_alnum(s.at[strlen(more[i])])))
            s = slice_trim(slice_from(s, strlen(more[i])));
    if (s.len > 5 && (s.at[0] == '+' || s.at[0] == '-') && ascii_digit(s.at[1]))
        s = slice_from(s, 5);
    return s;
}

static struct quote_person line_sender(struct reader *r, slice s)
{
    struct quote_person who = { 0 };
    struct mailbox m, last = { 0 };
    size_t pos = 0, from = 0;
    s = mailbox_narrow(r->mem, s);
    while (mailbox_next(s, &pos, &m)) {
        if (last.address.len && !slice_eq_nocase(last.address, m.address))
            from = last.at + last.address.len; /* a Message-ID in front */
        else if (last.address.len)
            continue;
        last = m;
    }
    who.address = last.address;
    slice name = last.address.len ? slice_sub(s, from, last.at - from) : s;
    name = trim_name(behind_time(name));
    if (!last.address.len) {
        static const char *const tails[] = {
            "wrote",        "writes",       "said",     "さんは書きました。", "さんは書きました",
            "は書きました", "が書きました", "のメール", "のメッセージ"
        };
        for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
            if (slice_ends_nocase(name, tails[i]))
                name = trim_name(slice_sub(name, 0, name.len - strlen(tails[i])));
        size_t comma = SIZE_MAX;
        for (size_t at = 0; (at = slice_find_byte(name, ',', at)) != SIZE_MAX; at++)
            comma = at;
        if (comma != SIZE_MAX)
            name = trim_name(slice_from(name, comma));
    }
    who.name = name;
    return who;
}

/* "On ..., X wrote:", over at most four lines; returns the index behind, 0 for none. */
static size_t read_line(struct reader *r, size_t i, struct quote *out)
{
    slice first = r->lines[i].text;
    bool dated = starts_with_date(first), opened = false;
    for (size_t k = 0; k < sizeof openers / sizeof *openers && !opened; k++)
        opened = slice_starts_nocase(first, openers[k]);
    bool alone = ends_in(first, wrote, sizeof wrote / sizeof *wrote);
    if (first.len > JOINED_MAX || r->out->n >= QUOTES_MAX || !(dated || opened || alone))
        return 0;
    uint8_t joined[JOINED_MAX];
    size_t len = 0;
    for (size_t j = i; j < r->n && j < i + 4 && r->lines[j].text.len; j++) {
        if (j > i && r->lines[j].marks > r->lines[i].marks)
            break;
        join(joined, &len, r->lines[j].text);
        slice s = { joined, len };
        bool digits = false;
        for (size_t k = 0; k < len && !digits; k++)
            digits = ascii_digit(joined[k]);
        bool at = slice_find_byte(s, '@', 0) != SIZE_MAX;
        bool followed = j + 1 < r->n && r->lines[j + 1].marks > r->lines[j].marks;
        if (!introduces(s, dated, opened) || !(digits || at || followed))
            continue;
        slice kept = arena_copy(r->mem, s);
        bool english = slice_find_nocase(kept, SLICE_LIT("wrote"), 0) != SIZE_MAX ||
                       slice_ends_nocase(kept, "writes:");
        bool japanese = !english && (slice_find(kept, SLICE_LIT("年"), 0) != SIZE_MAX ||
                                     slice_find(kept, SLICE_LIT("の"), 0) != SIZE_MAX ||
                                     slice_find(kept, SLICE_LIT("書きました"), 0) != SIZE_MAX);
        *out = (struct quote){ .form = QUOTE_LINE,
                               .sender = line_sender(r, kept),
                               .language = english    ? QUOTE_ENGLISH
                                           : japanese ? QUOTE_JAPANESE
                                                      : QUOTE_OTHER };
        return out->sender.name.len || out->sender.address.len ? j + 1 : 0;
    }
    return 0;
}

/* Two marked lines in a row are a quotation; one may be an arrow or a menu path. */
static bool marked(const struct reader *r, size_t i)
{
    return r->lines[i].marks && i + 1 < r->n && r->lines[i + 1].marks;
}

static void take(struct reader *r, struct quote *q, size_t i, const struct marker *announced)
{
    q->at = r->lines[i].at;
    q->line = (uint32_t)i + 1;
    q->forwarded = announced && announced->forwarded;
    if (q->at < r->out->fresh)
        r->out->fresh = q->at;
    r->out->list[r->out->n++] = *q;
}

bool quote_read(struct arena *mem, slice text, struct quotes *out)
{
    *out = (struct quotes){ .fresh = text.len };
    struct reader r = { .mem = mem, .out = out };
    if (!split_lines(&r, text))
        return false;
    const struct marker *announced = NULL;
    size_t begins = 0; /* the line that announces */
    for (size_t i = 0; i < r.n;) {
        slice line = r.lines[i].text;
        struct quote q;
        if (marked(&r, i) && r.lines[i].at < out->fresh)
            out->fresh = r.lines[i].at;
        if (line.len == 0) {
            i++;
            continue;
        }
        const struct marker *m = marker_of(line);
        if (m || is_rule(line)) {
            if (m && r.lines[i].at < out->fresh)
                out->fresh = r.lines[i].at;
            if (m || !announced) {
                announced = m;
                begins = i;
            }
            i++;
            continue;
        }
        bool beside =
            i && begins < i && i - begins <= 3 && (announced || is_rule(r.lines[begins].text));
        size_t end = read_block(&r, i, beside ? announced : NULL, &q);
        if (end == 0)
            end = read_line(&r, i, &q);
        if (end)
            take(&r, &q, beside ? begins : i, beside ? announced : NULL);
        announced = NULL;
        i = end ? end : i + 1;
    }
    return true;
}
