/* SPDX-License-Identifier: Apache-2.0 */
/* Pages as those who evaluate see them: which scripts, in which language and order, and what is
 * found in them. Each page is said as "LANGUAGE WHEN EVENT/OF: CODE;" and looked up in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "decode/harness.h"
#include "decode/page.h"
#include "tests/table.h"

static struct buf said;

static void no_fact(void *host, struct walk *w, struct fact *f)
{
    (void)host, (void)w, (void)f;
}

static void see_page(void *host, struct walk *w, struct script_page *p)
{
    static const char *const languages[] = { "js", "vbs", "other" }, *const when[] = { "now",
                                                                                       "load",
                                                                                       "later" };
    (void)host, (void)w;
    for (uint32_t i = 0; i < p->n_scripts; i++) {
        const struct page_script *s = &p->scripts[i];
        if (s->exact)
            assert_int_equal(s->at.to - s->at.from, s->code.len);
        buf_format(&said, "%s %s %.*s/%.*s %u: %.*s;", languages[s->language], when[s->when],
                   SLICE_FMT(s->event), SLICE_FMT(s->of), (unsigned)s->line,
                   SLICE_FMT(slice_trim(s->code)));
    }
    const struct page_element *e = page_find(p, SLICE_LIT("A"));
    if (e) {
        slice value = { 0 };
        bool has = page_attribute(p, e, "value", &value);
        buf_format(&said, "[%.*s|%s%.*s]", SLICE_FMT(page_text(p, e)), has ? "=" : "",
                   SLICE_FMT(value));
    }
}

static const struct {
    const char *name, *page, *want;
} cases[] = {
    { "two languages in order", "<script>a()</script>\n<script language=VBScript>b</script>",
      "js now / 1: a();vbs now / 2: b;" },
    { "type goes before language", "<script type='text/javascript' language=vbscript>a</script>",
      "js now / 1: a;" },
    { "an empty type says nothing", "<script type='' language=vbs>a</script>", "vbs now / 1: a;" },
    { "an encoder is a language", "<script language=\"VBScript.Encode\">a</script>",
      "vbs now / 1: a;" },
    { "an engine that Windows lacks", "<script type=text/python>a</script>", "other now / 1: a;" },
    { "templates are no code", "<script type=text/template>a</script>", "" },
    { "a handler speaks the language of the first script",
      "<script language=vbs>a</script><body onload='b 1'>",
      "vbs now / 1: a;vbs load onload/ 1: b 1;" },
    { "a handler names its language", "<body onload=\"VBScript:b &quot;1&quot;\">",
      "vbs load onload/ 1: b \"1\";" },
    { "a click is somebody's doing", "<button id=q onclick='f()'>x</button>",
      "js later onclick/q 1: f();" },
    { "for and event", "<script for=window event=onload() language=vbs>a</script>",
      "vbs load onload/window 1: a;" },
    { "for without event is a script", "<script for=window>a</script>", "js now / 1: a;" },
    { "a frame's code runs by itself", "<iframe src=\"vbscript:aaaaaaaaaaaaaa\">",
      "vbs load href/ 1: aaaaaaaaaaaaaa;" },
    { "a link's code does not", "<a href=\"javascript:aaaaaaaaaaaaaa\">x</a>",
      "js later href/ 1: aaaaaaaaaaaaaa;" },
    { "code in a data: URL", "<script src='data:text/javascript,f(1)'></script>",
      "js now / 1: f(1);" },
    { "no scripts, no page", "<p id=a>x</p>", "" },
    { "text of an element", "<div id=a>x<b>y</b>&amp;z</div><script>f</script>",
      "js now / 1: f;[xy&z|]" },
    { "an id goes before a name", "<i name=a>1</i><i id=a>2</i><script>f</script>",
      "js now / 1: f;[2|]" },
    { "an element behind its script", "<script>f</script><input type=hidden name=a value='1&lt;2'>",
      "js now / 1: f;[|=1<2]" },
    { "an end tag that is missing", "<div><span id=a>x</div>y<script>f</script>",
      "js now / 1: f;[x|]" },
    { "a page that stops inside", "<script>f</script><div id=a>x", "js now / 1: f;[x|]" },
    { "an end tag of nothing", "</div><script>f</script></p><p id=a>x</p>", "js now / 1: f;[x|]" },
    { "markup in a textarea is text", "<textarea id=a><b></textarea><script>f</script>",
      "js now / 1: f;[|]" },
    { "an attribute without an end", "<script>f</script><input id=a value=\"x",
      "js now / 1: f;[|=x]" },
    { "many starts of attributes", "<script>f</script><i id=a ===\"'/ /==>x</i>",
      "js now / 1: f;[x|]" },
};

static void pages(void **state)
{
    (void)state;
    struct table t = { 0 };
    const struct walk_hooks hooks = { .fact = no_fact, .page = see_page };
    TABLE_EACH(&t, row, cases)
    {
        said = buf_new(65536);
        struct tally *r = tally_run(&(struct tally_options){ .name = "a.html", .hooks = &hooks },
                                    slice_of(row->page));
        tally_check(r);
        table_slice(&t, row->name, buf_slice(&said), row->want);
        tally_drop(&r);
        buf_drop(&said);
    }
}

static void memory_fails_anywhere(void **state)
{
    (void)state;
    const struct walk_hooks hooks = { .fact = no_fact, .page = see_page };
    for (size_t n = 1; n < 80; n++) {
        said = buf_new(65536);
        struct tally *r =
            tally_run(&(struct tally_options){ .name = "a.html", .hooks = &hooks, .fail_at = n },
                      SLICE_LIT("<div id=a>x&amp;</div><script>f</script><body onload='b'>"));
        tally_check(r);
        tally_drop(&r);
        buf_drop(&said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pages),
                                        cmocka_unit_test(memory_fails_anywhere) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
