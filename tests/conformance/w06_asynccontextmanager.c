/* A manager made of an async generator that yields once: the exception of the block is raised at
 * the yield. One that yields never, twice, or again after an exception is told so.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static int teardown(bide_value arg)
{
    print("teardown");
    return 0;
}

static BIDE_ASYNC_GENERATOR int cm(bide_value swallow, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    print("setup");
    BIDE_TRY(bide_defer(teardown, BIDE_NONE));
    if (bide_yield(bide_str("res"), NULL) < 0) {
        BIDE_EXCEPT(BIDE_ValueError, &e);
        print("saw", e);
        if (!bide_truthy(swallow))
            return bide_error_restore(bide_ref(e));
    }
    return 0;
}

static BIDE_ASYNC_GENERATOR int noyield(bide_value arg, bide_value *result)
{
    return 0;
}

static BIDE_ASYNC_GENERATOR int twice(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    return bide_yield(bide_int(2), NULL);
}

static BIDE_ASYNC_GENERATOR int trap(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_ValueError, NULL);
        return bide_yield(bide_int(2), NULL);
    }
    return 0;
}

static BIDE_ASYNC int use(bide_value args, bide_value *result)
{
    bide_value m = bide_item(args, 0), e = bide_item(args, 1);
    BIDE_ASYNC_WITH (r, bide_ref(m)) {
        print("body", r);
        if (!bide_is_none(e))
            BIDE_WITH_TRY(r, bide_raise_error(bide_ref(e)));
    }
    BIDE_END_WITH(r);
    return bide_return(result, "after");
}

static void use_once(const char *label, bide_value agen, bide_value error)
{
    once(label, bide_coro(use, bide_tuple(bide_context_manager(agen), error)));
}

int w06_asynccontextmanager(void)
{
    use_once("ok", bide_agen(cm, BIDE_NONE), BIDE_NONE);
    use_once("exc", bide_agen(cm, BIDE_NONE), bide_error_new(BIDE_ValueError, "v"));
    use_once("swallow", bide_agen(cm, bide_bool(true)), bide_error_new(BIDE_ValueError, "v"));
    use_once("noyield", bide_agen(noyield, BIDE_NONE), BIDE_NONE);
    use_once("twice", bide_agen(twice, BIDE_NONE), BIDE_NONE);
    use_once("trap", bide_agen(trap, BIDE_NONE), bide_error_new(BIDE_ValueError, "v"));
    use_once("StopAsyncIteration through", bide_agen(cm, BIDE_NONE),
             bide_error_new(BIDE_StopAsyncIteration, "s"));
    return 0;
}
