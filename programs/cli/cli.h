/* SPDX-License-Identifier: Apache-2.0 */
/* cli - the commands of the program `sekisho`, one file each. */
#pragma once
#include "guard/rulebook.h"
#include "judge/context.h"
#include "report/report.h"

/* Exit status, worst first; the worst of all objects wins. */
enum exit_status { EXIT_CLEAN = 0, EXIT_MALICIOUS = 1, EXIT_TROUBLE = 2, EXIT_SUSPICIOUS = 3, EXIT_UNREAD = 4 };

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage; /* one line */
    const char *en, *ja;
};

int command_scan(int argc, char **argv);
int command_extract(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_rules(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_settings(int argc, char **argv);

/* One message on standard error; returns EXIT_TROUBLE. */
int cli_trouble(const struct err *e);
int cli_usage(const char *usage, const char *what);

/* Ours beside this program (build tree or installation), or of --rules. */
const char *cli_rules_folder(const char *given);
/* The path of a program that lies beside this one. False: no room. */
bool cli_beside(const char *program, char *out, size_t room);
enum language cli_language(const char *given);

/* What the desk knows: rules, and what the site adds to them. */
struct desk {
    struct arena *mem;
    struct rulebook book;
    struct context context;
};

struct desk_options {
    const char *rules, *exceptions, *promises, *authserv_id;
    const char *const *own_domains;
    size_t n_own_domains;
    bool trust_foreign, quiet;
    enum language language;
};

int desk_open(struct desk *d, const struct desk_options *o, struct err *err_out) MUST_USE;
void desk_close(struct desk *d);
/* The record of one object, whole: adds the facts of the whole mail and judges. */
struct judgement desk_judge(const struct desk *d, struct record *r, struct arena *mem);
