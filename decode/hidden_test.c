/* SPDX-License-Identifier: Apache-2.0 */
/* The store is asked while the tree is walked: a hook does it when a part ends. */
#include "decode/harness.h"
#include "decode/hidden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

struct value_row {
    enum hidden_place place;
    const char *owner, *name, *property, *value;
};

static const struct value_row values[] = {
    { HIDDEN_CONTROL, "UserForm1", "TextBox1", "Value", "one" },
    { HIDDEN_CONTROL, "UserForm1", "TextBox1", "Tag", "tag of one" },
    { HIDDEN_CONTROL, "UserForm1", "Label1", "Caption", "two" },
    { HIDDEN_CONTROL, "UserForm2", "TextBox1", "Value", "other form" },
    { HIDDEN_CONTROL, "", "Nobody", "Value", "no owner" },
    { HIDDEN_VARIABLE, "", "v", "", "variable" },
    { HIDDEN_VARIABLE, "", "w", "", "second variable" },
    { HIDDEN_PROPERTY, "builtin", "Title", "", "title" },
    { HIDDEN_CELL, "Sheet1", "A1", "", "cell" },
};

struct asked {
    const char *name;
    enum hidden_place place;
    const char *owner, *thing, *property;
    uint32_t index; /* not 0: by number */
    const char *want; /* NULL: nothing */
};

static const struct asked questions[] = {
    { "by name", HIDDEN_CONTROL, "UserForm1", "TextBox1", "Value", 0, "one" },
    { "Text is Value", HIDDEN_CONTROL, "UserForm1", "TextBox1", "Text", 0, "one" },
    { "names know no case", HIDDEN_CONTROL, "userform1", "TEXTBOX1", "value", 0, "one" },
    { "default property", HIDDEN_CONTROL, "UserForm1", "Label1", "", 0, "two" },
    { "another property", HIDDEN_CONTROL, "UserForm1", "TextBox1", "Tag", 0, "tag of one" },
    { "another form", HIDDEN_CONTROL, "UserForm2", "TextBox1", "Value", 0, "other form" },
    { "any form", HIDDEN_CONTROL, "", "TextBox1", "Value", 0, "one" },
    { "owner not known", HIDDEN_CONTROL, "Sheet1", "Nobody", "Value", 0, "no owner" },
    { "variable", HIDDEN_VARIABLE, "", "V", "", 0, "variable" },
    { "property", HIDDEN_PROPERTY, "", "title", "", 0, "title" },
    { "by number", HIDDEN_CONTROL, "UserForm1", "", "", 2, "two" },
    { "by number, property", HIDDEN_CONTROL, "UserForm1", "", "Tag", 1, "tag of one" },
    { "variable by number", HIDDEN_VARIABLE, "", "", "", 2, "second variable" },
    { "cell, loaded when asked", HIDDEN_CELL, "Sheet1", "B2", "", 0, "loaded" },
    { "wrong form", HIDDEN_CONTROL, "UserForm3", "TextBox1", "Value", 0, NULL },
    { "wrong property", HIDDEN_CONTROL, "UserForm1", "Label1", "Tag", 0, NULL },
    { "wrong place", HIDDEN_VARIABLE, "", "TextBox1", "", 0, NULL },
    { "number too high", HIDDEN_VARIABLE, "", "", "", 3, NULL },
    { "number nought", HIDDEN_CONTROL, "", "", "", UINT32_MAX, NULL },
    { "of another document", HIDDEN_VARIABLE, "", "foreign", "", 0, NULL },
};

static struct table *answers;
static unsigned loads;

static void load_cells(void *host)
{
    loads++;
    hidden_text(host, HIDDEN_CELL, SLICE_LIT("Sheet1"), SLICE_LIT("B2"), (slice){ 0 }, SLICE_LIT("loaded"));
}

static void ask(struct walk *w)
{
    struct hidden_source cells = { .places = 1u << HIDDEN_CELL, .load = load_cells, .host = w };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        hidden_text(w, values[i].place, slice_of(values[i].owner), slice_of(values[i].name),
                    slice_of(values[i].property), slice_of(values[i].value));
    hidden_offer(w, &cells);
    TABLE_EACH (answers, q, questions) {
        slice owner = slice_of(q->owner), property = slice_of(q->property);
        const struct hidden *h = q->index ? hidden_at(w, q->place, owner, q->index, property)
                                          : hidden_find(w, q->place, owner, slice_of(q->thing), property);
        if (!q->want)
            table_true(answers, q->name, !h);
        else
            table_slice(answers, q->name, h ? h->value : (slice){ 0 }, q->want);
    }
    hidden_withdraw(w, &cells);
    assert_int_equal(loads, 1);
}

/* Two files in one mail: the first says a variable of its own. */
static void part_begin(void *host, struct walk *w)
{
    (void)host;
    if (w->up && slice_is(w->name, "a.txt"))
        hidden_text(w, HIDDEN_VARIABLE, (slice){ 0 }, SLICE_LIT("foreign"), (slice){ 0 }, SLICE_LIT("x"));
    if (w->up && slice_is(w->name, "b.txt"))
        ask(w);
}

static void values_are_found(void **state)
{
    (void)state;
    static const char mail[] = "From: a@example.invalid\nMIME-Version: 1.0\n"
                               "Content-Type: multipart/mixed; boundary=b\n\n"
                               "--b\nContent-Type: text/plain; name=a.txt\n\na\n"
                               "--b\nContent-Type: text/plain; name=b.txt\n\nb\n--b--\n";
    struct table t = { 0 };
    const struct walk_hooks hooks = { .part_begin = part_begin };
    answers = &t;
    loads = 0;
    struct tally *r = tally_run(&(struct tally_options){ .hooks = &hooks }, slice_of(mail));
    tally_check(r);
    assert_int_equal(loads, 1);
    assert_true(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "variable foreign = x"));
    assert_true(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "control UserForm1.TextBox1.Tag = tag of one"));
    assert_true(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "variable v = variable"));
    assert_false(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "control UserForm1.TextBox1.Value = one")); /* too short */
    assert_false(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "cell Sheet1.A1 = cell"));
    tally_drop(&r);
}

/* More than the store takes: the limit is told, what came first stands. */
static void say_many(void *host, struct walk *w)
{
    (void)host;
    for (unsigned i = 0; i < 70000; i++)
        hidden_text(w, HIDDEN_CELL, SLICE_LIT("S"), SLICE_LIT("A1"), (slice){ 0 }, SLICE_LIT("value"));
    assert_non_null(hidden_find(w, HIDDEN_CELL, SLICE_LIT("S"), SLICE_LIT("A1"), (slice){ 0 }));
}

static void too_many_values_are_told(void **state)
{
    (void)state;
    const struct walk_hooks hooks = { .part_begin = say_many };
    struct tally *r = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("words"));
    assert_true(tally_unread(r, UNREAD_LIMIT));
    tally_drop(&r);
}

/* Reading ahead may use half of what is left, and macros are read all the same. */
static void half_a_budget_is_kept(void *host, struct walk *w)
{
    uint64_t before = w->budget->left[BUDGET_WORK];
    struct hidden_budget kept = hidden_budget_begin(w);
    (void)host;
    assert_false(walk_work(w, before * 3 / 4));
    assert_true(walk_over(w));
    hidden_budget_end(w, &kept);
    assert_false(walk_over(w));
    assert_int_equal(w->budget->left[BUDGET_WORK], before);
}

static void budget_is_given_back(void **state)
{
    (void)state;
    const struct walk_hooks hooks = { .part_begin = half_a_budget_is_kept };
    struct tally *r = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("words"));
    assert_true(tally_unread(r, UNREAD_LIMIT));
    tally_drop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found),
        cmocka_unit_test(too_many_values_are_told),
        cmocka_unit_test(budget_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
