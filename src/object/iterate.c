/* iterate.c - the protocol of iterators as calls, and the steps under BIDE_FOR.
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

/* What every step ends with: its value *v is the caller's, who may not want it: then out is NULL. A
 * slot that made a value without memory for it has raised, whatever it answers. */
static int deliver(int status, bide_value *v, const bide_value *out)
{
    if (bide_failed(*v)) {
        status = bide__propagate();
        *v = BIDE_NONE;
    }
    if (!out)
        bide_drop(*v);
    return status;
}

/* Whether the caller has the value already, and all is said with the status. */
static inline bool step_is_plain(int status, const bide_value *v, const bide_value *out)
{
    return !BIDE__SMALL && __builtin_expect(status >= 0 && !bide_failed(*v) && out != NULL, 1);
}

/* The same for next, send and throw, where StopIteration is the end, returned or raised. */
static int deliver_step(int status, bide_value *v, const bide_value *out)
{
    if (status == BIDE_RAISED)
        status = bide__stop_is_end(v);
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
    return step_is_plain(status, to, out) ? status : deliver_step(status, to, out);
}

static int refuse(bide_value it, bide_value moved_in, const char *method, bide_value *out)
{
    bool failed = bide_failed(it) || bide_failed(moved_in);
    bide_drop(moved_in);
    if (out)
        *out = BIDE_NONE;
    return failed ? bide__propagate()
                  : bide__raise(BIDE_AttributeError, "'%s' object has no attribute '%s'",
                                bide_type_name(it), method);
}

int bide__send(bide_value it, bide_value sent, bide_value *out)
{
    bide_value ignored, *to = out ? out : &ignored;
    const bide_type *type = slots_of(it);
    if (__builtin_expect(!type->send || bide_failed(sent), 0))
        return refuse(it, sent, "send", out);
    *to = BIDE_NONE;
    int status = type->send(it.as.object, sent, to);
    return step_is_plain(status, to, out) ? status : deliver_step(status, to, out);
}

int bide_throw(bide_value it, bide_value error, bide_value *out)
{
    bide_value ignored, *to = out ? out : &ignored;
    const bide_type *type = slots_of(it);
    if (!type->throw_ || bide_failed(error))
        return refuse(it, error, "throw", out);
    *to = BIDE_NONE;
    return deliver_step(type->throw_(it.as.object, error, to), to, out);
}

int bide_close(bide_value it, bide_value *out)
{
    bide_value ignored, *to = out ? out : &ignored;
    const bide_type *type = slots_of(it);
    if (!type->close)
        return refuse(it, BIDE_NONE, "close", out);
    *to = BIDE_NONE;
    return deliver(type->close(it.as.object, to), to, out);
}

/* --- the loop ----------------------------------------------------------------------- */

bool bide__for_ended(bide_value *it, bide_value *item, int status)
{
    bide_clear(item);
    bide_drop(*it);
    *it = status < 0 ? BIDE_FAILED : BIDE_NONE;
    return status < 0;
}
