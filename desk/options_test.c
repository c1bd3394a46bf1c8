/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's settings: defaults that only watch, and errors that say where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>

#include "desk/options.h"
#include "tests/table.h"

static void defaults(void **state)
{
    (void)state;
    struct options o;
    struct err e = { 0 };
    assert_int_equal(options_read((slice){ 0 }, "defaults", &o, &e), 0);
    assert_true(o.deeds.observe && o.store && o.vault && !o.store_always);
    assert_true(o.original_days == 30 && o.report_days == 365 && o.vault_max == UINT64_C(20) << 30);
    assert_true(o.store_key[0] == 0 && o.store_ecs[0] == 0);
    assert_int_equal(o.trouble, DEED_DELIVER);
    assert_int_equal(o.deeds.of[DEED_OF_MALICIOUS], DEED_REJECT);
    assert_int_equal(o.deeds.of[DEED_OF_CLEAN], DEED_DELIVER);
    assert_int_equal(o.listen[OPTIONS_MILTER].n, 1);
    assert_int_equal(o.listen[OPTIONS_HTTP].n, 0);
    assert_null(o.knowledge.rules);
    assert_int_equal(strlen(o.digest), 16);
    options_drop(&o);
}

static void a_file(void **state)
{
    (void)state;
    static const char yaml[] = "observe: no\n"
                               "milter:\n  listen:\n    - inet:127.0.0.1:1\n    - unix:/run/x\n"
                               "own_domains: [example.jp, example.com]\n"
                               "own_networks: [192.0.2.0/24, 2001:db8::/32, 198.51.100.7]\n"
                               "clamd.paths: [/srv/files]\n"
                               "layers.macro: off\n"
                               "deeds:\n"
                               "  malicious: hold\n"
                               "  domains:\n"
                               "    - Example.JP suspicious=tag  malicious=reject\n"
                               "    - example.com\n";
    struct options o;
    struct err e = { 0 };
    if (options_read(slice_of(yaml), "x.yaml", &o, &e))
        fail_msg("%s", e.text);
    assert_false(o.deeds.observe);
    assert_int_equal(o.trouble, DEED_TEMPFAIL);
    assert_int_equal(o.listen[OPTIONS_MILTER].n, 2);
    assert_string_equal(o.listen[OPTIONS_MILTER].at[1], "unix:/run/x");
    assert_int_equal(o.knowledge.n_own_domains, 2);
    assert_true(o.knowledge.layers_off != 0);
    slice to = SLICE_LIT("a@example.jp");
    assert_int_equal(deed_of(&o.deeds, DEED_OF_MALICIOUS, &to, 1), DEED_REJECT);
    assert_int_equal(deed_of(&o.deeds, DEED_OF_SUSPICIOUS, &to, 1), DEED_TAG);
    to = SLICE_LIT("a@example.com");
    assert_int_equal(deed_of(&o.deeds, DEED_OF_MALICIOUS, &to, 1), DEED_HOLD);
    options_drop(&o);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *yaml, *says;
    } cases[] = {
        { "an unknown name", "obsreve: no\n", "observe" },
        { "an unknown deed", "deeds.malicious: delete\n", "x.yaml:1" },
        { "hold without a store", "observe: no\nstore.on: no\n", "store.on" },
        { "hold without a vault", "observe: no\nstore.vault: no\n", "store.vault" },
        { "hold of one domain, without a store",
          "observe: no\nstore.on: no\ndeeds: {limit: tag, crashed: tag, suspicious: tag, domains: "
          "[\"example.jp clean=hold\"]}\n",
          "store.on" },
        { "hold of what was not examined", "deeds.trouble: hold\n", "deeds.trouble" },
        { "reject of what was not examined", "deeds.trouble: reject\n", "deeds.trouble" },
        { "an override without a deed", "deeds.domains: [\"example.jp suspicious\"]\n",
          "CASE=DEED" },
        { "an override of an unknown case", "deeds.domains: [\"example.jp odd=tag\"]\n",
          "CASE=DEED" },
        { "an override with an unknown deed", "deeds.domains: [\"a clean=x\"]\n", "CASE=DEED" },
        { "a number out of range", "workers.number: 65\n", "x.yaml:1" },
        { "no YAML", "a: [\n", "x.yaml" },
        { "no network", "own_networks: [192.0.2.0/24, office]\n", "own_networks: 'office'" },
        { "a network with too many bits", "own_networks: [192.0.2.0/33]\n", "own_networks" },
        { "the token itself", "http.tokens: [secret]\n", "SHA-256" },
        { "a digest with a slip",
          "http.tokens: [2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25z]\n",
          "SHA-256" },
        { "a digest of another kind",
          "http.tokens: [2bb80d537b1da3e38bd30361aa855686bde0eacd]\n", "x.yaml:1: http.tokens" },
        { "a folder from here", "clamd.paths: [srv/files]\n", "full path" },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct options o;
        struct err e = { 0 };
        int rc = options_read(slice_of(row->yaml), "x.yaml", &o, &e);
        if (rc == 0 || !strstr(e.text, row->says))
            table_wrong(&t, row->name, "%d: %s", rc, e.text);
        options_drop(&o);
    }
    struct options o;
    struct err e = { 0 };
    if (options_read(SLICE_LIT("store.on: no\n"), "x", &o,
                     &e)) /* nothing is held while observing */
        fail_msg("%s", e.text);
    options_drop(&o);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(a_file),
        cmocka_unit_test(refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
