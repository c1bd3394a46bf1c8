/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of this format: what a person sees, and what a page hides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "decode/harness.h"

static struct tally *page(const char *html)
{
    return tally_format("html", slice_of(html));
}

static void visible_text(void **state)
{
    static const struct {
        const char *name, *html, *text;
    } cases[] = {
        { "plain", "Hello world", "Hello world" },
        { "blocks", "<p>one</p><p>two</p><div>three<div>four</div></div>",
          "one\ntwo\nthree\nfour" },
        { "breaks", "a<br>b<BR/>c<br /><br><br><br>d", "a\nb\nc\n\nd" },
        { "white space", " a \r\n\t b\n\n<b> c</b>d ", "a b cd" },
        { "cells", "<table><tr><td>パスワード</td><td>abc123</td></tr><tr><th>x<th>y</table>",
          "パスワード abc123\nx y" },
        { "references", "a&amp;b &lt;x&gt; &#65;&#x42;&#x43 &yen;100 &copy2 &nosuch; & &",
          "a&b <x> ABC ¥100 ©2 &nosuch; & &" },
        { "references in signs", "http&colon;&sol;&sol;a&period;example", "http://a.example" },
        { "windows references", "&#147;q&#148; &#0; &#xD800; &#x110000; &#99999999999;",
          "“q” \uFFFD \uFFFD \uFFFD \uFFFD" },
        { "no-break space",
          "a&nbsp;b\xc2\xa0"
          "c",
          "a b c" },
        { "preformatted", "<pre>a\n  b\n</pre>c", "a\nb\nc" },
        { "invisible letters",
          "en\xe2\x80\x8b"
          "able con&#8203;t&shy;ent\xc2\xad",
          "enable content" },
        { "direction marks",
          "a\xe2\x80\xae"
          "b\xe2\x81\xa6"
          "c",
          "abc" },
        { "nul", "a<b>b</b>", "ab" },
        { "comment", "a<!-- hidden -->b<!---->c<!-->d<!--->e<!--x--!>f", "abcdef" },
        { "comment never closed", "a<!-- b <p>c", "a b\nc" },
        { "conditional comment", "a<!--[if mso]><p>outlook</p><![endif]-->b", "a\noutlook\nb" },
        { "revealed comment", "<!--[if !mso]><!-->x<!--<![endif]-->y", "xy" },
        { "office settings", "<!--[if gte mso 9]><xml><o:x>96</o:x></xml><![endif]-->a", "a" },
        { "cdata", "<![CDATA[a<b>]]>c", "a<b>c" },
        { "cdata never closed", "<![CDATA[a>b", "b" },
        { "script and style", "a<script>var x='<p>';</script>b<style>p{}</style>c", "abc" },
        { "script never closed", "a<script>var x", "a" },
        { "false end tag", "a<script>'</scriptx>'</script >b", "ab" },
        { "title", "<title>Title &amp; more</title>text", "Title & more\ntext" },
        { "textarea", "<textarea><b>raw</b> &lt;</textarea>", "<b>raw</b> <" },
        { "lone angle", "1 < 2 <3 << <", "1 < 2 <3 << <" },
        { "empty", "", "" },
        { "bogus tags", "a<?php x ?>b<!foo>c</>d</ x>e", "abcde" },
        { "tag at the end", "a<b", "a" },
        { "quote never closed", "a<p title=\"b>c", "a" },
        { "upper case", "<DIV>a</DIV><TABLE><TR><TD>b", "a\nb" },
        { "attribute without value", "<p =x y='' z>a", "a" },
        { "display none", "a<div style='DISPLAY : none'>b<div>c</div>d</div>e", "a\ne" },
        { "hidden paragraph, unclosed", "a<p style=display:none>b<div>c</div>", "a\nc" },
        { "zero font", "en<span style=\"font-size:0px\">xyz</span>able", "enable" },
        { "small but seen",
          "<span style=\"font-size:10px\">a</span><span style=font-size:0.8em>b</span>", "ab" },
        { "white on white", "<span style='color:#FFF;background-color:#ffffff'>x</span>a", "a" },
        { "white on a button", "<td bgcolor=red><a style='color:#ffffff'>Buy</a></td>", "Buy" },
        { "hidden attribute", "<p hidden>x</p>a", "a" },
        { "void cannot hide", "<br style='display:none'>a<img style=display:none>b", "ab" },
        { "office hides",
          "<span style='mso-hide:all'>x</span>a<i style='max-height:0'>y</i><i style='opacity:0 "
          "!important'>z</i>",
          "a" },
        { "noscript is read", "<noscript>a</noscript>", "a" },
        { "list", "<ul><li>a<li>b</ul>c", "a\nb\nc" },
        { "japanese", "<html><body><p>お世話になっております。</p></body></html>",
          "お世話になっております。" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = page(cases[i].html);
        tally_check(t);
        slice got = tally_view(t, FACT_DOCUMENT_TEXT, 0);
        if (!slice_is(got, cases[i].text))
            fail_msg("%s: \"%.*s\"", cases[i].name, SLICE_FMT(got));
        tally_drop(&t);
    }
}

static void text_facts(void **state)
{
    static const struct {
        const char *name, *html;
        enum fact_id id;
        const char *want; /* NULL: no such fact */
    } cases[] = {
        { "link", "<a href=\"http://a.example/x\">x</a>", FACT_URL_FULL, "http://a.example/x" },
        { "link text", "<a href='http://a.example/'> Click <b>here</b> </a>", FACT_URL_TEXT,
          "Click here" },
        { "link source", "<a href=http://a.example/>x</a>", FACT_URL_SOURCE, "html.href" },
        { "unclosed link", "<a href=http://a.example/>x", FACT_URL_TEXT, "x" },
        { "link in link", "<a href=http://a.example/>x<a href=http://b.example/>y", FACT_URL_TEXT,
          "y" },
        { "alt text", "<a href=http://a.example/><img alt='Open &amp; view'></a>", FACT_URL_TEXT,
          "Open & view" },
        { "reference in href", "<a href='http&#58;//a.example/?a=1&amp;b=2'>x</a>", FACT_URL_QUERY,
          "a=1&b=2" },
        { "line break in href", "<a href='http://a.exa\nmple/'>x</a>", FACT_URL_DOMAIN,
          "a.example" },
        { "href after many attributes",
          "<a a b c d e f g h i j k l m n o p q r s t u v w x y z a1 b1 c1 "
          "href=http://a.example/>x",
          FACT_URL_DOMAIN, "a.example" },
        { "first href counts", "<a href=http://a.example/ href=http://b.example/>x</a>",
          FACT_URL_DOMAIN, "a.example" },
        { "no fact for the second", "<a href=http://a.example/ href=http://b.example/>x</a>",
          FACT_HTML_LINK_MISMATCH, NULL },
        { "mismatch", "<a href=http://evil.invalid/>https://www.bank.co.jp/</a>",
          FACT_HTML_LINK_MISMATCH, "www.bank.co.jp" },
        { "base", "<base href='http://evil.invalid/d/'><a href='x.zip'>x</a>", FACT_URL_FULL,
          "http://evil.invalid/d/x.zip" },
        { "base, rooted", "<base href='http://evil.invalid/d/e'><a href='/x.zip'>x</a>",
          FACT_URL_FULL, "http://evil.invalid/x.zip" },
        { "base without path", "<base href='http://evil.invalid'><a href='x'>x</a>", FACT_URL_FULL,
          "http://evil.invalid/x" },
        { "relative", "<a href='x/y.html'>x</a>", FACT_URL_FULL, NULL },
        { "image map", "<area href=http://a.example/m>", FACT_URL_FULL, "http://a.example/m" },
        { "frame", "<iframe src=http://a.example/f>", FACT_URL_SOURCE, "html.frame" },
        { "object's class", "<object classid='CLSID:72c24dd5-D70A-438B-8A42-98424B88AFB8'>", FACT_SCRIPT_CLASS, "WScript.Shell" },
        { "object's class without quotes", "<object id=x classid=clsid:06290BD5-48AA-11D2-8432-006008C3FBFC></object>", FACT_SCRIPT_CLASS, "Scriptlet.TypeLib" },
        { "object of a harmless class", "<object classid='clsid:6BF52A52-394A-11D3-B153-00C04F79FAA6'>", FACT_SCRIPT_CLASS, NULL },
        { "class of no object", "<p>clsid:72C24DD5-D70A-438B-8A42-98424B88AFB8</p>", FACT_SCRIPT_CLASS, NULL },
        { "object", "<object data='http://a.example/o'>", FACT_URL_FULL, "http://a.example/o" },
        { "picture is no link", "<img src=http://a.example/p.png>", FACT_URL_FULL, NULL },
        { "picture over a share", "<img src='\\\\a.example\\p\\q.png'>", FACT_URL_SOURCE,
          "html.image" },
        { "refresh", "<meta http-equiv=\"Refresh\" content=\"0; URL='http://a.example/r'\">",
          FACT_HTML_REFRESH, "http://a.example/r" },
        { "refresh is a link", "<meta http-equiv=refresh content='5;url=http://a.example/r'>",
          FACT_URL_SOURCE, "html.refresh" },
        { "refresh without target", "<meta http-equiv=refresh content='5'>", FACT_HTML_REFRESH,
          NULL },
        { "form", "<form action='http://a.example/post'>", FACT_HTML_FORM_ACTION,
          "http://a.example/post" },
        { "protocol in own scheme",
          "<a href='ms-appinstaller:?source=http://a.example/a.msix'>x</a>", FACT_URL_SCHEME,
          "ms-appinstaller" },
        { "search-ms", "<a href=\"search-ms:query=x&amp;crumb=location:\\\\a.example\\s\">x</a>",
          FACT_URL_SCHEME, "search-ms" },
        { "script link", "<script src=http://a.example/s.js></script>", FACT_URL_SOURCE,
          "html.script" },
        { "svg link", "<svg><a xlink:href='http://a.example/v'>x</a></svg>", FACT_URL_FULL,
          "http://a.example/v" },
        { "primitive", "<script>var b=new Blob([x]);</script>", FACT_HTML_SMUGGLING, "Blob" },
        { "primitive in a handler", "<img src=x onerror=\"atob('x')\">", FACT_HTML_SMUGGLING,
          "atob" },
        { "primitive in javascript:", "<a href=\"javascript:eval(unescape('%41'))\">x</a>",
          FACT_HTML_SMUGGLING, "eval" },
        { "name inside a longer one", "<script>myatobx();aBlobs()</script>", FACT_HTML_SMUGGLING,
          NULL },
        { "primitive in a comment", "<script>// atob\n/* Blob */</script>", FACT_HTML_SMUGGLING,
          NULL },
        { "primitive in text", "<p>new Blob, atob</p>", FACT_HTML_SMUGGLING, NULL },
        { "download of a blob", "<a download=x.zip href='blob:null/1'>x</a>", FACT_HTML_SMUGGLING,
          "download" },
        { "ordinary download", "<a download=x.pdf href='http://a.example/x.pdf'>x</a>",
          FACT_HTML_SMUGGLING, NULL },
        { "data url of an application",
          "<a href='data:application/zip;base64,UEsDBBQAAAAAAAAAAAAA'>x</a>", FACT_HTML_SMUGGLING,
          "data:application" },
        { "wrong charset",
          "<meta charset=iso-2022-jp>\xe3\x81\x8a\xe4\xb8\x96\xe8\xa9\xb1\xe3\x81\xab",
          FACT_MIME_CHARSET_LIED, "iso-2022-jp" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = page(cases[i].html);
        tally_check(t);
        if (cases[i].want ? !tally_has(t, cases[i].id, cases[i].want)
                          : tally_facts(t, cases[i].id) != 0)
            fail_msg("%s: \"%.*s\"", cases[i].name, SLICE_FMT(tally_text(t, cases[i].id, 0)));
        tally_drop(&t);
    }
}

static void number_facts(void **state)
{
    static const struct {
        const char *name, *html;
        enum fact_id id;
        int64_t want; /* -1: no such fact */
    } cases[] = {
        { "scripts", "<script>a()</script><script>b()</script><p onclick='c()'>",
          FACT_HTML_SCRIPT_COUNT, 3 },
        { "data is no script", "<script type='application/ld+json'>{\"a\":1}</script>",
          FACT_HTML_SCRIPT_COUNT, -1 },
        { "script in a data url",
          "<script src='data:text/javascript;base64,YXRvYignZXhhbXBsZScp'></script>",
          FACT_HTML_SCRIPT_COUNT, 1 },
        { "empty script", "<script> </script>", FACT_HTML_SCRIPT_COUNT, -1 },
        { "hidden text", "<div style='display:none'>12345</div>", FACT_HTML_HIDDEN_TEXT, 5 },
        { "nothing hidden", "<div style='display:block'>12345</div>", FACT_HTML_HIDDEN_TEXT, -1 },
        { "hidden settings", "<xml>12345</xml>", FACT_HTML_HIDDEN_TEXT, -1 },
        { "password", "<input type='PassWord'>", FACT_HTML_FORM_PASSWORD, 1 },
        { "other input", "<input type=text name=password>", FACT_HTML_FORM_PASSWORD, -1 },
        { "words", "<p>one two</p>", FACT_DOCUMENT_WORDS, 2 },
        { "shapes of a page", "<html><svg><rect/></svg>", FACT_HTML_SVG_SHAPES, -1 },
        { "shapes", "<svg><rect/><g><path d='M0'/></g><text>x</text></svg>", FACT_HTML_SVG_SHAPES, 2 },
        { "shapes by prefix", "<svg:svg><svg:rect/></svg:svg><!--<svg-->", FACT_HTML_SVG_SHAPES, 1 },
        { "no shapes", "<svg><text>x</text></svg>", FACT_HTML_SVG_SHAPES, 0 },
        { "script by prefix", "<svg><s:script>a()</s:script></svg>", FACT_HTML_SCRIPT_COUNT, 1 },
        { "script as link by prefix", "<svg><a x:href='javascript:note(1234567890)'/></svg>", FACT_HTML_SCRIPT_COUNT, 1 },
        { "script in an entity", "<!DOCTYPE svg [<!ENTITY x \"<script>a()</script>\">]><svg>&x;</svg>", FACT_HTML_SCRIPT_COUNT, 1 },
        { "script in references in an entity", "<!DOCTYPE svg [<!ENTITY x '&#60;script>a()&#60;/script>'>]><svg>&x;</svg>", FACT_HTML_SCRIPT_COUNT, 1 },
        { "entity without end", "<!DOCTYPE svg [<!ENTITY x \"<script>a()", FACT_HTML_SVG_SHAPES, -1 },
        { "name space as entity", "<!DOCTYPE svg [<!ENTITY ns \"http://www.w3.org/2000/svg\">]><svg xmlns=\"&ns;\"/>", FACT_HTML_SCRIPT_COUNT, -1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = page(cases[i].html);
        const struct fact *f = tally_fact(t, cases[i].id);
        if (cases[i].want < 0 ? f != NULL : !f || f->number != cases[i].want)
            fail_msg("%s: %ld", cases[i].name, f ? (long)f->number : -1);
        tally_drop(&t);
    }
}

/* A page's files: "PK\3\4" and inert bytes, in the ways pages carry them. */
#define ZIP_B64                                                                                    \
    "UEsDBBQAAAAIAGluZXJ0IHRlc3QgYnl0ZXMgZXhhbXBsZS5pbnZhbGlkIGluZXJ0IHRlc3QgYnl0ZXMhISEh"
#define ZIP_HEX "504b0304140000000800696e65727420746573742062797465732121212121212121"

static void files_in_pages(void **state)
{
    static const struct {
        const char *name, *html;
        int children;
        const char *child_name;
    } cases[] = {
        { "data url", "<a href='data:application/zip;base64," ZIP_B64 "'>x</a>", 1, NULL },
        { "named by download", "<a download='invoice.zip' href='data:;base64," ZIP_B64 "'>x</a>", 1,
          "invoice.zip" },
        { "literal", "<script>var a='" ZIP_B64 "';</script>", 1, NULL },
        { "joined",
          "<script>var a='UEsDBBQAAAAIAGluZXJ0IHRl' + \"c3QgYnl0ZXMgZXhhbXBsZS5pbnZh\" /* x */ "
          "+\n'bGlkIGluZXJ0IHRlc3QgYnl0ZXMhISEh';</script>",
          1, NULL },
        { "array",
          "<script>f(['UEsDBBQAAAAIAGluZXJ0IHRlc3QgYnl0ZXMg','ZXhhbXBsZS5pbnZhbGlkIGluZXJ0IHRlc3Qg'"
          ",'Ynl0ZXMhISEh'].join(''))</script>",
          1, NULL },
        { "behind a file name", "<script>save('invoice.zip','" ZIP_B64 "');</script>", 1, NULL },
        { "hex", "<script>h=\"" ZIP_HEX "\"</script>", 1, NULL },
        { "escaped",
          "<script>a='"
          "\\x55\\u0045sDBBQAAAAIAGluZXJ0IHRlc3QgYnl0ZXMgZXhhbXBsZS5pbnZhbGlkIGluZXJ0IHRlc3QgYnl0ZX"
          "MhISEh'</script>",
          1, NULL },
        { "in a handler", "<body onload=\"go('" ZIP_B64 "')\">", 1, NULL },
        { "percent page",
          "<script>document.write(unescape('%3Chtml%3E%3Cform%20action%3Dhttp%3A//a.example/%3E%3C/"
          "form%3E%20%20%20%20%20%20%20%20'))</script>",
          1, NULL },
        { "data page", "<iframe src='data:text/html,<script>alert(1)</script>'>", 1, NULL },
        { "srcdoc", "<iframe srcdoc='<p>inner</p>'>", 1, NULL },
        { "svg data url", "<embed src=\"data:image/svg+xml,<svg><script>x()</script></svg>\">", 1,
          NULL },
        { "picture",
          "<img "
          "src='data:image/"
          "png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVQI12P4z8DwHwAFAAH/"
          "VscvDQAAAABJRU5ErkJggg=='>",
          0, NULL },
        { "not a picture", "<img src='data:image/png;base64," ZIP_B64 "'>", 1, NULL },
        { "font", "<link href='data:font/woff2;base64,d09GMgABAAAAAAAA'>", 0, NULL },
        { "short literal", "<script>a='UEsDBBQ='</script>", 0, NULL },
        { "long words",
          "<script>a='"
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'</"
          "script>",
          0, NULL },
        { "data url cut off", "<a href='data:application/zip;base64", 0, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = page(cases[i].html);
        tally_check(t);
        int children = 0;
        for (uint32_t p = 1; p < t->r.n_parts; p++)
            children += t->r.parts[p].how == HOW_HTML;
        if (children != cases[i].children)
            fail_msg("%s: %d children", cases[i].name, children);
        if (cases[i].child_name)
            assert_int_not_equal(tally_part_named(t, cases[i].child_name), NO_ID);
        tally_drop(&t);
    }
}

static void reversed_literal(void **state)
{
    static char script[4096];
    (void)state;
    struct buf b = buf_new(sizeof script);
    buf_text(&b, "<script>x='");
    const char *plain = ZIP_B64;
    for (size_t i = strlen(plain); i > 0; i--)
        buf_byte(&b, (uint8_t)plain[i - 1]);
    buf_text(&b, "'.split('').reverse().join('')</script>");
    struct tally *t = tally_format("html", buf_slice(&b));
    assert_int_equal(t->r.n_parts, 2);
    tally_drop(&t);
    buf_drop(&b);
}

/* What part of the code is one literal: most of a page that builds a file, whatever text and comments
 * stand around it; little of one that has its programs inside. */
static void share_of_the_literal(void **state)
{
    static const struct {
        const char *name, *before, *piece, *after;
        size_t times;
        int64_t from, to; /* the share; -1: not told */
    } cases[] = {
        { "the page is the literal", "<script>a='", "QUJD", "'</script>", 4000, 99, 100 },
        { "short", "<script>a='", "QUJD", "'</script>", 1000, -1, -1 },
        { "joined in pieces", "<script>a=''", "+'QUJDQUJDQUJD'", "</script>", 2000, 99, 100 },
        { "escaped", "<script>a='", "\\x51\\u0051", "'</script>", 4000, 99, 100 },
        { "comments between the pieces", "<script>a=''", "+/* */'QUJDQUJD'", "</script>", 4000, 99, 100 },
        { "never closed", "<script>a='", "QUJD", "", 4000, 99, 100 },
        { "two of one length", "<script>a=['", "QUJD", "'];b='x'</script>", 4000, 99, 100 },
        { "in a data: script", "<script src=\"data:text/javascript,a='", "QUJD", "'\"></script>", 4000, 99, 100 },
        { "in a handler", "<body onload=\"a='", "QUJD", "'\">", 4000, 99, 100 },
        { "behind a font", "<script>f='d09GMgABAAAAAAAA';a='", "QUJD", "'</script>", 4000, 99, 100 },
        { "a font", "<script>f='d09GMgABAAAA", "QUJD", "'</script>", 4000, -1, -1 },
        { "a picture as data: URL", "<script>f='data:image/png;base64,iVBORw0KGgoA", "QUJD", "'</script>", 4000, -1, -1 },
        { "a picture by type only", "<script>f='data:image/png;base64,", "QUJD", "'</script>", 4000, 99, 100 },
        { "no literal", "<script>a=/", "QUJD", "/</script>", 4000, -1, -1 },
        { "text", "<p>", "QUJD", "</p>", 4000, -1, -1 },
    };
    static const struct {
        const char *name, *piece;
        bool lowers;
    } paddings[] = {
        { "nothing", "", false },
        { "text", "<p>0123456789</p>\n", false },
        { "comments", "<!-- 0123456789 -->\n", false },
        { "comments of the script", "<script>/* 0123456789 */ // 0123456789\n</script>", false },
        { "short literals", "<script>'0123456789abcdefghijklmnopqrstuvwxyz';</script>", false },
        { "blanks", "<script>;                                        </script>", false },
        { "a picture", "<img src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA'>", false },
        { "code", "<script>f(a); b = c * d;</script>", true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t k = 0; k < sizeof paddings / sizeof paddings[0]; k++) {
            struct buf b = buf_new(1 << 20);
            while (paddings[k].piece[0] && b.len < 200000)
                buf_text(&b, paddings[k].piece);
            buf_text(&b, cases[i].before);
            for (size_t n = 0; n < cases[i].times; n++)
                buf_text(&b, cases[i].piece);
            buf_text(&b, cases[i].after);
            struct tally *t = tally_format("html", buf_slice(&b));
            const struct fact *f = tally_fact(t, FACT_HTML_LITERAL_SHARE);
            int64_t share = f ? f->number : -1, from = cases[i].from < 0 ? -1 : cases[i].from - 20;
            if (paddings[k].lowers ? share >= 50 : share < from || share > cases[i].to)
                fail_msg("%s, padded with %s: %d percent", cases[i].name, paddings[k].name, (int)share);
            tally_drop(&t);
            buf_drop(&b);
        }
    }
}

static void charsets(void **state)
{
    static const struct {
        const char *name, *declared;
        slice html;
        const char *text;
    } cases[] = {
        { "declared", "text/html; charset=iso-2022-jp", SLICE_INIT("<p>\x1b$B@A5a\x1b(B</p>"),
          "請求" },
        { "meta", "text/html", SLICE_INIT("<meta charset=\"shift_jis\"><p>\x90\xbf\x8b\x81</p>"),
          "請求" },
        { "meta, old form", "",
          SLICE_INIT("<meta http-equiv=Content-Type content='text/html; "
                     "charset=euc-jp'><p>\xc0\xc1\xb5\xe1</p>"),
          "請求" },
        { "guessed", "", SLICE_INIT("<p>\xe8\xab\x8b\xe6\xb1\x82</p>"), "請求" },
        { "utf-16 with mark", "", SLICE_INIT("\xff\xfe<\0p\0>\0\xcb\x8a\x42\x6c"), "請求" },
        { "utf-16 without mark", "", SLICE_INIT("<\0h\0t\0m\0l\0>\0<\0p\0>\0a\0b\0"), "ab" },
        { "meta lies about utf-16", "", SLICE_INIT("<meta charset=utf-16><p>abc</p>"), "abc" },
        { "mark wins", "text/html; charset=shift_jis",
          SLICE_INIT("\xef\xbb\xbf<p>\xe8\xab\x8b</p>"), "請" },
        { "unknown label", "text/html; charset=x-none", SLICE_INIT("<p>abc</p>"), "abc" },
        { "wrong label", "text/html; charset=iso-2022-jp",
          SLICE_INIT("<p>\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8</p>"), "請求書" },
        { "xml", "application/xhtml+xml",
          SLICE_INIT("<?xml version='1.0' encoding='Shift_JIS'?><html><p>\x90\xbf</p>"), "請" },
        { "nul bytes", "text/html", SLICE_INIT("<p>en\0able con\0tent and more text</p>"),
          "enable content and more text" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t =
            tally_run(&(struct tally_options){ .format = "html", .declared = cases[i].declared },
                      cases[i].html);
        tally_check(t);
        slice got = tally_view(t, FACT_DOCUMENT_TEXT, 0);
        if (!slice_is(got, cases[i].text))
            fail_msg("%s: \"%.*s\"", cases[i].name, SLICE_FMT(got));
        tally_drop(&t);
    }
}

/* Charsets that a mail program shows because the mail says so. */
static void labelled_charsets(void **state)
{
    static const struct {
        const char *name, *declared;
        slice html;
        bool read;
    } cases[] = {
#define EBCDIC "\x4c\x81\x40\x88\x99\x85\x86\x7e\x7f\x88\xa3\xa3\x97\x7a\x61\x61\x81\x4b\x85\xa7\x81\x94\x97\x93\x85\x61\x7f\x6e\xa7\x4c\x61\x81\x6e"
        { "EBCDIC", "text/html; charset=ibm037", SLICE_INIT(EBCDIC), true },
        { "EBCDIC with its own line ends", "text/html; charset=ibm500", SLICE_INIT("\x15\x15\x15\x15\x15\x15\x15\x15" EBCDIC), true },
        { "EBCDIC without label", "text/html", SLICE_INIT(EBCDIC), false },
        { "EBCDIC by label only", "text/html; charset=ibm037", SLICE_INIT("<a href=\"http://a.example/\">x</a>"), true },
        { "UTF-7", "text/html; charset=utf-7", SLICE_INIT("+ADw-a href=http://a.example/+AD4-x"), true },
        { "UTF-7 without label", "text/html", SLICE_INIT("+ADw-a href=http://a.example/+AD4-x"), false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .declared = cases[i].declared }, cases[i].html);
        tally_check(t);
        if (tally_has(t, FACT_URL_FULL, "http://a.example/") != cases[i].read || !slice_is(t->r.parts[0].type, "html"))
            fail_msg("%s: %.*s, %zu", cases[i].name, SLICE_FMT(t->r.parts[0].type), tally_facts(t, FACT_URL_FULL));
        tally_drop(&t);
    }
}

static void which_files_are_pages(void **state)
{
    static const struct {
        const char *name, *file, *declared;
        slice bytes;
        const char *type;
    } cases[] = {
        { "doctype", "", "", SLICE_INIT("<!DOCTYPE html><p>x"), "html" },
        { "bom", "", "", SLICE_INIT("\xef\xbb\xbf <html>"), "html" },
        { "script only", "", "", SLICE_INIT("<script>x</script>"), "html" },
        { "comment first", "", "", SLICE_INIT("<!-- saved --><html>"), "html" },
        { "declared", "", "text/html", SLICE_INIT("just text"), "html" },
        { "by name", "a.HTM", "", SLICE_INIT("just text"), "html" },
        { "svg", "a.svg", "", SLICE_INIT("<?xml version='1.0'?><svg><script>x()</script></svg>"),
          "svg" },
        { "svg without a root in sight", "a.svg", "", SLICE_INIT("<!-- not yet -->"), "svg" },
        { "svg by declaration", "a", "image/svg+xml", SLICE_INIT("<html><body>"), "svg" },
        { "svg called page", "a.html", "", SLICE_INIT("<svg></svg>"), "svg" },
        { "hta", "a.hta", "", SLICE_INIT("<html><script>x()</script>"), "hta" },
        { "talk about tags", "", "", SLICE_INIT("Use <html> and <body> tags."), "html" },
        { "text", "a.txt", "", SLICE_INIT("no tags here"), "text" },
        { "zip called page", "a.html", "text/html",
          SLICE_INIT("PK\3\4\24\0\1\0\10\0\1\2\3\4\5\6\0\0\0\0\0\0\0\0"), "zip" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(
            &(struct tally_options){ .name = cases[i].file, .declared = cases[i].declared },
            cases[i].bytes);
        tally_check(t);
        if (!slice_is(t->r.parts[0].type, cases[i].type))
            fail_msg("%s: %.*s", cases[i].name, SLICE_FMT(t->r.parts[0].type));
        tally_drop(&t);
    }
}

static void applications_are_read(void **state)
{
    (void)state;
    struct tally *t = tally_run(&(struct tally_options){ .name = "a.hta" },
                                SLICE_LIT("<html><HTA:Application id=a windowState=minimize><script>x()</script>"));
    assert_false(tally_unread(t, UNREAD_NO_READER));
    assert_true(tally_has(t, FACT_HTML_APPLICATION, "HTA:Application id=a windowState=minimize>"));
    assert_int_equal(tally_fact(t, FACT_HTML_SCRIPT_COUNT)->number, 1);
    tally_drop(&t);
}

/* The text of a mail, not of a document. */
static void mail_text(void **state)
{
    (void)state;
    struct tally *t = tally_run(
        &(struct tally_options){ .name = "a.eml" },
        SLICE_LIT(
            "From: a@a.example\r\nTo: b@b.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/html; "
            "charset=utf-8\r\n\r\n<title>t</title><p>お世話になっております。</p><p>よろしく</p>"
            "<p>-----Original Message-----</p><p>From: x</p>"));
    tally_check(t);
    uint32_t part = tally_part_typed(t, "html");
    assert_int_not_equal(part, NO_ID);
    assert_true(
        slice_is(tally_view(t, FACT_EMAIL_BODY, part),
                 "お世話になっております。\nよろしく\n-----Original Message-----\nFrom: x"));
    assert_true(tally_has(t, FACT_EMAIL_BODY_LANGUAGE, "ja"));
    assert_int_equal(tally_fact(t, FACT_EMAIL_BODY_NEW_LENGTH)->number, 17);
    assert_int_equal(tally_facts(t, FACT_DOCUMENT_TEXT), 0);
    tally_drop(&t);
}

/* --- large and repeated: must stay linear and within the budget */

static void floods(void **state)
{
    static const struct {
        const char *name, *head, *piece, *tail;
        size_t bytes;
    } cases[] = {
        { "nested divs", "", "<div>", "x", 1 << 20 },
        { "references", "", "&#65;", "", 512 << 10 },
        { "comments never closed", "", "<!--", "", 256 << 10 },
        { "conditions never closed", "", "<!--[if ", "", 256 << 10 },
        { "cdata never closed", "", "<![CDATA[", "", 256 << 10 },
        { "declarations", "", "<!", "", 256 << 10 },
        { "end tags", "<script>", "</scrip>", "", 256 << 10 },
        { "raw elements", "", "<script><!--", "", 256 << 10 },
        { "attributes", "<a ", "href=1 ", ">x", 1 << 20 },
        { "quotes", "", "<a href=\"x\" b='", "", 256 << 10 },
        { "links", "", "<a href=http://a.example/>", "", 256 << 10 },
        { "hidden", "", "<p style=display:none>x", "", 256 << 10 },
        { "handlers", "<a ", "onx=y ", ">", 256 << 10 },
        { "literal pieces", "<script>", "'a'+", "</script>", 256 << 10 },
        { "long literal", "<script>'", "QUJD", "'</script>", 8 << 20 },
        { "literals with magic", "<script>", "'" ZIP_B64 "';", "</script>", 256 << 10 },
        { "data urls", "", "<a href='data:text/html,<a>12345678'>", "", 256 << 10 },
        { "srcdoc", "", "<iframe srcdoc='<b>'>", "", 256 << 10 },
        { "breaks", "<pre>", "\n", "x", 256 << 10 },
        { "nul", "<p>x", "\0", "", 1 },
        { "styles", "<p style='", "a:b;", "'>x", 256 << 10 },
        { "angles", "", "<", "", 256 << 10 },
        { "base and links", "<base href=http://a.example/>", "<a href=b>", "", 256 << 10 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = buf_new(32 << 20);
        buf_text(&b, cases[i].head);
        while (b.len < cases[i].bytes)
            buf_text(&b, cases[i].piece[0] ? cases[i].piece : "x");
        buf_text(&b, cases[i].tail);
        struct tally *t = tally_format("html", buf_slice(&b));
        tally_check(t);
        if (t->r.parts[0].end != WALK_WHOLE && t->r.parts[0].end != WALK_LIMIT)
            fail_msg("%s: %s", cases[i].name, walk_end_name(t->r.parts[0].end));
        tally_drop(&t);
        buf_drop(&b);
    }
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    slice html = SLICE_LIT("<meta charset=shift_jis><base href=http://b.example/><p>\x90\xbf<a "
                           "href='x&amp;y'>\x8b\x81</a><script>'" ZIP_B64 "'</script>"
                           "<form action=post><iframe srcdoc='<b>x</b>'>");
    for (size_t n = 1; n < 60; n++) {
        struct tally *t =
            tally_run(&(struct tally_options){ .format = "html", .fail_at = n }, html);
        tally_check(t);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(visible_text),
        cmocka_unit_test(text_facts),
        cmocka_unit_test(number_facts),
        cmocka_unit_test(files_in_pages),
        cmocka_unit_test(reversed_literal),
        cmocka_unit_test(share_of_the_literal),
        cmocka_unit_test(charsets),
        cmocka_unit_test(labelled_charsets),
        cmocka_unit_test(which_files_are_pages),
        cmocka_unit_test(applications_are_read),
        cmocka_unit_test(mail_text),
        cmocka_unit_test(floods),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
