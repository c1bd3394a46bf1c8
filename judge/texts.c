/* SPDX-License-Identifier: Apache-2.0 */
/* texts - names, and what is said where a rule says nothing of its own. */
#include "base/text.h"
#include "judge/judge_private.h"

#define TEXT(e, j)                                                                                 \
    {                                                                                              \
        SLICE_INIT(e), SLICE_INIT(j)                                                               \
    }

const char *verdict_name(enum verdict v)
{
    static const char *const names[VERDICTS] = { "clean", "unknown", "suspicious", "malicious" };
    CHECK(v < VERDICTS);
    return names[v];
}

const char *vote_name(enum vote v)
{
    static const char *const names[VOTES] = { "none", "off",        "clean",
                                              "note", "suspicious", "malicious" };
    CHECK(v < VOTES);
    return names[v];
}

const char *rule_level_name(enum rule_level l)
{
    static const char *const names[] = { "informational", "low", "medium", "high", "critical" };
    CHECK(l <= LEVEL_CRITICAL);
    return names[l];
}

struct rule_text text_todo(enum verdict v)
{
    static const struct rule_text texts[VERDICTS] = {
        [VERDICT_CLEAN] =
            TEXT("If you did not expect this mail, ask the sender before you open anything.",
                 "心当たりのないメールの場合は、添付ファイルやリンクを開く前に差出人に確認してくだ"
                 "さい。"),
        [VERDICT_UNKNOWN] = TEXT("Do not open what could not be read unless you expected it.",
                                 "検査できなかった部分は、心当たりがない限り開かないでください。"),
        [VERDICT_SUSPICIOUS] =
            TEXT("Ask the sender by other means than mail before you open attachments or links.",
                 "添付ファイルやリンクを開く前に、メール以外の方法で差出人に確認してください。"),
        [VERDICT_MALICIOUS] = TEXT("Do not open it. If you have already opened it, disconnect the "
                                   "computer from the network and tell your IT staff.",
                                   "開かないでください。すでに開いた場合は、端末をネットワークから"
                                   "切り離し、情報システム担当へご連絡ください。"),
    };
    CHECK(v < VERDICTS);
    return texts[v];
}

struct rule_text text_unread(enum unread_cause c)
{
    static const struct rule_text texts[UNREAD_CAUSES] = {
        [UNREAD_ENCRYPTED] =
            TEXT("Part of it is encrypted, and no password was found that opens it.",
                 "暗号化された部分があり、開くためのパスワードが見つからないため、内容を検査できて"
                 "いません。"),
        [UNREAD_LIMIT] =
            TEXT("It is larger or more deeply nested than is read; part of it was not examined.",
                 "検査の上限を超えたため、検査できていない部分があります。"),
        [UNREAD_DAMAGED] = TEXT("Part of it is damaged and could not be read.",
                                "破損しているため、検査できていない部分があります。"),
        [UNREAD_CRASHED] =
            TEXT("Reading it was broken off by an internal error; part of it was not examined.",
                 "検査処理が中断したため、検査できていない部分があります。"),
        [UNREAD_NO_READER] = TEXT(
            "It holds a file format that is not read yet.",
            "まだ対応していない形式のファイルが含まれているため、検査できていない部分があります。"),
    };
    CHECK(c < UNREAD_CAUSES);
    return texts[c];
}

struct rule_text text_unread_todo(enum unread_cause c)
{
    static const struct rule_text encrypted =
        TEXT("If you did not expect it, do not open it and tell your IT staff. If it is awaited, "
             "submit it again with the password.",
             "心当たりがない場合は開かず、情報システム担当へご連絡ください。必要なファイルの場合は"
             "、パスワードを添えて再度検査してください。");
    static const struct rule_text crashed =
        TEXT("Do not open it; your IT staff can have it examined again.",
             "開かずに、情報システム担当へ再検査を依頼してください。");
    if (c == UNREAD_ENCRYPTED)
        return encrypted;
    return c == UNREAD_CRASHED ? crashed : text_todo(VERDICT_UNKNOWN);
}

slice text_unread_name(enum unread_cause c)
{
    static const slice names[UNREAD_CAUSES] = {
        [UNREAD_ENCRYPTED] = SLICE_INIT("Unread.Any.Encrypted"),
        [UNREAD_LIMIT] = SLICE_INIT("Unread.Any.Limit"),
        [UNREAD_DAMAGED] = SLICE_INIT("Unread.Any.Damaged"),
        [UNREAD_CRASHED] = SLICE_INIT("Unread.Any.Crashed"),
        [UNREAD_NO_READER] = SLICE_INIT("Unread.Any.NoReader"),
    };
    CHECK(c < UNREAD_CAUSES);
    return names[c];
}

bool text_explain_unread(slice name, struct rule_text *reason_out, struct rule_text *todo_out)
{
    for (int c = 0; c < UNREAD_CAUSES; c++) {
        if (!slice_eq_nocase(text_unread_name((enum unread_cause)c), name))
            continue;
        *reason_out = text_unread((enum unread_cause)c);
        *todo_out = text_unread_todo((enum unread_cause)c);
        return true;
    }
    return false;
}

struct rule_text text_clean(bool note)
{
    static const struct rule_text clean =
        TEXT("Nothing was found.", "検出された項目はありません。");
    static const struct rule_text noted =
        TEXT("There are signs, but none that suffice for a verdict; they are listed.",
             "検出項目がありますが、いずれも単独では判定に至りません。");
    return note ? noted : clean;
}

struct rule_text text_promise(void)
{
    static const struct rule_text text = TEXT(
        "It shows the address of a sender who has published that they never send such a thing.",
        "差出人として表示されている相手が「送らない」と公表している内容（添付ファイルやリンクなど）"
        "が含まれています。");
    return text;
}
