/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho-worker - the program that reads hostile bytes. Started by the pool
 * (guard/pool.c) with sockets and rules as open descriptors; never by hand. */
#include "base/text.h"
#include "guard/head.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/socket.h>

static bool number(const char *text, unsigned most, unsigned *out)
{
    uint64_t v;
    if (!slice_u64(slice_of(text), &v) || v > most)
        return false;
    *out = (unsigned)v;
    return true;
}

static bool is_control_socket(void)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(HEAD_CONTROL, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_SEQPACKET;
}

/* Blocks go back to the heap, not to the kernel: mapping and faulting them in
 * again for every object cost a fifth of the time. What is kept is bounded. */
static void keep_heap(void)
{
    enum { KEEP = 16 << 20 };
    (void)mallopt(M_MMAP_THRESHOLD, KEEP);
    (void)mallopt(M_TRIM_THRESHOLD, KEEP);
}

int main(int argc, char **argv)
{
    struct head h = { 0 };
    unsigned weak = 0, rules = 0;
    bool ours = argc == 7 && strcmp(argv[1], "--pool") == 0 &&
                number(argv[2], 1000000, &h.objects) && number(argv[3], 86400000, &h.timeout_ms) &&
                number(argv[4], 1, &weak) && number(argv[5], 1, &rules) &&
                number(argv[6], HEAD_YARA_MAX, &h.n_yara);
    if (!ours || !is_control_socket()) {
        fprintf(stderr,
                "sekisho-worker: this program is started by sekisho and does nothing by itself.\n"
                "To scan a file, run: sekisho scan FILE\n"
                "このプログラムは sekisho が起動します。検査するには sekisho scan ファイル "
                "を実行してください。\n");
        return 2;
    }
    keep_heap();
    h.allow_weak_jail = weak;
    h.has_rules = rules;
    return head_run(&h);
}
