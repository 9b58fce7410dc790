/* send and throw drive a coroutine as they drive a generator; one that has ended cannot be reused.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int foo(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, e = BIDE_NONE;

    BIDE_TRY(bide_await(suspend(1), &a), goto except);
    print("got", a);
    BIDE_TRY(bide_await(suspend(2), result), goto except);
    return 0;
except:
    BIDE_EXCEPT(BIDE_ValueError, &e);
    print("caught", e);
    return bide_await(suspend("recovered"), result);
}

int c02_send_throw(void)
{
    BIDE_SCOPED bide_value c = bide_coro(foo, BIDE_NONE);
    step("send(9) unstarted", bide_send, c, bide_int(9));
    step("send(None)", bide_send, c, BIDE_NONE);
    step("send(a)", bide_send, c, bide_str("a"));
    step("throw", bide_throw, c, bide_error_new(BIDE_ValueError, "v"));
    step("send(z)", bide_send, c, bide_str("z"));
    step("send(None) finished", bide_send, c, BIDE_NONE);
    step("throw finished", bide_throw, c, bide_error_new(BIDE_KeyError, "k"));

    BIDE_SCOPED bide_value d = bide_coro(foo, BIDE_NONE);
    step("throw unstarted", bide_throw, d, bide_error_new(BIDE_KeyError, "k"));
    step("send", bide_send, d, BIDE_NONE);

    BIDE_SCOPED bide_value e = bide_coro(foo, BIDE_NONE);
    BIDE_TRY(bide_send(e, BIDE_NONE, NULL));
    step("throw uncaught", bide_throw, e, bide_error_new(BIDE_OSError, "io"));
    step("send", bide_send, e, BIDE_NONE);
    return 0;
}
