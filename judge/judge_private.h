/* SPDX-License-Identifier: Apache-2.0 */
/* judge_private - the opened rule image and the steps of judging, for the
 * files of this room and their tests.
 *
 * A rule's condition is a tree of nodes in preorder: a node's children lie
 * between it and `end`. Leaves name a test; a test asks one question about one
 * field of one event. String tests name an atom, shared by all rules that look
 * for the same thing in the same field.
 */
#pragma once
#include "base/cidr.h"
#include "base/match.h"
#include "base/regex.h"
#include "judge/glob.h"
#include "judge/judge.h"
#include "judge/texts.h"

enum {
    FIELD_ANY = UINT16_MAX, /* keyword: any text of the event */
    NODE_DEPTH_MAX = 64,
    PARENTS_MAX = 3, /* parent.parent.parent. */
    GROUP_FIELDS_MAX = 8,
};

enum atom_kind { ATOM_GLOB, ATOM_REGEX, ATOM_CIDR, ATOM_KINDS };
enum { ATOM_DIRECT = 1, ATOM_SURE = 2 }; /* not in the pattern set; a hit of the set is a match */

struct atom {
    uint16_t field; /* fact_id or FIELD_ANY */
    uint8_t kind, flags;
    unsigned regex_flags;
    slice text; /* of a regex or CIDR */
    struct glob glob;
    struct cidr cidr;
};

/* Which event a field is read from, seen from the event a rule looks at. */
enum scope {
    SCOPE_SELF,
    SCOPE_PART,
    SCOPE_PARENT1,
    SCOPE_PARENT2,
    SCOPE_PARENT3,
    SCOPE_MAIL,
    SCOPE_MACRO,
    SCOPES
};

struct field {
    uint16_t id; /* FIELD_ANY only in keyword tests */
    uint8_t scope;
};

enum test_kind { TEST_ATOM, TEST_EXISTS, TEST_NULL, TEST_NUMBER, TEST_FIELD, TEST_KINDS };
enum number_op { NUMBER_EQ, NUMBER_LT, NUMBER_LTE, NUMBER_GT, NUMBER_GTE, NUMBER_OPS };
enum { REF_STARTS = 1, REF_ENDS = 2, REF_CASED = 4 }; /* TEST_FIELD; STARTS|ENDS is contains */

struct test {
    uint8_t kind, op; /* op: number_op, or REF_ bits */
    struct field field, other;
    uint32_t atom;
    int64_t number;
};

enum node_op { NODE_TEST, NODE_AND, NODE_OR, NODE_NOT, NODE_OPS };

struct node {
    uint8_t op;
    uint32_t arg; /* of NODE_TEST: the test */
    uint32_t end; /* index behind the subtree */
};

enum correlation_kind {
    CORRELATE_EVENT_COUNT,
    CORRELATE_VALUE_COUNT,
    CORRELATE_TEMPORAL,
    CORRELATE_ORDERED,
    CORRELATION_KINDS
};

struct correlation {
    uint8_t kind;
    int64_t least, most;        /* inclusive */
    uint32_t n_refs, n_groups;  /* n_groups 0: the whole record is one group */
    const uint32_t *refs;       /* rules; each comes before this one in order */
    const struct field *groups; /* n_refs * n_groups */
    const struct field *value;  /* n_refs; of value_count */
};

struct rule {
    struct rule_info info;
    bool standalone;      /* makes findings of its own, not only for correlations */
    bool runs;            /* state and log source let it be evaluated */
    bool always;          /* could be true without any trigger */
    uint32_t node;        /* its root; NO_ID for a correlation */
    uint32_t correlation; /* NO_ID */
};

struct list { /* a run of indices */
    const uint32_t *at;
    uint32_t n;
};

struct pattern {
    struct list atoms;
};

struct rules {
    struct arena *mem;
    slice image, digest, matcher;
    struct rule *rules;
    struct node *nodes;
    struct test *tests;
    struct atom *atoms;
    struct correlation *correlations;
    struct pattern *patterns;
    struct list *atom_rules; /* per atom: rule << 1 | local */
    struct list fact_rules[FACT_COUNT];
    struct list field_atoms[FACT_COUNT];  /* all atoms of a field */
    struct list field_direct[FACT_COUNT]; /* those that are in no pattern */
    struct list any_atoms, any_direct;
    struct list always;   /* rules to be evaluated on every event of their kind */
    struct list order;    /* correlations, those referred to first */
    struct regex **regex; /* per atom, made when first needed */
    uint32_t n_rules, n_nodes, n_tests, n_atoms, n_correlations, n_patterns;
    uint32_t layers; /* layer_bit() of those that have a rule which makes findings */
};

/* A trigger is local when it stands on the very event that the rule looks at. */
static inline uint32_t trigger_rule(uint32_t t)
{
    return t >> 1;
}
static inline bool trigger_local(uint32_t t)
{
    return t & 1;
}

/* --- atom.c */
/* Does the value satisfy the atom? The one place where that is decided. */
bool atom_matches(const struct rules *r, uint32_t atom, slice value, struct range *at_out);

/* --- index.c: the record in the order in which rules ask for it */
static const uint32_t ENTRY_HIT = UINT32_C(1) << 31;

struct entry { /* an atom holds on an event */
    uint32_t event, atom;
    uint32_t from; /* index of a fact, or ENTRY_HIT | index of a hit */
};

struct index {
    const struct rules *rules;
    struct record *record;
    struct arena *mem;
    uint32_t n_facts;        /* facts added later are not looked at */
    uint32_t *facts;         /* by event, then id, then order of appearance */
    uint32_t *event_facts;   /* per event + 1: first of its facts */
    struct entry *entries;   /* by event, atom, from */
    uint32_t *event_entries; /* per event + 1 */
    uint32_t n_entries, room_entries;
    uint32_t *part_event, *mail_event, *macro_event; /* per part; NO_ID */
    uint32_t *of_kind;                               /* events sorted by kind */
    uint32_t kind_from[EVENT_KINDS + 1];
    uint32_t *hit_fact; /* per hit: fact made for it + 1 */
    bool direct;        /* hits are not used: every fact is evaluated here */
    const bool *silent; /* per rule: its layer is off; NULL: none is */
};

int index_build(struct index *x, const struct rules *rules, struct record *record, bool direct,
                struct arena *mem) MUST_USE;
/* The event on which a field of this scope stands; NO_ID. */
uint32_t index_scope(const struct index *x, uint32_t event, uint8_t scope);
/* Facts of the event with this id. */
struct list index_facts(const struct index *x, uint32_t event, uint16_t id);
/* Entries of the event for this atom. */
const struct entry *index_entries(const struct index *x, uint32_t event, uint32_t atom,
                                  uint32_t *n_out);
/* A text for the value; `room` holds the digits of a number. */
slice index_text(const struct fact *f, char room[24]);

/* --- eval.c */
enum { MATCHES_MAX = 4096, WITNESSES_MAX = 64 };

struct match {
    uint32_t event;
    uint32_t next;    /* index + 1 */
    uint32_t from, n; /* of a correlation: what it joined, in links[] */
};

struct link { /* a match that a correlation joined */
    uint32_t rule, match;
};

struct matches {
    struct match *at;
    struct link *links;
    uint32_t n, room, n_links, room_links;
    uint32_t *first, *last, *count; /* per rule; first, last: index + 1 */
};

struct witness {
    uint32_t facts[WITNESSES_MAX];
    uint32_t n;
};

bool eval_rule(const struct index *x, uint32_t rule, uint32_t event);
/* Silences the rules of these layers (layer_bit()), for eval_all() and correlate_all(). */
int eval_silence(struct index *x, uint32_t layers_off) MUST_USE;
/* All rules on all events. `all`: nothing is skipped. */
int eval_all(const struct index *x, bool all, struct matches *m) MUST_USE;
bool matches_add(struct matches *m, struct arena *mem, uint32_t rule, struct match match) MUST_USE;
/* The facts that made a matched rule true on the event. */
void eval_witness(struct index *x, uint32_t rule, uint32_t event, struct witness *out);
void witness_add(struct witness *w, uint32_t fact);

/* --- correlate.c */
int correlate_all(const struct index *x, struct matches *m) MUST_USE;

/* --- policy.c */
bool exception_applies(const struct index *x, const struct policy *policy,
                       const struct rule_info *rule, uint32_t *exception_out);
struct broken_promise {
    uint32_t promise;
    struct witness facts;
};
int promises_check(const struct index *x, const struct policy *policy, struct broken_promise **out,
                   uint32_t *n_out) MUST_USE;

/* --- reason.c */
struct rule_text reason_fill(const struct index *x, struct rule_text text, uint32_t event,
                             const uint32_t *facts, uint32_t n_facts);

/* judge_record, in the two modes that must agree. */
enum judge_mode { JUDGE_SKIPPING, JUDGE_DIRECT };
struct judgement judge_record_mode(const struct rules *rules, struct record *record,
                                   const struct policy *policy, enum judge_mode mode,
                                   struct arena *mem);
