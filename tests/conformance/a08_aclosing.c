/* Breaking out of an async for leaves the iterator open, as in Python; aclosing closes it at the
 * end of its block.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC_GENERATOR int gen(bide_value n, bide_value *result)
{
    int status = 0;
    for (int i = 0; i < 5 && status == 0; i++)
        status = bide_yield(bide_int(i), NULL);
    log("cleanup", n);
    return status;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value b = BIDE_NONE, e = BIDE_NONE;

    BIDE_ASYNC_WITH (g, bide_aclosing(bide_agen(gen, bide_str("A")))) {
        BIDE_ASYNC_FOR_OPEN (x, bide_ref(g), BIDE_LEAVE(g))
            if (x.as.i == 1)
                break;
        log("left loop A");
    }
    BIDE_END_WITH(g);
    log("left block A");

    b = bide_agen(gen, bide_str("B"));
    BIDE_ASYNC_FOR_OPEN (x, bide_ref(b))
        if (x.as.i == 1)
            break;
    log("left loop B");
    BIDE_TRY(bide_await(bide_aclose(b), NULL));
    log("closed B");

    BIDE_ASYNC_WITH (g, bide_aclosing(bide_agen(gen, bide_str("C"))), goto except) {
        BIDE_ASYNC_FOR_OPEN (x, bide_ref(g), BIDE_LEAVE(g))
            BIDE_WITH_TRY(g, bide_raise(BIDE_ValueError, "body"));
    }
    BIDE_END_WITH(g, goto except);
    return 0;
except:
    BIDE_EXCEPT(BIDE_ValueError, &e);
    log("caught", ex(e));
    return 0;
}

int a08_aclosing(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
