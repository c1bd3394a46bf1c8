/* SPDX-License-Identifier: Apache-2.0 */
/* layers - the techniques that vote on a verdict. Each rule belongs to one, and
 * each can be switched off (docs/rules.md, "Layers"). This list is the only one:
 * names, settings, reports and messages are made from it.
 *
 * LAYER(id, name, folders of rules/ beside that of its own name, English, Japanese)
 * The last three are never chosen by a rule.
 */
#pragma once
#include "base/slice.h"

#define RULE_LAYERS(LAYER)                                                                         \
    LAYER(IDENTITY, "identity", "mail", "who sends: address, display name, authentication",        \
          "差出人（アドレス、表示名、認証）")                                                      \
    LAYER(THREAD, "thread", "", "the conversation that a mail says it answers", "返信の整合性")    \
    LAYER(LINK, "link", "", "where links lead", "リンク先")                                        \
    LAYER(NAME, "name", "", "tricks with file names", "ファイル名の偽装")                          \
    LAYER(CONTAINER, "container", "shortcut script",                                               \
          "archives, mail structure, attached programs, scripts, shortcuts and pages",             \
          "書庫、メール構造、添付されたプログラム・スクリプト・ショートカット・ページ")            \
    LAYER(DOCUMENT, "document", "", "structure of documents and lures in them",                    \
          "文書の構造と誘導文")                                                                    \
    LAYER(MACRO, "macro", "effect", "macros", "マクロ")                                                  \
    LAYER(PATTERN, "pattern", "test", "fixed strings, such as test files",                         \
          "固定文字列（テスト用文字列など）")                                                      \
    LAYER(YARA, "yara", "", "matches of YARA rules", "YARA 規則への一致")                          \
    LAYER(PROMISE, "promise", "", "sender promises", "送信者の約束事")                             \
    LAYER(FOREIGN, "foreign", "", "rules of others", "外部の規則")                                 \
    LAYER(OTHER, "other", "", "rules in no folder of a layer", "どの検出層にも属さない規則")

#define LAYER_ID(id, name, folder, en, ja) LAYER_##id,
enum layer { RULE_LAYERS(LAYER_ID) LAYERS };
#undef LAYER_ID

static inline uint32_t layer_bit(enum layer l)
{
    return UINT32_C(1) << l;
}

const char *layer_name(enum layer l);
const char *layer_title(enum layer l, bool japanese);
bool layer_by_name(slice name, enum layer *out);
/* Of a rule file, by the folder it lies in; LAYER_OTHER where that says nothing. */
enum layer layer_of_path(slice path);
