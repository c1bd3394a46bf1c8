/* SPDX-License-Identifier: Apache-2.0 */
/* The words that announce a password, and lines folded so that they are found
 * however they were typed (Unicode half-width and full-width forms, FF00). */
#include "observe/part/passwords_private.h"

/* --- words */

/* Does any of the words, separated by '|', stand in s? */
bool passwords_has(slice s, const char *words)
{
    for (slice rest = slice_of(words); rest.len;) {
        cursor c = cur_open(rest);
        slice word = cur_until(&c, '|');
        if (slice_find(s, word, 0) != SIZE_MAX)
            return true;
        rest = cur_rest(&c);
    }
    return false;
}

bool passwords_line_has(const struct line *l, const char *words)
{
    for (slice rest = slice_of(words); rest.len;) {
        cursor c = cur_open(rest);
        slice word = cur_until(&c, '|');
        if (!(l->ascii && word.at[0] >= 0x80) && slice_find(l->low, word, 0) != SIZE_MAX)
            return true;
        rest = cur_rest(&c);
    }
    return false;
}

/* Length of the word that s begins with; 0. */
size_t passwords_begins(slice s, const char *words)
{
    for (slice rest = slice_of(words); rest.len;) {
        cursor c = cur_open(rest);
        slice word = cur_until(&c, '|');
        if (slice_starts(s, word))
            return word.len;
        rest = cur_rest(&c);
    }
    return 0;
}

bool passwords_is_one_of(slice s, const char *words)
{
    for (slice rest = slice_of(words); rest.len;) {
        cursor c = cur_open(rest);
        if (slice_eq(s, cur_until(&c, '|')))
            return true;
        rest = cur_rest(&c);
    }
    return false;
}

/* Labels by the letter they begin with. */
static const struct family {
    const char *head, *words;
} families[] = {
    { "パ", "パスワード|パスワ-ド|パスコード|パスフレーズ|パスキー|パス" },
    { "ぱ", "ぱすわーど" },
    { "暗", "暗証番号|暗証コード|暗号化キー|暗号キー|暗号鍵" },
    { "解", "解凍キーワード|解凍キー|解凍コード|解压密码" },
    { "開", "開封キー|開封コード" },
    { "復", "復号化キー|復号キー|復号鍵" },
    { "展", "展開キー" },
    { "合", "合言葉|合い言葉" },
    { "密", "密码|密碼" },
    { "口", "口令" },
    { "비", "비밀번호" },
    { "п", "пароль" },
    { "П", "Пароль|ПАРОЛЬ" },
    { "p", "passwords|password|passcode|pass code|pass-code|passphrase|pass phrase|pass word|passwd|passwort|palavra-passe|palavra passe|pass|pwd|p/w|p.w.|pw|parola" },
    { "z", "zippassword|zippass|zip-pass|zippw" },
    { "k", "kennwort" },
    { "m", "mot de passe|mdp" },
    { "c", "contraseña|contrasena|clave de acceso|clave de apertura|clave|chiave di apertura|chiave di accesso|chiave d'accesso" },
    { "s", "senha" },
    { "h", "hasło|haslo" },
    { "w", "wachtwoord" },
    { "d", "decryption key" },
    { "e", "encryption key" },
    { "a", "archive key" },
    { "u", "unlock code|unzip key" },
};

static size_t family_word(slice rest)
{
    for (size_t k = 0; k < sizeof families / sizeof families[0]; k++) {
        const char *head = families[k].head;
        if ((uint8_t)head[0] == rest.at[0] && slice_starts(rest, slice_of(head)))
            return passwords_begins(rest, families[k].words);
    }
    return 0;
}

/* A label at this place of the line; 0 when there is none. */
static size_t label_at(slice low, size_t i)
{
    uint8_t c = low.at[i];
    if (c < 0x80 && !ascii_alpha(c))
        return 0;
    slice rest = slice_from(low, i);
    if (c < 0x80 && i > 0 && ascii_alnum(low.at[i - 1]) && !passwords_begins(rest, "passwort|kennwort")) /* Archivpasswort */
        return 0;
    size_t n = family_word(rest);
    return n && c < 0x80 && i + n < low.len && ascii_alpha(low.at[i + n]) ? 0 : n;
}

static bool is_kana(slice s, size_t i) /* a katakana letter begins here */
{
    return s.len - i >= 3 && s.at[i] == 0xe3 && (s.at[i + 1] == 0x82 ? s.at[i + 2] >= 0xa1 : s.at[i + 1] == 0x83);
}

/* "clave" is also Spanish for "key" as in key words: a label where it begins a phrase. */
static bool begins_phrase(slice low, size_t i)
{
    static const char *const before[] = { "la ", "su ", "tu ", "una ", "con ", "con la ", "de la " };
    size_t from = i;
    while (from > 0 && low.at[from - 1] == ' ')
        from--;
    if (from == 0 || low.at[from - 1] < '0' || low.at[from - 1] == ':')
        return true;
    for (size_t k = 0; k < sizeof before / sizeof before[0]; k++) {
        size_t n = strlen(before[k]);
        if (i >= n && slice_eq(slice_sub(low, i - n, n), slice_of(before[k])) && (i == n || !ascii_alnum(low.at[i - n - 1])))
            return true;
    }
    return false;
}

/* "パス" alone is a label only where it is a word: not in パスポート or バイパス. */
static bool stands_alone(slice low, size_t i, size_t len)
{
    if (slice_eq(slice_sub(low, i, len), SLICE_LIT("clave")))
        return begins_phrase(low, i);
    if (!slice_eq(slice_sub(low, i, len), SLICE_LIT("パス")))
        return true;
    return !(i >= 3 && is_kana(low, i - 3)) && !(i + len < low.len && is_kana(low, i + len));
}

size_t passwords_find_label(slice low, size_t from, size_t *len_out)
{
    for (size_t i = from; i < low.len; i++) {
        size_t n = label_at(low, i);
        if (n && stands_alone(low, i, n)) {
            *len_out = n;
            return i;
        }
    }
    return SIZE_MAX;
}

/* --- the first look */

static inline bool is_at(const uint8_t *p, size_t left, const char *word, size_t len)
{
    return left >= len && memcmp(p, word, len) == 0;
}

#define AT(word) is_at(p, left, word, sizeof(word) - 1)

/* Do the letters around i read `word`, i being its k-th? ASCII case ignored. */
static bool around(slice s, size_t i, size_t k, const char *word)
{
    return i >= k && slice_starts_nocase(slice_from(s, i - k), word);
}

/* Each word is known by its rarest letter. */
static bool hint_ascii(slice s, size_t i)
{
    switch (s.at[i] | 0x20) {
    case 'p':
        return around(s, i, 0, "pass") || around(s, i, 0, "pw") || around(s, i, 0, "p/w") || around(s, i, 0, "p.w") ||
               around(s, i, 0, "parola") || around(s, i, 4, "to open") || around(s, i, 5, "decrypt");
    case 'k':
        return around(s, i, 0, "kennwort") || around(s, i, 5, "unlock") || around(s, i, 0, "key:") || around(s, i, 0, "key is");
    case 'x':
        return around(s, i, 1, "extract") || around(s, i, 1, ".xls");
    case 'z':
        return around(s, i, 0, "zippw") || around(s, i, 2, "unzip") || around(s, i, 1, ".zip") || around(s, i, 1, "7z") || around(s, i, 2, ".lzh");
    case 'd':
        return around(s, i, 1, ".doc") || around(s, i, 9, "wachtwoord") || around(s, i, 2, ".pdf") || around(s, i, 1, "mdp");
    case 'h': /* of "senha" */
        return i && (s.at[i - 1] | 0x20) == 'n' && around(s, i, 3, "senha");
    case 'v': /* of "clave", "chiave di ..." and "palavra-passe", which has "pass" too */
        return i && (s.at[i - 1] | 0x20) == 'a' && (around(s, i, 3, "clave") || around(s, i, 4, "chiave d"));
    case ':': /* of "Hasło:" and "Contrasena:" */
        return around(s, i, 5, "haslo") || around(s, i, 6, "hasło") || around(s, i, 10, "contrasena");
    default:
        return false;
    }
}

static inline bool hint_kana(const uint8_t *p, size_t left)
{
    switch (p[0]) {
    case 0xe3:
        return AT("パス") || AT("ぱす") || AT("ハ゜") || AT("ハ\xe3\x82\x9a");
    case 0xe2:
        return AT("↓") || AT("\xe2\x80\x8b") || AT("\xe2\x80\x8c") || AT("\xe2\x80\x8d") || AT("\xe2\x81\xa0");
    case 0xef:
        return AT("ﾊﾟ") || AT("Ｐ") || AT("ｐ") || AT("\xef\xbb\xbf");
    case 0xe4:
        return AT("以下") || AT("下記");
    case 0xe5:
        return AT("入力") || AT("復号") || AT("展開") || AT("合言") || AT("合い言") || AT("密码") || AT("密碼") || AT("口令");
    case 0xe6:
        return AT("暗証") || AT("暗号") || AT("拡張子") || AT("日付");
    case 0xe7:
        return AT("番号の下");
    case 0xe8:
        return AT("解凍") || AT("解压");
    case 0xe9:
        return AT("開いて") || AT("開封") || AT("開け") || AT("開き") || AT("開く");
    case 0xd0:
        return AT("парол") || AT("Парол") || AT("ПАРОЛ");
    case 0xeb:
        return AT("비밀");
    case 0xc2:
        return AT("\xc2\xad");
    case 0xc3:
        return AT("ñ");
    default:
        return false;
    }
}

bool passwords_hint(slice raw)
{
    static const bool first[256] = {
        ['p'] = 1, ['P'] = 1, ['k'] = 1, ['K'] = 1, ['x'] = 1, ['X'] = 1, ['z'] = 1, ['Z'] = 1, ['d'] = 1, ['D'] = 1, [':'] = 1, ['h'] = 1, ['H'] = 1, ['v'] = 1, ['V'] = 1,
        [0xe2] = 1, [0xe3] = 1, [0xe4] = 1, [0xe5] = 1, [0xe6] = 1, [0xe7] = 1, [0xe8] = 1, [0xe9] = 1, [0xd0] = 1, [0xeb] = 1,
        [0xef] = 1, [0xc2] = 1, [0xc3] = 1,
    };
    for (size_t i = 0; i < raw.len; i++) {
        const uint8_t *p = raw.at + i;
        if (first[*p] && (*p < 0x80 ? hint_ascii(raw, i) : hint_kana(p, raw.len - i)))
            return true;
    }
    return false;
}

/* --- folding */

static const uint16_t half_kana[] = { /* U+FF61..FF9F */
    0x3002, 0x300c, 0x300d, 0x3001, 0x30fb, 0x30f2, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9, 0x30e3, 0x30e5,
    0x30e7, 0x30c3, 0x30fc, 0x30a2, 0x30a4, 0x30a6, 0x30a8, 0x30aa, 0x30ab, 0x30ad, 0x30af, 0x30b1, 0x30b3,
    0x30b5, 0x30b7, 0x30b9, 0x30bb, 0x30bd, 0x30bf, 0x30c1, 0x30c4, 0x30c6, 0x30c8, 0x30ca, 0x30cb, 0x30cc,
    0x30cd, 0x30ce, 0x30cf, 0x30d2, 0x30d5, 0x30d8, 0x30db, 0x30de, 0x30df, 0x30e0, 0x30e1, 0x30e2, 0x30e4,
    0x30e6, 0x30e8, 0x30e9, 0x30ea, 0x30eb, 0x30ec, 0x30ed, 0x30ef, 0x30f3, 0x3099, 0x309a,
};

enum { DROPPED = 0 };

static uint32_t fold_code(uint32_t c)
{
    if (c < 0x80)
        return c;
    if (c >= 0xff01 && c <= 0xff5e)
        return c - 0xfee0;
    if (c >= 0xff61 && c <= 0xff9f)
        return half_kana[c - 0xff61];
    if (c == 0x3000 || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f)
        return ' ';
    if ((c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || c == 0x2060 || c == 0xfeff || c == 0xad)
        return DROPPED;
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x2500 || c == 0x2501)
        return '-';
    if (c >= 0x201c && c <= 0x201f)
        return '"';
    if (c >= 0x2018 && c <= 0x201b)
        return '\'';
    if (c == 0x309b || c == 0x309c)
        return c - 2;
    return c == 0x2502 || c == 0x2503 ? '|' : c;
}

/* カ and a voice mark are ガ. 0: they do not join. */
static uint32_t voiced(uint32_t base, uint32_t mark)
{
    bool soft = mark == 0x3099;
    if (base >= 0x30cf && base <= 0x30db && (base - 0x30cf) % 3 == 0)
        return base + (soft ? 1 : 2);
    if (soft && base >= 0x30ab && base <= 0x30c1 && base % 2 == 1)
        return base + 1;
    if (soft && (base == 0x30c4 || base == 0x30c6 || base == 0x30c8))
        return base + 1;
    return soft && base == 0x30a6 ? 0x30f4 : 0;
}

void passwords_fold(struct line_room *room, slice raw, uint32_t number, struct line *out)
{
    size_t n = 0, last_at = 0;
    uint32_t last = 0, any = 0;
    for (size_t pos = 0; pos < raw.len && n + 4 <= LINE_LONGEST;) {
        size_t start = pos;
        uint8_t bytes[4];
        uint32_t c = fold_code(utf8_next(raw, &pos));
        if (c == DROPPED)
            continue;
        uint32_t joined = c == 0x3099 || c == 0x309a ? voiced(last, c) : 0;
        if (joined) {
            c = joined;
            n = last_at;
            start = room->from[n];
        }
        size_t len = utf8_put(bytes, c);
        any |= c;
        last = c;
        last_at = n;
        for (size_t i = 0; i < len; i++, n++) {
            room->fold[n] = bytes[i];
            room->low[n] = ascii_lower(bytes[i]);
            room->from[n] = (uint32_t)start;
        }
        room->from[n] = (uint32_t)pos;
    }
    if (n == 0)
        room->from[0] = 0;
    *out = (struct line){ .raw = raw, .fold = { room->fold, n }, .low = { room->low, n }, .from = room->from,
                           .number = number, .ascii = any < 0x80 };
}

/* The next line of a text; long ones come in pieces. *pos moves behind it. */
slice passwords_next_line(slice text, size_t *pos)
{
    slice rest = slice_from(text, *pos);
    size_t n = slice_find_byte(rest, '\n', 0);
    slice line = slice_sub(rest, 0, n);
    if (line.len >= LINE_LONGEST - 4) {
        line = utf8_cut(line, LINE_LONGEST - 4);
        *pos += line.len;
        return line;
    }
    *pos += n == SIZE_MAX ? rest.len : n + 1;
    return line;
}
