/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho - the command line: one word names the command, its file is in cli/. */
#include "programs/cli/cli.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>

static const struct command commands[] = {
    { "scan", command_scan, "sekisho scan [OPTION]... PATH... | -",
      "scan mails, files, folders; say what is wrong with them and why",
      "メール・ファイル・フォルダーを検査し、判定とその根拠を示す" },
    { "explain", command_explain, "sekisho explain NAME...",
      "what a detection name or a rule means", "検出名や規則の意味を示す" },
    { "extract", command_extract, "sekisho extract FILE --part N|--all --to OUT.zip [--force]",
      "take parts out of a file, into an encrypted zip",
      "ファイルからパートを取り出し、暗号化 ZIP に保存する" },
    { "export", command_export,
      "sekisho export rpz|squid|squid-urls|hosts|csv|stix [OPTION]... REPORT...",
      "block lists and indicators from reports of scan --json",
      "scan --json のレポートからブロックリストや指標一覧を作る" },
    { "hunt", command_hunt, "sekisho hunt [OPTION]... REPORT... LOG...",
      "which hosts contacted what the reports name, by logs of proxies and resolvers",
      "プロキシーや DNS のログから、レポートの接続先へ接続した端末を探す" },
    { "unmask", command_unmask, "sekisho unmask FILE [--trace]",
      "the program that hides in a file, with its values put in",
      "ファイルに潜むコードを、値を補って読める形で示す" },
    { "verify", command_verify, "sekisho verify [OPTION]... REPORTS FILE...",
      "check reports of scan --json against the files they speak of",
      "scan --json のレポートを元のファイルと照合して検証する" },
    { "rules", command_rules, "sekisho rules list|layers|check|test [FOLDER]...",
      "list, check and test rules", "規則の一覧・検査・試験" },
    { "gate", command_gate, "sekisho gate --observe | --settings FILE [--state FOLDER]",
      "stand in front of a mail server; says what to write into Postfix's settings",
      "メールサーバーの手前で検査する。Postfix に書く設定も示す" },
    { "search", command_search, "sekisho search [OPTION]... [WORD]...",
      "mails that went through the gate, by words", "通過したメールを語句で探す" },
    { "vault", command_vault, "sekisho vault list|show|release|forward|export|delete|check|backup [OPTION]...",
      "originals that are kept, and copies of the record", "隔離保管したメールの一覧・隔離解除・取り出し・削除と、記録の複製" },
    { "audit", command_audit, "sekisho audit verify [OPTION]... [FILE]",
      "whether the audit log is whole; else the first line that is not", "監査ログが改変されていないかを検証する" },
    { "settings", command_settings, "sekisho settings",
      "the settings that scan --settings FILE takes", "scan --settings で使える設定の一覧を示す" },
    { "doctor", command_doctor, "sekisho doctor [--settings FILE]",
      "what protects this installation, and what is missing", "この環境の保護機能と不足を示す" },
};

static int help(enum language l, FILE *to)
{
    fprintf(to, "Sekisho %s\n\n", SEKISHO_VERSION_TEXT);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(to, "  %s\n      %s\n", commands[i].usage,
                l == LANGUAGE_JA ? commands[i].ja : commands[i].en);
    return to == stdout ? EXIT_CLEAN : EXIT_TROUBLE;
}

/* A closed standard stream would be the number of the next file or socket opened, and
 * reports would be written into that. What stands here instead refuses to be written. */
static bool hold_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

/* Nothing passes for good news that was not written. The two worst have said so themselves. */
static int ended(const struct cli *cli, int status)
{
    return status == EXIT_MALICIOUS || status == EXIT_TROUBLE ? status : cli_written(cli, status);
}

/* Behind a command, too: `sekisho scan --help`. */
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    struct cli cli;
    if (!hold_standard_streams())
        return EXIT_TROUBLE;
    (void)signal(SIGXFSZ, SIG_IGN); /* a size limit is an error to report, not an end */
    opterr = 0; /* getopt knows no Japanese: cli_bad_option() speaks */
    int r = cli_take_language(&cli, &argc, argv);
    if (r)
        return r;
    if (argc < 2)
        return help(cli.language, stderr);
    if (strcmp(argv[1], "--version") == 0) {
        printf("sekisho %s\n", SEKISHO_VERSION_TEXT);
        return ended(&cli, EXIT_CLEAN);
    }
    if (strcmp(argv[1], "help") == 0 || asks_for_help(argc, argv))
        return ended(&cli, help(cli.language, stdout));
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return ended(&cli, commands[i].run(&cli, argc - 1, argv + 1));
    (void)cli_say(&cli, MSG_CLI_NO_COMMAND, argv[1]);
    return help(cli.language, stderr);
}
