/* How many iterations of the loop each way of handing something on takes.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static int n;
static bide_value h;

static int count(bide_value arg)
{
    bide_clear(&h);
    if (++n > 1000) /* what is probed never comes */
        return 0;
    h = bide_call_soon(count, BIDE_NONE);
    return bide_failed(h) ? BIDE_RAISED : 0;
}

/* await probe(label, call), where the call awaits. */
#define probe(label, call)                                                                         \
    do {                                                                                           \
        int before = n;                                                                            \
        BIDE_TRY(call);                                                                            \
        log(label, n - before);                                                                    \
    } while (0)

static BIDE_ASYNC int(nop)(bide_value arg, bide_value *result)
{
    return 0;
}
#define nop() bide_coro(nop, BIDE_NONE)

static BIDE_ASYNC int nest(bide_value arg, bide_value *result)
{
    return bide_await(nop(), result);
}

static BIDE_ASYNC int gather(bide_value coros)
{
    return bide_await(bide_gather(coros, false), NULL);
}

static BIDE_ASYNC int tg(void)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_WITH_TRY(g, bide_group_start(g, nop()));
    }
    BIDE_END_WITH(g);
    return 0;
}

static int put_nowait(bide_value q)
{
    return bide_queue_put_nowait(q, bide_int(1));
}

static BIDE_ASYNC int probes(void)
{
    BIDE_SCOPED bide_value f = bide_future(), lock = bide_lock(), q = bide_queue(0);
    BIDE_TRY(bide_future_set_result(f, bide_int(1)));
    probe("coroutine", bide_await(nop(), NULL));
    probe("nested coroutine", bide_await(bide_coro(nest, BIDE_NONE), NULL));
    probe("done future", bide_await(bide_ref(f), NULL));
    probe("sleep(0)", bide_sleep(0));
    probe("task", bide_await(spawn(nop()), NULL));
    probe("gather of 1", gather(bide_list(nop())));
    probe("gather of 3", gather(bide_list(nop(), nop(), nop())));
    probe("wait", bide_wait(bide_list(spawn(nop())), BIDE_NEVER, BIDE_ALL_COMPLETED, NULL, NULL));
    probe("wait_for", bide_wait_for(nop(), BIDE_SECONDS(5), NULL));
    probe("shield", bide_await(bide_shield(nop()), NULL));
    probe("taskgroup", tg());
    probe("lock", bide_lock_acquire(lock));
    bide_drop(bide_call_soon(put_nowait, bide_ref(q)));
    BIDE_TRY(0);
    probe("queue get", bide_queue_get(q, NULL));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    h = bide_call_soon(count, BIDE_NONE);
    int status = probes();
    bide_handle_cancel(h);
    return status;
}

int f05_wake_latency(void)
{
    n = 0;
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&h);
    return 0;
}
