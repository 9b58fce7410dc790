/* stack_pages_windows.c - stacks from VirtualAlloc, and guards from VirtualProtect, of which not
 * too many are made: under wine each splits a mapping, and Linux allows only so many.
 *
 * Memory is committed at once, that is, promised; it is taken when it is first touched. Touching a
 * guard ends the program with an access violation: there is no stack left to report it on.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/stack_pages.h"

#include <stdatomic.h>
#include <windows.h>

enum { MOST_GUARDS = 16384 };
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
    DWORD before;
    if (atomic_fetch_add(&guards, 1) < MOST_GUARDS &&
        VirtualProtect(pages, size, PAGE_NOACCESS, &before) != 0)
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
