/* SPDX-License-Identifier: Apache-2.0 */
/* Linux: private anonymous mappings without reserve; see pages.h. Another system gets its own
 * file with the same functions (on Windows: VirtualAlloc, a copy instead of mremap, and nothing
 * shared). */
#include "base/pages.h"

#include <sys/mman.h>

static size_t whole_pages(size_t bytes)
{
    if (bytes > SIZE_MAX - PAGE_BYTES)
        return 0;
    return bytes ? (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1) : PAGE_BYTES;
}

void *pages_new(size_t bytes)
{
    size_t n = whole_pages(bytes);
    if (n == 0)
        return NULL;
    void *at =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    /* A kernel without huge pages answers EINVAL: nothing to refuse then. */
    (void)madvise(at, n, MADV_NOHUGEPAGE);
    return at;
}

void *pages_resize(void *at, size_t old_bytes, size_t new_bytes)
{
    size_t from = whole_pages(old_bytes), to = whole_pages(new_bytes);
    if (to == 0)
        return NULL;
    if (to < from) /* of several mappings, maybe: where pages repeat */
        CHECK(munmap((uint8_t *)at + to, from - to) == 0);
    if (to <= from)
        return at;
    void *moved = mremap(at, from, to, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}

void pages_forget(void *at, size_t bytes)
{
    CHECK(bytes % PAGE_BYTES == 0 && madvise(at, bytes, MADV_DONTNEED) == 0);
}

void pages_drop(void *at, size_t bytes)
{
    if (at)
        CHECK(munmap(at, whole_pages(bytes)) == 0);
}

void *pages_shared(size_t bytes)
{
    void *at = mmap(NULL, whole_pages(bytes), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* mremap(2): an old size of zero makes a second mapping of the same shared pages. */
bool pages_repeat(void *shared, size_t bytes, void *to)
{
    size_t n = whole_pages(bytes);
    if (mremap(shared, 0, n, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to) {
        CHECK(mprotect(to, n, PROT_READ) == 0);
        return true;
    }
    /* What stood there may be gone by now. */
    CHECK(mmap(to, n, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == to);
    return false;
}
