/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a path that a local client names (SCAN; amavisd works so). All are opened at once, so
 * that what is scanned is what was there when it was asked for; links below a folder are not
 * followed. Which files may be opened at all is the jail's: Landlock, below the folders of the
 * settings. */
#include "base/arena.h"
#include "doors/clamd/clamd_private.h"
#include "os/file.h"
#include "os/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PATHS_ARENA = 4 << 20 };

static bool on_file(void *host, const char *path, int fd)
{
    struct clamd_paths *p = host;
    struct file_facts facts;
    if (p->n == CLAMD_PATHS_MAX) {
        p->too_many = true;
        return false;
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    slice name = arena_copy(p->mem, slice_of(path));
    if (copy < 0 || !name.len || file_facts(copy, &facts, NULL) != 0) {
        if (copy >= 0)
            (void)close(copy);
        p->unread = true;
        return true;
    }
    p->files[p->n++] = (struct clamd_file){ copy, facts.size, name };
    return true;
}

static void on_trouble(void *host, const char *path, const char *why)
{
    struct clamd_paths *p = host;
    (void)path;
    (void)why;
    p->unread = true;
}

const char *clamd_paths_open(struct clamd_paths *p, slice path)
{
    char name[PATH_BYTES_MAX];
    struct err e = { 0 };
    if (path.len == 0 || path.at[0] != '/' || path.len >= sizeof name ||
        slice_find_byte(path, 0, 0) != SIZE_MAX)
        return "a full path is needed. ERROR";
    *p = (struct clamd_paths){ .mem = arena_new(PATHS_ARENA) };
    if (p->mem)
        p->files = ARENA_ARRAY(p->mem, struct clamd_file, CLAMD_PATHS_MAX);
    p->root = p->mem ? arena_copy(p->mem, path) : (slice){ 0 };
    name[slice_copy_out(path, (uint8_t *)name, sizeof name - 1)] = 0;
    const struct folder_visit visit = { p, on_file, on_trouble };
    int rc = p->files && p->root.len ? folder_walk(name, &visit, &e) : -ENOMEM;
    const char *why = NULL;
    if (rc)
        why = rc == -ENOENT ? "no such file. ERROR"
              : rc == -EACCES || rc == -EPERM
                  ? "may not be read, or lies outside the folders of the settings. ERROR"
                  : "cannot be read. ERROR";
    else if (p->too_many)
        why = "more files than are scanned at once. ERROR";
    if (why)
        clamd_paths_drop(p);
    return why;
}

void clamd_paths_drop(struct clamd_paths *p)
{
    for (size_t i = p->next; i < p->n; i++)
        (void)close(p->files[i].fd);
    arena_drop(&p->mem);
    *p = (struct clamd_paths){ 0 };
}
