/* bide/sync.h - locks and their kin: what tasks of one loop wait on.
 *
 * Every object is a value; the functions borrow it and raise TypeError for one of another kind.
 * They are fair: waiters are served in the order in which they came, and one that is cancelled,
 * even after it was chosen, hands on what it was given. Locks, conditions and semaphores are
 * managers for BIDE_ASYNC_WITH; the block's variable is None.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_SYNC_H
#define BIDE_SYNC_H

#include <bide/protocol.h>
#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* asyncio.Lock. */
bide_value bide_lock(void);
/* A lock that is handed over: where somebody waits, a release makes the first of them the owner at
 * once, and the lock stays locked. Of asyncio's lock the one who is woken becomes the owner when it
 * runs, and the lock is not locked in between. Semaphores hand their permits over in any case. */
bide_value bide_fair_lock(void);
BIDE_ASYNC int bide_lock_acquire(bide_value lock);
/* RuntimeError if it is not locked. */
int bide_lock_release(bide_value lock);
bool bide_lock_locked(bide_value lock);

/* asyncio.Event. set wakes everyone who waits at that moment. */
bide_value bide_event(void);
int bide_event_set(bide_value event);
int bide_event_clear(bide_value event);
bool bide_event_is_set(bide_value event);
BIDE_ASYNC int bide_event_wait(bide_value event);

/* asyncio.Condition, on a lock (moves in) or, with BIDE_NONE, one of its own. */
bide_value bide_condition(bide_value lock);
BIDE_ASYNC int bide_condition_acquire(bide_value condition);
int bide_condition_release(bide_value condition);
bool bide_condition_locked(bide_value condition);
/* Releases the lock, waits to be notified, and has the lock again when it returns, also with an
 * exception. RuntimeError if the lock is not locked; so notify. */
BIDE_ASYNC int bide_condition_wait(bide_value condition);
/* Waits until predicate(data) is true; tested with the lock held. */
BIDE_ASYNC int bide_condition_wait_for(bide_value condition, bool (*predicate)(void *data),
                                       void *data);
/* Wakes `n` who wait; notify_all everyone. */
int bide_condition_notify(bide_value condition, size_t n);
int bide_condition_notify_all(bide_value condition);

/* asyncio.Semaphore and BoundedSemaphore: ValueError for a negative value, and for releasing a
 * bounded one too often. locked: no permit is free. */
bide_value bide_semaphore(int64_t value);
bide_value bide_bounded_semaphore(int64_t value);
BIDE_ASYNC int bide_semaphore_acquire(bide_value semaphore);
int bide_semaphore_release(bide_value semaphore);
bool bide_semaphore_locked(bide_value semaphore);

/* asyncio.Barrier: ValueError for no parties. wait gives each party its index; BrokenBarrierError
 * when it is reset or aborted meanwhile. As a manager, the block's variable is the index. */
bide_value bide_barrier(int64_t parties);
BIDE_ASYNC int bide_barrier_wait(bide_value barrier, int64_t *index);
/* Everyone who waits gets BrokenBarrierError; then it can be used again. */
BIDE_ASYNC int bide_barrier_reset(bide_value barrier);
/* The same, and it stays broken until it is reset. */
BIDE_ASYNC int bide_barrier_abort(bide_value barrier);
int64_t bide_barrier_parties(bide_value barrier);
int64_t bide_barrier_waiting(bide_value barrier);
bool bide_barrier_broken(bide_value barrier);

#ifdef __cplusplus
}
#endif
#endif
