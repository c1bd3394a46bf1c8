/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock by system call (landlock(7)): everything that can be handled is
 * handled and no rule is added, so no path may be opened, no port connected;
 * a door that is asked to scan paths may read below folders that are named.
 *
 * The structures and numbers are our own: Debian 12 ships the header of Linux
 * 6.1, which lacks what later kernels offer. */
#include "guard/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444 /* the same on every architecture */
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { CREATE_RULESET_VERSION = 1 };

struct ruleset {
    uint64_t handled_access_fs, handled_access_net, scoped;
};

/* By ABI: how many access bits the file system and the network have, how many scopes. */
static const struct {
    unsigned fs_bits, net_bits, scope_bits;
} offered[] = { { 0, 0, 0 },  { 13, 0, 0 }, { 14, 0, 0 }, { 15, 0, 0 },
                { 15, 2, 0 }, { 16, 2, 0 }, { 16, 2, 2 } };

int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

struct path_beneath {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed)); /* as in the kernel's header */

enum { RULE_PATH_BENEATH = 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3 };

static int allow_reading(int ruleset, const char *path)
{
    int fd = open(path, O_PATH | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0)
        return -errno;
    struct path_beneath rule = { READ_FILE | READ_DIR, fd };
    int rc = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0 ? -errno : 0;
    (void)close(fd);
    return rc;
}

int landlock_lock(int *abi_out)
{
    return landlock_lock_but(NULL, abi_out);
}

int landlock_lock_but(const char *const *readable, int *abi_out)
{
    int abi = landlock_abi(), rc = 0;
    if (abi == 0)
        return -ENOSYS;
    size_t known = sizeof offered / sizeof offered[0],
           i = (size_t)abi < known ? (size_t)abi : known - 1;
    struct ruleset r = {
        .handled_access_fs = (UINT64_C(1) << offered[i].fs_bits) - 1,
        .handled_access_net = (UINT64_C(1) << offered[i].net_bits) - 1,
        .scoped = (UINT64_C(1) << offered[i].scope_bits) - 1,
    };
    size_t size = i >= 6 ? sizeof r : i >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    long fd = syscall(SYS_landlock_create_ruleset, &r, size, 0);
    if (fd < 0)
        return -errno;
    for (; readable && *readable && rc == 0; readable++)
        rc = allow_reading((int)fd, *readable);
    if (rc == 0)
        rc = syscall(SYS_landlock_restrict_self, (int)fd, 0) < 0 ? -errno : 0;
    (void)close((int)fd);
    if (rc == 0)
        *abi_out = abi;
    return rc;
}
