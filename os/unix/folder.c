/* SPDX-License-Identifier: Apache-2.0 */
/* Folders on Linux; see folder.h. Entries are opened relative to their folder's
 * descriptor, so a folder swapped for a link meanwhile leads nowhere. */
#include "os/folder.h"
#include "base/arena.h"
#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_BYTES_MAX = 256 << 20 };

struct seen {
    uint64_t dev, inode;
};

struct walker {
    const struct folder_visit *visit;
    struct arena *mem;
    struct seen *table; /* open addressing; room is a power of two */
    size_t n_seen, room;
    bool stopped;
};

static void trouble(const struct walker *w, const char *path, const char *why)
{
    if (w->visit->trouble)
        w->visit->trouble(w->visit->host, path, why);
}

static size_t slot_of(const struct seen *table, size_t room, uint64_t dev, uint64_t inode)
{
    size_t i = (size_t)((inode ^ dev << 40) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (room - 1);
    while (table[i].inode && (table[i].inode != inode || table[i].dev != dev))
        i = (i + 1) & (room - 1);
    return i;
}

/* False when the folder was entered before (or memory ran out: then it is entered, depth still
 * bounds). */
static bool first_time(struct walker *w, uint64_t dev, uint64_t inode)
{
    if (2 * (w->n_seen + 1) > w->room) {
        size_t room = w->room ? w->room * 2 : 64;
        struct seen *table = ARENA_ARRAY(w->mem, struct seen, room);
        if (!table)
            return true;
        for (size_t i = 0; i < w->room; i++)
            if (w->table[i].inode)
                table[slot_of(table, room, w->table[i].dev, w->table[i].inode)] = w->table[i];
        w->table = table;
        w->room = room;
    }
    size_t i = slot_of(w->table, w->room, dev, inode);
    if (w->table[i].inode)
        return false;
    w->table[i] = (struct seen){ dev, inode };
    w->n_seen++;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted names of the folder, in the arena. */
static bool names_of(struct walker *w, DIR *dir, char ***names_out, size_t *n_out)
{
    char **names = NULL;
    size_t n = 0, room = 0;
    for (const struct dirent *e; (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (n == room) {
            room = room ? room * 2 : 64;
            char **bigger = arena_regrow(w->mem, names, n * sizeof *names, room, sizeof *names);
            if (!bigger)
                return false;
            names = bigger;
        }
        names[n] = arena_cstr(w->mem, slice_of(e->d_name));
        if (!names[n++])
            return false;
    }
    if (n)
        qsort(names, n, sizeof *names, by_name);
    *names_out = names;
    *n_out = n;
    return true;
}

static void walk_folder(struct walker *w, int fd, const char *path, unsigned depth);

static void walk_entry(struct walker *w, int dir, const char *name, const char *path,
                       unsigned depth)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0) {
        if (errno != ELOOP) /* a symbolic link: left out on purpose */
            trouble(w, path, strerror(errno));
        return;
    }
    struct file_facts facts;
    if (file_facts(fd, &facts, NULL)) {
        (void)close(fd);
        return;
    }
    if (facts.folder && depth >= FOLDER_DEPTH_MAX)
        trouble(w, path, "nested too deep");
    else if (facts.folder && !first_time(w, facts.dev, facts.inode))
        trouble(w, path, "was entered before under another name");
    else if (facts.folder) {
        walk_folder(w, fd, path, depth + 1);
        return; /* the descriptor went with it */
    } else if (facts.regular && !w->visit->file(w->visit->host, path, fd)) {
        w->stopped = true;
    }
    (void)close(fd);
}

/* Takes the descriptor over. */
static void walk_folder(struct walker *w, int fd, const char *path, unsigned depth)
{
    DIR *dir = fdopendir(fd);
    char **names;
    size_t n, len = strlen(path);
    if (!dir || !names_of(w, dir, &names, &n)) {
        trouble(w, path, "cannot list the folder");
        n = 0;
    }
    for (size_t i = 0; i < n && !w->stopped; i++) {
        char below[PATH_BYTES_MAX];
        const char *between = len && path[len - 1] == '/' ? "" : "/";
        int printed = snprintf(below, sizeof below, "%s%s%s", path, between, names[i]);
        if (printed < 0 || (size_t)printed >= sizeof below)
            trouble(w, path, "path too long");
        else
            walk_entry(w, dirfd(dir), names[i], below, depth);
    }
    if (dir)
        (void)closedir(dir);
    else
        (void)close(fd);
}

int folder_walk(const char *path, const struct folder_visit *visit, struct err *err_out)
{
    int fd, rc = file_open(path, FILE_ANY_KIND, &fd, err_out);
    if (rc)
        return rc;
    struct file_facts facts;
    rc = file_facts(fd, &facts, err_out);
    if (rc == 0 && !facts.folder && !facts.regular)
        rc = err_set(err_out, -EINVAL, "%s: is a device, pipe or socket, not a file or folder",
                     path);
    if (rc || facts.regular) {
        if (rc == 0)
            (void)visit->file(visit->host, path, fd);
        (void)close(fd);
        return rc;
    }
    struct walker w = { .visit = visit, .mem = arena_new(NAMES_BYTES_MAX) };
    if (!w.mem) {
        (void)close(fd);
        return err_set(err_out, -ENOMEM, "%s: out of memory", path);
    }
    (void)first_time(&w, facts.dev, facts.inode);
    walk_folder(&w, fd, path, 1);
    arena_drop(&w.mem);
    return 0;
}

int folder_of_program(char out[PATH_BYTES_MAX], struct err *err_out)
{
    char path[PATH_BYTES_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return err_set(err_out, n < 0 ? -errno : -ENOENT,
                       "cannot find this program's own folder: is /proc mounted?");
    path[n] = 0;
    char *last = strrchr(path, '/');
    (void)snprintf(out, PATH_BYTES_MAX, "%.*s", last ? (int)(last - path) : (int)n, path);
    return 0;
}

static int own_folder(const char *path, struct err *err_out)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_set(err_out, -errno, "%s: cannot make the folder: %s", path, strerror(errno));
    struct stat st;
    if (lstat(path, &st) < 0)
        return err_set(err_out, -errno, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return err_set(err_out, -ENOTDIR, "%s: is not a folder", path);
    if (st.st_uid != geteuid())
        return err_set(err_out, -EPERM,
                       "%s: belongs to another user; set XDG_CACHE_HOME to a folder of your own",
                       path);
    if (st.st_mode & 022)
        return err_set(err_out, -EPERM, "%s: others may write to it; run chmod go-w on it", path);
    return 0;
}

int folder_cache(char out[PATH_BYTES_MAX], struct err *err_out)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char above[PATH_BYTES_MAX];
    int n;
    if (base && base[0] == '/')
        n = snprintf(above, sizeof above, "%s", base);
    else if (home && home[0] == '/')
        n = snprintf(above, sizeof above, "%s/.cache", home);
    else
        return err_set(err_out, -ENOENT,
                       "no place for a cache: neither XDG_CACHE_HOME nor HOME is set");
    if (n < 0 || (size_t)n > PATH_BYTES_MAX - 16)
        return err_set(err_out, -ENAMETOOLONG, "the cache folder's path is too long");
    if (mkdir(above, 0700) < 0 && errno != EEXIST)
        return err_set(err_out, -errno, "%s: cannot make the folder: %s", above, strerror(errno));
    (void)snprintf(out, PATH_BYTES_MAX, "%.4000s/sekisho", above);
    return own_folder(out, err_out);
}

int folder_state(char out[PATH_BYTES_MAX], struct err *err_out)
{
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n;
    if (geteuid() == 0)
        n = snprintf(out, PATH_BYTES_MAX, "/var/lib/sekisho");
    else if (base && base[0] == '/')
        n = snprintf(out, PATH_BYTES_MAX, "%s/sekisho", base);
    else if (home && home[0] == '/')
        n = snprintf(out, PATH_BYTES_MAX, "%s/.local/state/sekisho", home);
    else
        return err_set(err_out, -ENOENT,
                       "no folder for state: neither XDG_STATE_HOME nor HOME is set; say --state");
    if (n < 0 || n >= PATH_BYTES_MAX)
        return err_set(err_out, -ENAMETOOLONG, "the state folder's path is too long");
    return 0;
}
