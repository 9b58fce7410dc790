/* generator.c - generators: their type.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/exec.h"

/* A generator runs to its next yield. What the step functions answer for a coroutine is the same.
 */
int bide__coro_send_slot(void *object, bide_value v, bide_value *out)
{
    return bide__coro_send(object, v, out);
}

static int next_slot(void *object, bide_value *out)
{
    return bide__coro_send(object, BIDE_NONE, out);
}

int bide__coro_throw_slot(void *object, bide_value error, bide_value *out)
{
    return bide__coro_throw(object, error, out);
}

int bide__coro_close_slot(void *object, bide_value *out)
{
    return bide__coro_close(object, out);
}

const bide_type bide__generator_type = {
    .name = "generator",
    .finalize = bide__coro_finalize,
    .iter = bide_self,
    .next = next_slot,
    .send = bide__coro_send_slot,
    .throw_ = bide__coro_throw_slot,
    .close = bide__coro_close_slot,
};

bide_value bide_gen_at(const bide_origin *origin, bide_body *body, bide_value arg)
{
    return bide__coro_new(&bide__generator_type, BIDE__GENERATOR, origin, body, arg);
}

bide_value bide_awaitable_gen_at(const bide_origin *origin, bide_body *body, bide_value arg)
{
    bide_value v = bide_gen_at(origin, body, arg);
    bide__coro *self = bide__coro_of(v);
    if (self)
        self->awaitable = true;
    return v;
}
