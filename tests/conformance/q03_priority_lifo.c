/* PriorityQueue and LifoQueue.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value p;

/* [q.get_nowait() for _ in range(5)] */
static bide_value get_five(bide_value q)
{
    bide_value list = bide_list();
    for (int i = 0; i < 5; i++) {
        bide_value x;
        if (bide_queue_get_nowait(q, &x) < 0 || bide_list_append(list, x) < 0) {
            bide_drop(list);
            return BIDE_FAILED;
        }
    }
    return list;
}

static int sorted(void)
{
    static const int numbers[] = {5, 1, 4, 2, 3};
    BIDE_SCOPED bide_value q = bide_priority_queue(0), l = bide_lifo_queue(0);
    for (int i = 0; i < 5; i++) {
        BIDE_TRY(bide_queue_put_nowait(q, bide_int(numbers[i])));
        BIDE_TRY(bide_queue_put_nowait(l, bide_int(numbers[i])));
    }
    BIDE_SCOPED bide_value up = get_five(q), back = get_five(l);
    BIDE_TRY(0);
    log(up, back);
    return 0;
}

static BIDE_ASYNC int blocked_getter(bide_value q, bide_value *result)
{
    BIDE_SCOPED bide_value x = BIDE_NONE;
    attempted("blocked getter", bide_queue_get(q, &x), &x);
    return 0;
}

static BIDE_ASYNC int get_before_put(void)
{
    BIDE_SCOPED bide_value q = bide_priority_queue(0);
    BIDE_SCOPED bide_value g = spawn(bide_coro(blocked_getter, bide_ref(q)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_queue_put(q, bide_int(9)));
    return bide_await(bide_ref(g), NULL);
}

static BIDE_ASYNC int prod(bide_value arg, bide_value *result)
{
    static const int numbers[] = {3, 1, 2};
    for (int i = 0; i < 3; i++) {
        BIDE_TRY(bide_queue_put(p, bide_int(numbers[i])));
        log("put", numbers[i]);
    }
    return 0;
}

static BIDE_ASYNC int cons(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        BIDE_SCOPED bide_value x = BIDE_NONE;
        BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
        BIDE_TRY(bide_queue_get(p, &x));
        log("got", x);
    }
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(sorted());
    BIDE_TRY(get_before_put());
    p = bide_priority_queue(1);
    bide_value both = bide_list(bide_coro(prod, BIDE_NONE), bide_coro(cons, BIDE_NONE));
    return bide_await(bide_gather(both, false), NULL);
}

int q03_priority_lifo(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&p);
    return 0;
}
