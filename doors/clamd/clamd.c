/* SPDX-License-Identifier: Apache-2.0 */
/* clamd's protocol (clamd(8) of ClamAV 1.4, COMMANDS; session.c where the page is
 * silent): a command with the prefix n or z and its terminator, or bare; one per
 * connection, or many in an IDSESSION, whose answers are numbered and may overtake
 * each other.
 *
 * Left out: SHUTDOWN and RELOAD are refused, a stranger on a port may not do that;
 * ALLMATCHSCAN scans as SCAN; STREAM and SESSION are as dead as in clamd. A path
 * is read only where the settings name its folder (door_limits.files), and only
 * for a peer on the Unix socket. */
#include "doors/clamd/clamd_private.h"
#include "base/cursor.h"
#include "doors/door.h"
#include "os/file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 8192, /* a path and a word */
    REST_MAX = 1 << 20,    /* read before the host knew that we wait */
    ASKED_MAX = 8,         /* on their way at once, in an IDSESSION */
    GIVEN_MAX = 8,         /* descriptors that came before their command */
};

enum state { COMMAND, CHUNK_LENGTH, CHUNK, DESCRIPTOR, PATHS, CLOSING };
enum style { BARE, LINE = 'n', ZERO = 'z' };

struct asked {
    uint32_t number; /* of the command; 0: free */
    enum style style;
    slice name; /* what stands before the colon; static */
};

struct door_session {
    const struct door_settings *settings;
    struct door_host host;
    bool local; /* a Unix socket */
    enum state state;
    enum style style; /* of the command that is read */
    bool numbered;    /* within IDSESSION */
    bool ended;       /* the peer sends nothing more */
    uint32_t number;
    struct buf line, rest;
    uint8_t length[4];
    size_t n_length;
    uint32_t chunk_left;
    struct object object;
    int given[GIVEN_MAX];
    size_t n_given;
    struct asked asked[ASKED_MAX];
    size_t n_asked;
    struct clamd_paths paths;
};

/* --- answers */

static bool say(struct door_session *s, enum style style, uint32_t number, slice text)
{
    struct buf out = buf_new(LINE_MAX_BYTES + 4096);
    if (s->numbered)
        buf_format(&out, "%u: ", number);
    buf_put(&out, text);
    buf_byte(&out, style == ZERO ? 0 : '\n');
    bool good = !out.full && s->host.send(s->host.host, buf_slice(&out));
    buf_drop(&out);
    return good;
}

static bool say_text(struct door_session *s, const char *text)
{
    return say(s, s->style, s->number, slice_of(text));
}

/* One command is all that a connection without session has. */
static void close_when_sent(struct door_session *s)
{
    s->state = CLOSING;
    object_clear(&s->object);
    buf_clear(&s->rest);
    if (s->n_asked == 0)
        s->host.end(s->host.host);
}

static bool fault(struct door_session *s, const char *text)
{
    (void)say_text(s, text);
    if (s->n_asked)
        s->host.forget(s->host.host);
    s->n_asked = 0;
    close_when_sent(s);
    return true;
}

/* After a command: back to the next, or the end. */
static bool done(struct door_session *s)
{
    s->state = COMMAND;
    s->style = BARE;
    if (!s->numbered)
        close_when_sent(s);
    return true;
}

static bool said(struct door_session *s, const char *text)
{
    return say_text(s, text) && done(s);
}

static bool say_result(struct door_session *s, const struct asked *q, slice words)
{
    struct buf out = buf_new(LINE_MAX_BYTES);
    for (size_t i = 0; i < q->name.len; i++) /* of a file: who named it writes no lines here */
        buf_byte(&out, q->name.at[i] < ' ' || q->name.at[i] == 0x7f ? '?' : q->name.at[i]);
    buf_text(&out, ": ");
    buf_put(&out, words);
    bool good = !out.full && say(s, q->style, q->number, buf_slice(&out));
    buf_drop(&out);
    return good;
}

/* --- to the desk */

#define BUSY "busy, try again later. ERROR"

static void remember(struct door_session *s, const struct asked *q)
{
    size_t i = 0;
    while (s->asked[i].number)
        i++;
    s->asked[i] = *q;
    s->n_asked++;
}

static bool ask(struct door_session *s, const char *name, struct gate_request *r, int fd)
{
    struct asked q = { s->number, s->style, slice_of(name) };
    r->id = q.number;
    r->direction = GATE_FILE;
    if (!s->host.ask(s->host.host, r, fd))
        return say_result(s, &q, SLICE_LIT(BUSY)) && done(s);
    remember(s, &q);
    return done(s);
}

static bool stream_ends(struct door_session *s)
{
    struct gate_request r = { 0 };
    int fd = -1;
    bool good = object_take(&s->object, &r, &fd);
    good = good ? ask(s, "stream", &r, fd)
                : say_text(s, "stream: no memory, try again later. ERROR") && done(s);
    object_clear(&s->object);
    return good;
}

/* A descriptor that a peer passed: of a file that he may read, and no more than that. */
static bool file_comes(struct door_session *s, int fd)
{
    struct file_facts facts;
    struct buf words = buf_new(256);
    const struct asked q = { s->number, s->style, SLICE_LIT("fd[0]") };
    bool good = true;
    if (!file_readable(fd) || file_facts(fd, &facts, NULL) != 0 || !facts.regular)
        buf_text(&words, "no regular file that is open for reading. ERROR");
    else if (facts.size > s->settings->limits.object_max)
        clamd_limit_words(SLICE_LIT("size"), &words);
    if (words.len) {
        (void)close(fd);
        good = say_result(s, &q, buf_slice(&words)) && done(s);
    } else {
        struct gate_request r = { .size = facts.size, .has_fd = true };
        good = ask(s, "fd[0]", &r, fd);
    }
    buf_drop(&words);
    return good;
}

/* --- commands */

static bool do_ping(struct door_session *s, slice argument)
{
    (void)argument;
    return said(s, "PONG");
}

static void put_version(const struct door_session *s, struct buf *out)
{
    const struct gate_state *state = s->host.state(s->host.host);
    buf_text(out, "Sekisho ");
    buf_put(out, s->settings->version);
    buf_text(out, "/");
    buf_put(out, state && state->rules.len ? slice_sub(state->rules, 0, 12) : SLICE_LIT("-"));
}

static bool do_version(struct door_session *s, slice argument)
{
    (void)argument;
    struct buf out = buf_new(1024);
    put_version(s, &out);
    bool good = !out.full && say(s, s->style, s->number, buf_slice(&out));
    buf_drop(&out);
    return good && done(s);
}

/* In the form of clamd's thrmgr_printstats(); only what is known is said. */
static bool do_stats(struct door_session *s, slice argument)
{
    (void)argument;
    const struct gate_state *state = s->host.state(s->host.host);
    struct buf out = buf_new(1024);
    buf_format(&out,
               "POOLS: 1\n\nSTATE: %s PRIMARY\nTHREADS: live %u  idle 0 max %u idle-timeout "
               "0\nQUEUE: %u items\n\n",
               state && state->ready ? "VALID" : "INVALID", state ? state->workers : 0,
               state ? state->workers : 0, state ? state->queued : 0);
    buf_text(&out, "MEMSTATS: heap N/A mmap N/A used N/A free N/A releasable N/A pools 0 "
                   "pools_used N/A pools_total N/A\nEND");
    bool good = !out.full && say(s, s->style, s->number, buf_slice(&out));
    buf_drop(&out);
    return good && done(s);
}

static bool do_instream(struct door_session *s, slice argument)
{
    (void)argument;
    s->state = CHUNK_LENGTH;
    s->n_length = 0;
    return true;
}

static bool do_fildes(struct door_session *s, slice argument)
{
    (void)argument;
    if (!s->local)
        return fault(s, "FILDES: only over the Unix socket. ERROR");
    s->state = DESCRIPTOR;
    return true;
}

/* --- files of a path */

/* Asks for the next file, or says the end. Of clean files below a folder nothing is said, as in
 * clamd. */
static bool next_path(struct door_session *s)
{
    struct clamd_paths *p = &s->paths;
    bool good = true;
    while (good && p->next < p->n) {
        const struct clamd_file *f = &p->files[p->next++];
        const struct asked q = { s->number, s->style, f->name };
        if (f->size > s->settings->limits.object_max) {
            struct buf words = buf_new(256);
            (void)close(f->fd);
            clamd_limit_words(SLICE_LIT("size"), &words);
            good = say_result(s, &q, buf_slice(&words));
            buf_drop(&words);
            p->said = true;
            continue;
        }
        struct gate_request r = {
            .id = s->number, .direction = GATE_FILE, .size = f->size, .has_fd = true
        };
        for (r.name = f->name; slice_find_byte(r.name, '/', 0) != SIZE_MAX;)
            r.name = slice_from(r.name, slice_find_byte(r.name, '/', 0) + 1);
        if (s->host.ask(s->host.host, &r, f->fd)) {
            remember(s, &q);
            return true;
        }
        good = say_result(s, &q, SLICE_LIT(BUSY));
        p->said = true;
    }
    const struct asked root = { s->number, s->style, p->root };
    if (good && p->unread)
        good = say_result(s, &root, SLICE_LIT("something in it may not be read. ERROR"));
    else if (good && !p->said)
        good = say_result(s, &root, SLICE_LIT("OK"));
    clamd_paths_drop(p);
    return good && done(s);
}

static bool path_answered(struct door_session *s, const struct asked *q, slice words)
{
    struct clamd_paths *p = &s->paths;
    bool good = true;
    if (!slice_is(words, "OK")) {
        good = say_result(s, q, words);
        p->said = true;
        bool stops = p->first_only && slice_ends(words, SLICE_LIT(" FOUND"));
        for (; stops && p->next < p->n; p->next++)
            (void)close(p->files[p->next].fd);
    }
    return good && next_path(s);
}

static bool do_scan(struct door_session *s, slice argument)
{
    const char *why =
        "paths are not read here, use INSTREAM or FILDES (clamdscan --stream, --fdpass). ERROR";
    bool first_only = slice_starts(buf_slice(&s->line), SLICE_LIT("SCAN "));
    if (s->settings->limits.files && s->local)
        why = clamd_paths_open(&s->paths, argument);
    if (!why) {
        s->paths.first_only = first_only;
        s->state = PATHS;
        return next_path(s);
    }
    struct buf out = buf_new(LINE_MAX_BYTES + 256);
    for (size_t i = 0; i < argument.len; i++) /* a stranger's, back to him: on one line */
        buf_byte(&out, argument.at[i] < ' ' ? '?' : argument.at[i]);
    buf_format(&out, ": %s", why);
    bool good = !out.full && say(s, s->style, s->number, buf_slice(&out));
    buf_drop(&out);
    return good && done(s);
}

static bool do_session(struct door_session *s, slice argument)
{
    (void)argument;
    if (s->numbered)
        return fault(s, "IDSESSION: nested. ERROR");
    s->numbered = true;
    s->number = 0; /* the commands in it count from 1 */
    return done(s);
}

static bool do_end(struct door_session *s, slice argument)
{
    (void)argument;
    if (!s->numbered)
        return fault(s, "UNKNOWN COMMAND");
    close_when_sent(s);
    return true;
}

static bool do_refuse(struct door_session *s, slice argument)
{
    (void)argument;
    s->host.note(s->host.host, "a peer asked for what only the administrator may do",
                 buf_slice(&s->line));
    return fault(s, "refused, this is for the administrator. ERROR");
}

static bool do_commands(struct door_session *s, slice argument);

enum { SESSION = 1, UNPREFIXED = 2, ARGUMENT = 4, PACKET = 8 };
static const struct command {
    const char *word;
    unsigned
        how; /* allowed within IDSESSION, without prefix; wants an argument; whole without an end */
    bool (*run)(struct door_session *s, slice argument);
} commands[] = {
    { "PING", SESSION | UNPREFIXED | PACKET, do_ping },
    { "VERSION", SESSION | UNPREFIXED | PACKET, do_version },
    { "VERSIONCOMMANDS", SESSION, do_commands },
    { "STATS", SESSION | UNPREFIXED, do_stats },
    { "INSTREAM", SESSION, do_instream },
    { "FILDES", SESSION | UNPREFIXED, do_fildes },
    { "SCAN", SESSION | UNPREFIXED | ARGUMENT, do_scan },
    { "CONTSCAN", UNPREFIXED | ARGUMENT, do_scan },
    { "MULTISCAN", UNPREFIXED | ARGUMENT, do_scan },
    { "ALLMATCHSCAN", ARGUMENT, do_scan },
    { "IDSESSION", SESSION, do_session },
    { "END", SESSION, do_end },
    { "RELOAD", UNPREFIXED | PACKET, do_refuse },
    { "SHUTDOWN", UNPREFIXED | PACKET, do_refuse },
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static bool do_commands(struct door_session *s, slice argument)
{
    (void)argument;
    struct buf out = buf_new(1024);
    put_version(s, &out);
    buf_text(&out, "| COMMANDS:");
    for (size_t i = 0; i < COMMANDS; i++)
        buf_format(&out, " %s", commands[i].word);
    bool good = !out.full && say(s, s->style, s->number, buf_slice(&out));
    buf_drop(&out);
    return good && done(s);
}

static const struct command *find_command(const struct door_session *s, slice line,
                                          slice *argument_out)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct command *c = &commands[i];
        slice word = slice_of(c->word), rest = slice_from(line, word.len);
        bool argument = c->how & ARGUMENT;
        if (!slice_starts(line, word) ||
            (argument ? rest.len < 2 || rest.at[0] != ' ' : rest.len > 0) ||
            (s->style == BARE && (s->numbered || !(c->how & UNPREFIXED))) ||
            (s->numbered && !(c->how & SESSION)))
            continue;
        *argument_out = slice_from(rest, argument ? 1 : 0);
        return c;
    }
    return NULL;
}

static bool run_line(struct door_session *s)
{
    slice line = buf_slice(&s->line), argument = { 0 };
    while (s->style != ZERO && line.len && line.at[line.len - 1] == '\r')
        line.len--;
    s->number++;
    const struct command *c = find_command(s, line, &argument);
    bool good = c ? c->run(s, argument) : fault(s, "UNKNOWN COMMAND");
    buf_clear(&s->line);
    return good;
}

/* --- bytes */

static bool take_command(struct door_session *s, cursor *c)
{
    if (s->line.len == 0 && s->style == BARE) {
        uint8_t first = c->in.at[c->pos];
        if (first == LINE || first == ZERO) {
            s->style = first;
            c->pos++;
        }
    }
    uint8_t stop = s->style == ZERO ? 0 : '\n';
    slice rest = cur_rest(c);
    size_t n = slice_find_byte(rest, stop, 0);
    slice part = cur_take(c, n == SIZE_MAX ? rest.len : n);
    buf_put(&s->line, part);
    if (s->line.full)
        return fault(s, "UNKNOWN COMMAND");
    if (n != SIZE_MAX) {
        cur_skip(c, 1);
        return run_line(s);
    }
    return true;
}

static bool take_length(struct door_session *s, cursor *c)
{
    while (s->n_length < sizeof s->length && cur_more(c))
        s->length[s->n_length++] = cur_u8(c);
    if (s->n_length < sizeof s->length)
        return true;
    cursor number = cur_open((slice){ s->length, sizeof s->length });
    s->chunk_left = cur_u32be(&number);
    s->n_length = 0;
    if (s->chunk_left == 0)
        return stream_ends(s);
    if (s->chunk_left > s->object.max - s->object.size)
        return fault(s, "INSTREAM size limit exceeded. ERROR");
    s->state = CHUNK;
    return true;
}

static bool take_chunk(struct door_session *s, cursor *c)
{
    size_t left = cur_left(c), n = left < s->chunk_left ? left : s->chunk_left;
    (void)object_add(&s->object, cur_take(c, n)); /* an error is said at the end */
    s->chunk_left -= (uint32_t)n;
    if (s->chunk_left == 0)
        s->state = CHUNK_LENGTH;
    return true;
}

static bool take_descriptor(struct door_session *s, cursor *c)
{
    cur_skip(c, 1);
    if (s->n_given == 0)
        return fault(s, "FILDES: no file came. ERROR");
    int fd = s->given[0];
    for (size_t i = 1; i < s->n_given; i++)
        s->given[i - 1] = s->given[i];
    s->n_given--;
    return file_comes(s, fd);
}

static bool waits(const struct door_session *s)
{
    return s->state == PATHS || s->n_asked >= (s->numbered ? ASKED_MAX : 1);
}

static bool take(struct door_session *s, slice bytes)
{
    cursor c = cur_open(bytes);
    bool good = true;
    while (good && cur_more(&c) && s->state != CLOSING && !waits(s))
        switch (s->state) {
        case COMMAND:
            good = take_command(s, &c);
            break;
        case CHUNK_LENGTH:
            good = take_length(s, &c);
            break;
        case CHUNK:
            good = take_chunk(s, &c);
            break;
        case DESCRIPTOR:
            good = take_descriptor(s, &c);
            break;
        case PATHS:
        case CLOSING:
            break;
        }
    if (good && s->state != CLOSING) {
        buf_put(&s->rest, cur_rest(&c));
        good = !s->rest.full;
    }
    return good;
}

/* --- the door */

static int clamd_open(const struct door_settings *settings, const struct door_host *host,
                      slice peer, struct door_session **out)
{
    struct door_session *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->settings = settings;
    s->host = *host;
    s->local = slice_is(peer, "unix");
    s->line = buf_new(LINE_MAX_BYTES);
    s->rest = buf_new(REST_MAX);
    s->object = object_new(settings->limits.object_max);
    s->object.pool = settings->pool;
    *out = s;
    return 0;
}

/* What came while all questions were on their way. */
static bool take_rest(struct door_session *s)
{
    if (s->rest.len == 0 || waits(s) || s->state == CLOSING)
        return true;
    struct buf rest = s->rest;
    s->rest = buf_new(REST_MAX);
    bool good = take(s, buf_slice(&rest));
    buf_drop(&rest);
    if (good && s->ended && s->rest.len == 0 && s->state != CLOSING)
        close_when_sent(s);
    return good;
}

/* PING without prefix and end of line, in one packet: as some monitors send it. */
static bool take_short_word(struct door_session *s)
{
    slice argument;
    if (s->state != COMMAND || s->style != BARE || s->numbered)
        return true;
    const struct command *c = find_command(s, buf_slice(&s->line), &argument);
    return !c || !(c->how & PACKET) || run_line(s);
}

static bool clamd_feed(struct door_session *s, slice bytes, const int *fds, size_t n_fds)
{
    bool room = n_fds <= GIVEN_MAX - s->n_given && s->state != CLOSING;
    for (size_t i = 0; i < n_fds; i++) {
        if (room)
            s->given[s->n_given++] = fds[i];
        else
            (void)close(fds[i]);
    }
    if (s->state == CLOSING)
        return true;
    if (n_fds && !room)
        return fault(s, "too many files at once. ERROR");
    if (s->rest.len || waits(s)) {
        buf_put(&s->rest, bytes);
        return !s->rest.full;
    }
    return take(s, bytes) && take_short_word(s);
}

static bool clamd_answer(struct door_session *s, const struct gate_answer *a)
{
    for (size_t i = 0; i < ASKED_MAX; i++) {
        struct asked *q = &s->asked[i];
        if (q->number == 0 || q->number != a->id)
            continue;
        struct buf words = buf_new(1024);
        struct asked answered = *q;
        clamd_words(a, &words);
        *q = (struct asked){ 0 };
        s->n_asked--;
        bool path = s->state == PATHS && answered.number == s->number, good = !words.full;
        good = good && (path ? path_answered(s, &answered, buf_slice(&words))
                             : say_result(s, &answered, buf_slice(&words)));
        buf_drop(&words);
        if (s->state == CLOSING && s->n_asked == 0)
            s->host.end(s->host.host);
        return good && take_rest(s);
    }
    return true; /* forgotten */
}

/* What was asked is answered still: `printf ... | nc` ends its side first. */
static bool clamd_finish(struct door_session *s)
{
    if (s->state == COMMAND && s->line.len && s->rest.len == 0 && !waits(s) && !run_line(s))
        return false;
    if (s->state != CLOSING && s->state != PATHS && s->rest.len == 0)
        close_when_sent(s);
    s->ended = true;
    return true;
}

static bool clamd_waits(const struct door_session *s)
{
    return waits(s);
}

static void clamd_drop(struct door_session **s)
{
    struct door_session *d = *s;
    if (!d)
        return;
    for (size_t i = 0; i < d->n_given; i++)
        (void)close(d->given[i]);
    clamd_paths_drop(&d->paths);
    object_drop(&d->object);
    buf_drop(&d->line);
    buf_drop(&d->rest);
    free(d);
    *s = NULL;
}

const struct door door_clamd = {
    .name = "clamd",
    .protocol = "clamd(8) of ClamAV 1.4",
    .listen = "unix:/run/sekisho/clamd.sock",
    .descriptors = true,
    .open = clamd_open,
    .feed = clamd_feed,
    .answer = clamd_answer,
    .finish = clamd_finish,
    .waits = clamd_waits,
    .drop = clamd_drop,
};
