/* SPDX-License-Identifier: Apache-2.0 */
/* From a label to the value on its line: through separators, remarks and
 * particles, and what of the run of letters behind them is the password. */
#include "base/charset.h"
#include "observe/part/passwords_private.h"

/* --- telling candidates */

void passwords_say(struct reading *r, unsigned which, enum fact_id id)
{
    if (!r->mail || r->p->said[which] == r->w->part + 1)
        return;
    r->p->said[which] = r->w->part + 1;
    walk_flag(r->w, id, r->at);
}

void passwords_tell(struct reading *r, const struct value *v)
{
    struct passwords *p = r->p;
    bool weak = v->rank >= RANK_GIVEN;
    size_t *told = weak ? &p->told_weak : &p->told;
    if (v->text.len == 0 || *told >= (weak ? TOLD_WEAK_MAX : TOLD_MAX))
        return;
    ++*told;
    struct password w = {
        .text = v->text, .source = r->source, .part = r->w->part, .line = v->line, .for_name = v->for_name,
        .rank = v->rank + (r->source == PASSWORD_SAME_PART ? 2 : 0),
    };
    walk_password(r->w, &w);
    if (!weak)
        passwords_say(r, 0, FACT_EMAIL_PASSWORD_GIVEN);
}

/* As folded, and as written where that is something else. */
static void tell_span(struct reading *r, const struct line *l, size_t from, size_t to, struct value v)
{
    slice fold = slice_sub(l->fold, from, to - from);
    slice raw = slice_sub(l->raw, l->from[from], l->from[to] - l->from[from]);
    bool ascii = true;
    for (size_t i = 0; i < fold.len && ascii; i++)
        ascii = fold.at[i] < 0x80;
    v.text = ascii ? fold : raw;
    passwords_tell(r, &v);
    if (slice_eq(fold, raw))
        return;
    v.rank++;
    v.text = ascii ? raw : charset_nfkc(r->w->mem, raw);
    if (!slice_eq(v.text, ascii ? fold : raw))
        passwords_tell(r, &v);
}

/* --- values */

#define COUNTERS "文字|桁|日|時間|回|分|年|月|個|件|名|人|円|ヶ月|か月|カ月|以上|以内|世代|種類|characters|chars|digits|days|hours|times|minutes"
#define NO_VALUES "required|not|incorrect|wrong|invalid|expired|expiring|about|going|being|valid|needed|necessary|case|the|your|" \
    "in|sent|a|an|as|below|following|given|provided|attached|correct|changed|reset|now|only|also|to|protected|encrypted|" \
    "set|with|for|by|on|at|from|of|or|and|has|have|will|was|is|it|that|this|too|weak|strong|manager|policy|hint|change|" \
    "update|notification|recovery|none|n/a|na|nothing|secret|private|confidential|separately|later|regards|thanks|hello|hi|dear|" \
    "please|zip|pdf|excel|word|see|same|login|account|id|url|tel|fax|email|e-mail|mail|http|https|office|windows|there|here|" \
    "must|should|may|can|cannot|required.|was.|best|sincerely|link|address|user|username|name|subject|filename|date|today|" \
    "obrigatoria|necessaria|incorreta|errada|expira|expirada|expirou|deve|sua|seu|para|abrir|aqui|" \
    "obligatoria|requerida|necesaria|caducada|incorrecta|debe|richiesta|obbligatoria|scaduta|errata|corretta|" \
    "requis|requise|obligatoire|doit|ici|erforderlich|falsch|abgelaufen|notwendig|wird|muss|hier"

static bool is_print(uint8_t c) { return c > ' ' && c < 0x7f; }

static bool is_address(slice s)
{
    size_t at = slice_find_byte(s, '@', 0);
    if (at == SIZE_MAX || at == 0)
        return false;
    size_t dot = SIZE_MAX;
    for (size_t i = at + 1; i < s.len; i++) {
        if (s.at[i] == '.')
            dot = i;
        else if (!ascii_alnum(s.at[i]) && s.at[i] != '-')
            return false;
    }
    return dot != SIZE_MAX && s.len - dot >= 3 && ascii_alpha(s.at[s.len - 1]);
}

static bool ends_like_file(slice low)
{
    size_t dot = low.len;
    while (dot > 0 && low.at[dot - 1] != '.')
        dot--;
    slice ending = dot ? slice_from(low, dot - 1) : (slice){ 0 };
    return ending.len && passwords_is_one_of(ending, PASSWORDS_FILE_ENDINGS);
}

struct traits passwords_traits(slice fold)
{
    struct traits t = { .same = true };
    for (size_t i = 0; i < fold.len; i++) {
        uint8_t c = fold.at[i];
        t.digit |= ascii_digit(c);
        t.upper |= c >= 'A' && c <= 'Z';
        t.lower |= c >= 'a' && c <= 'z';
        t.other |= !ascii_alnum(c);
        t.same &= c == fold.at[0];
    }
    t.alnum = t.digit || t.upper || t.lower;
    return t;
}

/* A word of some language rather than a password. */
static bool is_word(slice fold)
{
    struct traits t = passwords_traits(slice_from(fold, 1));
    return fold.len > 1 && !t.digit && !t.upper && !t.other && ascii_alpha(fold.at[0]);
}

bool passwords_telling(slice fold)
{
    struct traits t = passwords_traits(fold);
    return t.digit || (t.upper && !t.lower && fold.len >= 4) || (t.upper && t.lower && !is_word(fold)) || (t.other && t.alnum);
}

/* Could this be a password at all? `after` is what follows it on the line. */
static bool acceptable(slice fold, slice low, slice after)
{
    struct traits t = passwords_traits(fold);
    if (fold.len < VALUE_LEAST || fold.len > VALUE_MOST || !t.alnum || (t.same && !t.digit && fold.len > 3))
        return false;
    if (passwords_has(low, "://") || passwords_begins(low, "www.|mailto:|cid:") || is_address(low) || ends_like_file(low))
        return false;
    if (t.digit && !t.upper && !t.lower && passwords_begins(slice_trim(after), COUNTERS))
        return false;
    if (!t.digit && after.len && after.at[0] >= 0xc3 && after.at[0] <= 0xc5) /* a word goes on with a Latin letter: "obrigat-ória" */
        return false;
    return !passwords_is_one_of(low, NO_VALUES);
}

/* A run of printable letters. One that begins in ASCII ends where full-width
 * begins: "P（半角）" is no part of it. */
struct span passwords_run(const struct line *l, size_t i)
{
    struct span s = { i, i };
    bool ascii = i < l->fold.len && l->raw.at[l->from[i]] < 0x80;
    while (s.to < l->fold.len && is_print(l->fold.at[s.to]) && (!ascii || l->raw.at[l->from[s.to]] < 0x80))
        s.to++;
    return s;
}

static bool unmatched(slice run, uint8_t open, uint8_t close)
{
    int depth = 0;
    for (size_t i = 0; i < run.len; i++)
        depth += open == close ? (run.at[i] == open) : (run.at[i] == open) - (run.at[i] == close);
    return open == close ? depth % 2 == 1 : depth < 0;
}

/* How much of a run is the sentence around it. */
static size_t trailing(slice run)
{
    size_t n = run.len;
    for (; n > 0; n--) {
        uint8_t c = run.at[n - 1];
        slice head = slice_sub(run, 0, n);
        bool cut = c == '.' || c == ',' || c == ';' || c == ':' || c == '(' || c == '<' || c == '[' ||
                   (c == ')' && unmatched(head, '(', ')')) || (c == ']' && unmatched(head, '[', ']')) ||
                   (c == '>' && unmatched(head, '<', '>')) || (c == '"' && unmatched(head, '"', '"')) ||
                   (c == '\'' && unmatched(head, '\'', '\''));
        if (!cut)
            break;
    }
    return run.len - n;
}

/* The run, and the run without its punctuation, likelier one first. */
bool passwords_tell_run(struct reading *r, const struct line *l, struct span s, struct value v)
{
    slice run = slice_sub(l->fold, s.from, s.to - s.from);
    size_t less = trailing(run);
    struct span core = { s.from, s.to - less };
    slice fold = slice_sub(l->fold, core.from, core.to - core.from), low = slice_sub(l->low, core.from, core.to - core.from);
    if (!acceptable(fold, low, slice_from(l->low, core.to)))
        return false;
    v.line = l->number;
    tell_span(r, l, core.from, core.to, v);
    if (less) {
        v.rank += 2;
        tell_span(r, l, s.from, s.to, v);
    }
    return true;
}

size_t passwords_skip_blank(slice low, size_t i)
{
    while (i < low.len && (low.at[i] == ' ' || low.at[i] == '\t' || low.at[i] == '\r'))
        i++;
    return i;
}

/* The closer that belongs to the opener at i. */
static size_t find_closer(slice low, size_t i, size_t opener)
{
    static const char *const pairs[][2] = { { "「", "」" }, { "『", "』" }, { "【", "】" }, { "〔", "〕" }, { "[", "]" }, { "(", ")" },
        { "<", ">" }, { "\"", "\"" }, { "'", "'" }, { "«", "»" }, { "〈", "〉" }, { "《", "》" }, { "`", "`" }, { "*", "*" }, { "_", "_" } };
    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++)
        if (slice_eq(slice_sub(low, i, opener), slice_of(pairs[k][0])))
            return slice_find(low, slice_of(pairs[k][1]), i + opener);
    return SIZE_MAX;
}

/* A value in brackets at i may be any text. 0: none; else where it ends. */
size_t passwords_tell_bracketed(struct reading *r, const struct line *l, size_t i, struct value v)
{
    size_t opener = passwords_begins(slice_from(l->low, i), PASSWORDS_OPENERS), close = opener ? find_closer(l->low, i, opener) : SIZE_MAX;
    if (close == SIZE_MAX || close - i - opener > 3 * VALUE_MOST)
        return 0;
    size_t from = passwords_skip_blank(l->low, i + opener), to = close;
    while (to > from && l->low.at[to - 1] == ' ')
        to--;
    struct span inner = passwords_run(l, from);
    slice low = slice_sub(l->low, from, to - from);
    v.line = l->number;
    if (inner.to >= to) {
        slice fold = slice_sub(l->fold, from, to - from);
        if (!acceptable(fold, low, (slice){ 0 }))
            return 0;
    } else if (to - from < 6 || passwords_has(low, "半角|全角|英数|数字|桁|文字|パス|下記|以下|件名|ファイル|メール|添付| ") || l->low.at[i] < 0x80) {
        return 0; /* a remark, not a value */
    } else {
        v.rank += 6;
    }
    tell_span(r, l, from, to, v);
    if (l->low.at[i] < 0x80) { /* the brackets may be meant */
        v.rank += 3;
        tell_span(r, l, i, close + 1, v);
    }
    return close;
}

/* --- from a label to its value */

enum joint { JOINT_NONE, JOINT_BLANK, JOINT_TABLE, JOINT_MARK, JOINT_PARTICLE, JOINT_OBJECT, JOINT_IS };

struct joining {
    enum joint joint;
    size_t at; /* behind it */
};

#define MARKS "**:|*:|:**|:*|:|==>|=>|=|-->|->|>|→|⇒|⇨|➡|➔|≫|…|‥|...|・|~|;|ー>|－"
#define PARTICLES "は、|は,|は|とは|につきましては|については|に関しては|ですが、|ですが"
/* What it is the password of; behind a label in languages that put it there. */
#define OF_FILE "pdf|zip|rar|7z|excel|word|do arquivo|do anexo|do pdf|do zip|do ficheiro|de acesso|del archivo|del pdf|del zip|de acceso|del file|" \
    "dell'archivio|dell'allegato|du fichier|du pdf|du zip|de l'archive|de la pièce jointe|der datei|des archivs|zum öffnen"
#define QUALIFIERS "のお知らせ|のご連絡|のご案内|のご通知|の通知|の連絡|の送付|のご送付|のお送り|お知らせ|ご連絡|ご案内|ご通知|" \
    "通知|連絡|送付|案内|情報|欄|文字列|（共通）|#"

/* A remark in brackets: "(半角英数)", "(case sensitive)". */
static size_t skip_remark(slice low, size_t i)
{
    size_t opener = passwords_begins(slice_from(low, i), "(|[|〔|〈");
    size_t close = opener ? find_closer(low, i, opener) : SIZE_MAX;
    if (close == SIZE_MAX || close - i > 90)
        return i;
    slice in = slice_sub(low, i + opener, close - i - opener);
    bool ascii = true;
    for (size_t k = 0; k < in.len; k++)
        ascii = ascii && in.at[k] < 0x80;
    if (ascii && !passwords_has(in, "case|zip|sensitive|letters|digits|characters|half| "))
        return i;
    return close + passwords_begins(slice_from(low, close), PASSWORDS_CLOSERS);
}

/* Numbers of several passwords: "パスワード1：", "PW①". */
static size_t skip_number(slice low, size_t i)
{
    size_t k = i;
    while (k < low.len && k - i < 2 && ascii_digit(low.at[k]))
        k++;
    k += passwords_begins(slice_from(low, k), "①|②|③|④|⑤|⑥|⑦|⑧|⑨");
    return k > i && passwords_begins(slice_from(low, passwords_skip_blank(low, k)), ":|=|は|→|⇒|】|]|)") ? k : i;
}

/* Steps over whatever may stand between a label and its value. */
static struct joining join(slice low, size_t i)
{
    struct joining j = { JOINT_NONE, skip_number(low, i) };
    for (size_t before = SIZE_MAX; before != j.at;) {
        before = j.at;
        size_t n, blank = passwords_skip_blank(low, j.at);
        if (blank > j.at) {
            bool tab = slice_find_byte(slice_sub(low, j.at, blank - j.at), '\t', 0) != SIZE_MAX;
            enum joint now = tab ? JOINT_TABLE : JOINT_BLANK;
            j.joint = j.joint < now ? now : j.joint;
            j.at = blank;
        }
        slice rest = slice_from(low, j.at);
        if (skip_remark(low, j.at) > j.at && j.joint < JOINT_MARK) {
            j.at = skip_remark(low, j.at);
        } else if ((n = passwords_begins(rest, MARKS)) || (n = passwords_begins(rest, "- |-\t"))) {
            j.at += n;
            j.joint = JOINT_MARK;
        } else if (rest.len && rest.at[0] == '|') {
            j.at++;
            j.joint = JOINT_TABLE;
        } else if (j.joint < JOINT_TABLE && (n = passwords_begins(rest, "】|』|」|]|)|>|〕|\""))) {
            j.at += n;
            j.joint = JOINT_MARK;
        } else if (j.joint < JOINT_MARK && (n = passwords_begins(rest, PARTICLES))) {
            j.at += n;
            j.joint = JOINT_PARTICLE;
        } else if (j.joint < JOINT_MARK && (n = passwords_begins(rest, "を|に|が|も"))) {
            j.at += n;
            j.joint = JOINT_OBJECT;
        } else if (j.joint < JOINT_TABLE && (n = passwords_begins(rest, QUALIFIERS))) {
            j.at += n;
        } else if (j.joint == JOINT_BLANK && (n = passwords_begins(rest, OF_FILE)) && n < rest.len && (rest.at[n] == ' ' || rest.at[n] == ':' || rest.at[n] == '=')) {
            j.at += n;
        } else if (j.joint == JOINT_BLANK && (n = passwords_begins(rest, "is:|is |are |was |will be |ist:|lautet:|est:|est :|es:|é:|é :|è:|è :|ist |lautet |est |es |é |è |jest |това |— "))) {
            j.at += n;
            j.joint = rest.at[n - 1] == ':' ? JOINT_MARK : JOINT_IS;
        }
    }
    return j;
}

#define NOT_THIS "期限|文字数|変更|リセット|再設定|桁数|回数|忘れ|reset|change|expir|forgot|alter|redefin|esquec|caduc|olvid|restablec|cambi|scad|dimentic|" \
    "oubli|réinitialis|änder|zurücksetz|zurückgesetz|vergess|abgelaufen|läuft"

/* Words between a label and its joint: "password for the attached archive is",
 * "パスワードの文字列は". */
static struct joining join_far(slice low, size_t i, bool ascii_label)
{
    slice reach = slice_sub(low, i, ascii_label ? 80 : 72);
    struct joining none = { JOINT_NONE, i };
    static const struct {
        const char *word;
        enum joint joint;
        bool ascii;
    } joints[] = { { " is:", JOINT_MARK, true }, { " is ", JOINT_IS, true }, { ":", JOINT_MARK, true }, { " = ", JOINT_MARK, true },
                   { " est :", JOINT_MARK, true }, { " é ", JOINT_IS, true }, { " è ", JOINT_IS, true }, { " est ", JOINT_IS, true }, { " es ", JOINT_IS, true }, { " ist ", JOINT_IS, true }, { " lautet ", JOINT_IS, true },
                   { "は", JOINT_PARTICLE, false }, { ":", JOINT_MARK, false }, { "⇒", JOINT_MARK, false }, { "→", JOINT_MARK, false } };
    size_t best = SIZE_MAX;
    struct joining j = none;
    for (size_t k = 0; k < sizeof joints / sizeof joints[0]; k++) {
        size_t at = joints[k].ascii == ascii_label ? slice_find(reach, slice_of(joints[k].word), 0) : SIZE_MAX;
        if (at < best) {
            best = at;
            j = (struct joining){ joints[k].joint, i + at + strlen(joints[k].word) };
        }
    }
    slice between = slice_sub(reach, 0, best == SIZE_MAX ? 0 : best);
    if (best == SIZE_MAX || passwords_has(between, NOT_THIS "|。|、|. |? |! |？|http|://"))
        return none;
    return j;
}

#define SENTENCE_ENDS "です|でございます|でござい|で、|で御座います|となり|とな|になり|にな|と設定|とし|に設定|を入力|をご入力|をご利用|を使用|" \
    "をお使い|を、|。|、|.|,|)|」|』|】|]|/|・|(|※|\"|'|であり|でお願い|にて|で解凍|で開|と入力|よろしく|★|☆|■"

/* Is what follows a value such that it was one, behind "は" or a blank? */
static bool sentence_ends(slice after)
{
    after = slice_trim(after);
    return after.len == 0 || after.at[0] == '|' || passwords_begins(after, SENTENCE_ENDS) > 0;
}

static unsigned rank_of(const struct line *l, size_t label, enum joint joint)
{
    size_t from = label > 60 ? label - 60 : 0;
    slice before = slice_sub(l->low, from, label - from);
    slice name = slice_sub(l->low, label, 24);
    bool meant = passwords_has(before, "解凍|開封|展開|復号|添付|zip|ファイル|圧縮|書庫|アーカイブ|unzip|archive|attach|暗号|閲覧") || passwords_begins(name, "解凍|開封|復号|展開|zip");
    unsigned rank = meant ? 4 : 10;
    switch (joint) {
    case JOINT_MARK:
        return rank;
    case JOINT_TABLE:
        return rank + 2;
    case JOINT_PARTICLE:
    case JOINT_IS:
        return rank + 3;
    case JOINT_OBJECT:
        return rank + 12;
    case JOINT_BLANK:
    case JOINT_NONE:
        break;
    }
    return rank + 16;
}

/* The plain run behind a joint. */
static size_t tell_joined(struct reading *r, const struct line *l, size_t at, enum joint joint, bool ascii_label, struct value v)
{
    struct span s = passwords_run(l, at);
    slice fold = slice_sub(l->fold, s.from, s.to - s.from);
    if (fold.len < VALUE_LEAST)
        return 0;
    fold.len -= trailing(fold);
    slice after = slice_from(l->low, s.from + fold.len);
    struct traits t = passwords_traits(fold);
    bool telling = passwords_telling(fold);
    bool ends = sentence_ends(after) || (after.len && after.at[0] == '\r');
    switch (joint) {
    case JOINT_PARTICLE:
        if (!ends && !(t.digit && fold.len >= 4))
            return 0;
        v.rank += ends ? 0 : 18;
        break;
    case JOINT_OBJECT:
        if (!passwords_begins(slice_trim(after), "に設定|と設定|として|とし|にて設定|で設定"))
            return 0;
        break;
    case JOINT_IS:
        if (!telling && !ends)
            return 0;
        v.rank += telling ? 0 : 32;
        break;
    case JOINT_BLANK:
        /* "Password for ..." is no value, nor is a word in front of a colon. */
        if (ascii_label ? !telling || !(t.digit || t.upper) || (after.len && after.at[0] == ':') : !ends)
            return 0;
        break;
    case JOINT_NONE:
        return 0;
    case JOINT_MARK:
    case JOINT_TABLE:
        if (ascii_label && !telling && !ends)
            v.rank += 32;
        break;
    }
    return passwords_tell_run(r, l, s, v) ? s.to : 0;
}

/* Value on the label's own line. Returns where it ends; 0 when there is none. */
size_t passwords_of_label(struct reading *r, const struct line *l, size_t label, size_t len)
{
    bool ascii = l->low.at[label] < 0x80;
    struct joining tries[2] = { join(l->low, label + len), join_far(l->low, label + len, ascii) };
    for (size_t i = 0; i < 2; i++) {
        struct joining j = tries[i];
        struct value v = { .rank = rank_of(l, label, j.joint) + (i ? 3 : 0) };
        size_t at = passwords_skip_blank(l->low, j.at), end = passwords_tell_bracketed(r, l, at, v);
        if (i && j.joint == JOINT_NONE)
            break;
        if (!end)
            end = tell_joined(r, l, at, j.joint, ascii, v);
        if (end)
            return end;
    }
    return 0;
}

size_t passwords_joint_end(const struct line *l, size_t label, size_t len, bool far)
{
    size_t from = label + len;
    size_t at = far ? join_far(l->low, from, l->low.at[label] < 0x80).at : join(l->low, from).at;
    return passwords_skip_blank(l->low, at);
}
