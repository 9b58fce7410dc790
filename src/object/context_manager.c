/* context_manager.c - managers ready made: from an async generator, and aclosing.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/exec.h"

struct manager {
    bide_object base;
    bide_value held; /* owned: the async generator, or what aclosing closes */
};

static void manager_finalize(void *self)
{
    bide_drop(((struct manager *)self)->held);
}

static bide_value held(bide_value self)
{
    return ((struct manager *)self.as.object)->held;
}

static bide_value make(const bide_type *type, bide_value v)
{
    struct manager *self = NULL;
    if (bide_failed(v))
        bide__propagate();
    else
        self = bide_object_new(type, sizeof *self);
    if (!self) {
        bide_drop(v);
        return BIDE_FAILED;
    }
    self->held = v;
    return bide_object_value(self);
}

/* --- asynccontextmanager ------------------------------------------------------------ */

BIDE__UNCOLORED static int enter_generator(bide_value arg, bide_value *result)
{
    if (bide_await_at(NULL, bide_anext(held(arg)), result) == 0)
        return 0;
    if (bide_catch(BIDE_StopAsyncIteration, NULL))
        return bide__raise(BIDE_RuntimeError, "generator didn't yield");
    return BIDE_RAISED;
}

/* After a clean block the generator must end. */
BIDE__UNCOLORED static int exit_clean(bide_value agen)
{
    if (bide_await_at(NULL, bide_anext(agen), NULL) < 0)
        return bide_catch(BIDE_StopAsyncIteration, NULL) ? 0 : BIDE_RAISED;
    if (bide_await_at(NULL, bide_aclose(agen), NULL) < 0)
        return BIDE_RAISED;
    return bide__raise(BIDE_RuntimeError, "generator didn't stop");
}

/* After an exception the generator has it thrown in: 1 if it swallowed it, 0 if it let the same
 * exception out, BIDE_RAISED if another. */
BIDE__UNCOLORED static int exit_raised(bide_value agen, bide_value error)
{
    if (bide_await_at(NULL, bide_athrow(agen, bide_ref(error)), NULL) == 0) {
        if (bide_await_at(NULL, bide_aclose(agen), NULL) < 0)
            return BIDE_RAISED;
        return bide__raise(BIDE_RuntimeError, "generator didn't stop after athrow()");
    }
    bide_value out = bide_error_take();
    bool same = bide_is(out, error);
    /* A Stop(Async)Iteration cannot leave a generator as it is; it comes out as this one's cause.
     */
    bool wrapped = bide_is_error(out, BIDE_RuntimeError) && bide_is(bide_error_cause(out), error);
    bool swallowed = bide_is_error(out, BIDE_StopAsyncIteration) && !same;
    if (same || wrapped || swallowed) {
        bide_drop(out);
        return swallowed;
    }
    return bide_error_restore(out);
}

BIDE__UNCOLORED static int exit_generator(bide_value arg, bide_value *result)
{
    bide_value agen = held(bide_item(arg, 0));
    bide_value error = bide_item(arg, 1);
    int status = bide_is_none(error) ? exit_clean(agen) : exit_raised(agen, error);
    *result = bide_bool(status > 0);
    return status < 0 ? BIDE_RAISED : 0;
}

static bide_value manager_aenter(void *self)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    return bide_coro_at(&origin, enter_generator, bide_object_ref(self));
}

static bide_value manager_aexit(void *self, bide_value error)
{
    static const bide_origin origin = {"__aexit__", __FILE__, __LINE__};
    return bide_coro_at(&origin, exit_generator,
                        bide_tuple(bide_object_ref(self), bide_ref(error)));
}

bide_value bide_context_manager(bide_value agen)
{
    static const bide_type type = {
        .name = "_AsyncGeneratorContextManager",
        .finalize = manager_finalize,
        .aenter = manager_aenter,
        .aexit = manager_aexit,
    };
    bide__coro *coro = bide__coro_of(agen);
    if (coro)
        coro->manager = true;
    return make(&type, agen);
}

/* --- aclosing ----------------------------------------------------------------------- */

BIDE__UNCOLORED static int enter_closing(bide_value arg, bide_value *result)
{
    *result = bide_ref(held(arg));
    return 0;
}

BIDE__UNCOLORED static int exit_closing(bide_value arg, bide_value *result)
{
    (void)result;
    bide_value v = held(arg);
    const bide_type *type = bide__type_of(v);
    if (!type->aclose)
        return bide__raise(BIDE_AttributeError, "'%s' object has no attribute 'aclose'",
                           bide_type_name(v));
    return bide_await_at(NULL, type->aclose(v.as.object), NULL);
}

static bide_value closing_aenter(void *self)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    return bide_coro_at(&origin, enter_closing, bide_object_ref(self));
}

static bide_value closing_aexit(void *self, bide_value error)
{
    static const bide_origin origin = {"__aexit__", __FILE__, __LINE__};
    (void)error;
    return bide_coro_at(&origin, exit_closing, bide_object_ref(self));
}

bide_value bide_aclosing(bide_value v)
{
    static const bide_type type = {
        .name = "aclosing",
        .finalize = manager_finalize,
        .aenter = closing_aenter,
        .aexit = closing_aexit,
    };
    return make(&type, v);
}
