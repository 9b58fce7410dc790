/* ensure_future.c - the future of anything that can be awaited.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task.h"

#include "object/exec.h"

static BIDE_ASYNC int await_it(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}

static bide_value task_of(bide_value v)
{
    static const bide_origin origin = {"awaitable", __FILE__, __LINE__};
    return bide_task(bide_coro_at(&origin, await_it, v), NULL);
}

bide_value bide__ensure_future(bide_value v)
{
    const bide_type *type = bide__type_of(v);
    const bide__coro *coro = bide__coro_of(v);
    if (bide_failed(v))
        bide__propagate();
    if (bide_failed(v) || bide__future_of(v))
        return v;
    if (bide__is_like_coroutine(v) || (coro && coro->awaitable))
        return bide_task(v, NULL);
    if (type->await || type->await_here)
        return task_of(v);
    bide_raise(BIDE_TypeError,
               "An asyncio.Future, a coroutine or an awaitable is required, not '%s'",
               bide_type_name(v));
    bide_drop(v);
    return BIDE_FAILED;
}
