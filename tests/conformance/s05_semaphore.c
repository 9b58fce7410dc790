/* Semaphore: permits in order, bounded ones, and none lost with cancelled waiters.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value sem;
static int active, peak;

static BIDE_ASYNC int w(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1);
    BIDE_ASYNC_WITH (block, bide_ref(sem)) {
        active++;
        peak = active > peak ? active : peak;
        log(n, "in");
        BIDE_WITH_TRY(block, sleep_for(d));
        active--;
    }
    BIDE_END_WITH(block);
    log(n, "out");
    return 0;
}

static BIDE_ASYNC int in_order(void)
{
    BIDE_SCOPED bide_value ts = bide_list();
    for (int i = 0; i < 5; i++)
        BIDE_TRY(bide_list_append(ts, spawn(bide_coro(w, bide_tuple(i, 3 - i % 2)))));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    log("locked", bide_semaphore_locked(sem));
    bide_future_cancel(bide_item(ts, 3), NULL);
    BIDE_TRY(gather_all(ts));
    log("peak", peak, "locked", bide_semaphore_locked(sem));
    return 0;
}

static int misuse(void)
{
    if (bide_failed(bide_semaphore(-1)))
        BIDE_TRY(log_except(BIDE_ValueError, NULL));
    BIDE_SCOPED bide_value b = bide_bounded_semaphore(1);
    if (bide_semaphore_release(b) < 0)
        BIDE_TRY(log_except(BIDE_ValueError, NULL));
    return 0;
}

static BIDE_ASYNC int a(bide_value args, bide_value *result)
{
    bide_value s = item(args, 0), n = item(args, 1);
    if (bide_semaphore_acquire(s) < 0)
        return log_cancelled(n);
    log(n, "acquired");
    return 0;
}

static BIDE_ASYNC int released_then_cancelled(void)
{
    BIDE_SCOPED bide_value s = bide_semaphore(1);
    BIDE_TRY(bide_semaphore_acquire(s));
    BIDE_SCOPED bide_value ts = bide_list(spawn(bide_coro(a, bide_tuple(bide_ref(s), "x"))),
                                          spawn(bide_coro(a, bide_tuple(bide_ref(s), "y"))));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_semaphore_release(s));
    bide_future_cancel(bide_item(ts, 0), NULL);
    BIDE_TRY(gather_all(ts));
    log(bide_semaphore_locked(s));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    sem = bide_semaphore(2);
    BIDE_TRY(in_order());
    BIDE_TRY(misuse());
    return released_then_cancelled();
}

int s05_semaphore(void)
{
    active = peak = 0;
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&sem);
    return 0;
}
