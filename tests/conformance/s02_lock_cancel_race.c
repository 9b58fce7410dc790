/* A waiter that is cancelled when the lock was already given to it passes it on.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value lock;

static BIDE_ASYNC int w(bide_value n, bide_value *result)
{
    if (bide_lock_acquire(lock) < 0)
        return log_cancelled(n);
    log(n, "acquired");
    return bide_lock_release(lock);
}

static BIDE_ASYNC int released_then_cancelled(void)
{
    BIDE_TRY(bide_lock_acquire(lock));
    BIDE_SCOPED bide_value ts =
        bide_list(spawn(bide_coro(w, bide_str("a"))), spawn(bide_coro(w, bide_str("b"))),
                  spawn(bide_coro(w, bide_str("c"))));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_lock_release(lock));
    bide_future_cancel(bide_item(ts, 0), NULL);
    log("released and cancelled a");
    BIDE_TRY(gather_all(ts));
    log(bide_lock_locked(lock));
    return 0;
}

static BIDE_ASYNC int cancelled_then_released(void)
{
    BIDE_TRY(bide_lock_acquire(lock));
    BIDE_SCOPED bide_value ts =
        bide_list(spawn(bide_coro(w, bide_str("d"))), spawn(bide_coro(w, bide_str("e"))));
    BIDE_TRY(bide_sleep(0));
    bide_future_cancel(bide_item(ts, 0), NULL);
    BIDE_TRY(bide_lock_release(lock));
    log("cancelled d then released");
    BIDE_TRY(gather_all(ts));
    log(bide_lock_locked(lock));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    lock = bide_lock();
    BIDE_TRY(released_then_cancelled());
    return cancelled_then_released();
}

int s02_lock_cancel_race(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&lock);
    return 0;
}
