/* SPDX-License-Identifier: Apache-2.0 */
/* passwords - finds the password that a mail gives for its archive, in the
 * phrases that Japanese and other business mail uses.
 *
 * Lines are folded first (full-width letters, half-width kana, look-alike
 * dashes, invisible characters) with a map back to what was written, because
 * archivers take the letters as typed. Every label ("パスワード", "PW", ...) is
 * followed through separators to a value on its line, on the lines below, or
 * above; where it points elsewhere (subject, file name, date, telephone number)
 * the value is derived. Candidates are ranked by the strength of the phrase:
 * a wrong one costs a trial, a missed one leaves an archive unread.
 *
 * Left out: passwords in pictures, and those agreed on before ("いつもの"). */
#include "base/charset.h"
#include "base/date.h"
#include "observe/part/passwords_private.h"

enum {
    RANK_BELOW = 14,
    RANK_VERB = 18,
    RANK_ABOVE = 24,
    RANK_POINTER = 30,   /* "below", and no label near */
    RANK_DERIVED = 20,
    RANK_GUESSED = 44,   /* a lone run right above a label that says nothing */
    RANK_NEARBY = 60,
    LINES_BELOW = 8,
    LINES_ABOVE = 4,
    TEXT_SKIPPED = 2,    /* lines of text between "below" and the value */
    PHONES_MAX = 8,
    WORK_PER_LINE = 2000,
    WORK_PER_LETTER = 20,
    SAY_GIVEN = 0, SAY_LATER = 1, SAY_PHONE = 2,
};

/* --- values told elsewhere */

/* Without "Re:", "Fwd:", "[list 12]" and the like in front. */
static slice bare_subject(slice s)
{
    for (;;) {
        s = slice_trim(s);
        size_t colon = slice_find_byte(s, ':', 0), close = s.len && s.at[0] == '[' ? slice_find_byte(s, ']', 0) : SIZE_MAX;
        if (colon != SIZE_MAX && colon <= 3 && colon > 0)
            s = slice_from(s, colon + 1);
        else if (close != SIZE_MAX)
            s = slice_from(s, close + 1);
        else
            return s;
    }
}

static struct value derived(const struct passwords *p, enum ask ask, slice text, unsigned rank)
{
    return (struct value){ .text = text, .rank = RANK_DERIVED + rank, .line = p->asked_line[ask] };
}

static void answer_subject(struct reading *r, slice subject)
{
    struct passwords *p = r->p;
    slice whole = slice_trim(subject), bare = bare_subject(subject), plain = charset_nfkc(r->w->mem, bare);
    struct value v[3] = { derived(p, ASK_SUBJECT, whole, 0), derived(p, ASK_SUBJECT, bare, 1), derived(p, ASK_SUBJECT, plain, 2) };
    r->source = PASSWORD_SUBJECT;
    for (size_t i = 0; i < 3; i++)
        if (i == 0 || !slice_eq(v[i].text, v[i - 1].text))
            passwords_tell(r, &v[i]);
}

static slice without_extension(slice name)
{
    size_t dot = name.len;
    while (dot > 0 && name.at[dot - 1] != '.')
        dot--;
    return slice_sub(name, 0, dot > 1 ? dot - 1 : name.len);
}

static void answer_stem(struct reading *r, slice name)
{
    struct value v = derived(r->p, ASK_STEM, without_extension(name), 0);
    v.for_name = name;
    r->source = PASSWORD_FILE_NAME;
    passwords_tell(r, &v);
}

/* YYYYMMDD */
static void put_date(int64_t days, char out[9])
{
    struct date d = date_of_days(days);
    uint64_t number = (uint64_t)d.year * 10000 + d.month * 100 + d.day;
    for (size_t i = 8; i-- > 0; number /= 10)
        out[i] = (char)('0' + number % 10);
    out[8] = 0;
}

/* The day of the mail, the one before and the one after, in the usual lengths. */
static void answer_date(struct reading *r)
{
    static const int64_t turns[] = { 0, -1, 1 };
    static const struct { size_t from; unsigned rank; } shapes[] = { { 0, 0 }, { 4, 4 }, { 2, 8 } };
    for (size_t s = 0; s < 3; s++)
        for (size_t i = 0; i < 3; i++) {
            char text[9];
            put_date(r->p->day + turns[i], text);
            struct value v = derived(r->p, ASK_DATE, slice_from(slice_of(text), shapes[s].from), shapes[s].rank + (unsigned)i);
            r->source = PASSWORD_DERIVED;
            passwords_tell(r, &v);
        }
}

/* "Tue, 15 Aug 2023 09:12:33 +0900" (RFC 5322 3.3) as a day in Japan; 0: cannot. */
static int64_t day_in_japan(slice date)
{
    static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
    int64_t n[6] = { 0 }, month = 0, zone = 0;
    size_t k = 0;
    for (size_t i = 0; i < date.len;) {
        uint8_t c = date.at[i];
        for (int64_t m = 0; ascii_alpha(c) && m < 12 && !month; m++)
            if (slice_starts_nocase(slice_from(date, i), months[m]))
                month = m + 1;
        bool sign = (c == '+' || c == '-') && k >= 4 && i + 5 <= date.len;
        if (!ascii_digit(c) && !sign) {
            i++;
            continue;
        }
        int64_t v = 0;
        size_t from = sign ? ++i : i;
        for (; i < date.len && i - from < 4 && ascii_digit(date.at[i]); i++)
            v = v * 10 + (date.at[i] - '0');
        if (sign) {
            zone = (v / 100 * 60 + v % 100) * (c == '-' ? -1 : 1);
            break;
        }
        if (k < 6)
            n[k++] = v;
    }
    if (!month || k < 4 || n[0] < 1 || n[0] > 31 || n[1] < 1970)
        return 0;
    int64_t minutes = date_to_days((struct date){ n[1], (unsigned)month, (unsigned)n[0] }) * 1440 + n[2] * 60 + n[3] - zone + 9 * 60;
    return minutes / 1440;
}

static void answer(struct reading *r, enum ask ask)
{
    struct passwords *p = r->p;
    enum password_source source = r->source;
    if (ask == ASK_SUBJECT)
        for (size_t i = 0; i < p->n_subjects; i++)
            answer_subject(r, p->subjects[i]);
    if (ask == ASK_STEM)
        for (size_t i = 0; i < p->n_names; i++)
            answer_stem(r, p->names[i]);
    if (ask == ASK_DATE && p->day)
        answer_date(r);
    r->source = source;
}

/* The last four digits of the telephone numbers in this text: 03-1234-5678. */
static void answer_phone(struct reading *r, uint32_t number)
{
    size_t told = 0;
    slice t = r->text;
    for (size_t i = 0; i < t.len && told < PHONES_MAX; i++) {
        if (t.at[i] != '0' || (i > 0 && ascii_alnum(t.at[i - 1])))
            continue;
        size_t digits = 0, k = i, groups = 0;
        for (; k < t.len && digits <= 11 && (ascii_digit(t.at[k]) || (k > i && slice_find_byte(SLICE_LIT("-() "), t.at[k], 0) != SIZE_MAX)); k++) {
            digits += ascii_digit(t.at[k]);
            groups += !ascii_digit(t.at[k]);
        }
        while (k > i && !ascii_digit(t.at[k - 1]))
            k--;
        if (digits < 10 || digits > 11 || groups == 0 || k - i < 4)
            continue;
        struct value v = { .text = slice_sub(t, k - 4, 4), .rank = RANK_DERIVED + 4, .line = number };
        enum password_source source = r->source;
        r->source = PASSWORD_DERIVED;
        passwords_tell(r, &v);
        r->source = source;
        told++;
        i = k;
    }
}

static void ask(struct reading *r, enum ask what, const struct line *l)
{
    struct passwords *p = r->p;
    if (what == ASK_PHONE) {
        answer_phone(r, l->number);
        return;
    }
    if (p->asked[what])
        return;
    p->asked[what] = true;
    p->asked_part[what] = r->w->part;
    p->asked_line[what] = l->number;
    answer(r, what);
}

static void look_elsewhere(struct reading *r, const struct line *l, bool near)
{
    if (!near && !passwords_line_has(l, "拡張子|桁|yyyymmdd"))
        return;
    if (near && passwords_line_has(l, "件名|subject|タイトル|表題") &&
        passwords_line_has(l, "件名です|件名と|件名に|件名で|件名を|件名の|件名が|タイトルです|タイトルと|表題|subject of|the subject|subject line|same as"))
        ask(r, ASK_SUBJECT, l);
    if (passwords_line_has(l, "ファイル名|file name|filename|name of the") &&
        (passwords_line_has(l, "拡張子") || (near && passwords_line_has(l, "同じ|同様|です|same|without"))))
        ask(r, ASK_STEM, l);
    if (passwords_line_has(l, "日付|年月日|送信日|発信日|today|date") &&
        (passwords_line_has(l, "桁|yyyymmdd") || (near && passwords_line_has(l, "本日|今日|送信日|発信日|today"))))
        ask(r, ASK_DATE, l);
    if (passwords_line_has(l, "電話番号|tel|phone") && passwords_line_has(l, "下|末尾|last") && !passwords_line_has(l, "御社|貴社|貴方|your") && passwords_line_has(l, "4|四|four"))
        ask(r, ASK_PHONE, l);
    if (!near)
        return;
    if (passwords_line_has(l, "別メール|別のメール|別便|別送|別途|別に|後ほど|のちほど|後送|追って|追送|次のメール|続けて|改めて|separate|another e|another m|next m|next e|following m|following e|second m|second e|will follow|shortly") &&
        passwords_line_has(l, "送|連絡|知らせ|通知|案内|send|sent|mail|follow"))
        passwords_say(r, SAY_LATER, FACT_EMAIL_PASSWORD_LATER);
    if (passwords_line_has(l, "電話|phone|口頭|ショートメ") &&
        passwords_line_has(l, "知らせ|連絡|お伝え|伝え|申し上げ|通知|問い合|told|tell|call|by phone|by telephone|sent"))
        passwords_say(r, SAY_PHONE, FACT_EMAIL_PASSWORD_PHONE);
}

/* --- values on other lines */

#define BULLETS "・|●|■|◆|▼|▽|○|◎|※|→|⇒|➡|>|-|*|◇|□|★|▶|1.|1)|①|(1)|「|『|【|[|(|\"|'|<|〈|《"
#define TAILS "です。|です|でございます。|でございます|となります。|となります|になります。|になります|。|」|』|】|]|)|\"|'|>|〉|》|*|よ"

/* The one run that a line consists of; from == to: it does not. */
static struct span lone_run(const struct line *l)
{
    slice low = l->low;
    size_t i = 0;
    for (size_t before = SIZE_MAX; before != i;) {
        before = i;
        i = passwords_skip_blank(low, i);
        if (i < low.len && low.at[i] == '|')
            i++;
        size_t n = passwords_begins(slice_from(low, i), BULLETS);
        if (n && i + n < low.len)
            i += n;
    }
    struct span s = passwords_run(l, i);
    size_t rest = s.to;
    for (size_t before = SIZE_MAX; before != rest;) {
        before = rest;
        rest = passwords_skip_blank(low, rest);
        if (rest < low.len && low.at[rest] == '|')
            rest++;
        rest += passwords_begins(slice_from(low, rest), TAILS);
    }
    return rest < low.len ? (struct span){ 0, 0 } : s;
}

/* Nothing in it that could be read: a rule, a frame, blanks. */
static bool is_rule(const struct line *l)
{
    for (size_t i = 0; i < l->low.len; i++) {
        uint8_t c = l->low.at[i];
        if (ascii_alnum(c) || (c >= 0xe3 && c <= 0xe9 && !(c == 0xe3 && l->low.at[i + 1] == 0x80)))
            return false;
    }
    return true;
}

static bool tell_line(struct reading *r, const struct line *l, unsigned rank, bool any_word)
{
    struct value v = { .rank = rank, .line = l->number };
    size_t at = passwords_skip_blank(l->low, 0);
    struct span s = lone_run(l);
    if (s.to == s.from)
        return l->low.len && l->low.at[at] >= 0x80 && passwords_tell_bracketed(r, l, at, v) > 0;
    if (!passwords_telling(slice_sub(l->fold, s.from, s.to - s.from)))
        v.rank += any_word ? 4 : 32;
    return passwords_tell_run(r, l, s, v);
}

/* Looks for a value in the lines from `pos` on. */
static bool look_below(struct reading *r, size_t pos, uint32_t number, unsigned rank, bool pointed, bool any_word)
{
    unsigned skipped = 0;
    for (unsigned i = 0; i < LINES_BELOW && pos < r->text.len; i++) {
        struct line l;
        size_t label, len;
        passwords_fold(r->p->there, passwords_next_line(r->text, &pos), ++number, &l);
        if (is_rule(&l))
            continue;
        label = passwords_find_label(l.low, 0, &len);
        if (label == SIZE_MAX && tell_line(r, &l, rank, any_word))
            return true;
        if (label != SIZE_MAX || !pointed || ++skipped > TEXT_SKIPPED)
            return false;
    }
    return false;
}

struct above {
    slice lines[LINES_ABOVE];
    uint32_t numbers[LINES_ABOVE];
    size_t n; /* lines seen */
};

static bool look_above(struct reading *r, const struct above *a, unsigned rank)
{
    for (size_t i = 0; i < LINES_ABOVE && i < a->n; i++) {
        size_t k = (a->n - 1 - i) % LINES_ABOVE;
        struct line l;
        passwords_fold(r->p->there, a->lines[k], a->numbers[k], &l);
        if (is_rule(&l))
            continue;
        struct span s = lone_run(&l);
        return s.to > s.from && passwords_telling(slice_sub(l.fold, s.from, s.to - s.from)) && tell_line(r, &l, rank, false);
    }
    return false;
}

#define POINTS_DOWN "下記|以下|次の|↓|⇩|▼|below|following|as follows|こちら"
#define POINTS_UP "上記|above|先の|上の"
#define NOT_ONE "変更|再設定|リセット|忘れ|期限|更新|ログイン|文字以上|文字数|桁以上|不要|ありません|必要はご|漏|盗|保護されています|" \
    "強化|定期的|アカウント|reset|change|expire|forgot|update|login|log in|sign in|logon|account|not required|no password|characters|" \
    "expir|caduc|scad|oubli|vergess|olvid|esquec|dimentic|caracteres|obrigat|obligat|obbligat|necess|requis|richiest|erforderlich|alter|cambi|redefin|réinitialis|änder|zurück|läuft"

/* --- phrases without a label on their line */

#define SOFTWARE "7-zip|7zip|7z|winzip|winrar|lhaplus|lhaz|lha|explzh|cubeice|noah|excel|word|powerpoint|pdf|pc|mac|windows|windows10|windows11|" \
    "office|acrobat|adobe|reader|edge|chrome|internet|explorer|web|url|zip|rar|line|iphone|ipad|android|mail|outlook|id|teams|zoom|box|" \
    "onedrive|dropbox|microsoft|excel2016|os|usb|it|fax|tel|macos|microsoft365|office365|m365|google|wi-fi|wifi|vpn"
#define TYPED "を入力|をご入力|を入れて|を使って|を使用|をご使用|をご利用|を利用|をお使い|を用いて|と入力|とご入力|を半角|をコピー|をペースト|を貼り付け"
#define OPENED "にて解凍|にて開|にて復号|にて展開|にてファイル|にて、|で解凍|で開|でお開き|で復号|で展開|でファイル|で添付"
#define OPENING "解凍|開封|開い|開け|開く|開き|展開|復号|閲覧|ご覧|ご確認|open|unzip|extract|unlock|decrypt"

/* The phrase may begin a line of its own, below the value. */
static void look_for_lone_verb(struct reading *r, const struct line *l, const struct above *a)
{
    slice rest = slice_from(l->low, passwords_skip_blank(l->low, 0));
    bool opens = passwords_has(rest, OPENING);
    if (passwords_begins(rest, TYPED) || (passwords_begins(rest, OPENED) && opens))
        (void)look_above(r, a, opens ? RANK_VERB + 4 : RANK_GIVEN);
}

/* "P を入力して開いてください", "P にて解凍をお願いいたします". */
static void look_for_verbs(struct reading *r, const struct line *l)
{
    slice low = l->low;
    for (size_t i = 0; i < low.len;) {
        struct span s = passwords_run(l, i);
        if (s.to - s.from < VALUE_LEAST) {
            i = s.to + 1;
            continue;
        }
        i = s.to;
        size_t at = passwords_skip_blank(low, s.to);
        at += passwords_begins(slice_from(low, at), PASSWORDS_CLOSERS);
        at = passwords_skip_blank(low, at);
        slice rest = slice_from(low, at), word = slice_sub(low, s.from, s.to - s.from);
        bool typed = passwords_begins(rest, TYPED) && (passwords_has(low, OPENING) || r->label_line), opened = passwords_begins(rest, OPENED);
        if ((!typed && !opened) || passwords_is_one_of(word, SOFTWARE))
            continue;
        bool telling = passwords_telling(slice_sub(l->fold, s.from, s.to - s.from));
        if (!telling && !typed && !r->label_line)
            continue;
        (void)passwords_tell_run(r, l, s, (struct value){ .rank = RANK_VERB + (telling ? 0 : 12) });
    }
}

/* "Use P to open the file." */
static void look_for_english(struct reading *r, const struct line *l)
{
    static const char verbs[] = "use |using |enter |type |input |with |code |key ";
    slice low = l->low;
    for (size_t i = 0; i < low.len; i++) {
        size_t n = i == 0 || !ascii_alnum(low.at[i - 1]) ? passwords_begins(slice_from(low, i), verbs) : 0;
        if (!n)
            continue;
        size_t at = i + n;
        for (size_t skip = 1; skip;) {
            skip = passwords_begins(slice_from(low, at), "the |this |following |code |key |password |passcode |: |\"|'|: \"");
            at += skip;
        }
        struct span s = passwords_run(l, at);
        slice rest = slice_from(low, s.to);
        bool opens = passwords_begins(rest, " to |\" to |' to ") && passwords_has(slice_sub(rest, 0, 60), "open|unzip|extract|unlock|decrypt|access|view");
        if (opens && s.to - s.from >= VALUE_LEAST)
            (void)passwords_tell_run(r, l, s,
                                     (struct value){ .rank = RANK_VERB + (passwords_telling(slice_sub(l->fold, s.from, s.to - s.from)) ? 0 : 14) });
    }
}

/* Does some label stand in this text? Asked once. */
static bool any_label(struct reading *r)
{
    struct line l;
    size_t len;
    for (size_t pos = 0; !r->labelled && !r->searched && pos < r->text.len;) {
        passwords_fold(r->p->there, passwords_next_line(r->text, &pos), 0, &l);
        r->labelled = passwords_find_label(l.low, 0, &len) != SIZE_MAX;
    }
    r->searched = true;
    return r->labelled;
}

/* "a.zip：P1／b.zip：P2" in a text that speaks of passwords. */
static void look_for_files(struct reading *r, const struct line *l)
{
    slice low = l->low;
    for (size_t i = slice_find_byte(low, '.', 0); i != SIZE_MAX; i = slice_find_byte(low, '.', i + 1)) {
        size_t n = passwords_begins(slice_from(low, i), PASSWORDS_FILE_ENDINGS), end = i + n, from = i;
        if (!n || (end < low.len && ascii_alnum(low.at[end])) || !any_label(r))
            continue;
        while (from > 0 && low.at[from - 1] > ' ' && !strchr("/,:|\"'(<>[=", low.at[from - 1]) &&
               !(from >= 3 && passwords_begins(slice_from(low, from - 3), "、|「|『|【|・|■|●|→|※")))
            from--;
        size_t at = passwords_skip_blank(low, end);
        at += passwords_begins(slice_from(low, at), PASSWORDS_CLOSERS);
        at = passwords_skip_blank(low, at);
        size_t joint = passwords_begins(slice_from(low, at), ":|=>|=|→|⇒|->|-|…|は");
        bool tab = slice_find_byte(slice_sub(low, end, at - end), '\t', 0) != SIZE_MAX;
        at = passwords_skip_blank(low, at + joint);
        struct span s = passwords_run(l, at);
        slice run = slice_sub(low, s.from, s.to - s.from);
        size_t slash = slice_find_byte(run, '/', 0);
        if (slash != SIZE_MAX && passwords_has(slice_from(run, slash), PASSWORDS_FILE_ENDINGS))
            s.to = s.from + slash; /* the next file begins behind it */
        if ((joint || tab) && from < i && !passwords_begins(slice_from(low, s.to), "kb|mb| kb| mb| bytes"))
            (void)passwords_tell_run(r, l, s, (struct value){ .rank = 6, .for_name = slice_sub(l->raw, l->from[from], l->from[end] - l->from[from]) });
    }
}

/* --- a whole text */

/* What stands behind a label that has no value on its line: nothing, or words. */
static bool nothing_behind(const struct line *l, size_t at)
{
    while (at < l->low.len) {
        size_t n = passwords_begins(slice_from(l->low, at), PASSWORDS_CLOSERS);
        uint8_t c = l->low.at[at];
        if (!n && c != '-' && c != '=' && c != ' ' && c != '\r' && c != '|')
            return false;
        at += n ? n : 1;
    }
    return true;
}

static bool label_ends_line(const struct line *l, size_t label, size_t len)
{
    return nothing_behind(l, passwords_joint_end(l, label, len, false)) || nothing_behind(l, passwords_joint_end(l, label, len, true));
}

static void read_labels(struct reading *r, const struct line *l, size_t next, const struct above *above)
{
    size_t len = 0, label = passwords_find_label(l->low, 0, &len), first = label, first_len = len;
    bool found = false;
    if (label == SIZE_MAX)
        return;
    r->label_line = l->number;
    while (label != SIZE_MAX) {
        size_t end = passwords_of_label(r, l, label, len);
        found = found || end;
        label = passwords_find_label(l->low, end > label + len ? end : label + len, &len);
    }
    if (found || passwords_line_has(l, NOT_ONE))
        return;
    bool down = passwords_line_has(l, POINTS_DOWN), up = passwords_line_has(l, POINTS_UP);
    bool ascii = l->low.at[first] < 0x80, ends = label_ends_line(l, first, first_len);
    if (up && look_above(r, above, RANK_BELOW))
        return;
    if ((down || ends) && look_below(r, next, l->number, RANK_BELOW, down, !ascii))
        return;
    if ((down || ends) && look_above(r, above, RANK_ABOVE))
        return;
    if (!passwords_line_has(l, "いつも|前回|同じ|別|後ほど|電話|usual|same|separate") && !look_above(r, above, RANK_GUESSED))
        (void)look_below(r, next, l->number, RANK_NEARBY, true, false);
}

static void read_line(struct reading *r, const struct line *l, size_t next, const struct above *above)
{
    uint32_t before = r->label_line;
    read_labels(r, l, next, above);
    bool near = r->label_line && l->number - r->label_line <= NEAR;
    look_for_files(r, l);
    if (passwords_line_has(l, "入力|解凍|開|展開|復号|使|用い|利用|入れて")) {
        look_for_verbs(r, l);
        look_for_lone_verb(r, l, above);
    }
    if (passwords_line_has(l, " to "))
        look_for_english(r, l);
    look_elsewhere(r, l, near);
    bool labelled_now = r->label_line != before;
    if (!labelled_now && passwords_line_has(l, "下記|以下|↓") && !passwords_line_has(l, NOT_ONE) &&
        (near || passwords_line_has(l, "↓|記載")))
        (void)look_below(r, next, l->number, near ? RANK_BELOW + 2 : RANK_POINTER, false, near);
}

/* Most mail never needs them. */
static bool rooms(struct reading *r)
{
    struct passwords *p = r->p;
    if (!p->here)
        p->here = ARENA_NEW(r->w->mem, struct line_room);
    if (!p->there)
        p->there = ARENA_NEW(r->w->mem, struct line_room);
    return p->here && p->there;
}

static void read_text(struct reading *r)
{
    struct above above = { 0 };
    size_t pos = 0;
    uint32_t number = 1;
    if (!walk_work(r->w, (uint64_t)r->text.len * 2))
        return;
    while (pos < r->text.len && !walk_over(r->w)) {
        struct line l;
        slice raw = passwords_next_line(r->text, &pos);
        bool ends = pos > 0 && r->text.at[pos - 1] == '\n';
        bool near = r->label_line && number - r->label_line <= NEAR;
        if (near || passwords_hint(raw)) {
            if (!walk_work(r->w, WORK_PER_LINE + (uint64_t)raw.len * WORK_PER_LETTER) || !rooms(r))
                return;
            passwords_fold(r->p->here, raw, number, &l);
            read_line(r, &l, pos, &above);
        }
        above.lines[above.n % LINES_ABOVE] = raw;
        above.numbers[above.n % LINES_ABOVE] = number;
        above.n++;
        number += ends;
    }
}

/* --- the observer */

static struct passwords *state_of(struct walk *w, void **state)
{
    if (!*state)
        *state = ARENA_NEW(w->mem, struct passwords);
    return *state;
}

static void see_subject(struct reading *r)
{
    struct passwords *p = r->p;
    if (p->n_subjects < SUBJECTS_MAX)
        p->subjects[p->n_subjects++] = arena_copy(r->w->mem, r->text);
    read_text(r);
    if (p->asked[ASK_SUBJECT])
        answer_subject(r, r->text);
}

static void passwords_view(struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    struct passwords *p = state_of(w, state);
    if (!p || utf8.len == 0)
        return;
    struct reading r = { .w = w, .p = p, .text = utf8, .at = at, .source = PASSWORD_BODY, .mail = true };
    if (id == FACT_EMAIL_SUBJECT) {
        r.source = PASSWORD_SUBJECT;
        see_subject(&r);
    } else if (id == FACT_EMAIL_DATE) {
        p->day = day_in_japan(utf8);
        if (p->asked[ASK_DATE])
            answer(&r, ASK_DATE);
    } else if (id == FACT_EMAIL_BODY) {
        read_text(&r);
    } else if (id == FACT_DOCUMENT_TEXT) {
        r.source = PASSWORD_SAME_PART;
        r.mail = false;
        read_text(&r);
    }
}

static void passwords_part(struct walk *w, void **state)
{
    bool file = w->name.len && (w->attachment || w->how == HOW_MIME || w->how == HOW_FILE);
    struct passwords *p = file ? state_of(w, state) : NULL;
    if (!p || p->n_names == NAMES_MAX)
        return;
    slice name = arena_copy(w->mem, w->name);
    struct reading r = { .w = w, .p = p, .text = without_extension(name), .source = PASSWORD_FILE_NAME };
    if (name.len == 0)
        return;
    p->names[p->n_names++] = name;
    read_text(&r);
    if (p->asked[ASK_STEM])
        answer_stem(&r, name);
}

const struct observer observer_passwords = { .name = "passwords", .part = passwords_part, .view = passwords_view };
