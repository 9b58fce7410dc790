/* Lock: handed on in order, released by exceptions, never lost with a cancelled waiter, and not
 * taken from under those who wait.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value lock;

static BIDE_ASYNC int w(bide_value n, bide_value *result)
{
    BIDE_ASYNC_WITH (block, bide_ref(lock)) {
        log(n, "has lock");
        BIDE_WITH_TRY(block, bide_sleep(BIDE_SECONDS(1)));
    }
    BIDE_END_WITH(block);
    log(n, "released");
    return 0;
}

static BIDE_ASYNC int fail(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (block, bide_ref(lock)) {
        BIDE_WITH_TRY(block, bide_raise(BIDE_ValueError, "inside"));
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int greedy(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(0));
    log("greedy acquires", bide_lock_locked(lock));
    BIDE_TRY(bide_lock_acquire(lock));
    log("greedy has it");
    return bide_lock_release(lock);
}

static BIDE_ASYNC int waiter(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_lock_acquire(lock));
    log("waiter has it");
    return bide_lock_release(lock);
}

static BIDE_ASYNC int in_order(void)
{
    BIDE_SCOPED bide_value ts = bide_list(), r = BIDE_NONE;
    for (int i = 0; i < 4; i++)
        BIDE_TRY(bide_list_append(ts, spawn(bide_coro(w, bide_int(i)))));
    BIDE_TRY(bide_sleep(0));
    log("locked", bide_lock_locked(lock));
    bide_future_cancel(bide_item(ts, 2), NULL);
    BIDE_TRY(bide_await(bide_gather(bide_ref(ts), true), &r));
    log(each(type_name, r));
    return 0;
}

static BIDE_ASYNC int without_barging(void)
{
    BIDE_TRY(bide_lock_acquire(lock));
    BIDE_SCOPED bide_value a = spawn(bide_coro(waiter, BIDE_NONE));
    BIDE_SCOPED bide_value b = spawn(bide_coro(greedy, BIDE_NONE));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_lock_release(lock));
    log("released; barging?", bide_lock_locked(lock));
    BIDE_TRY(bide_lock_acquire(lock));
    log("releaser re-acquired only after waiters");
    BIDE_TRY(bide_lock_release(lock));
    return bide_await(bide_gather(bide_list(bide_ref(a), bide_ref(b)), false), NULL);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    lock = bide_lock();
    log(bide_lock_locked(lock));
    if (bide_lock_release(lock) < 0)
        BIDE_TRY(log_except(BIDE_RuntimeError, NULL));
    BIDE_TRY(in_order());
    attempt("exception releases", bide_coro(fail, BIDE_NONE));
    log(bide_lock_locked(lock));
    return without_barging();
}

int s01_lock(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&lock);
    return 0;
}
