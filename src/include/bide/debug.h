/* bide/debug.h - seeing what a program does; counting and breaking things on purpose, for tests of
 * your own programs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_DEBUG_H
#define BIDE_DEBUG_H

#include <bide/value.h>

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

/* --- who waits for whom ------------------------------------------------------------- */

/* The tasks of the running loop that are not done, as a str: each with its name, the coroutines it
 * is in, where in the source each of them awaits, and what for; a task stands below the one that
 * waits for it, through gather, groups and the like:
 *     2 tasks at 1.5 s:
 *       task 'main': main (app.c:20) > helper (app.c:12) > gather
 *         task 'a': worker (app.c:7) > Queue.get on <Queue object>
 * RuntimeError without a running loop. The report of a deadlock has the same lines. */
bide_value bide_tasks_text(void);
/* The same on stderr: also to be called from a debugger, `call bide_dump_tasks()`. */
void bide_dump_tasks(void);

/* --- debug mode --------------------------------------------------------------------- */

/* asyncio's debug mode, for the loops that this thread makes from now on; overrides the environment
 * variable BIDE_DEBUG (1: on). In debug mode steps of 100 ms and more are reported to the loop's
 * exception handler; so is where a future or task was made whose exception nobody looked at; and
 * cancellations that a task swallowed are counted. */
void bide_use_debug(bool on);
/* loop.set_debug, loop.get_debug. */
int bide_loop_set_debug(bide_value loop, bool on);
bool bide_loop_get_debug(bide_value loop);
/* loop.slow_callback_duration, in debug mode or not: a step of a task, or a callback, that takes
 * `ns` or more is reported as "Executing <Task ...> took 0.123 seconds", with the awaits it lay
 * between. BIDE_NEVER: none is. */
int bide_loop_set_slow_step(bide_value loop, int64_t ns);
/* How often the task went on after a CancelledError: awaited again, or returned, without taking the
 * request back (bide_task_uncancel). Cleanup that awaits counts too. In debug mode only; borrows.
 */
unsigned bide_task_swallowed(bide_value task);

#ifdef __cplusplus
}
#endif
#endif
