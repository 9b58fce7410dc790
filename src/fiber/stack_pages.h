/* stack_pages.h - memory for stacks, as the system gives it: stack_pages_posix.c,
 * stack_pages_windows.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_STACK_PAGES_H
#define BIDE_FIBER_STACK_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes in a page. */
size_t bide__pages_unit(void);
/* `size` bytes, whole pages, zeroed; memory is taken when a page is first touched. NULL if there is
 * no room. */
char *bide__pages_map(size_t size);
void bide__pages_unmap(char *pages, size_t size);
/* The fewest pages of a guard. */
#if defined(_WIN32)
enum { BIDE__LEAST_GUARD = 3 };
#else
enum { BIDE__LEAST_GUARD = 1 };
#endif
/* Makes whole pages a guard: touching it is a fault. False if the system allows no more of that;
 * bide__pages_unguarded is told how many such guards go when they are unmapped. */
bool bide__pages_guard(char *pages, size_t size);
void bide__pages_unguarded(size_t count);
/* Gives the memory of these pages back. They stay usable; what was in them is lost. */
void bide__pages_discard(char *pages, size_t size);

#endif
