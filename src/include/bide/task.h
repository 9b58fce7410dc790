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
 * gives "Task-1", "Task-2", ..., here and wherever a task is made; "" is a name. What gives an
 * await, a send, a throw and a close is a coroutine too, as anext and its kin are. TypeError for
 * anything else, RuntimeError without a loop. */
bide_value bide_task(bide_value coro, const char *name);
/* task.get_name(): borrowed; valid while the task is. "" for anything else. */
const char *bide_task_name(bide_value task);
/* asyncio.current_task(); BIDE_NONE outside tasks. Yours to drop. */
bide_value bide_current_task(void);
/* How many cancellations were requested and not taken back. Borrows. */
int bide_task_cancelling(bide_value task);
/* Takes one request back: how many are left. With the last, a cancellation that was not delivered
 * yet is taken back too, as since Python 3.13. */
int bide_task_uncancel(bide_value task);

/* asyncio.gather: a future of the list of results, in the order of `awaitables`, a list or tuple
 * that moves in; coroutines become tasks. The first exception is raised at once and the others run
 * on; with return_exceptions, exceptions are results. Cancelling it cancels them all.
 *     bide_await(bide_gather(bide_list(a, b), false), &results) */
bide_value bide_gather(bide_value awaitables, bool return_exceptions);

/* asyncio.Task(coro, eager_start=True): runs `coro` at once, up to its first suspension; the task
 * may be done when this returns. */
bide_value bide_task_eager(bide_value coro, const char *name);
/* asyncio.create_task(coro, context=context), see context.h. Both move in. */
bide_value bide_task_in(bide_value context, bide_value coro, const char *name);
/* task.set_name: copies `name`; NULL: the name that bide_task gives for NULL. 0, MemoryError, or
 * TypeError for anything but a task. */
int bide_task_set_name(bide_value task, const char *name);
/* asyncio.all_tasks(): a list of the tasks of the running loop that are not done, oldest first. */
bide_value bide_all_tasks(void);

/* asyncio.shield: a future that follows `awaitable` (moves in), whose own cancellation does not
 * reach it. A future that is done already is given back itself. */
bide_value bide_shield(bide_value awaitable);

/* Awaits a future or task (moves in) that others may await too: a cancellation of the awaiting task
 * ends its waiting alone, and the future lives on, also when nobody awaits it any more, until it is
 * done or bide_future_cancel ends it. (bide_await cancels the future itself, as asyncio does, and
 * with it what everybody waits for.) */
#define bide_await_shared(future, out) bide_await_shared_at(BIDE_HERE, future, out)
BIDE_ASYNC int bide_await_shared_at(const bide_site *site, bide_value future, bide_value *out);

/* A task (see bide_task) that nobody waits for. If it fails, that is reported to the loop's
 * exception handler when it happens, as "Detached task 'name' failed": 0 or BIDE_RAISED. Tasks that
 * belong together, or whose failure is to stop something, belong into a group (group.h). */
int bide_detach(bide_value coro, const char *name);

typedef enum bide_return_when {
    BIDE_FIRST_COMPLETED,
    BIDE_FIRST_EXCEPTION,
    BIDE_ALL_COMPLETED,
} bide_return_when;

/* asyncio.wait: waits for `futures`, a list or tuple of futures and tasks, at most `timeout` ns
 * (BIDE_NEVER: no limit). *done and *pending get lists, in the order of the argument. A timeout
 * raises nothing and nothing is cancelled. ValueError for no futures, TypeError for coroutines. */
BIDE_ASYNC int bide_wait(bide_value futures, int64_t timeout, bide_return_when when,
                         bide_value *done, bide_value *pending);

/* asyncio.as_completed: what is done first comes first. Iterated with BIDE_FOR it gives an
 * awaitable for each of `awaitables` (a list or tuple, moves in), with the next result or
 * exception; TimeoutError once `timeout` ns (BIDE_NEVER: no limit) have passed. Iterated with
 * BIDE_ASYNC_FOR it gives the futures themselves, done. Nothing is cancelled. */
bide_value bide_as_completed(bide_value awaitables, int64_t timeout);

#ifdef __cplusplus
}
#endif
#endif
