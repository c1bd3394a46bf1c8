/* SPDX-License-Identifier: Apache-2.0 */
/* judge - facts and rules in, findings and a verdict out. Pure: same record,
 * same rules, same policy, same answer (docs/rules.md, "Level and verdict").
 */
#pragma once
#include "judge/rules.h"

enum verdict { VERDICT_CLEAN, VERDICT_UNKNOWN, VERDICT_SUSPICIOUS, VERDICT_MALICIOUS, VERDICTS };

struct finding {
    uint32_t rule;          /* index for rules_info(); NO_ID for a sender promise */
    enum rule_level level;  /* as it counted, after trust and exceptions */
    enum layer layer;
    bool observed_only;     /* state observe: reported, does not count */
    bool excepted;          /* an exception took it out */
    uint32_t exception;     /* index into policy.exceptions when excepted */
    uint32_t promise;       /* index into policy.promises, else NO_ID */
    const uint32_t *parts;  /* ascending, each once */
    const uint32_t *facts;  /* ascending, each once; the facts that made it true */
    uint32_t n_parts, n_facts;
};

/* exceptions.yaml: a rule is not counted for a recipient, or for an
 * authenticated sender with a known macro identity. */
struct exception {
    slice rule;             /* rule id */
    slice recipient;        /* address or @domain, of every recipient of the mail; empty: any */
    slice sender, identity; /* both or none */
    slice author, reason;
    slice expires;          /* YYYY-MM-DD, inclusive */
};

/* promises.yaml: what a sender has published that it never does. */
struct promise {
    slice sender;           /* address or domain, subdomains included */
    bool attachments, macros, archives; /* never sends these */
    const slice *links_only; /* never links outside these domains; NULL: no promise about links */
    size_t n_links_only;
    slice source;           /* where the sender published it */
    struct rule_text reason;
};

struct policy {
    const struct exception *exceptions;
    size_t n_exceptions;
    const struct promise *promises;
    size_t n_promises;
    slice today;            /* YYYY-MM-DD, for expiry; judge reads no clock */
    bool trust_foreign;     /* foreign rules count at their own level */
    uint32_t layers_off;    /* layer_bit() of each that has no vote */
};

int exceptions_read(slice yaml, slice path, struct arena *mem, struct policy *policy, struct err *err_out) MUST_USE;
int promises_read(slice yaml, slice path, struct arena *mem, struct policy *policy, struct err *err_out) MUST_USE;
bool policy_is_date(slice s); /* YYYY-MM-DD */

/* What a layer says. The verdict follows from findings, not from votes: one
 * malicious vote decides; of suspicious ones it takes two findings. */
enum vote {
    VOTE_NONE,       /* it has no rule in force: nobody looked */
    VOTE_OFF,
    VOTE_CLEAN,      /* nothing found */
    VOTE_NOTE,       /* findings that do not count, or of low level */
    VOTE_SUSPICIOUS, /* its worst finding that counts is of level medium */
    VOTE_MALICIOUS,  /* high or critical */
    VOTES
};

struct layer_vote {
    enum vote vote;
    bool decided;    /* the verdict rests on a finding of this layer */
};

struct judgement {
    enum verdict verdict;
    slice name;                     /* of the decisive finding; empty when clean */
    struct rule_text reason, todo;
    const struct finding *findings; /* decisive first, then by level, rule, part */
    uint32_t n_findings;
    uint32_t decisive;              /* index into findings, NO_ID */
    struct layer_vote votes[LAYERS];
};

/* Facts that hits need (excerpts of views) are appended to the record. */
struct judgement judge_record(const struct rules *rules, struct record *record, const struct policy *policy, struct arena *mem);
const char *verdict_name(enum verdict v);     /* "clean", ... */
const char *rule_level_name(enum rule_level l);
const char *vote_name(enum vote v);
/* What a name such as "Unread.Any.Limit" means; false where it is none of these. */
bool text_explain_unread(slice name, struct rule_text *reason_out, struct rule_text *todo_out);
