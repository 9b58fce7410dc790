/* Queue.shutdown: what is in the queue is still given out, or dropped at once; who waits is told.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value q, r, s;

static BIDE_ASYNC int serve(bide_value n)
{
    for (;;) {
        BIDE_SCOPED bide_value x = BIDE_NONE;
        BIDE_TRY(bide_queue_get(q, &x));
        log(n, x);
        BIDE_TRY(bide_queue_task_done(q));
        BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    }
}

static BIDE_ASYNC int cons(bide_value n, bide_value *result)
{
    if (serve(n) < 0) {
        BIDE_EXCEPT(BIDE_QueueShutDown, NULL);
        log(n, "shut down");
    }
    return 0;
}

static BIDE_ASYNC int with_items(void)
{
    q = bide_queue(2);
    BIDE_SCOPED bide_value cs =
        bide_list(spawn(bide_coro(cons, bide_int(0))), spawn(bide_coro(cons, bide_int(1))));
    for (const char *x = "abcd"; *x; x++)
        BIDE_TRY(bide_queue_put(q, bide_strn(x, 1)));
    BIDE_TRY(bide_queue_shutdown(q, false));
    log("shutdown, queued", bide_queue_size(q));
    attempted("put", bide_queue_put(q, bide_str("e")), NULL);
    if (bide_queue_put_nowait(q, bide_str("f")) < 0) {
        BIDE_EXCEPT(BIDE_QueueShutDown, NULL);
        log("QueueShutDown");
    }
    BIDE_TRY(bide_await(bide_gather(bide_ref(cs), false), NULL));
    BIDE_TRY(bide_queue_join(q));
    log("joined");
    if (bide_queue_get_nowait(q, NULL) < 0) {
        BIDE_EXCEPT(BIDE_QueueShutDown, NULL);
        log("QueueShutDown");
    }
    return 0;
}

static BIDE_ASYNC int put(bide_value arg, bide_value *result)
{
    attempted("blocked put", bide_queue_put(r, bide_int(2)), NULL);
    return 0;
}

static BIDE_ASYNC int join(bide_value arg, bide_value *result)
{
    attempted("join", bide_queue_join(r), NULL);
    return 0;
}

static BIDE_ASYNC int get(bide_value arg, bide_value *result)
{
    attempted("blocked get", bide_queue_get(s, NULL), NULL);
    return 0;
}

static BIDE_ASYNC int immediate(void)
{
    r = bide_queue(1);
    BIDE_TRY(bide_queue_put(r, bide_int(1)));
    BIDE_SCOPED bide_value both =
        bide_list(spawn(bide_coro(put, BIDE_NONE)), spawn(bide_coro(join, BIDE_NONE)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_queue_shutdown(r, true));
    log("size", bide_queue_size(r));
    return bide_await(bide_gather(bide_ref(both), false), NULL);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(with_items());
    BIDE_TRY(immediate());
    s = bide_queue(0);
    BIDE_SCOPED bide_value g = spawn(bide_coro(get, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_queue_shutdown(s, false));
    return bide_await(bide_ref(g), NULL);
}

int n01_queue_shutdown(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&q);
    bide_clear(&r);
    bide_clear(&s);
    return 0;
}
