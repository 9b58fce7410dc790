/* Barrier: everyone's index, used again, reset, aborted; a cancelled waiter leaves it.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value b = item(args, 0), n = item(args, 1), d = item(args, 2);
    BIDE_SCOPED bide_value e = BIDE_NONE;
    int64_t index;
    BIDE_TRY(sleep_for(d));
    if (bide_barrier_wait(b, &index) < 0) {
        BIDE_EXCEPT(BIDE_BrokenBarrierError, &e);
        log(n, "broken", ex(e));
    } else
        log(n, "passes with", index);
    return 0;
}
#define w(b, ...) bide_coro(w, bide_tuple(bide_ref(b), __VA_ARGS__))

static BIDE_ASYNC int three(bide_value b, int a, int c)
{
    bide_value all = bide_list(w(b, "a", a), w(b, "b", 2), w(b, "c", c));
    return bide_await(bide_gather(all, false), NULL);
}

static BIDE_ASYNC int reset(bide_value b)
{
    BIDE_SCOPED bide_value ts = bide_list(spawn(w(b, "x", 0)), spawn(w(b, "y", 0)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    log("waiting", bide_barrier_waiting(b), "parties", bide_barrier_parties(b));
    BIDE_TRY(bide_barrier_reset(b));
    BIDE_TRY(bide_await(bide_gather(bide_ref(ts), false), NULL));
    log("after reset broken", bide_barrier_broken(b));
    return 0;
}

static BIDE_ASYNC int abort_it(bide_value b)
{
    BIDE_SCOPED bide_value t = spawn(w(b, "x", 0));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_barrier_abort(b));
    BIDE_TRY(bide_await(bide_ref(t), NULL));
    log("after abort broken", bide_barrier_broken(b));
    return bide_await(w(b, "late", 0), NULL);
}

static BIDE_ASYNC int cancelled_waiter(void)
{
    BIDE_SCOPED bide_value b = bide_barrier(2), ts = bide_list(spawn(w(b, "x", 0)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(bide_item(ts, 0), NULL);
    BIDE_TRY(gather_all(ts));
    log("cancelled waiter leaves", bide_barrier_waiting(b), bide_barrier_broken(b));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value b = bide_barrier(3);
    BIDE_TRY(three(b, 1, 3));
    log("again", bide_barrier_waiting(b));
    BIDE_TRY(three(b, 3, 1));
    BIDE_TRY(reset(b));
    BIDE_TRY(abort_it(b));
    if (bide_failed(bide_barrier(0)))
        BIDE_TRY(log_except(BIDE_ValueError, NULL));
    BIDE_TRY(cancelled_waiter());
    BIDE_ASYNC_WITH (i, bide_barrier(1)) {
        log("context manager index", i);
    }
    BIDE_END_WITH(i);
    return 0;
}

int s06_barrier(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
