/* bide/task.h - coroutines that run side by side.
 *
 * A task is a future that drives a coroutine. The loop owns it until it is done: a task whose value
 * is dropped runs on.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_TASK_H
#define BIDE_TASK_H

#include <bide/future.h>

#ifdef __cplusplus
extern "C" {
#endif

/* asyncio.create_task: runs `coro` (moves in) from the next iteration on. `name` is copied; NULL
 * gives "Task-1", "Task-2", ... TypeError if it is not a coroutine, RuntimeError without a loop. */
bide_value bide_task(bide_value coro, const char *name);
/* task.get_name(): borrowed; valid while the task is. "" for anything else. */
const char *bide_task_name(bide_value task);
/* asyncio.current_task(); BIDE_NONE outside tasks. Yours to drop. */
bide_value bide_current_task(void);
/* How many cancellations were requested and not taken back. Borrows. */
int bide_task_cancelling(bide_value task);
/* Takes one request back: how many are left. */
int bide_task_uncancel(bide_value task);

/* asyncio.gather: a future of the list of results, in the order of `awaitables`, a list or tuple
 * that moves in; coroutines become tasks. The first exception is raised at once and the others run
 * on; with return_exceptions, exceptions are results. Cancelling it cancels them all.
 *     bide_await(bide_gather(bide_list(a, b), false), &results) */
bide_value bide_gather(bide_value awaitables, bool return_exceptions);

#ifdef __cplusplus
}
#endif
#endif
