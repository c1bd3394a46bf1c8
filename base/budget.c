/* SPDX-License-Identifier: Apache-2.0 */
/* The default allowance of one scan; the figures are those of the manual (work: about two seconds of
 * one core on the reference machine, where inflating runs of zeros costs 2.6 ns a byte). Settings may give another one. */
#include "base/budget.h"

struct budget budget_default(void)
{
    return (struct budget){
        .left = {
            [BUDGET_WORK] = UINT64_C(1450000000),
            [BUDGET_INFLATED] = UINT64_C(768) << 20,
            [BUDGET_PARTS] = 20000,
            [BUDGET_DEPTH] = 24,
            [BUDGET_ENTRIES] = 1000000,
            [BUDGET_KEYS] = 2000000,
            [BUDGET_FACTS] = 200000,
            [BUDGET_TEXT] = UINT64_C(16) << 20,
            [BUDGET_MEMORY] = 0,
        },
        .in_one_go = 2 << 20,
    };
}

const char *budget_name(enum budget_kind k)
{
    switch (k) {
    case BUDGET_WORK:
        return "work";
    case BUDGET_INFLATED:
        return "inflated";
    case BUDGET_PARTS:
        return "parts";
    case BUDGET_DEPTH:
        return "depth";
    case BUDGET_ENTRIES:
        return "entries";
    case BUDGET_KEYS:
        return "keys";
    case BUDGET_FACTS:
        return "facts";
    case BUDGET_TEXT:
        return "text";
    case BUDGET_MEMORY:
        return "memory";
    case BUDGET_KINDS:
        break;
    }
    return "unknown";
}
