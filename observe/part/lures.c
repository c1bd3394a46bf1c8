/* SPDX-License-Identifier: Apache-2.0 */
/* lures - texts that talk a reader into an unsafe step: enable macros, copy
 * the file to a trusted folder, believe that the document is protected.
 *
 * The phrases are those of the Emotet waves of 2018 to 2023 and their
 * neighbours, in the languages they were seen in. They are looked for in text
 * folded as NFKC does (full-width letters, half-width kana), without case,
 * blanks, quotation marks and line breaks, since lures break lines freely.
 * A manual that mentions a phrase is no lure: a phrase counts in short texts
 * and near the beginning of long ones. Texts in pictures are left out.
 */
#include "base/buf.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/plain.h"
#include "observe/part/observe.h"

enum {
    TEXT_MAX = 64 * 1024, /* of a view, before folding */
    SHORT_TEXT = 6000,    /* folded bytes: about a page, two of Japanese */
    BEGINNING = 1500,     /* of a longer text */
    NEAR = 400,           /* between a folder and the verb */
    EXCERPT = 160,
};

/* Phrases are written as they look after folding. */
struct lure {
    const char *anchor; /* rare; searched first for all phrases below it */
    const char *phrases[16];
};

static const struct lure enable[] = {
    { "enabl",
      { "enableediting", "enablecontent", "enablemacro", "enablethecontent", "enabletheediting",
        "enablethemacro", "macrosmustbeenabled", "macromustbeenabled", "enablingcontent",
        "enablingediting", "macroenabled,click", "contentmustbeenabled", "enableallcontent",
        "enablethiscontent" } },
    { "有効",
      { "コンテンツの有効化", "コンテンツを有効", "編集を有効", "編集の有効化", "マクロを有効",
        "マクロの有効化", "有効にするをクリック", "有効化ボタン" } },
    { "编辑", { "启用编辑" } },
    { "內容", { "啟用內容" } },
    { "内容", { "启用内容" } },
    { "aktivieren",
      { "inhaltaktivieren", "inhalteaktivieren", "bearbeitungaktivieren", "makrosaktivieren" } },
    { "activer", { "activerlecontenu", "activerlamodification", "activerlesmacros" } },
    { "abilit",
      { "abilitacontenuto", "abilitamodifica", "abilitareilcontenuto", "abilitarelamodifica",
        "habilitarcontenido", "habilitarelcontenido", "habilitaredici", "habilitarmacros",
        "habilitarconte" } },
    { "macros", { "activatemacros", "turnonmacros", "allowmacros", "attivaremacro" } },
};

static const struct lure protection[] = {
    { "documentis",
      { "documentisprotected", "documentisencrypted", "documentisonlyavailablefor",
        "documentissecured", "documentislocked" } },
    { "previewi", { "previewingisnotavailable", "previewisnotavailable", "previewisunavailable" } },
    { "created",
      { "createdinearlierversion", "createdinanearlierversion", "createdinapreviousversion",
        "createdinpreviousversion", "createdinanewerversion", "createdoniosdevice",
        "createdonaniosdevice", "createdonios", "createdinios", "createdusingios",
        "createdonandroid", "createdinanonlineversion", "createdinonlineversion" } },
    { "windows10mobile", { "windows10mobile" } },
    { "desktoporlaptop", { "desktoporlaptopversion" } },
    { "mostfeatures", { "mostfeaturesaredisabled" } },
    { "upgradeyouredition", { "upgradeyoureditionofmicrosoft" } },
    { "保護され",
      { "文書は保護され", "ドキュメントは保護され", "ファイルは保護され", "ブックは保護され",
        "コンテンツは保護され" } },
    { "プレビュー",
      { "プレビューは利用できません", "プレビューできません", "プレビューが利用できません",
        "プレビューを表示できません" } },
    { "バージョン",
      { "以前のバージョンのmicrosoft", "以前のバージョンで作成", "古いバージョンで作成",
        "旧バージョンで作成", "以前のバージョンのoffice" } },
    { "で作成",
      { "iosで作成", "iosデバイスで作成", "iphoneで作成", "オンライン版で作成",
        "モバイル版で作成" } },
    { "再起動が必要", { "再起動が必要" } },
    { "relaunchrequired", { "relaunchrequired" } },
    { "機能が無効", { "ほとんどの機能が無効" } },
};

/* Folders whose content Office trusts, and the sentences about copying there. */
static const char *const folders[] = { "\\templates",     "root\\templates", "\\xlstart",
                                       "\\word\\startup", "\\addins",        "trustedlocation",
                                       "信頼できる場所",  "信頼済みの場所" };
static const char *const verbs[] = { "copy", "move", "save", "paste",   "コピー",
                                     "移動", "複製", "保存", "貼り付け" };
static const struct lure trusted[] = {
    { "followingfolder",
      { "copythefiletothefollowingfolder", "copyfiletothefollowingfolder",
        "movethefiletothefollowingfolder", "copythedocumenttothefollowingfolder",
        "copythisfiletothefollowingfolder" } },
    { "フォルダ",
      { "次のフォルダーにコピー", "次のフォルダにコピー", "以下のフォルダーにコピー",
        "以下のフォルダにコピー", "下記のフォルダーにコピー", "下記のフォルダにコピー",
        "以下のフォルダーへコピー", "以下のフォルダへコピー", "次のフォルダーへコピー",
        "次のフォルダへコピー", "テンプレートフォルダーにコピー",
        "テンプレートフォルダにコピー" } },
};

/* --- folding */

static bool has_halfwidth_kana(slice s)
{
    for (size_t i = 0; (i = slice_find_byte(s, 0xef, i)) != SIZE_MAX; i++)
        if (s.len - i > 2 && ((s.at[i + 1] == 0xbd && s.at[i + 2] >= 0xa1) || s.at[i + 1] == 0xbe))
            return true;
    return false;
}

/* What a character of three bytes becomes: 1 byte in *out, or 0: dropped, or -1: stays. */
static int fold_wide(const uint8_t *at, uint8_t *out)
{
    uint32_t c = (uint32_t)(at[0] & 15) << 12 | (uint32_t)(at[1] & 63) << 6 | (at[2] & 63);
    if (c >= 0xff01 && c <= 0xff5e) {
        *out = ascii_lower((uint8_t)(c - 0xfee0));
        return *out == '"' || *out == '\'' ? 0 : 1;
    }
    if (c == 0xffe5) { /* the yen sign of Japanese fonts is their backslash */
        *out = '\\';
        return 1;
    }
    bool drop = c == 0x3000 || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2018 && c <= 0x201f) ||
                (c >= 0x2028 && c <= 0x202f) || (c >= 0x3008 && c <= 0x3011) ||
                (c >= 0x3014 && c <= 0x301f) || c == 0xfeff || c == 0x2060;
    return drop ? 0 : -1;
}

/* Lower-case, without blanks and quotation marks. */
static void fold(slice s, struct buf *out)
{
    if (!buf_reserve(out, s.len))
        return;
    uint8_t *to = out->at;
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        if (c < 0x80) {
            if (c > ' ' && c != '"' && c != '\'')
                to[n++] = ascii_lower(c);
        } else if (c == 0xc2 && s.len - i > 1 &&
                   (s.at[i + 1] == 0xa0 || s.at[i + 1] == 0xad || s.at[i + 1] == 0xa5)) {
            if (s.at[++i] == 0xa5)
                to[n++] = '\\';
        } else if ((c & 0xf0) == 0xe0 && s.len - i > 2) {
            int kept = fold_wide(s.at + i, &to[n]);
            if (kept < 0) {
                to[n] = c;
                to[n + 1] = s.at[i + 1];
                to[n + 2] = s.at[i + 2];
            }
            n += kept < 0 ? 3 : (size_t)kept;
            i += 2;
        } else {
            to[n++] = c;
        }
    }
    out->len = n;
}

/* --- where a phrase stands in the text as it was */

struct text {
    struct walk *w;
    slice original; /* what was folded */
    slice folded;
    uint64_t pairs[1024]; /* a bit for each two bytes that follow each other in `folded` */
};

/* Offset in the original of folded byte `at`: folds again until there. */
static size_t original_offset(const struct text *t, size_t at)
{
    struct buf piece = buf_new(SIZE_MAX / 2);
    size_t n = 0, i = 0;
    while (i < t->original.len && n <= at) {
        size_t next = i;
        (void)utf8_next(t->original, &next);
        buf_clear(&piece);
        fold(slice_sub(t->original, i, next - i), &piece);
        n += piece.len;
        if (n > at)
            break;
        i = next;
    }
    buf_drop(&piece);
    return i;
}

static void say(const struct text *t, enum fact_id id, size_t at)
{
    size_t from = original_offset(t, at), line = 1;
    for (size_t i = 0; i < from; i++)
        line += t->original.at[i] == '\n';
    slice excerpt = utf8_cut(slice_from(t->original, from), EXCERPT);
    walk_text_line(t->w, id, slice_trim(excerpt), NOWHERE, (uint32_t)line);
}

/* --- searching */

/* Is a phrase at `at` one a reader would see, not one among many? */
static bool prominent(const struct text *t, size_t at)
{
    return t->folded.len <= SHORT_TEXT || at <= BEGINNING;
}

static unsigned pair_at(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static void note_pairs(struct text *t)
{
    for (size_t i = 1; i < t->folded.len; i++) {
        unsigned pair = pair_at(t->folded.at + i - 1);
        t->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
    }
}

/* False: the word stands nowhere in the text. Told without looking through it: of some forty words
 * hardly one has all its pairs there. */
static bool may_have(const struct text *t, slice word)
{
    for (size_t i = 1; i < word.len; i++) {
        unsigned pair = pair_at(word.at + i - 1);
        if (!(t->pairs[pair / 64] >> pair % 64 & 1))
            return false;
    }
    return true;
}

/* The first prominent phrase of the group; SIZE_MAX. */
static size_t find_lure(const struct text *t, const struct lure *group, size_t n)
{
    size_t limit = t->folded.len <= SHORT_TEXT ? t->folded.len : BEGINNING + 200;
    slice text = slice_sub(t->folded, 0, limit);
    size_t best = SIZE_MAX;
    for (size_t g = 0; g < n; g++) {
        slice anchor = slice_of(group[g].anchor);
        if (!may_have(t, anchor) || slice_find(text, anchor, 0) == SIZE_MAX)
            continue;
        for (size_t p = 0; p < 16 && group[g].phrases[p]; p++) {
            size_t at = slice_find(text, slice_of(group[g].phrases[p]), 0);
            if (at < best && prominent(t, at))
                best = at;
        }
    }
    return best;
}

#define FIND(t, group) find_lure((t), (group), sizeof(group) / sizeof(group)[0])

/* A trusted folder with a verb of copying near it. */
static size_t find_folder(const struct text *t)
{
    for (size_t f = 0; f < sizeof folders / sizeof folders[0]; f++) {
        slice folder = slice_of(folders[f]);
        size_t at = may_have(t, folder) ? slice_find(t->folded, folder, 0) : SIZE_MAX;
        if (at == SIZE_MAX)
            continue;
        size_t from = at > NEAR ? at - NEAR : 0;
        slice around = slice_sub(t->folded, from, at - from + NEAR);
        for (size_t v = 0; v < sizeof verbs / sizeof verbs[0]; v++) {
            size_t verb = slice_find(around, slice_of(verbs[v]), 0);
            if (verb != SIZE_MAX)
                return from + verb < at ? from + verb : at;
        }
    }
    return SIZE_MAX;
}

/* The reader is told to do it: a verb of clicking in front of or behind the phrase. */
static bool is_asked(const struct text *t, size_t at)
{
    static const char *const clicks[] = { "click",    "press",        "pleaseenable", "youneedto",
                                          "youmust",  "youhaveto",    "クリック",     "押して",
                                          "選択して", "してください", "klicken",      "cliquez",
                                          "clic",     "clique",       "点击",         "點擊",
                                          "單擊" };
    size_t from = at > 160 ? at - 160 : 0;
    slice around = slice_sub(t->folded, from, 400);
    for (size_t i = 0; i < sizeof clicks / sizeof clicks[0]; i++)
        if (slice_find(around, slice_of(clicks[i]), 0) != SIZE_MAX)
            return true;
    return false;
}

static void look(const struct text *t)
{
    size_t on = FIND(t, enable), claim = FIND(t, protection), folder = FIND(t, trusted);
    if (folder == SIZE_MAX)
        folder = find_folder(t);
    if (on != SIZE_MAX)
        say(t, FACT_DOCUMENT_LURE_ENABLE_CONTENT, on);
    if (claim != SIZE_MAX)
        say(t, FACT_DOCUMENT_LURE_PROTECTED, claim);
    if (folder != SIZE_MAX)
        say(t, FACT_DOCUMENT_LURE_TRUSTED_LOCATION, folder);
    /* An unsafe step is asked for, with a reason or an instruction. */
    if (folder != SIZE_MAX)
        say(t, FACT_DOCUMENT_LURE, folder);
    else if (on != SIZE_MAX && (claim != SIZE_MAX || is_asked(t, on)))
        say(t, FACT_DOCUMENT_LURE, on);
}

static void lures_view(struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    (void)state, (void)at;
    if ((id != FACT_DOCUMENT_TEXT && id != FACT_EMAIL_BODY) || utf8.len < 12)
        return;
    struct text t = { .w = w, .original = utf8_cut(utf8, TEXT_MAX) };
    if (!walk_work(w, t.original.len))
        return;
    if (has_halfwidth_kana(t.original))
        t.original = charset_nfkc(w->mem, t.original);
    struct buf folded = buf_new(t.original.len + 8);
    fold(t.original, &folded);
    t.folded = buf_slice(&folded);
    note_pairs(&t);
    look(&t);
    buf_drop(&folded);
}

const struct observer observer_lures = { .name = "lures", .view = lures_view };
