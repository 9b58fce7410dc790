/* coroutine_like.c - tasks of objects that asyncio takes for coroutines: an asend and its kin, an
 * anext with a default, and all else that has __await__, send, throw and close.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/park.h"

#include "object/exec.h"

typedef struct {
    bide_object base;
    bide_value v;      /* owned */
    bide_value thrown; /* owned; what it is to begin with, if not BIDE_NONE */
} driven;

static void finalize(void *object)
{
    driven *self = object;
    bide_drop(self->v);
    bide_drop(self->thrown);
}

static const bide_type driven_type = {.name = "awaitable", .finalize = finalize};

/* A task always sends None, which CPython hands to __next__ if there is one. */
static int send_none(bide_value v, bide_value *out)
{
    return bide_has(v, next) ? bide_next(v, out) : bide_send(v, BIDE_NONE, out);
}

/* Yields what `v` yielded. */
static BIDE_GENERATOR int hand_out(bide_value v, bide_value yielded)
{
    bide__coro *self = bide__exec_now()->top;
    self->awaiting = v; /* for those who look */
    int status = bide_yield(yielded, NULL);
    self->awaiting = BIDE_NONE;
    return status;
}

static bool is_driven(void)
{
    const bide__loop *loop = bide__loop_current();
    return loop && bide__drives(loop->current, bide__exec_now());
}

/* A generator: of one that did not begin, unlike of a coroutine, nobody is warned. What is raised
 * where no task drives it is its own end, of which the object is not told: asyncio just drops it.
 */
static BIDE_GENERATOR int drive(bide_value arg, bide_value *result)
{
    driven *self = (driven *)arg.as.object;
    bide_value v = self->v, error = self->thrown;
    self->thrown = BIDE_NONE;
    int status = bide_is_none(error) ? send_none(v, result) : bide_throw(v, error, result);
    while (status == BIDE_YIELDED) {
        bide_value yielded = *result;
        *result = BIDE_NONE;
        if (hand_out(v, yielded) == 0)
            status = send_none(v, result);
        else if (is_driven())
            status = bide_throw(v, bide_error_take(), result);
        else
            return BIDE_RAISED;
    }
    return status;
}

static const bide_origin origin = {"awaitable", __FILE__, __LINE__};

static bool begin_thrown(const bide__coro *coro, bide_value error)
{
    if (coro->origin != &origin || coro->state != BIDE_CREATED)
        return false;
    ((driven *)coro->arg.as.object)->thrown = error;
    return true;
}

bool bide__is_like_coroutine(bide_value v)
{
    const bide_type *type = bide__type_of(v);
    return (type->await || type->await_here) && type->send && type->throw_ && type->close;
}

bide_value bide__task_coro(bide__loop *loop, bide_value v)
{
    const bide__coro *coro = bide__coro_of(v);
    if (bide_failed(v) || (coro && (coro->kind == BIDE__COROUTINE || coro->awaitable)))
        return v;
    driven *self = NULL;
    if (bide__is_like_coroutine(v))
        self = bide_object_new(&driven_type, sizeof *self);
    else
        bide_raise(BIDE_TypeError, "a coroutine was expected, got '%s'", bide_type_name(v));
    if (!self) {
        bide_drop(v);
        return BIDE_FAILED;
    }
    self->v = v;
    loop->begin_thrown = begin_thrown;
    return bide_gen_at(&origin, drive, bide_object_value(self));
}
