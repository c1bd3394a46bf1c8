/* SPDX-License-Identifier: Apache-2.0 */
/* cli - the commands of the program `sekisho`, one file each. */
#pragma once
#include "desk/knowledge.h"
#include "report/report.h"

/* Exit status, worst first; the worst of all objects wins. */
enum exit_status { EXIT_CLEAN = 0, EXIT_MALICIOUS = 1, EXIT_TROUBLE = 2, EXIT_SUSPICIOUS = 3, EXIT_UNREAD = 4 };

/* For the record of one object. Where it is full a scan ends, so all commands that scan give as much. */
enum { CLI_RECORD_MEMORY = 96 << 20 };

/* Who is spoken to: --lang, which every command takes, else the locale. */
struct cli {
    enum language language;
    bool language_given;
};

struct command {
    const char *name;
    int (*run)(const struct cli *cli, int argc, char **argv);
    const char *usage; /* one line */
    const char *en, *ja;
};

int command_scan(const struct cli *cli, int argc, char **argv);
int command_extract(const struct cli *cli, int argc, char **argv);
int command_export(const struct cli *cli, int argc, char **argv);
int command_hunt(const struct cli *cli, int argc, char **argv);
int command_unmask(const struct cli *cli, int argc, char **argv);
int command_verify(const struct cli *cli, int argc, char **argv);
int command_explain(const struct cli *cli, int argc, char **argv);
int command_rules(const struct cli *cli, int argc, char **argv);
int command_doctor(const struct cli *cli, int argc, char **argv);
int command_gate(const struct cli *cli, int argc, char **argv);
int command_search(const struct cli *cli, int argc, char **argv);
int command_vault(const struct cli *cli, int argc, char **argv);
int command_audit(const struct cli *cli, int argc, char **argv);
int command_settings(const struct cli *cli, int argc, char **argv);

/* Finds --lang before "--" and takes it out of the arguments. An exit status other
 * than 0 after a message. */
int cli_take_language(struct cli *cli, int *argc, char **argv);

/* One message on standard error; each returns EXIT_TROUBLE. `value` is made safe to
 * show and may be NULL; MSG_COUNT: nothing to say but the usage. */
int cli_trouble(const struct err *e);
int cli_say(const struct cli *cli, enum message what, const char *value);
int cli_usage(const struct cli *cli, const char *usage, enum message what, const char *value);
/* What getopt_long() has just refused, with opterr 0 and ':' in front of the letters. */
int cli_bad_option(const struct cli *cli, const char *usage, int got, char **argv);
/* The status, or EXIT_TROUBLE after a message when standard output did not take all. */
int cli_written(const struct cli *cli, int status);
/* Fills an error from the catalogue; returns the code. */
int cli_err(struct err *e, int code, enum language l, enum message what, const char *first, const char *second);

/* Ours beside this program (build tree or installation), or of --rules. */
const char *cli_rules_folder(const char *given);
/* The path of a program that lies beside this one. False: no room. */
bool cli_beside(const char *program, char *out, size_t room);

struct desk_options {
    const char *rules, *exceptions, *promises, *authserv_id;
    const char *const *own_domains;
    size_t n_own_domains;
    bool trust_foreign, quiet;
    uint32_t layers_off; /* layer_bit() */
    enum language language;
};

/* After a failure, too, knowledge_close() is called. */
int desk_open(struct knowledge *k, const struct desk_options *o, struct err *err_out) MUST_USE;
