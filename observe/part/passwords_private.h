/* SPDX-License-Identifier: Apache-2.0 */
/* passwords_private - what the files of this observer share. */
#pragma once
#include "base/text.h"
#include "observe/part/observe.h"

enum {
    LINE_LONGEST = 4096,
    NAMES_MAX = 32,
    SUBJECTS_MAX = 4,
    TOLD_MAX = 64,
    TOLD_WEAK_MAX = 24,
    VALUE_LEAST = 3,
    VALUE_MOST = 64,
    RANK_GIVEN = 40, /* from here on a guess, not something the mail gives */
    NEAR = 2,        /* lines between a label and what is said of it */
};

struct line {
    slice raw, fold, low;   /* as written; folded; folded and lower case */
    const uint32_t *from;   /* of each folded byte, where it stands in raw; one more for the end */
    uint32_t number;
    bool ascii;             /* nothing else in it */
};

struct line_room {
    uint8_t fold[LINE_LONGEST], low[LINE_LONGEST];
    uint32_t from[LINE_LONGEST + 1];
};

enum ask { ASK_SUBJECT, ASK_STEM, ASK_DATE, ASK_PHONE, ASKS };

struct passwords {
    slice names[NAMES_MAX], subjects[SUBJECTS_MAX];
    size_t n_names, n_subjects, told, told_weak;
    int64_t day;          /* of the mail in Japan, since 1970; 0: not known */
    bool asked[ASKS];
    uint32_t asked_part[ASKS], asked_line[ASKS];
    uint32_t said[3];     /* parts whose given, later, phone were said, plus 1 */
    struct line_room *here, *there;
};

/* One text being read. */
struct reading {
    struct walk *w;
    struct passwords *p;
    slice text;
    struct range at;
    enum password_source source;
    bool searched, labelled; /* looked for; some label stands in this text */
    bool mail;            /* text of the mail itself */
    uint32_t label_line;  /* of the last label; 0: none yet */
};

/* --- passwords_fold.c: words and lines */
/* Words are given in one string, separated by '|'. */
bool passwords_has(slice s, const char *words);
bool passwords_line_has(const struct line *l, const char *words); /* the folded, lower-case line */
size_t passwords_begins(slice s, const char *words); /* length of the word that s begins with; 0 */
bool passwords_is_one_of(slice s, const char *words);
/* The next label in a folded lower-case line; SIZE_MAX. */
size_t passwords_find_label(slice low, size_t from, size_t *len_out);
/* Could this line, as written, have to do with a password? Cheap: all text of
 * all mail passes here. */
bool passwords_hint(slice raw);
void passwords_fold(struct line_room *room, slice raw, uint32_t number, struct line *out);
/* The next line of a text; long ones come in pieces. *pos moves behind it. */
slice passwords_next_line(slice text, size_t *pos);

/* --- passwords_value.c: from a label to its value */
struct value {
    slice text;
    slice for_name;
    unsigned rank;
    uint32_t line;
};

struct span {
    size_t from, to; /* in the folded line */
};

struct traits {
    bool digit, upper, lower, other, alnum, same;
};

#define PASSWORDS_FILE_ENDINGS ".zip|.7z|.rar|.lzh|.xlsx|.xlsm|.xls|.docx|.docm|.doc|.pdf|.pptx|.ppt|.exe|.csv|.txt|.tar|.gz"
#define PASSWORDS_OPENERS "「|『|【|〔|[|(|<|\"|'|«|〈|《|“|`|*|_"
#define PASSWORDS_CLOSERS "」|』|】|〕|]|)|>|\"|'|»|〉|》|”|`|*|_"

/* A candidate for walk_password(); within the observer's own limits. */
void passwords_tell(struct reading *r, const struct value *v);
/* Flags of the mail, once a part. */
void passwords_say(struct reading *r, unsigned which, enum fact_id id);
/* A run of printable letters at i; with and without its punctuation it is told
 * when it could be a password. */
struct span passwords_run(const struct line *l, size_t i);
bool passwords_tell_run(struct reading *r, const struct line *l, struct span s, struct value v);
/* A value in brackets at i. 0: none; else where it ends. */
size_t passwords_tell_bracketed(struct reading *r, const struct line *l, size_t i, struct value v);
struct traits passwords_traits(slice fold);
/* Not an ordinary word: has digits, or is in capitals. */
bool passwords_telling(slice fold);
size_t passwords_skip_blank(slice low, size_t i);
/* Values on the label's own line. Where the last ends; 0: there is none. */
size_t passwords_of_label(struct reading *r, const struct line *l, size_t label, size_t len);
/* Where the value of this label would begin: behind separators and remarks, or
 * behind words too ("password for the archive:"). */
size_t passwords_joint_end(const struct line *l, size_t label, size_t len, bool far);
