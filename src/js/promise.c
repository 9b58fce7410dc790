/* promise.c - telling JavaScript how an awaitable ended.
 *
 * The slot keeps the future until it is done, so JavaScript can cancel it by that number.
 *
 * SPDX-License-Identifier: MIT */
#include "js/promise.h"

#include <bide/task.h>

#include "js/objects.h"
#include "js/request.h"
#include "loop/future.h"
#include "object/exec.h"

uint32_t bide__js_class_of(bide_value v)
{
    const bide__coro *coro = bide__coro_of(v);
    if (!coro)
        return bide__future_of(v) ? BIDE__JS_PROMISE : BIDE__JS_OPAQUE;
    switch ((enum bide__coro_kind)coro->kind) {
    case BIDE__COROUTINE:
        return BIDE__JS_PROMISE;
    case BIDE__GENERATOR:
        return BIDE__JS_GENERATOR;
    default:
        return BIDE__JS_STREAM;
    }
}

static int when_done(bide_value future, bide_value slot)
{
    uint32_t at = (uint32_t)slot.as.i;
    if (!bide_is(bide__js_kept(at), future))
        return 0; /* JavaScript never learnt of it */
    bide_value result, error = BIDE_NONE;
    if (bide_future_result(future, &result) < 0)
        error = bide_error_take();
    bide__js_tell_done(at, result, error);
    bide_drop(bide__js_take(at));
    return 0;
}

uint32_t bide__js_promise(bide_value v)
{
    bool made = bide__coro_of(v) != NULL;
    if (made)
        v = bide_task(v, NULL);
    if (bide_failed(v))
        return 0;
    uint32_t slot = bide__js_keep(bide_ref(v));
    if (slot && bide_future_add_done_callback(v, when_done, bide_int(slot)) < 0) {
        bide_drop(bide__js_take(slot));
        slot = 0;
    }
    if (!slot && made) { /* JavaScript is told that it failed: then it must not run */
        bide_value error = bide_error_take();
        bide_future_cancel(v, NULL);
        bide_error_restore(error);
    }
    bide_drop(v);
    return slot;
}
