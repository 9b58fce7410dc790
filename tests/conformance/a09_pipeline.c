/* A pipeline of async generators, each closing the one it reads from: closing the last unwinds
 * them all, down to the source.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC_GENERATOR int source(bide_value n, bide_value *result)
{
    for (int64_t i = 0; i < n.as.i; i++) {
        BIDE_TRY(bide_sleep(BIDE_SECONDS(1)), goto finally);
        log("produce", i);
        BIDE_TRY(bide_yield(bide_int(i), NULL), goto finally);
    }
finally:
    log("source closed");
    return bide_error_pending() ? BIDE_RAISED : 0;
}

static BIDE_ASYNC_GENERATOR int square(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (src, bide_aclosing(bide_ref(arg))) {
        BIDE_ASYNC_FOR_OPEN (x, bide_ref(src), goto finally)
            BIDE_TRY(bide_yield(bide_int(x.as.i * x.as.i), NULL), goto finally);
    finally:
        log("square closed");
    }
    BIDE_END_WITH(src);
    return 0;
}

static BIDE_ASYNC_GENERATOR int evens(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (src, bide_aclosing(bide_ref(arg))) {
        BIDE_ASYNC_FOR_OPEN (x, bide_ref(src), goto finally)
            if (x.as.i % 2 == 0)
                BIDE_TRY(bide_yield(bide_ref(x), NULL), goto finally);
    finally:
        log("evens closed");
    }
    BIDE_END_WITH(src);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    bide_value squares = bide_agen(square, bide_agen(source, bide_int(10)));
    BIDE_SCOPED bide_value p = bide_agen(evens, squares);
    BIDE_ASYNC_FOR_OPEN (v, bide_ref(p)) {
        log("value", v);
        if (v.as.i >= 4)
            break;
    }
    BIDE_TRY(bide_await(bide_aclose(p), NULL));
    log("done");
    return 0;
}

int a09_pipeline(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
