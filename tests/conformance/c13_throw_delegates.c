/* throw reaches the inner iterator, which may swallow it, end with a value, or raise another.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

/* class It: an iterator with a throw of its own, and its own __await__. */
static int it_next(void *self, bide_value *out)
{
    *out = bide_str("next");
    return BIDE_YIELDED;
}

static int it_throw(void *self, bide_value error, bide_value *out)
{
    BIDE_SCOPED bide_value e = error;
    print("It.throw", ex(e));
    if (bide_is_error(e, BIDE_KeyError)) {
        *out = bide_str("swallowed");
        return BIDE_YIELDED;
    }
    if (bide_is_error(e, BIDE_OSError))
        return bide_return(out, "ended by throw"); /* raise StopIteration('ended by throw') */
    return bide_raise(BIDE_RuntimeError, "converted");
}

static const bide_type it_type = {
    .name = "It", .await = bide_self, .iter = bide_self, .next = it_next, .throw_ = it_throw};

static bide_value It(void)
{
    return bide_object_value(bide_object_new(&it_type, sizeof(bide_object)));
}

static BIDE_ASYNC int outer(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_await(It(), result) < 0) {
        BIDE_EXCEPT(BIDE_RuntimeError, &e);
        print("outer caught", ex(e));
        return bide_return(result, "handled");
    }
    print("outer resumed with", *result);
    return 0;
}

int c13_throw_delegates(void)
{
    BIDE_SCOPED bide_value c = bide_coro(outer, BIDE_NONE);
    step("send", bide_send, c, BIDE_NONE);
    step("throw KE", bide_throw, c, bide_error_new(BIDE_KeyError, "k"));
    step("throw VE", bide_throw, c, bide_error_new(BIDE_ValueError, "v"));

    BIDE_SCOPED bide_value d = bide_coro(outer, BIDE_NONE);
    BIDE_TRY(bide_send(d, BIDE_NONE, NULL));
    step("throw OSError", bide_throw, d, bide_error_new(BIDE_OSError, "o"));
    return 0;
}
