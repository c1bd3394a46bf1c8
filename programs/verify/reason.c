/* SPDX-License-Identifier: Apache-2.0 */
/* reason - see reason.h. A sentence has {names of facts}; each place holds a fact of that name, as
 * values of strangers are shown (base/shown.h), or "-" (docs/rules.md, "reason").
 *
 * Which fact of several it is, the report does not say where the finding cites none: any fits. */
#include "programs/verify/reason.h"
#include "base/shown.h"

#include <stdio.h>

enum { VALUE_MAX = 120, SENTENCE_MAX = 4096, CANDIDATES_MAX = 256 };

/* Where in `said` the sentence so far may end: true at each such place. */
struct fit {
    struct check *c;
    const struct found *of;
    slice said;
    bool at[SENTENCE_MAX + 1], next[SENTENCE_MAX + 1];
    bool unclear;
};

static void advance(struct fit *f, slice piece, bool keep)
{
    for (size_t i = 0; i <= f->said.len; i++) {
        bool here = f->at[i] && slice_starts(slice_from(f->said, i), piece);
        if (here)
            f->next[i + piece.len] = true;
    }
    if (keep)
        return;
    for (size_t i = 0; i <= f->said.len; i++) {
        f->at[i] = f->next[i];
        f->next[i] = false;
    }
}

static void show(struct buf *out, slice name, const struct jsonin *fact)
{
    const struct jsonin *value = jsonin_get(fact, "value");
    char number[24];
    slice text = value->text;
    int n = value->kind == JSONIN_NUMBER
                ? snprintf(number, sizeof number, "%lld", (long long)value->number)
                : 0;
    if (n > 0)
        text = (slice){ (const uint8_t *)number, (size_t)n };
    buf_clear(out);
    shown_put(out, text, VALUE_MAX,
              SHOWN_DEFANG | (slice_starts(name, SLICE_LIT("url.")) ? SHOWN_HOST : 0u));
}

static void take_value(struct fit *f, slice name)
{
    struct buf shown = buf_new(SENTENCE_MAX);
    size_t n, tried = 0;
    const struct jsonin *facts = shape_list(f->c->report, "facts", &n);
    bool cited = false;
    for (size_t i = 0; f->of && i < f->of->facts->n && !cited; i++) {
        const struct jsonin *fact = &facts[f->of->facts->items[i].number];
        cited = slice_eq(shape_text(fact, "name"), name);
        if (cited) {
            show(&shown, name, fact);
            advance(f, buf_slice(&shown), true);
        }
    }
    for (size_t i = 0; i < n && !cited && !f->unclear; i++)
        if (slice_eq(shape_text(&facts[i], "name"), name)) {
            show(&shown, name, &facts[i]);
            advance(f, buf_slice(&shown), true);
            f->unclear = ++tried == CANDIDATES_MAX;
        }
    if (!cited)
        advance(f, SLICE_LIT("-"), true);
    advance(f, SLICE_LIT("\xFF"), false); /* in no UTF-8: only what was gathered goes on */
    buf_drop(&shown);
}

enum reason_fit reason_fits(struct check *c, slice sentence, slice said, const struct found *of)
{
    static struct fit f; /* large */
    if (said.len > SENTENCE_MAX)
        return REASON_UNCLEAR;
    f = (struct fit){ .c = c, .of = of, .said = said };
    f.at[0] = true;
    while (sentence.len && !f.unclear) {
        size_t open = of ? slice_find_byte(sentence, '{', 0) : SIZE_MAX;
        size_t close = open == SIZE_MAX ? SIZE_MAX : slice_find_byte(sentence, '}', open);
        if (close == SIZE_MAX) {
            advance(&f, sentence, false);
            break;
        }
        advance(&f, slice_sub(sentence, 0, open), false);
        take_value(&f, slice_sub(sentence, open + 1, close - open - 1));
        sentence = slice_from(sentence, close + 1);
    }
    return f.unclear ? REASON_UNCLEAR : f.at[said.len] ? REASON_FITS : REASON_OTHER;
}
