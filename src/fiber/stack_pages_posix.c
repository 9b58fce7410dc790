/* stack_pages_posix.c - stacks from mmap, and two ways to make a guard page.
 *
 * Linux 6.13 and later mark a page as a guard where it stands, any number of them. Elsewhere
 * mprotect does it, which splits the mapping: the kernel allows a process only so many mappings
 * (vm.max_map_count, 65530 unless it was changed), and when all of them are in use nothing can be
 * mapped any more. Guards, at two mappings each, take half at the most; after that there are none.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/stack_pages.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fiber/sanitizer.h"

#if !defined(MAP_NORESERVE)
#define MAP_NORESERVE 0
#endif
#if !defined(MAP_STACK)
#define MAP_STACK 0
#endif

size_t bide__pages_unit(void)
{
    static _Atomic size_t unit;
    if (!unit)
        unit = (size_t)sysconf(_SC_PAGESIZE);
    return unit;
}

char *bide__pages_map(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
#if defined(MADV_NOHUGEPAGE)
    /* The first touch of one stack would fill those beside it. */
    madvise(pages, size, MADV_NOHUGEPAGE);
#endif
    return pages;
}

void bide__pages_unmap(char *pages, size_t size)
{
    munmap(pages, size);
}

void bide__pages_discard(char *pages, size_t size)
{
    madvise(pages, size, MADV_DONTNEED);
}

/* --- guards ----------------------------------------------------------------------- */

static _Atomic size_t guards; /* made by mprotect, in all threads */

static size_t most_guards(void)
{
    static _Atomic size_t most;
    if (most)
        return most;
    unsigned long mappings = 65530;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
    if (file) {
        if (fscanf(file, "%lu", &mappings) != 1)
            mappings = 65530;
        fclose(file);
    }
    most = mappings / 4 + 1;
    return most;
}

static bool guard_by_mprotect(char *pages, size_t size)
{
    if (atomic_fetch_add(&guards, 1) < most_guards() && mprotect(pages, size, PROT_NONE) == 0)
        return true;
    atomic_fetch_sub(&guards, 1);
    return false;
}

#if defined(__linux__)

enum { GUARD_INSTALL = 102 /* MADV_GUARD_INSTALL, newer than many a header */ };

enum { UNKNOWN, MARKS, NO_MARKS };
static _Atomic int marks;

/* Marks the first guard, and sees whether the kernel can still read it: some emulators accept any
 * advice. */
static int try_marking(char *pages, size_t size)
{
    int ends[2], answer = NO_MARKS;
    if (bide__on_valgrind()) /* which knows of no such marks, and is very slow with them */
        return NO_MARKS;
    if (madvise(pages, size, GUARD_INSTALL) != 0 || pipe(ends) != 0)
        return NO_MARKS;
    if (write(ends[1], pages, 1) < 0 && errno == EFAULT)
        answer = MARKS;
    close(ends[0]);
    close(ends[1]);
    return answer;
}

bool bide__pages_guard(char *pages, size_t size)
{
    if (marks == UNKNOWN)
        marks = try_marking(pages, size);
    if (marks == MARKS && madvise(pages, size, GUARD_INSTALL) == 0)
        return true;
    return guard_by_mprotect(pages, size);
}

void bide__pages_unguarded(size_t count)
{
    if (marks != MARKS)
        atomic_fetch_sub(&guards, count);
}

#else

bool bide__pages_guard(char *pages, size_t size)
{
    return guard_by_mprotect(pages, size);
}

void bide__pages_unguarded(size_t count)
{
    atomic_fetch_sub(&guards, count);
}

#endif
