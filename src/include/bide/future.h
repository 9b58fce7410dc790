/* bide/future.h - a result or an exception, once, awaited by any number of coroutines.
 *
 * Awaiting a future that is not done suspends; its waiters wake in order, in the iteration after
 * it is done. Every function takes futures and tasks alike, borrows them, and raises TypeError for
 * anything else.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FUTURE_H
#define BIDE_FUTURE_H

#include <bide/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/* loop.create_future(). RuntimeError without a running loop. */
#define bide_future() bide_future_at(BIDE_HERE)
bide_value bide_future_at(const bide_site *site);

/* 0, or InvalidStateError if it is done already. */
int bide_future_set_result(bide_value future, bide_value result);
int bide_future_set_exception(bide_value future, bide_value error);
/* Cancels it, with a message (NULL: none) for the CancelledError: 1, or 0 if it is done. A task is
 * not cancelled at once: CancelledError is raised where it awaits, in the next iteration. */
int bide_future_cancel(bide_value future, const char *message);

bool bide_future_done(bide_value future);
bool bide_future_cancelled(bide_value future);
/* Its result, or its exception raised: 0 or BIDE_RAISED. InvalidStateError while it is pending. */
int bide_future_result(bide_value future, bide_value *out);
/* Its exception as a value; BIDE_NONE if it has a result. CancelledError and InvalidStateError are
 * raised. */
int bide_future_exception(bide_value future, bide_value *out);

/* Calls fn(future, arg) in the iteration after it is done, in order of registration; never at
 * once. `arg` moves in. */
typedef int bide_done_callback(bide_value future, bide_value arg);
int bide_future_add_done_callback(bide_value future, bide_done_callback *fn, bide_value arg);
/* Removes every registration of fn with an equal arg (which moves in): how many. */
int bide_future_remove_done_callback(bide_value future, bide_done_callback *fn, bide_value arg);

#ifdef __cplusplus
}
#endif
#endif
