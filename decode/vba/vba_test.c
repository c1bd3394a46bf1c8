/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/cfb/cfb_build.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HEAD "Attribute VB_Name = \"M\"\r\n"

/* --- containers, through the reader of lone containers */

static const struct {
    const char *what;
    slice container;
    const char *source; /* NULL: none comes out */
    bool damaged;
} containers[] = {
    /* [MS-OVBA] 3.2: the specification's own examples */
    { "no compression", SLICE_INIT("\x01\x19\xb0\0abcdefgh\0ijklmnop\0qrstuv."), "abcdefghijklmnopqrstuv.", false },
    { "normal compression",
      SLICE_INIT("\x01\x2f\xb0\x00\x23\x61\x61\x61\x62\x63\x64\x65\x82\x66\x00\x70\x61\x67\x68\x69\x6a\x01\x38\x08\x61"
                 "\x6b\x6c\x00\x30\x6d\x6e\x6f\x70\x06\x71\x02\x70\x04\x10\x72\x73\x74\x75\x76\x10\x77\x78\x79\x7a\x00"
                 "\x3c"),
      "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa", false },
    { "maximum compression", SLICE_INIT("\x01\x03\xb0\x02\x61\x45\x00"),
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
    { "wrong signature bits", SLICE_INIT("\x01\x19\x80\0abcdefgh\0ijklmnop\0qrstuv."), "abcdefghijklmnopqrstuv.", true },
    { "chunk claims more than there is", SLICE_INIT("\x01\xff\xbf\0abcdefgh"), "abcdefgh", true },
    { "chunk claims less", SLICE_INIT("\x01\x08\xb0\0abcdefghijk"), "abcdefgh", true },
    { "copy from before the chunk", SLICE_INIT("\x01\x05\xb0\x04" "ab\xff\xff\0"), "ab", true },
    { "copy first of all", SLICE_INIT("\x01\x03\xb0\x01\0\0\0"), NULL, true },
    { "half a copy token", SLICE_INIT("\x01\x03\xb0\x04" "abc"), "ab", true },
    { "two chunks, the first short", SLICE_INIT("\x01\x02\xb0\0ab\x02\xb0\0cd"), "abcd", false },
    { "zeros behind", SLICE_INIT("\x01\x02\xb0\0ab\0\0\0\0\0"), "ab", false },
    { "garbage behind", SLICE_INIT("\x01\x02\xb0\0ab\xfe\x01\x01\x01\x01"), "ab", true },
    { "no chunk", SLICE_INIT("\x01\x00\xb0\x00"), NULL, false },
    { "header cut", SLICE_INIT("\x01\x19\xb0"), NULL, false },
};

static void containers_are_inflated(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++) {
        struct tally *t = tally_format("vba", containers[i].container);
        tally_check(t);
        slice view = t->r.n_parts > 1 ? tally_view(t, FACT_VBA_CODE, 1) : (slice){ 0 };
        const char *want = containers[i].source;
        if (!(want ? slice_is(view, want) : view.len == 0) ||
            containers[i].damaged != tally_has(t, FACT_VBA_DAMAGED, "compressed source"))
            fail_msg("%s: '%.*s'", containers[i].what, SLICE_FMT(view));
        tally_drop(&t);
    }
}

static void bomb_is_bounded(void **state)
{
    (void)state;
    struct buf b = buf_new(1 << 20);
    buf_byte(&b, 1);
    for (unsigned i = 0; i < 40000; i++) /* five bytes that become 4096 */
        buf_put(&b, SLICE_LIT("\x03\xb0\x02" "A\xff\x0f"));
    struct budget budget = budget_default();
    budget.left[BUDGET_INFLATED] = 1 << 20;
    struct tally *t = tally_run(&(struct tally_options){ .format = "vba", .budget = &budget }, buf_slice(&b));
    tally_check(t);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    for (uint32_t i = 0; i < t->r.n_parts; i++)
        assert_true(t->r.parts[i].size <= 1 << 20);
    tally_drop(&t);
    buf_drop(&b);
}

/* --- projects */

struct built {
    const char *name, *stream; /* stream NULL: like name */
    const char *source;        /* NULL: no container in the stream */
    size_t compiled;           /* bytes in front of it */
    uint32_t lie;              /* added to the offset in dir */
    bool not_in_dir, not_in_project, no_stream;
};

enum { MODULES = 4 };

struct project {
    const char *what;
    struct built modules[MODULES];
    const char *project; /* more lines of PROJECT */
    const char *table;   /* in _VBA_PROJECT */
    unsigned codepage;
    const char *storage; /* of `dir`; NULL: "VBA" below "Macros" */
    bool no_dir, cut_dir, no_project_stream;
    /* wanted */
    const char *sources[MODULES]; /* found in a view; NULL ends */
    const char *hidden, *stomped, *damaged, *recovered, *decoded;
    bool is_protected, unviewable;
    int64_t n_modules, empty, forms;
};

#define BODY "Sub A()\r\nEnd Sub\r\n"
#define BIG "a line that fills the source up so that it is in proportion to what stands before it\r\n"

static const struct project projects[] = {
    { .what = "sound", .modules = { { .name = "M", .source = HEAD BODY } }, .sources = { "Sub A()" }, .n_modules = 1 },
    { .what = "compiled code in front", .modules = { { .name = "M", .source = HEAD BODY, .compiled = 900 } },
      .sources = { "Sub A()" }, .n_modules = 1 },
    { .what = "two modules", .modules = { { .name = "M", .source = HEAD BODY },
                                          { .name = "N", .source = HEAD "Sub B()\r\n" } },
      .sources = { "Sub A()", "Sub B()" }, .n_modules = 2 },
    { .what = "stream under another name", .modules = { { .name = "M", .stream = "Other", .source = HEAD BODY } },
      .sources = { "Sub A()" }, .n_modules = 1 },
    { .what = "offset lies, too far", .modules = { { .name = "M", .source = HEAD BODY, .compiled = 50, .lie = 5000 } },
      .sources = { "Sub A()" }, .damaged = "source offset", .recovered = "M", .n_modules = 1 },
    { .what = "offset lies, too short", .modules = { { .name = "M", .source = HEAD BODY, .compiled = 50,
                                                       .lie = (uint32_t)-20 } },
      .sources = { "Sub A()" }, .damaged = "source offset", .recovered = "M", .n_modules = 1 },
    { .what = "no dir", .modules = { { .name = "M", .source = HEAD BODY, .compiled = 70 } }, .no_dir = true,
      .sources = { "Sub A()" }, .recovered = "M", .n_modules = 1 },
    { .what = "dir cut off", .modules = { { .name = "M", .source = HEAD BODY, .compiled = 70 } }, .cut_dir = true,
      .sources = { "Sub A()" }, .recovered = "M", .damaged = "dir stream", .n_modules = 1 },
    { .what = "module that dir does not list", .modules = { { .name = "M", .source = HEAD BODY },
                                                            { .name = "N", .source = HEAD "Sub B()\r\n", .not_in_dir = true } },
      .sources = { "Sub A()", "Sub B()" }, .hidden = "M", .recovered = "M", .n_modules = 2 },
    { .what = "module that PROJECT does not list", .modules = { { .name = "M", .source = HEAD BODY },
                                                                { .name = "N", .source = HEAD BODY, .not_in_project = true } },
      .sources = { "Sub A()" }, .hidden = "N", .n_modules = 2 },
    { .what = "no PROJECT at all", .modules = { { .name = "M", .source = HEAD BODY } }, .no_project_stream = true,
      .sources = { "Sub A()" }, .n_modules = 1 },
    { .what = "stream is missing", .modules = { { .name = "M", .source = HEAD BODY, .no_stream = true },
                                                { .name = "N", .source = HEAD BODY } },
      .sources = { "Sub A()" }, .damaged = "module stream missing", .n_modules = 2 },
    { .what = "another storage name", .modules = { { .name = "M", .source = HEAD BODY } }, .storage = "\x0b" "_1601",
      .sources = { "Sub A()" }, .n_modules = 1 },
    { .what = "empty modules", .modules = { { .name = "M", .source = HEAD "\r\n" }, { .name = "N", .source = HEAD } },
      .sources = { NULL }, .n_modules = 2, .empty = 2 },
    { .what = "CP932", .modules = { { .name = "M", .source = HEAD "Sub \x8f\x57\x8c\x76()\r\n" } }, .codepage = 932,
      .sources = { "Sub \xe9\x9b\x86\xe8\xa8\x88()" }, .n_modules = 1 },
    { .what = "CP932 without code page", .modules = { { .name = "M", .source = HEAD "Sub \x8f\x57\x8c\x76()\r\n'\x93\xfa\x96\x7b\x8c\xea\r\n" } },
      .codepage = 0, .sources = { "Sub \xe9\x9b\x86\xe8\xa8\x88()" }, .n_modules = 1 },
    { .what = "unknown code page", .modules = { { .name = "M", .source = HEAD BODY } }, .codepage = 59999,
      .sources = { "Sub A()" }, .n_modules = 1 },
    { .what = "emptied source", .modules = { { .name = "M", .source = HEAD, .compiled = 9000 } },
      .stomped = "no source behind compiled code: M", .n_modules = 1, .empty = 1 },
    { .what = "source removed", .modules = { { .name = "M", .compiled = 9000 } }, .damaged = "no source",
      .stomped = "source missing: M", .n_modules = 1 },
    { .what = "hardly any source", .modules = { { .name = "M", .source = HEAD BODY, .compiled = 16000 } },
      .sources = { "Sub A()" }, .stomped = "short source behind compiled code: M", .n_modules = 1 },
    { .what = "replaced source", .modules = { { .name = "M", .source = HEAD BODY, .compiled = 900 } },
      .table = "\x08.AutoOpen....\x05.Shell....", .sources = { "Sub A()" }, .stomped = "only compiled: Shell, AutoOpen",
      .n_modules = 1 },
    { .what = "names that the source has too", .modules = { { .name = "M", .source = HEAD "Sub autoopen()\r\nSHELL x\r\n" } },
      .table = "\x08.AutoOpen....\x05.Shell....", .sources = { "SHELL" }, .n_modules = 1 },
    { .what = "deleted event handler", .modules = { { .name = "M", .source = HEAD BODY } },
      .table = "\x0d.Workbook_Open....\x0c.CreateObject....", .sources = { "Sub A()" }, .n_modules = 1 },
    { .what = "name inside a longer one", .modules = { { .name = "M", .source = HEAD BODY } },
      .table = "\x0a.ShellyBean....", .sources = { "Sub A()" }, .n_modules = 1 },
    /* values of the specification, [MS-OVBA] 3.1.1: not locked */
    { .what = "not locked", .modules = { { .name = "M", .source = HEAD BODY } },
      .project = "CMG=\"0705D8E3D8EDDBF1DBF1DBF1DBF1\"\r\nDPB=\"0E0CD1ECDFF4E7F5E7F5E7\"\r\nGC=\"1517CAF1D6F9D7F9D706\"\r\n",
      .sources = { "Sub A()" }, .n_modules = 1 },
    { .what = "locked for viewing", .modules = { { .name = "M", .source = HEAD BODY } },
      .project = "CMG=\"ECEE4076C066C466C462C862C8\"\r\nGC=\"C4C6689EB88BB98BB98B\"\r\n", .sources = { "Sub A()" },
      .is_protected = true, .n_modules = 1 },
    { .what = "emptied locks", .modules = { { .name = "M", .source = HEAD BODY } },
      .project = "CMG=\"\"\r\nDPB=\"\"\r\nGC=\"\"\r\n", .sources = { "Sub A()" }, .unviewable = true, .n_modules = 1 },
    { .what = "locks that are no hex", .modules = { { .name = "M", .source = HEAD BODY } },
      .project = "CMG=\"ZZEE4076C066C466C462C862C8\"\r\n", .sources = { "Sub A()" }, .unviewable = true, .n_modules = 1 },
    { .what = "a form", .modules = { { .name = "M", .source = HEAD BODY } }, .project = "BaseClass=M\r\n",
      .sources = { "Sub A()" }, .n_modules = 1, .forms = 1 },
};

static void put_dir_record(struct buf *b, unsigned id, slice data)
{
    build_le(b, id, 2);
    build_le(b, data.len, 4);
    buf_put(b, data);
}

static void put_wide(struct buf *b, unsigned id, const char *ascii)
{
    build_le(b, id, 2);
    build_le(b, strlen(ascii) * 2, 4);
    for (const char *p = ascii; *p; p++)
        build_le(b, (uint8_t)*p, 2);
}

static void put_dir(struct buf *out, const struct project *p)
{
    struct buf b = buf_new(4096);
    if (p->codepage) {
        build_le(&b, 3, 2);
        build_le(&b, 2, 4);
        build_le(&b, p->codepage, 2);
    }
    put_dir_record(&b, 4, SLICE_LIT("Project"));
    build_le(&b, 9, 2); /* the record whose size says 4 and means 6 */
    build_le(&b, 4, 4);
    build_le(&b, 0, 6);
    for (size_t i = 0; i < MODULES && p->modules[i].name; i++) {
        const struct built *m = &p->modules[i];
        const char *stream = m->stream ? m->stream : m->name;
        if (m->not_in_dir)
            continue;
        put_dir_record(&b, 0x19, slice_of(m->name));
        put_wide(&b, 0x47, m->name);
        put_dir_record(&b, 0x1a, slice_of(stream));
        put_wide(&b, 0x32, stream);
        build_le(&b, 0x31, 2);
        build_le(&b, 4, 4);
        build_le(&b, m->compiled + m->lie, 4);
        put_dir_record(&b, 0x21, (slice){ 0 });
        put_dir_record(&b, 0x2b, (slice){ 0 });
    }
    put_dir_record(&b, 0x10, (slice){ 0 });
    build_container(out, buf_slice(&b));
    if (p->cut_dir) {
        out->len = 6;
    }
    buf_drop(&b);
}

static struct image build_project(const struct project *p)
{
    struct buf dir = buf_new(8192), project = buf_new(4096), table = buf_new(4096), streams[MODULES];
    struct build_entry rows[MODULES + 5] = {
        { BUILD_NONE, "Macros", { NULL, 0 } },
        { 0, p->storage ? p->storage : "VBA", { NULL, 0 } },
    };
    size_t n = 2;
    put_dir(&dir, p);
    buf_put(&table, SLICE_LIT("\xcc\x61\xff\xff\0\0\0"));
    buf_text(&table, p->table ? p->table : "");
    buf_text(&project, "ID=\"{00000000-0000-0000-0000-000000000000}\"\r\n");
    for (size_t i = 0; i < MODULES && p->modules[i].name; i++) {
        const struct built *m = &p->modules[i];
        streams[i] = buf_new(1 << 16);
        build_fill(&streams[i], m->compiled, 'c');
        if (m->source)
            build_container(&streams[i], slice_of(m->source));
        if (!m->no_stream)
            rows[n++] = (struct build_entry){ 1, m->stream ? m->stream : m->name, buf_slice(&streams[i]) };
        if (!m->not_in_project)
            buf_format(&project, "Module=%s\r\n", m->name);
    }
    buf_text(&project, p->project ? p->project : "");
    buf_text(&project, "\r\n[Host Extender Info]\r\nModule=Nonsense\r\n");
    if (!p->no_dir)
        rows[n++] = (struct build_entry){ 1, "dir", buf_slice(&dir) };
    rows[n++] = (struct build_entry){ 1, "_VBA_PROJECT", buf_slice(&table) };
    if (!p->no_project_stream)
        rows[n++] = (struct build_entry){ 0, "PROJECT", buf_slice(&project) };
    struct image m = build_image(rows, n, (slice){ 0 });
    for (size_t i = 0; i < MODULES && p->modules[i].name; i++)
        buf_drop(&streams[i]);
    buf_drop(&dir);
    buf_drop(&project);
    buf_drop(&table);
    return m;
}

static bool has_source(const struct tally *t, const char *source)
{
    for (uint32_t i = 0; i < t->r.n_views; i++)
        if (t->r.views[i].id == FACT_VBA_CODE && slice_find(t->r.views[i].text, slice_of(source), 0) != SIZE_MAX)
            return true;
    return false;
}

static bool told(const struct tally *t, enum fact_id id, const char *want)
{
    return want ? tally_has(t, id, want) : tally_facts(t, id) == 0;
}

static int64_t number(const struct tally *t, enum fact_id id)
{
    const struct fact *f = tally_fact(t, id);
    return f ? f->number : -1;
}

static void check_project(const struct project *p, const struct tally *t)
{
    uint32_t part = tally_part_typed(t, "vba-project");
    for (size_t i = 0; i < MODULES && p->sources[i]; i++)
        if (!has_source(t, p->sources[i]))
            fail_msg("%s: source %zu is missing", p->what, i);
    if (!told(t, FACT_VBA_MODULE_HIDDEN, p->hidden) || !told(t, FACT_VBA_STOMPED, p->stomped) ||
        !told(t, FACT_VBA_DAMAGED, p->damaged) || !told(t, FACT_VBA_RECOVERED, p->recovered))
        fail_msg("%s: hidden '%.*s', stomped '%.*s', damaged '%.*s', recovered '%.*s'", p->what,
                 SLICE_FMT(tally_text(t, FACT_VBA_MODULE_HIDDEN, 0)), SLICE_FMT(tally_text(t, FACT_VBA_STOMPED, 0)),
                 SLICE_FMT(tally_text(t, FACT_VBA_DAMAGED, 0)), SLICE_FMT(tally_text(t, FACT_VBA_RECOVERED, 0)));
    if (number(t, FACT_VBA_MODULES) != p->n_modules || number(t, FACT_VBA_MODULES_EMPTY) != p->empty ||
        number(t, FACT_VBA_MODULE_FORMS) != p->forms)
        fail_msg("%s: %d modules, %d empty, %d forms", p->what, (int)number(t, FACT_VBA_MODULES),
                 (int)number(t, FACT_VBA_MODULES_EMPTY), (int)number(t, FACT_VBA_MODULE_FORMS));
    if (p->is_protected != (tally_fact(t, FACT_VBA_PROTECTED) != NULL) ||
        p->unviewable != (tally_fact(t, FACT_VBA_UNVIEWABLE) != NULL) || part == NO_ID ||
        !tally_fact(t, FACT_OFFICE_MACRO))
        fail_msg("%s: locks, or no project", p->what);
}

static void projects_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof projects / sizeof projects[0]; i++) {
        struct image m = build_project(&projects[i]);
        struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
        tally_check(t);
        check_project(&projects[i], t);
        tally_drop(&t);
        for (size_t n = 1; n < 60; n++) {
            t = tally_run(&(struct tally_options){ .fail_at = n }, buf_slice(&m.bytes));
            tally_check(t);
            tally_drop(&t);
        }
        buf_drop(&m.bytes);
    }
}

/* Without a readable directory the macro is found in the bytes. */
static void sources_are_carved(void **state)
{
    (void)state;
    struct image m = build_project(&projects[2]);
    build_poke(&m, 0x30, 0xfffffffe, 4);
    struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
    tally_check(t);
    assert_true(has_source(t, "Sub A()"));
    assert_true(has_source(t, "Sub B()"));
    assert_int_equal(t->r.parts[0].end, WALK_BROKEN);
    assert_non_null(tally_fact(t, FACT_OFFICE_MACRO));
    tally_drop(&t);
    buf_drop(&m.bytes);
}

/* A dir stream whose size lies is read from the wrong place: carved all the same. */
static void lying_stream_is_carved(void **state)
{
    (void)state;
    struct image m = build_project(&projects[0]);
    build_poke(&m, m.directory_at + 116, 0xfffffffe, 4); /* no mini stream at all */
    struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
    tally_check(t);
    assert_true(has_source(t, "Sub A()"));
    tally_drop(&t);
    buf_drop(&m.bytes);
}

static void signature_is_told(void **state)
{
    (void)state;
    struct buf module = buf_new(4096);
    build_container(&module, SLICE_LIT(HEAD BODY));
    const struct build_entry rows[] = {
        { BUILD_NONE, "VBA", { NULL, 0 } },
        { 0, "M", buf_slice(&module) },
        { BUILD_NONE, "_signatures", SLICE_INIT("no real one") },
    };
    struct image m = build_image(rows, 3, (slice){ 0 });
    struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
    tally_check(t);
    assert_true(tally_has(t, FACT_VBA_SIGNATURE, "_signatures"));
    assert_true(has_source(t, "Sub A()"));
    tally_drop(&t);
    buf_drop(&m.bytes);
    buf_drop(&module);
}

static void exported_modules(void **state)
{
    static const struct {
        slice text;
        bool module;
    } files[] = {
        { SLICE_INIT(HEAD BODY), true },
        { SLICE_INIT("\xef\xbb\xbf  attribute vb_name = \"x\"\nSub a()\n"), true },
        { SLICE_INIT("VERSION 1.0 CLASS\r\nBEGIN\r\nEND\r\n" HEAD), true },
        { SLICE_INIT("VERSION 5.00\r\nBegin {0} Form\r\nEnd\r\n"), true },
        { SLICE_INIT("VERSION 5.00 of something else\r\n"), false },
        { SLICE_INIT("Attributes are words\r\n"), false },
        { SLICE_INIT(""), false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = "a.dat" }, files[i].text);
        tally_check(t);
        if ((tally_part_typed(t, "vba-module") != NO_ID) != files[i].module)
            fail_msg("case %zu", i);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_are_inflated),
        cmocka_unit_test(bomb_is_bounded),
        cmocka_unit_test(projects_are_read),
        cmocka_unit_test(sources_are_carved),
        cmocka_unit_test(lying_stream_is_carved),
        cmocka_unit_test(signature_is_told),
        cmocka_unit_test(exported_modules),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
