/* SPDX-License-Identifier: Apache-2.0 */
/* sigma - the compiler's side of this room: from YAML to the tables of a rule image.
 *
 * SigmaHQ specification: rules 2.0.0, modifiers appendix 2.1.0, correlations
 * 2.0.0. Left out, each with an error that says so: filters (exceptions.yaml
 * does that), aggregation pipes and `timeframe` of Sigma 1, time modifiers.
 *
 * The first error stops the compiler: functions return false or NULL, and
 * `code` and the message are set.
 */
#pragma once
#include "base/yaml.h"
#include "judge/judge_private.h"

enum {
    SIGMA_VALUES_MAX = 1 << 16, /* of one field, after expansion */
    SIGMA_NODES_MAX = 1 << 18,  /* of one condition */
    SIGMA_TEXT_MAX = 8 << 10,   /* bytes of one value */
    SIGMA_REFS_MAX = 64,
};

struct expr {
    uint8_t op; /* node_op */
    uint32_t test;
    struct expr *first, *last, *next; /* a child belongs to one parent only */
};

/* What makes a rule worth a look: an atom, or a fact that is there. */
struct trigger {
    bool atom, local;
    uint32_t id;
};

struct sigma_rule {
    struct rule rule;
    uint32_t line; /* of the document */
    const char *path;
    const struct yaml *doc;
    const struct rule_source *source;
    bool known;    /* our log source: fields are checked */
    bool generate; /* a correlation that lets its rules stand alone */
    bool referred;
    uint8_t visit; /* of the search for circles: 0 new, 1 open, 2 done */
    const struct expr *condition;
    struct trigger *triggers;
    uint32_t n_triggers;
    struct correlation correlation;
};

struct sigma_placeholder {
    slice name;
    const struct yaml *values;
};

struct sigma_source { /* one file, read */
    const struct rule_source *source;
    const char *path;
    const struct yaml *documents;
    size_t n;
};

struct hash_slot {
    uint64_t hash;
    uint32_t id; /* + 1 */
};

struct hash_table {
    struct hash_slot *at;
    uint32_t n, room;
};

struct compiler {
    struct arena *mem;
    struct err *err;
    int code;
    struct sigma_rule *rules;
    struct node *nodes;
    struct test *tests;
    struct atom *atoms;
    slice *atom_keys; /* what makes an atom itself, for sharing */
    struct match_pattern *patterns;
    uint32_t n_rules, room_rules, n_nodes, room_nodes, n_tests, room_tests, n_atoms, room_atoms,
        room_keys;
    uint32_t n_patterns, room_patterns;
    struct hash_table atom_table, name_table, pattern_table;
    uint32_t *pattern_of; /* per atom; NO_ID */
    struct sigma_placeholder *placeholders;
    uint32_t n_placeholders, room_placeholders;
    uint32_t *order; /* correlations */
    uint32_t n_order;
};

/* --- sigma_parse.c */
bool sigma_fail(struct compiler *c, const char *path, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool sigma_no_memory(struct compiler *c);
/* Space for one more element; NULL (and the error set) when memory is out. */
void *sigma_grow(struct compiler *c, void *array, uint32_t *n, uint32_t *room, size_t size);
#define SIGMA_GROW(c, array)                                                                       \
    (((c)->array =                                                                                 \
          sigma_grow((c), (c)->array, &(c)->n_##array, &(c)->room_##array, sizeof *(c)->array))    \
         ? &(c)->array[(c)->n_##array++]                                                           \
         : NULL)
bool sigma_read_sources(struct compiler *c, const struct rule_source *sources, size_t n,
                        struct sigma_source **out);
bool sigma_parse_rule(struct compiler *c, const struct sigma_source *source,
                      const struct yaml *doc);
/* Duplicate ids and names. */
bool sigma_check_names(struct compiler *c);
/* By name or id; NO_ID. */
uint32_t sigma_find_rule(const struct compiler *c, slice name);

/* --- sigma_field.c */
/* Our log sources; EVENT_KINDS when it is none. */
enum event_kind sigma_category(slice name);
/* "parent.file.name" as seen by an event of this kind. */
bool sigma_field(struct compiler *c, const struct sigma_rule *r, uint32_t line, slice name,
                 struct field *out);
/* "did you mean ..." or nothing, for a message. */
slice sigma_nearest(struct compiler *c, slice name);

/* --- sigma_value.c */
/* One `field|modifiers: values`, or keywords with an empty field. */
struct expr *sigma_item(struct compiler *c, const struct sigma_rule *r, slice key, uint32_t line,
                        const struct yaml *value);
uint32_t sigma_atom(struct compiler *c, const struct atom *a, const uint16_t *units, uint32_t n);

/* --- sigma_condition.c */
struct expr *expr_new(struct compiler *c, uint8_t op);
void expr_add(struct expr *parent, struct expr *child);
struct expr *sigma_detection(struct compiler *c, const struct sigma_rule *r,
                             const struct yaml *detection);

/* --- sigma_correlation.c */
bool sigma_correlation_parse(struct compiler *c, uint32_t rule);
bool sigma_correlation_order(struct compiler *c);

/* --- hash_table in compile.c: candidates with the same hash, one after the other */
uint32_t hash_next(const struct hash_table *t, uint64_t hash, uint32_t *cursor);
bool hash_add(struct compiler *c, struct hash_table *t, uint64_t hash, uint32_t id);

/* --- compile.c */
/* Chooses the triggers of a rule; false in *always_out when it has some. */
bool sigma_triggers(struct compiler *c, struct sigma_rule *r, bool *always_out);
int image_write(struct compiler *c, slice digest, slice matcher, struct buf *out);
