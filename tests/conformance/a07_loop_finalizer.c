/* The loop closes an async generator that was dropped, in a task of its own, and at its end all
 * that are still open, side by side.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value keep;

static BIDE_ASYNC int closing(bide_value n)
{
    log("closing", n);
    BIDE_TRY(bide_sleep(0));
    log("closed", n);
    return 0;
}

static BIDE_ASYNC_GENERATOR int gen(bide_value n, bide_value *result)
{
    BIDE_TRY(bide_defer(closing, bide_ref(n)));
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    return bide_yield(bide_int(2), NULL);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_FOR_OPEN (x, bide_agen(gen, bide_str("dropped"))) {
        log("x", x);
        break;
    }
    log("after break");
    BIDE_TRY(bide_sleep(0));
    log("tick 1");
    BIDE_TRY(bide_sleep(0));
    log("tick 2");
    BIDE_TRY(bide_sleep(0));

    bide_value g = bide_agen(gen, bide_str("kept"));
    BIDE_TRY(bide_list_append(keep, g));
    BIDE_ASYNC_FOR_OPEN (x, bide_ref(g)) {
        log("x", x);
        break;
    }
    bide_value h = bide_agen(gen, bide_str("kept2"));
    BIDE_TRY(bide_list_append(keep, h));
    BIDE_TRY(bide_await(bide_anext(h), NULL));
    log("main done");
    return 0;
}

static BIDE_ASYNC_GENERATOR int bad(bide_value arg, bide_value *result)
{
    bide_yield(bide_int(1), NULL);
    return bide_raise(BIDE_OSError, "cleanup failed");
}

static BIDE_ASYNC int async_main2(bide_value arg, bide_value *result)
{
    bide_value b = bide_agen(bad, BIDE_NONE);
    BIDE_TRY(bide_list_append(keep, b));
    return bide_await(bide_anext(b), NULL);
}

int a07_loop_finalizer(void)
{
    keep = bide_list();
    top(bide_coro(async_main, BIDE_NONE));
    top(bide_coro(async_main2, BIDE_NONE));
    bide_drop(keep);
    return 0;
}
