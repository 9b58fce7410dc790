/* coroutine_type.c - coroutines: their type, and what holds for no other kind.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/agen.h"
#include "object/exec.h"

BIDE__PART(coroutine);

const bide_type bide__coroutine_type = {
    .name = "coroutine",
    .finalize = bide__coro_finalize,
    .await = bide__coroutine_await_slot,
    .send = bide__coro_send_slot,
    .throw_ = bide__coro_throw_slot,
    .close = bide__coro_close_slot,
};

bide_value bide_coro_at(const bide_origin *origin, bide_body *body, bide_value arg)
{
    return bide__coro_new(&bide__coroutine_type, BIDE__COROUTINE, origin, body, arg);
}

int bide__refuse_reuse(void)
{
    return bide__raise(BIDE_RuntimeError, "cannot reuse already awaited coroutine");
}

void bide__warn_never_awaited(const bide__coro *self)
{
    bide__warn("RuntimeWarning", self->origin, "coroutine '%s' was never awaited",
               self->origin->name);
}
