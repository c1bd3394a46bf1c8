/* SPDX-License-Identifier: Apache-2.0 */
/* settings - a settings file in YAML, driven by one table.
 *
 * The table is the whole truth: reading, defaults, checks, `sekisho settings`
 * and the manual's tables come from it. Keys are dotted in the table and
 * nested in the file (`pool.workers` is `pool:` / `workers:`); the dotted form
 * may be written too. An unknown key or a bad value is an error that names
 * file and line, says what is allowed, and offers the nearest name.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum setting_type {
    SETTING_BOOL,   /* true false yes no on off */
    SETTING_NUMBER, /* within min..max */
    SETTING_SIZE,   /* number with k, m or g (of 1024); within min..max */
    SETTING_TIME,   /* number with ms, s, m, h or d; kept in milliseconds; within min..max */
    SETTING_TEXT,   /* at most max bytes */
    SETTING_CHOICE, /* one of `choices`; its index is the number */
    SETTING_LIST,   /* of texts; at most max entries */
};

struct setting {
    const char *name;
    enum setting_type type;
    const char *value; /* the default, as it would be written; for lists "a b c" */
    int64_t min, max;
    const char *const *choices; /* NULL at the end */
    const char *en, *ja;        /* one sentence each */
};

struct setting_value {
    bool given; /* in the file */
    uint32_t line;
    int64_t number; /* bool, number, size, time, choice */
    slice text;     /* text, and the written form of the others */
    const slice *list;
    size_t n_list;
};

/* Values in the table's order, in the arena. text may be empty: all defaults.
 * CHECKs that the table's own defaults pass. */
int settings_read(const struct setting *table, size_t n, slice text, const char *path,
                  struct arena *mem, struct setting_value **values_out,
                  struct err *err_out) MUST_USE;
/* By name; CHECKed to be in the table. */
const struct setting_value *settings_get(const struct setting *table, size_t n,
                                         const struct setting_value *values, const char *name);
/* The table for the manual: scdoc source, in English or Japanese. */
void settings_manual(const struct setting *table, size_t n, bool japanese, struct buf *out);
/* The entry of `names` that is nearest to `word`, or NULL when none is near. */
const char *settings_nearest(slice word, const char *const *names, size_t n);
