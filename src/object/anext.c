/* anext.c - anext with a default: an awaitable that steps the iterator's own and turns its
 * StopAsyncIteration into the default.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/agen.h"
#include "object/error.h"
#include "object/exec.h"

typedef struct {
    bide_object base;
    bide_value awaitable; /* owned; BIDE_NONE once it has given its iterator */
    bide_value iterator;  /* owned; BIDE_NONE before the first step */
    bide_value fallback;  /* owned */
} proxy;

static void proxy_finalize(void *object)
{
    proxy *self = object;
    bide_drop(self->awaitable);
    bide_drop(self->iterator);
    bide_drop(self->fallback);
}

/* The iterator to step; it is asked for once, when it is needed. */
static bide_value iterator_of(proxy *self)
{
    if (!bide_is_none(self->awaitable)) {
        bide_value v = self->awaitable;
        const bide__coro *coro = bide__coro_of(v);
        self->awaitable = BIDE_NONE;
        self->iterator = coro && coro->awaitable ? v : bide_await_iter(v);
    }
    return self->iterator;
}

static int answer(const proxy *self, int status, bide_value *out)
{
    if (status >= 0 || !bide_catch(BIDE_StopAsyncIteration, NULL))
        return status;
    *out = bide_ref(self->fallback);
    return BIDE_RETURNED;
}

static int proxy_send(void *self, bide_value v, bide_value *out)
{
    return answer(self, bide_send(iterator_of(self), v, out), out);
}

static int proxy_next(void *self, bide_value *out)
{
    return proxy_send(self, BIDE_NONE, out);
}

static int proxy_throw(void *self, bide_value error, bide_value *out)
{
    return answer(self, bide_throw(iterator_of(self), error, out), out);
}

static int proxy_close(void *self, bide_value *out)
{
    return bide_close(iterator_of(self), out);
}

static const bide_type proxy_type = {
    .name = "anext_awaitable",
    .finalize = proxy_finalize,
    .await = bide_self,
    .iter = bide_self,
    .next = proxy_next,
    .send = proxy_send,
    .throw_ = proxy_throw,
    .close = proxy_close,
};

bide_value bide__anext_target(bide_value v)
{
    bool is = v.kind == BIDE_KIND_OBJECT && v.as.object->type == &proxy_type;
    return is ? ((proxy *)(void *)v.as.object)->iterator : BIDE_NONE;
}

bide_value bide_anext_or(bide_value it, bide_value fallback)
{
    bide_value awaitable = bide_anext(it);
    proxy *self = NULL;
    if (bide_failed(fallback))
        bide__propagate();
    else if (!bide_failed(awaitable))
        self = bide_object_new(&proxy_type, sizeof *self);
    if (!self) {
        bide_drop(awaitable);
        bide_drop(fallback);
        return BIDE_FAILED;
    }
    self->awaitable = awaitable;
    self->fallback = fallback;
    return bide_object_value(self);
}
