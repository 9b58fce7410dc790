/* ensure_future.c - the future of anything that can be awaited.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task.h"

#include "object/exec.h"

/* An awaitable as a coroutine. */
typedef struct {
    bide_object base;
    bide_value v;      /* owned */
    bide_value thrown; /* owned; what it is to begin with, if not BIDE_NONE */
} awaited;

static void finalize(void *object)
{
    awaited *self = object;
    bide_drop(self->v);
    bide_drop(self->thrown);
}

static const bide_type awaited_type = {.name = "awaitable", .finalize = finalize};

/* Goes on with an iterator that something was thrown into before its first step. */
static BIDE_ASYNC int throw_first(bide_value it, bide_value error, bide_value *result)
{
    bide_value in = BIDE_NONE;
    int status = bide_throw(it, error, result);
    while (status == BIDE_YIELDED) {
        if (bide_suspend(*result, &in) < 0)
            status = bide_throw(it, bide_error_take(), result);
        else
            status = bide_send(it, in, result);
    }
    return status;
}

static BIDE_ASYNC int await_it(bide_value arg, bide_value *result)
{
    awaited *self = (awaited *)arg.as.object;
    bide_value error = self->thrown;
    self->thrown = BIDE_NONE;
    if (!bide_is_none(error))
        return throw_first(self->v, error, result);
    return bide_await(bide_ref(self->v), result);
}

static const bide_origin origin = {"awaitable", __FILE__, __LINE__};

/* What asyncio takes for a coroutine, collections.abc.Coroutine. */
static bool is_like_coroutine(const bide_type *type)
{
    return type->await && type->send && type->throw_ && type->close;
}

static bool begin_thrown(const bide__coro *coro, bide_value error)
{
    awaited *self = (awaited *)coro->arg.as.object;
    if (coro->origin != &origin || coro->state != BIDE_CREATED ||
        !is_like_coroutine(bide__type_of(self->v)))
        return false;
    self->thrown = error;
    return true;
}

static bide_value task_of(bide_value v)
{
    bide__loop *loop = bide__loop_current();
    awaited *self = bide_object_new(&awaited_type, sizeof *self);
    if (self)
        self->v = v;
    else
        bide_drop(v);
    if (loop)
        loop->begin_thrown = begin_thrown;
    return bide_task(bide_coro_at(&origin, await_it, bide_object_value(self)), NULL);
}

bide_value bide__ensure_future(bide_value v)
{
    const bide_type *type = bide__type_of(v);
    const bide__coro *coro = bide__coro_of(v);
    if (bide_failed(v))
        bide__propagate();
    if (bide_failed(v) || bide__future_of(v))
        return v;
    if (!coro && (type->await || type->await_here))
        return task_of(v);
    if (coro && (coro->kind == BIDE__COROUTINE || coro->awaitable))
        return bide_task(v, NULL);
    bide_raise(BIDE_TypeError,
               "An asyncio.Future, a coroutine or an awaitable is required, not '%s'",
               bide_type_name(v));
    bide_drop(v);
    return BIDE_FAILED;
}
