/* await_iter.c - __await__: iterators over awaitables, for those who drive them by hand.
 *
 * bide_await needs no iterator for coroutines, nor for objects with an await_here slot; this is
 * what bide_await_iter makes for them.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/agen.h"
#include "object/exec.h"

/* coroutine_wrapper: what a coroutine's __await__ gives. Dropping it leaves the coroutine alone. */
struct wrapper {
    bide_object base;
    bide_value coro; /* owned */
};

/* An object with await_here, run by a coroutine of its own. */
BIDE__UNCOLORED static int await_here(bide_value arg, bide_value *result)
{
    return bide__type_of(arg)->await_here(arg.as.object, result);
}

static bide__coro *wrapped(void *self)
{
    return bide__coro_of(((struct wrapper *)self)->coro);
}

static void wrapper_finalize(void *self)
{
    bide__coro *coro = wrapped(self);
    if (coro->body == await_here && coro->state == BIDE_CREATED)
        bide__coro_finish(coro); /* our own: nobody need be warned that it was never awaited */
    bide_drop(((struct wrapper *)self)->coro);
}

static int wrapper_send(void *self, bide_value v, bide_value *out)
{
    return bide__coro_send(wrapped(self), v, out);
}

static int wrapper_next(void *self, bide_value *out)
{
    return bide__coro_send(wrapped(self), BIDE_NONE, out);
}

static int wrapper_throw(void *self, bide_value error, bide_value *out)
{
    return bide__coro_throw(wrapped(self), error, out);
}

static int wrapper_close(void *self, bide_value *out)
{
    return bide__coro_close(wrapped(self), out);
}

static const bide_type wrapper_type = {
    .name = "coroutine_wrapper",
    .finalize = wrapper_finalize,
    .iter = bide_self,
    .next = wrapper_next,
    .send = wrapper_send,
    .throw_ = wrapper_throw,
    .close = wrapper_close,
};

bide_value bide__coroutine_await_slot(void *self)
{
    struct wrapper *wrapper = bide_object_new(&wrapper_type, sizeof *wrapper);
    if (!wrapper)
        return BIDE_FAILED;
    wrapper->coro = bide_object_ref(self);
    return bide_object_value(wrapper);
}

bide_value bide_await_iter(bide_value v)
{
    static const bide_origin origin = {"__await__", __FILE__, __LINE__};
    const bide_type *type = bide__type_of(v);
    bide_value it = BIDE_FAILED;

    if (bide_failed(v)) {
        bide__propagate();
        return BIDE_FAILED;
    }
    if (type->await_here) {
        bide_value driver = bide_coro_at(&origin, await_here, v);
        if (bide_failed(driver))
            return BIDE_FAILED;
        it = bide__coroutine_await_slot(driver.as.object);
        if (bide_failed(it)) /* dropped unawaited for want of memory: nothing to warn of */
            bide__coro_finish(bide__coro_of(driver));
        bide_drop(driver);
        return it;
    }
    if (!type->await) {
        bide__raise(BIDE_TypeError, "object %s can't be used in 'await' expression",
                    bide_type_name(v));
        bide_drop(v);
        return BIDE_FAILED;
    }
    it = type->await(v.as.object);
    bide_drop(v);
    const bide__coro *coro = bide__coro_of(it);
    if (bide_failed(it)) {
        bide__propagate();
    } else if (coro && (coro->kind == BIDE__COROUTINE || coro->awaitable)) {
        bide__raise(BIDE_TypeError, "__await__() returned a coroutine");
        bide_drop(it);
        it = BIDE_FAILED;
    } else if (!bide_has(it, next)) {
        bide__raise(BIDE_TypeError, "__await__() returned non-iterator of type '%s'",
                    bide_type_name(it));
        bide_drop(it);
        it = BIDE_FAILED;
    }
    return it;
}
