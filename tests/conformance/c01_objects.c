/* Calling a coroutine function runs nothing. The coroutine can be awaited, not iterated; its
 * await-iterator can be iterated. States change as it goes.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value co;

static BIDE_ASYNC int foo(bide_value arg, bide_value *result)
{
    print("running", bide_state_name(co));
    BIDE_TRY(bide_await(suspend("x"), NULL));
    return bide_return(result, 3);
}

/* iter(v), as a call for step. */
static int iter(bide_value v, bide_value *out)
{
    return bide_return(out, bide_iter(bide_ref(v)));
}

int c01_objects(void)
{
    co = bide_coro(foo, BIDE_NONE);
    print("type", bide_type_name(co));
    print("__await__", bide_has(co, await), "__iter__", bide_has(co, iter), "__next__",
          bide_has(co, next));
    print("send", bide_has(co, send), "throw", bide_has(co, throw_), "close", bide_has(co, close));
    print(bide_state_name(co));
    step("iter", iter, co);
    step("next", bide_next, co);

    BIDE_SCOPED bide_value it = bide_await_iter(bide_ref(co));
    BIDE_SCOPED bide_value again = bide_iter(bide_ref(it));
    print("await-iterator has __next__", bide_has(it, next), "iter(it) is it", bide_is(again, it));
    step("next(it)", bide_next, it);
    print(bide_state_name(co));
    step("next(it)", bide_next, it);
    print(bide_state_name(co));
    bide_drop(co);
    return 0;
}
