/* stack_pages_windows.c - stacks from VirtualAlloc, and guards from VirtualProtect, of which not
 * too many are made: under wine each splits a mapping, and Linux allows only so many.
 *
 * Memory is committed at once, that is, promised; it is taken when it is first touched.
 *
 * An exception is handled on the stack where it happened. So of a guard only the upmost page is
 * one, which the first touch makes ordinary; with those below, but the last, it is room for the
 * handler (overflow_windows.c). To Windows the upmost three belong to the stack (start.S), so that
 * it knows that it has come to the end of one.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/stack_pages.h"

#include <stdatomic.h>
#include <windows.h>

#include <bide/fiber.h>

_Static_assert(offsetof(bide_fiber, stack) == 88 && offsetof(bide_fiber, stack_size) == 68 &&
                   BIDE__LEAST_GUARD == 3,
               "x86_64_windows/start.S");

enum { MOST_GUARDS = 8192 };
static _Atomic size_t guards;

size_t bide__pages_unit(void)
{
    static size_t unit;
    if (!unit) {
        SYSTEM_INFO info;
        GetSystemInfo(&info);
        unit = info.dwPageSize;
    }
    return unit;
}

char *bide__pages_map(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void bide__pages_unmap(char *pages, size_t size)
{
    (void)size;
    VirtualFree(pages, 0, MEM_RELEASE);
}

bool bide__pages_guard(char *pages, size_t size)
{
    size_t unit = bide__pages_unit();
    DWORD before;
    if (atomic_fetch_add(&guards, 1) < MOST_GUARDS &&
        VirtualProtect(pages, unit, PAGE_NOACCESS, &before) &&
        VirtualProtect(pages + size - unit, unit, PAGE_READWRITE | PAGE_GUARD, &before))
        return true;
    atomic_fetch_sub(&guards, 1);
    return false;
}

void bide__pages_unguarded(size_t count)
{
    atomic_fetch_sub(&guards, count);
}

void bide__pages_discard(char *pages, size_t size)
{
    VirtualFree(pages, size, MEM_DECOMMIT);
    VirtualAlloc(pages, size, MEM_COMMIT, PAGE_READWRITE);
}
