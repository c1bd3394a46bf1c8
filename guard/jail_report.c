/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel offers, asked without giving anything up; for doctor. */
#include "guard/jail.h"
#include "guard/pool.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct jail_report pool_jail_report(void)
{
    uint32_t kill_process = SECCOMP_RET_KILL_PROCESS;
    int abi = landlock_abi();
    return (struct jail_report){
        .seccomp = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kill_process) == 0,
        .landlock = abi > 0,
        .no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) >= 0,
        .landlock_abi = abi,
    };
}
