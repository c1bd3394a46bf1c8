/* SPDX-License-Identifier: Apache-2.0 */
#include "doors/clamd/clamd_private.h"
#include "doors/harness.h"
#include "facts/record.h"
#include "os/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/table.h"

#define CHUNK4(text) "\0\0\0\x04" text
#define LAST "\0\0\0\0"
#define BYTES(s) SLICE_INIT(s)

/* What a client says and hears; 0 bytes shown as '|'. */
static const struct {
    const char *name;
    slice in;
    const char *want;  /* before any answer of the desk */
    const char *after; /* behind it when every question is answered "clean" */
    size_t asked;
    bool ended; /* at last */
    const char *peer;
} dialogues[] = {
    { "PING in a packet", BYTES("PING"), "PONG\n", "", 0, true, "192.0.2.7" },
    { "PING with a line", BYTES("PING\r\n"), "PONG\n", "", 0, true, "192.0.2.7" },
    { "PING with n", BYTES("nPING\n"), "PONG\n", "", 0, true, "192.0.2.7" },
    { "PING with z", BYTES("zPING\0"), "PONG|", "", 0, true, "192.0.2.7" },
    { "one command a connection", BYTES("zPING\0zPING\0"), "PONG|", "", 0, true, "192.0.2.7" },
    { "VERSION", BYTES("zVERSION\0"), "Sekisho 1.2.3/0123456789ab|", "", 0, true, "192.0.2.7" },
    { "VERSIONCOMMANDS", BYTES("nVERSIONCOMMANDS\n"),
      "Sekisho 1.2.3/0123456789ab| COMMANDS: PING VERSION VERSIONCOMMANDS STATS INSTREAM FILDES "
      "SCAN CONTSCAN "
      "MULTISCAN ALLMATCHSCAN IDSESSION END RELOAD SHUTDOWN\n",
      "", 0, true, "192.0.2.7" },
    { "INSTREAM", BYTES("zINSTREAM\0" CHUNK4("mail") LAST), "", "stream: OK|", 1, true,
      "192.0.2.7" },
    { "INSTREAM of nothing", BYTES("nINSTREAM\n" LAST), "", "stream: OK\n", 1, true, "192.0.2.7" },
    { "two chunks", BYTES("zINSTREAM\0" CHUNK4("mail") CHUNK4("more") LAST), "", "stream: OK|", 1,
      true, "192.0.2.7" },
    { "numbered", BYTES("zIDSESSION\0zPING\0nPING\nzINSTREAM\0" CHUNK4("mail") LAST "zEND\0"),
      "1: PONG|2: PONG\n", "3: stream: OK|", 1, true, "192.0.2.7" },
    { "numbered, no end", BYTES("nIDSESSION\nnINSTREAM\n" LAST "nINSTREAM\n" LAST), "",
      "1: stream: OK\n2: stream: OK\n", 2, false, "192.0.2.7" },
    { "END before the answers", BYTES("nIDSESSION\nnINSTREAM\n" LAST "nINSTREAM\n" LAST "nEND\n"),
      "", "1: stream: OK\n2: stream: OK\n", 2, true, "192.0.2.7" },
    /* hostile and mistaken */
    { "unknown word", BYTES("EHLO there\r\n"), "UNKNOWN COMMAND\n", "", 0, true, "192.0.2.7" },
    { "unknown word with z", BYTES("zNOTHING\0"), "UNKNOWN COMMAND|", "", 0, true, "192.0.2.7" },
    { "empty command", BYTES("n\n"), "UNKNOWN COMMAND\n", "", 0, true, "192.0.2.7" },
    { "lower case", BYTES("nping\n"), "UNKNOWN COMMAND\n", "", 0, true, "192.0.2.7" },
    { "a word that begins so", BYTES("nPINGPONG\n"), "UNKNOWN COMMAND\n", "", 0, true,
      "192.0.2.7" },
    { "PING with an argument", BYTES("nPING x\n"), "UNKNOWN COMMAND\n", "", 0, true, "192.0.2.7" },
    { "a zero in a line", BYTES("nPING\0\n"), "UNKNOWN COMMAND\n", "", 0, true, "192.0.2.7" },
    { "INSTREAM without prefix", BYTES("INSTREAM\n" LAST), "UNKNOWN COMMAND\n", "", 0, true,
      "192.0.2.7" },
    { "IDSESSION without prefix", BYTES("IDSESSION\n"), "UNKNOWN COMMAND\n", "", 0, true,
      "192.0.2.7" },
    { "within IDSESSION without prefix", BYTES("nIDSESSION\nPING\n"), "1: UNKNOWN COMMAND\n", "", 0,
      true, "192.0.2.7" },
    { "IDSESSION in IDSESSION", BYTES("nIDSESSION\nnIDSESSION\n"), "1: IDSESSION: nested. ERROR\n",
      "", 0, true, "192.0.2.7" },
    { "CONTSCAN in IDSESSION", BYTES("nIDSESSION\nnCONTSCAN /a\n"), "1: UNKNOWN COMMAND\n", "", 0,
      true, "192.0.2.7" },
    { "END alone", BYTES("nEND\n"), "UNKNOWN COMMAND\n", "", 0, true, "192.0.2.7" },
    { "an error forgets what was asked", BYTES("nIDSESSION\nnINSTREAM\n" LAST "nNOTHING\n"),
      "2: UNKNOWN COMMAND\n", "", 0, true, "192.0.2.7" },
    { "over the limit in one chunk", BYTES("zINSTREAM\0\0\0\x10\x01"),
      "INSTREAM size limit exceeded. ERROR|", "", 0, true, "192.0.2.7" },
    { "4 GiB", BYTES("zINSTREAM\0\xff\xff\xff\xff"), "INSTREAM size limit exceeded. ERROR|", "", 0,
      true, "192.0.2.7" },
    { "over the limit at last", BYTES("zINSTREAM\0" CHUNK4("mail") "\0\0\x0f\xfd"),
      "INSTREAM size limit exceeded. ERROR|", "", 0, true, "192.0.2.7" },
    { "a stream that is cut", BYTES("zINSTREAM\0" CHUNK4("ma")), "", "", 0, false, "192.0.2.7" },
    { "FILDES over the network", BYTES("nFILDES\n\0"), "FILDES: only over the Unix socket. ERROR\n",
      "", 0, true, "192.0.2.7" },
    { "FILDES without a file", BYTES("nFILDES\n\0"), "FILDES: no file came. ERROR\n", "", 0, true,
      "unix" },
    { "SCAN", BYTES("SCAN /etc/passwd\n"),
      "/etc/passwd: paths are not read here, use INSTREAM or FILDES (clamdscan --stream, "
      "--fdpass). ERROR\n",
      "", 0, true, "unix" },
    { "a path that forges a line", BYTES("zCONTSCAN /a: OK\nx\0"),
      "/a: OK?x: paths are not read here, use INSTREAM or FILDES (clamdscan --stream, --fdpass). "
      "ERROR|",
      "", 0, true, "unix" },
    { "SCAN of nothing", BYTES("nSCAN \n"), "UNKNOWN COMMAND\n", "", 0, true, "unix" },
    { "RELOAD", BYTES("RELOAD"), "refused, this is for the administrator. ERROR\n", "", 0, true,
      "unix" },
    { "SHUTDOWN", BYTES("nSHUTDOWN\n"), "refused, this is for the administrator. ERROR\n", "", 0,
      true, "unix" },
};

static void shown(struct buf *sent, size_t from)
{
    for (size_t i = from; i < sent->len; i++)
        if (sent->at[i] == 0)
            sent->at[i] = '|';
}

static void hold_a_dialogue(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, dialogues)
    {
        static const size_t pieces[] = { 1, 2, 7, 65536 };
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
            struct fake f;
            fake_new(&f, fake_door("clamd"));
            f.settings.limits.object_max = 4096;
            fake_open(&f, row->peer);
            fake_feed(&f, row->in, pieces[i], NULL, 0);
            shown(&f.sent, 0);
            table_slice(&t, row->name, buf_slice(&f.sent), row->want);
            table_true(&t, row->name, f.n_asked == row->asked);
            size_t before = f.sent.len;
            while (fake_answer(&f, 0, (struct gate_answer){ 0 }))
                ;
            shown(&f.sent, before);
            table_slice(&t, row->name, slice_from(buf_slice(&f.sent), before), row->after);
            table_true(&t, row->name, f.ended == row->ended && !f.over);
            fake_drop(&f);
        }
    }
}

/* What the desk says, and what of it a client of clamd hears. */
#define BIT(cause) (1U << UNREAD_##cause)
static const struct {
    const char *name;
    struct gate_answer a;
    const char *want;
} answers[] = {
    { "clean", { .verdict = VERDICT_CLEAN }, "OK" },
    { "malicious",
      { .verdict = VERDICT_MALICIOUS, .name = BYTES("Downloader.VBA.AutoOpen") },
      "Sekisho.Downloader.VBA.AutoOpen FOUND" },
    { "suspicious",
      { .verdict = VERDICT_SUSPICIOUS, .name = BYTES("Lure.Any.Macro") },
      "Sekisho.Suspicious.Lure.Any.Macro FOUND" },
    { "malicious without a name", { .verdict = VERDICT_MALICIOUS }, "Sekisho.Malicious FOUND" },
    { "a name that is none",
      { .verdict = VERDICT_MALICIOUS, .name = BYTES("a b\r\nx: OK") },
      "Sekisho.a_b__x__OK FOUND" },
    { "malicious wins over unread",
      { .verdict = VERDICT_MALICIOUS, .name = BYTES("X"), .unread = BIT(CRASHED) },
      "Sekisho.X FOUND" },
    { "encrypted zip",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(ENCRYPTED), .locked = BYTES("zip") },
      "Heuristics.Encrypted.Zip FOUND" },
    { "encrypted document",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(ENCRYPTED), .locked = BYTES("office-encrypted") },
      "Heuristics.Encrypted.Doc FOUND" },
    { "encrypted, of a kind clamd has no name for",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(ENCRYPTED), .locked = BYTES("onenote") },
      "Heuristics.Encrypted.Any FOUND" },
    { "encrypted and crashed",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(ENCRYPTED) | BIT(CRASHED) },
      "Heuristics.Encrypted.Any FOUND" },
    { "limit without a name",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(LIMIT) },
      "Heuristics.Limits.Exceeded FOUND" },
    { "depth",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(LIMIT), .limit = BYTES("depth") },
      "Heuristics.Limits.Exceeded.MaxRecursion FOUND" },
    { "work",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(LIMIT), .limit = BYTES("work") },
      "Heuristics.Limits.Exceeded.MaxScanTime FOUND" },
    { "inflated",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(LIMIT), .limit = BYTES("inflated") },
      "Heuristics.Limits.Exceeded.MaxScanSize FOUND" },
    { "a limit clamd has not",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(LIMIT), .limit = BYTES("keys") },
      "Heuristics.Limits.Exceeded FOUND" },
    { "limit and damaged",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(LIMIT) | BIT(DAMAGED) },
      "Heuristics.Limits.Exceeded FOUND" },
    { "crashed",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(CRASHED) },
      "the reader crashed. ERROR" },
    { "damaged",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(DAMAGED) },
      "damaged, not read whole. ERROR" },
    { "no reader",
      { .verdict = VERDICT_UNKNOWN, .unread = BIT(NO_READER) },
      "a kind of file that cannot be read. ERROR" },
    { "unknown without a cause", { .verdict = VERDICT_UNKNOWN }, "not read whole. ERROR" },
    { "clean with something unread",
      { .verdict = VERDICT_CLEAN, .unread = BIT(DAMAGED) },
      "not read whole. ERROR" },
    { "no verdict", { .verdict = VERDICTS }, "not read whole. ERROR" },
    { "not scanned",
      { .verdict = VERDICT_CLEAN, .trouble = BYTES("overloaded") },
      "overloaded. ERROR" },
    { "a trouble of two lines",
      { .trouble = BYTES("x: OK\nstream: OK") },
      "x: OK?stream: OK. ERROR" },
};

static void speak_as_clamd(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, answers)
    {
        struct buf out = buf_new(1024);
        clamd_words(&row->a, &out);
        table_slice(&t, row->name, buf_slice(&out), row->want);
        buf_drop(&out);
    }
}

static int pipe_end(void)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    close(fds[1]);
    return fds[0];
}

static int file_of(size_t size)
{
    struct object o = object_new(UINT64_MAX);
    struct gate_request r = { 0 };
    int fd = -1;
    for (size_t i = 0; i < size; i += 8)
        assert_true(object_add(&o, SLICE_LIT("Postcard")));
    if (object_take(&o, &r, &fd) && fd < 0)
        assert_int_equal(file_sealed_bytes(r.body, &fd, NULL), 0);
    object_drop(&o);
    return fd;
}

enum given { MEMORY, LARGE, PIPE, WRITE_ONLY, PATH_ONLY, FOLDER };
static const struct {
    const char *name;
    enum given what;
    size_t asked;
    const char *want;
} passed[] = {
    { "a file", MEMORY, 1, "fd[0]: OK\n" },
    { "larger than allowed", LARGE, 0, "fd[0]: Heuristics.Limits.Exceeded.MaxFileSize FOUND\n" },
    { "a pipe, which would make us wait", PIPE, 0,
      "fd[0]: no regular file that is open for reading. ERROR\n" },
    { "for writing only", WRITE_ONLY, 0,
      "fd[0]: no regular file that is open for reading. ERROR\n" },
    { "a name without a right to read", PATH_ONLY, 0,
      "fd[0]: no regular file that is open for reading. ERROR\n" },
    { "a folder", FOLDER, 0, "fd[0]: no regular file that is open for reading. ERROR\n" },
};

static int give(enum given what)
{
    switch (what) {
    case MEMORY:
        return file_of(64);
    case LARGE:
        return file_of(8192);
    case PIPE:
        return pipe_end();
    case WRITE_ONLY:
        return open("/dev/null", O_WRONLY | O_CLOEXEC);
    case PATH_ONLY:
        return open("/", O_PATH | O_CLOEXEC);
    case FOLDER:
        return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return -1;
}

static void take_descriptors(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, passed)
    {
        for (int together = 0; together < 2;
             together++) { /* the byte and the command in one packet, or not */
            struct fake f;
            int fd = give(row->what);
            assert_true(fd >= 0);
            fake_new(&f, fake_door("clamd"));
            f.settings.limits.object_max = 4096;
            fake_open(&f, "unix");
            if (!together)
                fake_feed(&f, SLICE_LIT("nFILDES\n"), 100, NULL, 0);
            fake_feed(&f, together ? SLICE_LIT("nFILDES\n\0") : SLICE_LIT("\0"), 100, &fd, 1);
            table_true(&t, row->name, f.n_asked == row->asked);
            if (f.n_asked)
                table_true(&t, row->name,
                           f.asked[0].size == 64 &&
                               slice_starts(buf_slice(&f.asked[0].body), SLICE_LIT("Postcard")));
            (void)fake_answer(&f, 0, (struct gate_answer){ 0 });
            table_slice(&t, row->name, buf_slice(&f.sent), row->want);
            table_true(&t, row->name, f.ended && !f.over && fcntl(fd, F_GETFD) < 0);
            fake_drop(&f);
        }
    }
}

static void put_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* Files: a (clean), b (found), c (larger than allowed), d (found), one whose name forges a line
 * (found); a link that leads elsewhere. */
static const struct {
    const char *name, *command, *want; /* '*' is the folder */
    const char *peer;
    bool files;
    size_t asked;
} walks[] = {
    { "a file", "nSCAN */a\n", "*/a: OK\n", "unix", true, 1 },
    { "a file that is found", "zSCAN */b", "*/b: Sekisho.Test FOUND|", "unix", true, 1 },
    { "a folder, all", "nCONTSCAN *\n",
      "*/b: Sekisho.Test FOUND\n*/c: Heuristics.Limits.Exceeded.MaxFileSize FOUND\n*/d: "
      "Sekisho.Test FOUND\n*/d?x: OK: Sekisho.Test FOUND\n",
      "unix", true, 4 },
    { "a folder, up to the first", "SCAN *\n", "*/b: Sekisho.Test FOUND\n", "unix", true, 2 },
    { "MULTISCAN", "nMULTISCAN */a\n", "*/a: OK\n", "unix", true, 1 },
    { "no such file", "nSCAN */nothing\n", "*/nothing: no such file. ERROR\n", "unix", true, 0 },
    { "a relative path", "nSCAN etc/passwd\n", "etc/passwd: a full path is needed. ERROR\n", "unix",
      true, 0 },
    { "a device", "nSCAN /dev/null\n", "/dev/null: cannot be read. ERROR\n", "unix", true, 0 },
    { "not allowed by the settings", "nSCAN */a\n", NULL, "unix", false, 0 },
    { "over the network", "nSCAN */a\n", NULL, "127.0.0.1", true, 0 },
};

static slice filled(struct buf *out, const char *with, const char *folder)
{
    buf_clear(out);
    for (; *with; with++)
        buf_put(out, *with == '*' ? slice_of(folder) : (slice){ (const uint8_t *)with, 1 });
    return buf_slice(out);
}

static void scan_paths(void **state)
{
    struct table t = { 0 };
    char folder[] = "/tmp/sekisho-clamd-XXXXXX", link[64];
    static const char big[5000] = "x";
    (void)state;
    assert_non_null(mkdtemp(folder));
    put_file(folder, "a", "Good morning.");
    put_file(folder, "b", "bad");
    put_file(folder, "c", "");
    put_file(folder, "d", "bad");
    put_file(folder, "d\nx: OK", "bad");
    snprintf(link, sizeof link, "%s/c", folder);
    int large = open(link, O_WRONLY | O_CLOEXEC);
    assert_int_equal(write(large, big, sizeof big), sizeof big);
    close(large);
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    TABLE_EACH(&t, row, walks)
    {
        struct fake f;
        struct buf b = buf_new(4096);
        fake_new(&f, fake_door("clamd"));
        f.settings.limits.object_max = 4096;
        f.settings.limits.files = row->files;
        fake_open(&f, row->peer);
        fake_feed(&f, filled(&b, row->command, folder), 4096, NULL, 0);
        if (row->command[0] == 'z')
            fake_feed(&f, SLICE_LIT("\0"), 1, NULL, 0);
        while (f.n_asked) {
            bool bad = slice_is(buf_slice(&f.asked[0].body), "bad");
            table_true(&t, row->name,
                       f.door->waits(f.session) && f.asked[0].direction == GATE_FILE);
            assert_true(fake_answer(
                &f, 0,
                (struct gate_answer){ .verdict = bad ? VERDICT_MALICIOUS : VERDICT_CLEAN,
                                      .name = SLICE_LIT("Test") }));
        }
        shown(&f.sent, 0);
        if (row->want)
            table_true(&t, row->name, slice_eq(buf_slice(&f.sent), filled(&b, row->want, folder)));
        else
            table_true(&t, row->name,
                       slice_find(buf_slice(&f.sent), SLICE_LIT(": paths are not read here"), 0) !=
                           SIZE_MAX);
        table_true(&t, row->name, f.asked_ever == row->asked && f.ended && !f.over);
        fake_drop(&f);
        buf_drop(&b);
    }
    for (const char *c = "abcd"; *c; c++) {
        snprintf(link, sizeof link, "%s/%c", folder, *c);
        unlink(link);
    }
    snprintf(link, sizeof link, "%s/link", folder);
    unlink(link);
    snprintf(link, sizeof link, "%s/d\nx: OK", folder);
    unlink(link);
    rmdir(folder);
}

static struct fake *new_session(struct fake *f)
{
    fake_new(f, fake_door("clamd"));
    fake_open(f, "unix");
    fake_feed(f, SLICE_LIT("zIDSESSION\0"), 100, NULL, 0);
    return f;
}

/* More questions than may be on their way wait, and none is lost or answered twice. */
static void a_session_waits_its_turn(void **state)
{
    (void)state;
    enum { MANY = 50 };
    struct fake f;
    struct buf all = buf_new(1 << 16);
    for (int i = 0; i < MANY; i++)
        buf_put(&all, SLICE_LIT("nINSTREAM\n\0\0\0\x01x\0\0\0\0"));
    buf_put(&all, SLICE_LIT("nEND\n"));
    fake_feed(new_session(&f), buf_slice(&all), 1000, NULL, 0);
    assert_true(f.n_asked == 8 && f.door->waits(f.session));
    unsigned answered = 0;
    while (f.n_asked) {
        assert_true(f.n_asked <= 8);
        assert_true(fake_answer(&f, answered * 5 % f.n_asked, (struct gate_answer){ 0 }));
        answered++;
    }
    assert_int_equal(answered, MANY);
    assert_true(f.ended && !f.over);
    for (unsigned i = 1; i <= MANY; i++) {
        char line[32];
        snprintf(line, sizeof line, "\n%u: stream: OK\n", i);
        slice got = buf_slice(&f.sent);
        assert_true(slice_find(got, slice_of(line), 0) != SIZE_MAX ||
                    slice_starts(got, slice_from(slice_of(line), 1)));
    }
    buf_drop(&all);
    fake_drop(&f);
}

static void a_session_outlives_its_client_side(void **state)
{
    (void)state;
    struct fake f;
    fake_feed(new_session(&f), SLICE_LIT("zINSTREAM\0\0\0\0\0"), 100, NULL, 0);
    fake_finish(&f);
    assert_true(fake_lives(&f) && f.n_asked == 1);
    assert_true(fake_answer(&f, 0, (struct gate_answer){ 0 }) && f.ended);
    assert_true(slice_eq(buf_slice(&f.sent), SLICE_LIT("1: stream: OK\0")));
    fake_drop(&f);
}

static void no_desk_is_said_at_once(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f, fake_door("clamd"));
    f.away = true;
    fake_open(&f, "unix");
    fake_feed(&f, SLICE_LIT("nINSTREAM\n\0\0\0\0"), 100, NULL, 0);
    assert_true(slice_is(buf_slice(&f.sent), "stream: busy, try again later. ERROR\n") && f.ended);
    fake_drop(&f);
    fake_new(&f, fake_door("clamd"));
    f.away = true;
    fake_open(&f, "unix");
    fake_feed(&f, SLICE_LIT("nSTATS\n"), 100, NULL, 0);
    assert_true(slice_find(buf_slice(&f.sent), SLICE_LIT("STATE: INVALID"), 0) != SIZE_MAX);
    fake_drop(&f);
}

/* Files that nobody asked for are closed, and no session hoards them. */
static void files_that_nobody_asked_for(void **state)
{
    (void)state;
    struct fake f;
    int fds[20];
    for (size_t i = 0; i < 20; i++)
        fds[i] = file_of(8);
    fake_new(&f, fake_door("clamd"));
    fake_open(&f, "unix");
    fake_feed(&f, SLICE_LIT("n"), 1, fds, 8);
    assert_true(fake_lives(&f));
    fake_feed(&f, SLICE_LIT("F"), 1, fds + 8, 12);
    assert_true(f.ended);
    fake_drop(&f);
    for (size_t i = 0; i < 20; i++)
        assert_true(fcntl(fds[i], F_GETFD) < 0);
}

static void no_room_is_said(void **state)
{
    (void)state;
    struct fake f;
    struct object_pool pool = { .max = 3 };
    fake_new(&f, fake_door("clamd"));
    f.settings.pool = &pool;
    fake_open(&f, "unix");
    fake_feed(&f, SLICE_LIT("nINSTREAM\n" CHUNK4("mail") LAST), 1, NULL, 0);
    assert_true(f.n_asked == 0 && f.ended &&
                slice_is(buf_slice(&f.sent), "stream: no memory, try again later. ERROR\n"));
    fake_drop(&f);
    assert_int_equal(pool.held, 0);
}

static void a_line_has_an_end(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f, fake_door("clamd"));
    fake_open(&f, "unix");
    for (int i = 0; i < 100000 && fake_lives(&f); i++)
        fake_feed(&f, SLICE_LIT("AAAAAAAAAAAAAAAA"), 16, NULL, 0);
    assert_true(f.ended && slice_is(buf_slice(&f.sent), "UNKNOWN COMMAND\n"));
    fake_drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hold_a_dialogue),
        cmocka_unit_test(speak_as_clamd),
        cmocka_unit_test(take_descriptors),
        cmocka_unit_test(scan_paths),
        cmocka_unit_test(a_session_waits_its_turn),
        cmocka_unit_test(a_session_outlives_its_client_side),
        cmocka_unit_test(no_desk_is_said_at_once),
        cmocka_unit_test(files_that_nobody_asked_for),
        cmocka_unit_test(no_room_is_said),
        cmocka_unit_test(a_line_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
