/* bide/debug.h - counting and breaking things on purpose, for tests of your own programs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_DEBUG_H
#define BIDE_DEBUG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Objects of Bide's that are alive on this thread: 0 when a program has dropped all it made. */
size_t bide_debug_live(void);

/* Warns of every coroutine, generator and async generator of this thread that has not ended, with
 * the place where it was made, and says how many there are. Reference counts cannot free a cycle:
 * this is where one shows. bide_main calls it at its end, but in JavaScript, which may hold some
 * and has stats() to tell. */
size_t bide_debug_report(void);

/* Lets the n-th allocation from now on fail, and none other; 0 lets none fail. */
void bide_debug_fail_allocation(size_t n);
/* Allocations since the last bide_debug_fail_allocation. */
size_t bide_debug_allocations(void);

#ifdef __cplusplus
}
#endif
#endif
