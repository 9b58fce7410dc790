/* async_iterate.c - the protocol of async iterators as calls, and the steps under BIDE_ASYNC_FOR.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/error.h"

bide_value bide_aiter(bide_value v)
{
    const bide_type *type = bide__type_of(v);
    if (bide_failed(v)) {
        bide__propagate();
        return BIDE_FAILED;
    }
    if (!type->aiter) {
        bide__raise(BIDE_TypeError, "'async for' requires an object with __aiter__ method, got %s",
                    bide_type_name(v));
        bide_drop(v);
        return BIDE_FAILED;
    }
    bide_value it = type->aiter(v.as.object);
    bide_drop(v);
    if (!bide_failed(it) && !bide_has(it, anext)) {
        bide__raise(BIDE_TypeError,
                    "'async for' received an object from __aiter__ that does not implement "
                    "__anext__: %s",
                    bide_type_name(it));
        bide_drop(it);
        it = BIDE_FAILED;
    }
    return it;
}

bide_value bide_anext(bide_value it)
{
    const bide_type *type = bide__type_of(it);
    if (bide_failed(it)) {
        bide__propagate();
        return BIDE_FAILED;
    }
    if (type->anext)
        return type->anext(it.as.object);
    bide__raise(BIDE_TypeError, "'%s' object is not an async iterator", bide_type_name(it));
    return BIDE_FAILED;
}

static bool is_awaitable(bide_value v)
{
    const bide_type *type = bide__type_of(v);
    const bide__coro *coro = bide__coro_of(v);
    return type->await || type->await_here || (coro && coro->awaitable);
}

/* --- the loop ----------------------------------------------------------------------- */

static BIDE_ASYNC int step(bide_value it, bide_value *item)
{
    bide_value awaitable = bide_anext(it);
    if (!bide_failed(awaitable) && !is_awaitable(awaitable)) {
        bide__raise(BIDE_TypeError, "'async for' received an invalid object from __anext__: %s",
                    bide_type_name(awaitable));
        bide_drop(awaitable);
        return BIDE_RAISED;
    }
    return bide_await_at(NULL, awaitable, item);
}

BIDE__UNCOLORED bool bide_async_for_step(bide_value *it, bide_value *item, bool *exhausted)
{
    bide_drop(*item);
    *item = BIDE_NONE;
    if (exhausted)
        *exhausted = false;
    if (bide_failed(*it))
        return true;
    if (step(*it, item) == 0)
        return true;
    bool ended = bide_catch(BIDE_StopAsyncIteration, NULL);
    if (exhausted)
        *exhausted = ended;
    if (ended) {
        bide_drop(*it);
        *it = BIDE_NONE;
        return false;
    }
    /* Failed, but kept for the end of the loop: the exception may have come from elsewhere, such as
     * a cancellation, and leave the iterator open. */
    it->kind = BIDE_KIND_FAILED;
    return true;
}

/* What a step that raised has kept, as a value again. */
static bide_value kept(bide_value *it)
{
    bide_value v = *it;
    if (bide_failed(v))
        v = v.as.object ? bide_object_value(v.as.object) : BIDE_NONE;
    *it = BIDE_NONE;
    return v;
}

BIDE__UNCOLORED void bide_async_for_end(bide_value *it)
{
    bide_value iterator = kept(it);
    const bide_type *type = bide__type_of(iterator);
    if (type->aclose) {
        bide_value pending = bide_error_take();
        if (bide_await_at(NULL, type->aclose(iterator.as.object), NULL) < 0)
            bide__error_set_context(pending);
        else if (!bide_is_none(pending))
            bide_error_restore(pending);
    }
    bide_drop(iterator);
}

void bide_async_for_open_end(bide_value *it)
{
    bide_drop(kept(it));
}
