/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho.h - the one public header of libsekisho.
 *
 * The library examines mails and files for Emotet-class attacks: bytes go in, a
 * verdict with its reasons comes out. It opens no file, starts no process, uses
 * no network and reads no clock; rules, settings and the day are given as bytes.
 *
 * WARNING: what you scan is read in YOUR process, without the jail. The programs
 * sekisho and sekisho-worker read hostile bytes behind seccomp and Landlock, so
 * that a memory bug costs one answer; here it would cost the caller. For mail of
 * strangers run `sekisho scan --json`, or call this library in a process that
 * has locked itself down (after sekisho_engine_new(), which opens what must be
 * open, in the thread that will scan) and that may die.
 *
 * Shapes.   Every struct without members here is opaque. Structs with members
 *           are filled by the caller from zero: `struct sekisho_input in = {0};`
 *           (C++: `= {}`). They grow only when the library's soname changes.
 * Text      is UTF-8 and ends with NUL. What is not valid is read as U+FFFD.
 * Units.    Sizes are bytes; part numbers count from 0, part 0 is the input.
 * Errors.   A function that returns int gives 0, or a negative errno value and,
 *           where `error_out` is not NULL, a sentence that says what to do.
 *           Out parameters are then untouched. Malformed input is no error: it is
 *           told in the report. Broken invariants of the library itself abort().
 * Owners.   What a *_new, *_compile, *_load or sekisho_scan() gives is yours until
 *           its *_free, which accepts NULL. What is given to the library is copied
 *           or only used during the call. Text it returns belongs to the object it
 *           came from. Free results before their engine, engines before their rules.
 * Threads.  Rules never change and may be shared. An engine and its results are
 *           for one thread at a time; make one engine per thread. A thread that has
 *           scanned calls sekisho_thread_end() before it ends.
 * Memory.   At most about 300 MiB for one scan beside the input, mostly far less.
 * OpenSSL   is initialised without its settings file if the caller has not
 *           initialised it before.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SEKISHO_EXPORT __attribute__((visibility("default")))
#else
#define SEKISHO_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Of the library that is running, such as "0.1.0". */
SEKISHO_EXPORT const char *sekisho_version(void);

struct sekisho_error {
    int code; /* negative errno */
    char text[1024];
};

/* --- rules: compiled once, then shared */

struct sekisho_rules;

struct sekisho_rule_file {
    const char *path; /* for messages and reports; not opened */
    const char *text; /* Sigma in YAML */
    size_t len;
    bool foreign;     /* counts one level lower, see trust_foreign_rules */
};

/* -EINVAL: the message names file, line and what to do. No rule at all is refused,
 * since everything would be clean. Takes about a second per thousand rules. */
SEKISHO_EXPORT int sekisho_rules_compile(const struct sekisho_rule_file *files, size_t n, struct sekisho_rules **out,
                                         struct sekisho_error *error_out);
/* From bytes that sekisho_rules_image() gave. An image is of one build and one kind
 * of processor; any other, and a damaged one, is -EINVAL: compile again. Load only
 * images that nobody but you could write. */
SEKISHO_EXPORT int sekisho_rules_load(const void *image, size_t len, struct sekisho_rules **out,
                                      struct sekisho_error *error_out);
/* The compiled image, to be kept and loaded later. */
SEKISHO_EXPORT const void *sekisho_rules_image(const struct sekisho_rules *rules, size_t *len_out);
SEKISHO_EXPORT size_t sekisho_rules_count(const struct sekisho_rules *rules);
SEKISHO_EXPORT void sekisho_rules_free(struct sekisho_rules *rules);

/* --- engines */

struct sekisho_engine;

/* 0 means the default. Reaching a limit is told in the report and never clean. */
struct sekisho_limits {
    uint64_t work;     /* about nanoseconds of one core, counted, not timed; 1450000000 */
    uint64_t unpacked; /* bytes out of archives and streams; 768 MiB */
    uint32_t parts;    /* 20000 */
    uint32_t depth;    /* 24 */
};

struct sekisho_settings {
    const char *today;              /* YYYY-MM-DD, for the end of exceptions; needed with them */
    const char *exceptions;         /* YAML, sekisho-policy(5); NULL: none */
    const char *promises;           /* YAML, sekisho-policy(5); NULL: none */
    const char *authserv_id;        /* whose Authentication-Results are believed; NULL: nobody's */
    const char *const *own_domains; /* of your organisation */
    size_t n_own_domains;
    bool trust_foreign_rules;
    struct sekisho_limits limits;
};

/* `settings` NULL: all defaults. */
SEKISHO_EXPORT int sekisho_engine_new(const struct sekisho_rules *rules, const struct sekisho_settings *settings,
                                      struct sekisho_engine **out, struct sekisho_error *error_out);
/* For engines that live longer than a day. -EINVAL: not YYYY-MM-DD. */
SEKISHO_EXPORT int sekisho_engine_set_today(struct sekisho_engine *engine, const char *today,
                                            struct sekisho_error *error_out);
SEKISHO_EXPORT void sekisho_engine_free(struct sekisho_engine *engine);
/* Frees the tables that this thread keeps between scans; a later scan makes them again. */
SEKISHO_EXPORT void sekisho_thread_end(void);

/* --- scanning */

struct sekisho_input {
    const void *bytes;            /* a mail (RFC 5322), mailbox, document, archive, ...; may be NULL when len is 0 */
    size_t len;
    const char *name;             /* file name; NULL: none */
    const char *declared;         /* media type that somebody said, such as "text/html"; NULL: none */
    const char *path;             /* what reports call the object; NULL: its name, else "-" */
    const char *const *passwords; /* tried first on what is encrypted, in this order; at most 32 are */
    size_t n_passwords;
};

struct sekisho_result;

/* Fails for want of memory or wrong arguments only. */
SEKISHO_EXPORT int sekisho_scan(struct sekisho_engine *engine, const struct sekisho_input *input,
                                struct sekisho_result **out, struct sekisho_error *error_out);
SEKISHO_EXPORT void sekisho_result_free(struct sekisho_result *result);

enum sekisho_verdict {
    SEKISHO_CLEAN = 0,  /* all was read, nothing was found */
    SEKISHO_UNKNOWN,    /* something was not read: sekisho_result_unread() */
    SEKISHO_SUSPICIOUS,
    SEKISHO_MALICIOUS
};

enum sekisho_unread { /* bits */
    SEKISHO_UNREAD_ENCRYPTED = 1,
    SEKISHO_UNREAD_LIMIT = 2,
    SEKISHO_UNREAD_DAMAGED = 4,
    SEKISHO_UNREAD_NO_READER = 8
};

enum sekisho_language { SEKISHO_ENGLISH = 0, SEKISHO_JAPANESE };

SEKISHO_EXPORT enum sekisho_verdict sekisho_result_verdict(const struct sekisho_result *result);
/* "clean", "unknown", "suspicious", "malicious": as in reports. */
SEKISHO_EXPORT const char *sekisho_verdict_name(enum sekisho_verdict verdict);
/* Bits of enum sekisho_unread; may be set beside any verdict but clean. */
SEKISHO_EXPORT unsigned sekisho_result_unread(const struct sekisho_result *result);
/* Name of what decided, such as "Trojan.Office.Downloader"; "" when clean. Plain ASCII. */
SEKISHO_EXPORT const char *sekisho_result_name(const struct sekisho_result *result);
/* One sentence each. Values out of the input are in it, made safe to show. */
SEKISHO_EXPORT const char *sekisho_result_reason(const struct sekisho_result *result, enum sekisho_language language);
SEKISHO_EXPORT const char *sekisho_result_todo(const struct sekisho_result *result, enum sekisho_language language);

/* The whole report as one line of JSON, schema sekisho/report/1. The same input, rules
 * and settings give the same bytes; the times in it are 0. NULL: out of memory. */
SEKISHO_EXPORT const char *sekisho_result_json(struct sekisho_result *result, size_t *len_out);
/* The report for people, several lines; with `details` all findings and facts. Stays
 * until the next call for this result. NULL: out of memory. */
SEKISHO_EXPORT const char *sekisho_result_text(struct sekisho_result *result, enum sekisho_language language,
                                               bool details, size_t *len_out);

/* --- what was found where */

struct sekisho_finding {
    const char *rule;  /* its id; "promise" for a sender promise */
    const char *level; /* informational low medium high critical, as it counted */
    bool counted;      /* false: observed only, or taken out by an exception */
};

struct sekisho_part {
    uint32_t parent;     /* of part 0: UINT32_MAX */
    const char *name;    /* as the input says, NOT safe to show or to use as a file name */
    const char *type;    /* "eml", "zip", "docm", ... */
    uint64_t size;
    uint8_t sha256[32];
};

/* What decided comes first. */
SEKISHO_EXPORT size_t sekisho_result_findings(const struct sekisho_result *result);
/* False: there is no such one, or no memory. */
SEKISHO_EXPORT bool sekisho_result_finding(struct sekisho_result *result, size_t index, struct sekisho_finding *out);
SEKISHO_EXPORT size_t sekisho_result_parts(const struct sekisho_result *result);
SEKISHO_EXPORT bool sekisho_result_part(struct sekisho_result *result, size_t index, struct sekisho_part *out);

/* --- taking a part out */

/* Scans again and hands the bytes of one part to `take`, in order, piece by piece.
 * They are as hostile as the input. -ENOENT: there is no such part. `take` returns
 * false to be called no more; that is no error. */
SEKISHO_EXPORT int sekisho_extract(struct sekisho_engine *engine, const struct sekisho_input *input, uint32_t part,
                                   bool (*take)(void *host, const void *bytes, size_t len), void *host,
                                   struct sekisho_error *error_out);

#ifdef __cplusplus
}
#endif
