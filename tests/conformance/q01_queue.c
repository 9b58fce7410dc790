/* Queue: blocking at its bounds, and errors without waiting; getters are served in order.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <stdio.h>

static bide_value q;

static BIDE_ASYNC int prod(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 5; i++) {
        BIDE_TRY(bide_queue_put(q, bide_int(i)));
        log("put", i, "size", bide_queue_size(q), "full", bide_queue_full(q));
    }
    return 0;
}

static BIDE_ASYNC int cons(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 5; i++) {
        BIDE_SCOPED bide_value x = BIDE_NONE;
        BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
        BIDE_TRY(bide_queue_get(q, &x));
        log("got", x);
    }
    return 0;
}

static int nowait(void)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE;
    if (bide_queue_get_nowait(q, NULL) < 0) {
        BIDE_EXCEPT(BIDE_QueueEmpty, NULL);
        log("QueueEmpty");
    }
    BIDE_TRY(bide_queue_put_nowait(q, bide_str("a")));
    BIDE_TRY(bide_queue_put_nowait(q, bide_str("b")));
    if (bide_queue_put_nowait(q, bide_str("c")) < 0) {
        BIDE_EXCEPT(BIDE_QueueFull, NULL);
        log("QueueFull");
    }
    BIDE_TRY(bide_queue_get_nowait(q, &a));
    BIDE_TRY(bide_queue_get_nowait(q, &b));
    log(a, b, bide_queue_maxsize(q));
    return 0;
}

static int unbounded(void)
{
    BIDE_SCOPED bide_value u = bide_queue(0);
    for (int i = 0; i < 100; i++)
        BIDE_TRY(bide_queue_put_nowait(u, bide_int(i)));
    log("unbounded", bide_queue_size(u), bide_queue_full(u));
    return 0;
}

static BIDE_ASYNC int getter(bide_value n, bide_value *result)
{
    BIDE_SCOPED bide_value x = BIDE_NONE;
    char label[16];
    snprintf(label, sizeof label, "getter %d", (int)n.as.i);
    attempted(label, bide_queue_get(q, &x), &x);
    return 0;
}

static BIDE_ASYNC int getters(void)
{
    BIDE_SCOPED bide_value gs = bide_list();
    for (int i = 0; i < 3; i++)
        BIDE_TRY(bide_list_append(gs, spawn(bide_coro(getter, bide_int(i)))));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_queue_put(q, bide_str("x")));
    BIDE_TRY(bide_queue_put(q, bide_str("y")));
    BIDE_TRY(bide_queue_put(q, bide_str("z")));
    return bide_await(bide_gather(bide_ref(gs), false), NULL);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    q = bide_queue(2);
    bide_value both = bide_list(bide_coro(prod, BIDE_NONE), bide_coro(cons, BIDE_NONE));
    BIDE_TRY(bide_await(bide_gather(both, false), NULL));
    log("empty", bide_queue_empty(q));
    BIDE_TRY(nowait());
    BIDE_TRY(unbounded());
    return getters();
}

int q01_queue(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&q);
    return 0;
}
