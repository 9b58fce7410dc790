/* iterate.c - the iterator protocols as calls, and the steps under BIDE_FOR and BIDE_ASYNC_FOR.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/error.h"
#include "object/exec.h"

/* --- iterators ---------------------------------------------------------------------- */

bide_value bide_iter(bide_value v)
{
    const bide_type *type = bide__type_of(v);
    if (bide_failed(v)) {
        bide__propagate();
        return BIDE_FAILED;
    }
    if (!type->iter) {
        bide__raise(BIDE_TypeError, "'%s' object is not iterable", bide_type_name(v));
        bide_drop(v);
        return BIDE_FAILED;
    }
    bide_value it = type->iter(v.as.object);
    if (!bide_failed(it) && !bide_has(it, next)) {
        bide__raise(BIDE_TypeError, "iter() returned non-iterator of type '%s'",
                    bide_type_name(it));
        bide_drop(it);
        it = BIDE_FAILED;
    }
    bide_drop(v);
    return it;
}

/* Hands a step's value to the caller, who may not want it. A slot that made a value without memory
 * for it has raised, whatever it answers. */
static int deliver(int status, bide_value v, bide_value *out)
{
    if (bide_failed(v)) {
        status = bide__propagate();
        v = BIDE_NONE;
    }
    if (out)
        *out = v;
    else
        bide_drop(v);
    return status;
}

/* Whether the caller has the value already, and all is said with the status. */
static inline bool step_is_plain(int status, bide_value v, const bide_value *out)
{
    return __builtin_expect(status >= 0 && !bide_failed(v) && out != NULL, 1);
}

/* The same for next, send and throw, where StopIteration is the end, returned or raised. */
static int deliver_step(int status, bide_value v, bide_value *out)
{
    if (status == BIDE_RAISED)
        status = bide__stop_is_end(&v);
    return deliver(status, v, out);
}

static const bide_type no_slots;

/* The slots of what v is; numbers have none. Unlike bide__type_of, not a call. */
static inline const bide_type *slots_of(bide_value v)
{
    return v.kind >= BIDE_KIND_STR ? v.as.object->type : &no_slots;
}

static int refuse_next(bide_value it, bide_value *out)
{
    if (out)
        *out = BIDE_NONE;
    return bide_failed(it)
               ? bide__propagate()
               : bide__raise(BIDE_TypeError, "'%s' object is not an iterator", bide_type_name(it));
}

int bide__next(bide_value it, bide_value *out)
{
    bide_value ignored, *to = out ? out : &ignored;
    const bide_type *type = slots_of(it);
    if (__builtin_expect(!type->next, 0))
        return refuse_next(it, out);
    *to = BIDE_NONE;
    int status = type->next(it.as.object, to);
    return step_is_plain(status, *to, out) ? status : deliver_step(status, *to, out);
}

static int refuse(bide_value it, bide_value moved_in, const char *method, bide_value *out)
{
    bide_drop(moved_in);
    int status = bide_failed(it) || bide_failed(moved_in)
                     ? bide__propagate()
                     : bide__raise(BIDE_AttributeError, "'%s' object has no attribute '%s'",
                                   bide_type_name(it), method);
    return deliver(status, BIDE_NONE, out);
}

int bide__send(bide_value it, bide_value sent, bide_value *out)
{
    bide_value ignored, *to = out ? out : &ignored;
    const bide_type *type = slots_of(it);
    if (__builtin_expect(!type->send || bide_failed(sent), 0))
        return refuse(it, sent, "send", out);
    *to = BIDE_NONE;
    int status = type->send(it.as.object, sent, to);
    return step_is_plain(status, *to, out) ? status : deliver_step(status, *to, out);
}

int bide_throw(bide_value it, bide_value error, bide_value *out)
{
    bide_value v = BIDE_NONE;
    const bide_type *type = bide__type_of(it);
    if (!type->throw_ || bide_failed(error))
        return refuse(it, error, "throw", out);
    int status = type->throw_(it.as.object, error, &v);
    return deliver_step(status, v, out);
}

int bide_close(bide_value it, bide_value *out)
{
    bide_value v = BIDE_NONE;
    const bide_type *type = bide__type_of(it);
    if (!type->close)
        return refuse(it, BIDE_NONE, "close", out);
    int status = type->close(it.as.object, &v);
    return deliver(status, v, out);
}

/* --- async iterators ---------------------------------------------------------------- */

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

/* --- the loops ---------------------------------------------------------------------- */

bool bide__for_ended(bide_value *it, bide_value *item, int status)
{
    bide_clear(item);
    bide_drop(*it);
    *it = status < 0 ? BIDE_FAILED : BIDE_NONE;
    return status < 0;
}

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
