/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions with a bound on the whole search; seam in front of PCRE2 10.42. See regex.h.
 *
 * PCRE2's match limit counts anew at each start position, so that a long text made for the pattern
 * could cost its length times the limit. Therefore two tries: a quick one whose limit shrinks with
 * the length of the text, and where that is reached, one with automatic callouts, which count every
 * step of the whole search. Both bounds are counts: the same text always ends the same way.
 *
 * Text that is not UTF-8 matches around its faults (PCRE2_MATCH_INVALID_UTF).
 */
#include "base/regex.h"
#include "base/text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>

enum {
    LIMIT_START = 200000,    /* steps at one start position */
    LIMIT_QUICK = 4000000,   /* about the steps of the whole quick try */
    LIMIT_FLOOR = 100,       /* steps a start always has in the quick try */
    LIMIT_COUNTED = 2000000, /* steps of the whole counted try */
    LIMIT_HEAP_KIB = 8 << 10,
    LIMIT_PATTERN = 16 << 10,
};

/* What find may change in a regex that is otherwise constant. */
struct counted {
    pcre2_code *code;
    bool tried;
};

struct regex {
    pcre2_code *code;
    uint32_t options;
    uint8_t *pattern; /* for the counted version, compiled when it is first needed */
    size_t pattern_len;
    struct counted *counted;
};

static uint32_t options_of(unsigned flags, slice pattern)
{
    uint32_t o = PCRE2_NEVER_BACKSLASH_C;
    if (flags & REGEX_CASELESS)
        o |= PCRE2_CASELESS;
    if (flags & REGEX_MULTILINE)
        o |= PCRE2_MULTILINE;
    if (flags & REGEX_DOTALL)
        o |= PCRE2_DOTALL;
    if (utf8_valid(pattern))
        o |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
    return o;
}

int regex_new(slice pattern, unsigned flags, struct regex **out, struct err *err_out)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    if (pattern.len > LIMIT_PATTERN)
        return err_set(err_out, -E2BIG, "regular expression is longer than %d bytes",
                       LIMIT_PATTERN);
    struct regex *r = calloc(1, sizeof *r);
    if (!r)
        return err_set(err_out, -ENOMEM, "out of memory");
    r->options = options_of(flags, pattern);
    r->pattern = malloc(pattern.len + 1);
    r->counted = calloc(1, sizeof *r->counted);
    if (!r->pattern || !r->counted) {
        regex_drop(&r);
        return err_set(err_out, -ENOMEM, "out of memory");
    }
    if (pattern.len)
        memcpy(r->pattern, pattern.at, pattern.len);
    r->pattern_len = pattern.len;
    r->code = pcre2_compile(r->pattern, r->pattern_len, r->options, &code, &at, NULL);
    if (!r->code) {
        PCRE2_UCHAR text[128] = { 0 };
        pcre2_get_error_message(code, text, sizeof text);
        regex_drop(&r);
        return err_set(err_out, -EINVAL, "regular expression, at character %zu: %s", (size_t)at,
                       (const char *)text);
    }
    *out = r;
    return 0;
}

void regex_drop(struct regex **r)
{
    if (!*r)
        return;
    pcre2_code_free((*r)->code);
    if ((*r)->counted)
        pcre2_code_free((*r)->counted->code);
    free((*r)->counted);
    free((*r)->pattern);
    free(*r);
    *r = NULL;
}

static int count_step(pcre2_callout_block *block, void *left)
{
    (void)block;
    uint64_t *n = left;
    return (*n)-- == 0 ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static pcre2_code *counted_code(const struct regex *r)
{
    int code;
    PCRE2_SIZE at;
    if (!r->counted->tried) {
        r->counted->tried = true;
        r->counted->code = pcre2_compile(r->pattern, r->pattern_len,
                                         r->options | PCRE2_AUTO_CALLOUT, &code, &at, NULL);
    }
    return r->counted->code;
}

static int search(pcre2_code *code, slice text, pcre2_match_data *data,
                  pcre2_match_context *context)
{
    const uint8_t *at = text.at ? text.at : (const uint8_t *)"";
    return pcre2_match(code, at, text.len, 0, 0, data, context);
}

static int search_bounded(const struct regex *r, slice text, pcre2_match_data *data,
                          pcre2_match_context *context)
{
    size_t quick = LIMIT_QUICK / (text.len + 1);
    quick = quick < LIMIT_FLOOR ? LIMIT_FLOOR : quick > LIMIT_START ? LIMIT_START : quick;
    pcre2_set_heap_limit(context, LIMIT_HEAP_KIB);
    pcre2_set_match_limit(context, (uint32_t)quick);
    int status = search(r->code, text, data, context);
    if (status != PCRE2_ERROR_MATCHLIMIT)
        return status;
    pcre2_code *counted = counted_code(r);
    if (!counted)
        return status;
    uint64_t left = LIMIT_COUNTED;
    pcre2_set_match_limit(context, LIMIT_START);
    pcre2_set_callout(context, count_step, &left);
    status = search(counted, text, data, context);
    pcre2_set_callout(context, NULL, NULL);
    return status;
}

/* Made once a thread: match data keeps the memory for backtracking. */
static _Thread_local pcre2_match_data *data;
static _Thread_local pcre2_match_context *context;

void regex_thread_end(void)
{
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    data = NULL;
    context = NULL;
}

bool regex_find(const struct regex *r, slice text, struct range *at_out, bool *limit_out)
{
    if (!data)
        data = pcre2_match_data_create(1, NULL);
    if (!context)
        context = pcre2_match_context_create(NULL);
    int status = data && context ? search_bounded(r, text, data, context) : PCRE2_ERROR_NOMEMORY;
    bool limit = status < 0 && status != PCRE2_ERROR_NOMATCH;
    if (limit_out)
        *limit_out = limit;
    if (status < 0)
        return false;
    if (at_out) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data);
        size_t from = ends[0], to = ends[1];
        /* \K in a look-ahead can put the start behind the end. */
        *at_out = (struct range){ from < to ? from : to, to };
    }
    return true;
}
