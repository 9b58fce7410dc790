/* await.c - what a body does: await, suspend, yield from. What it yields by is in yield.c.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/agen.h"
#include "fiber/complain.h"
#include "object/error.h"
#include "object/inline.h"
#include "object/memory.h"

static int check_coroutine(const bide__exec *exec, const char *what)
{
    if (!exec->top)
        return bide__raise(BIDE_RuntimeError, "%s outside a coroutine", what);
    if (exec->top->kind == BIDE__GENERATOR)
        return bide__raise(BIDE_RuntimeError, "%s inside a generator, '%s'", what,
                           exec->top->origin->name);
    return bide__check_barred(exec, what) < 0 ? BIDE_RAISED : bide__check_room(exec);
}

/* --- await -------------------------------------------------------------------------- */

/* The iterator that an await drives; `v` moves in. */
static bide_value iterator_of(bide_value v)
{
    const bide_type *type = bide__type_of(v);
    const bide__coro *coro = bide__coro_of(v);
    if (coro && coro->kind == BIDE__COROUTINE) {
        if (bide_state_of(v) == BIDE_SUSPENDED) {
            bide_drop(v);
            bide__raise(BIDE_RuntimeError, "coroutine is being awaited already");
            return BIDE_FAILED;
        }
        return v; /* driven as it is, without a wrapper */
    }
    if (coro && coro->awaitable)
        return v;
    if (type->await_here || type->await)
        return bide_await_iter(v);
    bide__raise(BIDE_TypeError, "object %s can't be used in 'await' expression", bide_type_name(v));
    bide_drop(v);
    return BIDE_FAILED;
}

static int await_object(bide__exec *exec, bide_value v, bide_value *out)
{
    bide__coro *self = exec->top;
    const bide_type *type = bide__type_of(v);

    if (type->await_here) {
        self->awaiting = v;
        int status = type->await_here(v.as.object, out);
        self->awaiting = BIDE_NONE;
        bide_drop(v);
        return status;
    }
    return bide__delegate(self, iterator_of(v), out);
}

/* What bide_await_at does with all but a fresh coroutine. */
__attribute__((noinline)) BIDE__UNCOLORED static int
await_other(bide__exec *exec, const bide_site *site, bide_value awaitable, bide_value *out)
{
    bide_value result = BIDE_NONE;
    int status;

    if (out)
        *out = BIDE_NONE;
    if (bide_failed(awaitable)) {
        status = bide__propagate();
    } else if (check_coroutine(exec, "await") < 0) {
        bide_drop(awaitable);
        status = BIDE_RAISED;
    } else {
        if (site) /* a verb without one has noted where it was called: bide/here.h */
            exec->top->site = site;
        status = await_object(exec, awaitable, &result);
    }
    if (status < 0) {
        bide__error_passed(site);
        return BIDE_RAISED;
    }
    if (out)
        *out = result;
    else
        bide_drop(result);
    return 0;
}

BIDE__UNCOLORED int bide_await_at(const bide_site *site, bide_value awaitable, bide_value *out)
{
    bide__exec *exec = bide__exec_now();
    bide__coro *self = exec->top, *coro = (bide__coro *)(void *)awaitable.as.object;
    if (__builtin_expect(self && awaitable.kind == BIDE_KIND_OBJECT &&
                             coro->base.type == &bide__coroutine_type &&
                             self->kind != BIDE__GENERATOR && !exec->await_barred &&
                             bide__can_inline(exec, coro),
                         1)) {
        if (site)
            self->site = site;
        return bide__await_inline(exec, coro, site, out);
    }
    return await_other(exec, site, awaitable, out);
}

/* Whether it may be done here what is called `what`. */
static int check(bide__exec *exec, const char *what)
{
    if (check_coroutine(exec, what) < 0)
        return BIDE_RAISED;
    if (exec->closing == 0)
        return 0;
    bide__bar();
    int status = exec->refuse_exit(exec);
    bide__unbar(exec);
    return status;
}

BIDE__BARRIER int bide__barrier_check_suspend(bide__exec *exec)
{
    return check(exec, "suspend");
}

BIDE__BARRIER int bide__barrier_check_await(bide__exec *exec)
{
    return check(exec, "await");
}

BIDE__UNCOLORED int bide__suspend(bide_value v, bide_value *in)
{
    bide__exec *exec = bide__exec_now();
    if (in)
        *in = BIDE_NONE;
    if (check_coroutine(exec, "suspend") < 0) {
        bide_drop(v);
        return BIDE_RAISED;
    }
    return bide__exec_suspend(exec, BIDE_YIELDED, v, in);
}

/* --- delegation --------------------------------------------------------------------- */

/* Passes on an exception thrown in at the delegating body, which is pending. What the iterator
 * makes of it is the answer: a step's status. */
static int delegate_throw(bide_value iterator, bide_value *out)
{
    const bide_type *type = bide__type_of(iterator);
    if (bide_error_matches(BIDE_GeneratorExit)) {
        if (!type->close)
            return BIDE_RAISED;
        bide_value exit = bide_error_take();
        if (bide_close(iterator, NULL) < 0) {
            bide_drop(exit);
            return BIDE_RAISED;
        }
        return bide_error_restore(exit);
    }
    if (!type->throw_)
        return bide__stop_is_end(out);
    return bide_throw(iterator, bide_error_take(), out);
}

static int delegate_send(bide_value iterator, bide_value v, bide_value *out)
{
    const bide_type *type = bide__type_of(iterator);
    if (bide_is_none(v) && type->next)
        return bide_next(iterator, out);
    if (type->send)
        return bide_send(iterator, v, out);
    bide_drop(v);
    return bide__raise(BIDE_AttributeError, "'%s' object has no attribute 'send'",
                       bide_type_name(iterator));
}

int bide__delegate(bide__coro *self, bide_value iterator, bide_value *out)
{
    bide__exec *exec = self->exec;
    bide_value in = BIDE_NONE;
    *out = BIDE_NONE;
    if (bide_failed(iterator))
        return bide__propagate();

    bide_value outer = self->awaiting;
    int status = delegate_send(iterator, BIDE_NONE, out);
    while (status == BIDE_YIELDED) {
        self->awaiting = iterator;
        int sent = bide__exec_suspend(exec, BIDE_YIELDED, *out, &in);
        self->awaiting = outer;
        *out = BIDE_NONE;
        status = sent < 0 ? delegate_throw(iterator, out) : delegate_send(iterator, in, out);
    }
    bide_drop(iterator);
    return status;
}

/* --- yield from ---------------------------------------------------------------------- */

BIDE__UNCOLORED int bide_yield_from(bide_value iterable, bide_value *out)
{
    bide__exec *exec = bide__exec_now();
    bide__coro *self = exec->top;
    bide_value result;
    int status = BIDE_RAISED;

    if (out)
        *out = BIDE_NONE;
    if (!self || self->kind != BIDE__GENERATOR) {
        bide_drop(iterable);
        return bide__raise(self ? BIDE_TypeError : BIDE_RuntimeError,
                           "'yield from' outside a generator");
    }
    if (bide__check_barred(exec, "'yield from'") < 0) {
        bide_drop(iterable);
        return BIDE_RAISED;
    }
    const bide__coro *coro = bide__coro_of(iterable);
    if (coro && coro->kind == BIDE__COROUTINE) {
        if (self->awaitable)
            status = bide__delegate(self, bide_await_iter(iterable), &result);
        else {
            bide_drop(iterable);
            return bide__raise(BIDE_TypeError, "cannot 'yield from' a coroutine object in a "
                                               "non-coroutine generator");
        }
    } else {
        status = bide__delegate(self, bide_iter(iterable), &result);
    }
    if (status < 0)
        return BIDE_RAISED;
    if (out)
        *out = result;
    else
        bide_drop(result);
    return 0;
}
