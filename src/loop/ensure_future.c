/* ensure_future.c - the future of anything that can be awaited.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task.h"

#include "object/exec.h"

static BIDE_ASYNC int await_it(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}

bide_value bide__ensure_future(bide_value v)
{
    static const bide_origin origin = {"awaitable", __FILE__, __LINE__};
    const bide_type *type = bide__type_of(v);
    const bide__coro *coro = bide__coro_of(v);
    if (bide_failed(v))
        bide__propagate();
    if (bide_failed(v) || bide__future_of(v))
        return v;
    if (!coro && (type->await || type->await_here))
        return bide_task(bide_coro_at(&origin, await_it, v), NULL);
    if (coro && (coro->kind == BIDE__COROUTINE || coro->awaitable))
        return bide_task(v, NULL);
    bide_raise(BIDE_TypeError,
               "An asyncio.Future, a coroutine or an awaitable is required, not '%s'",
               bide_type_name(v));
    bide_drop(v);
    return BIDE_FAILED;
}
