/* SPDX-License-Identifier: Apache-2.0 */
/* budget - the one allowance of work that travels down all nesting.
 *
 * Work is counted, never timed, so that the same object always ends at the
 * same place. A spend that does not fit takes nothing, returns false and
 * leaves a mark in `hit`; the caller stops what it was doing and the scan
 * reports the limit by its name (budget_name).
 */
#pragma once
#include "base/check.h"
#include "base/slice.h"

enum budget_kind {
    BUDGET_WORK,     /* about one nanosecond of one core each; see the WORK_ costs */
    BUDGET_INFLATED, /* bytes that came out of decompression */
    BUDGET_PARTS,    /* parts of the tree */
    BUDGET_DEPTH,    /* nesting; spent and given back */
    BUDGET_ENTRIES,  /* members, headers, directory entries, records */
    BUDGET_KEYS,     /* rounds of key derivation */
    BUDGET_FACTS,    /* facts and events */
    BUDGET_TEXT,     /* bytes of text views given to observers */
    BUDGET_MEMORY,   /* marked when the arena is full; not spent here */
    BUDGET_KINDS
};

struct budget {
    uint64_t left[BUDGET_KINDS];
    uint32_t hit; /* bit per kind */
    /* Compressed bytes that may still be inflated without counting what blocks cost (inflate.c):
     * at worst 70 ns each, for streams of nothing but tables. Used up, all is counted. */
    uint64_t in_one_go;
};

/* Costs in BUDGET_WORK units, measured on the reference machine. */
enum {
    WORK_PER_INFLATED_BYTE = 2, /* inflate + digest + zero test */
    WORK_PER_SCANNED_BYTE = 2,  /* tokenising, charset, pattern pass */
    WORK_PER_PART = 5000,
    WORK_PER_ENTRY = 200,
    WORK_PER_KEY_ROUND = 400,   /* one HMAC-SHA1 */
};

struct budget budget_default(void);
const char *budget_name(enum budget_kind k); /* "work", "inflated", ... */

static inline bool budget_spend(struct budget *b, enum budget_kind k, uint64_t n)
{
    if (n > b->left[k]) {
        b->hit |= 1u << k;
        return false;
    }
    b->left[k] -= n;
    return true;
}

static inline void budget_give_back(struct budget *b, enum budget_kind k, uint64_t n)
{
    b->left[k] += n;
}
