/* SPDX-License-Identifier: Apache-2.0 */
/* The last words of a worker: what it had found and not yet sent.
 *
 * Runs as a signal handler in a process whose memory may be in any state; it
 * only reads the frame buffer and writes to the socket (signal-safety(7)). What
 * it sends may be nonsense: the desk parses every answer as hostile. */
#include "base/sanitized.h"
#include "guard/worker.h"
#include "wire/frames.h"

#include <signal.h>
#include <unistd.h>

enum { STACK_BYTES = 16 << 10 };

/* A handler gets no argument: the one place where a pointer must be global. */
static struct frames_out *volatile words;

static void send_words(void)
{
    struct frames_out *out = words;
    words = NULL;
    size_t len = out ? out->len : 0, at = 0;
    if (len > sizeof out->bytes)
        return;
    while (at < len) {
        ssize_t n = write(WORKER_SOCKET, out->bytes + at, len - at);
        if (n <= 0)
            return;
        at += (size_t)n;
    }
}

#if SANITIZED
void __sanitizer_set_death_callback(void (*callback)(void));
#endif

/* SA_RESETHAND: returning repeats the fault, which then kills. */
static void on_fault(int signal)
{
    (void)signal;
    send_words();
}

static void on_stop(int signal)
{
    (void)signal;
    send_words();
    _exit(WORKER_EXIT_STOPPED);
}

void worker_last_words(struct frames_out *out)
{
    static _Alignas(16) uint8_t stack[STACK_BYTES];
    struct sigaction stop = { .sa_handler = on_stop };
    words = out;
    (void)sigaction(SIGTERM, &stop, NULL);
#if SANITIZED /* it reports faults itself; abort() is left to us */
    static const int faults[] = { SIGABRT };
    __sanitizer_set_death_callback(send_words);
#else
    static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
#endif
    stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction fault = { .sa_handler = on_fault,
                               .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK) };
    (void)sigaltstack(&alternate, NULL);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        (void)sigaction(faults[i], &fault, NULL);
}
