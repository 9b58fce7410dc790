/* resume.c - stepping a coroutine: send, throw and close, and the other side of the switch.
 *
 * A step writes the mailbox of the coroutine's stack, switches to it, and reads there how it ended.
 * The states and refusals are CPython's; what differs between the three kinds is their name.
 *
 * Closing a coroutine that has others inlined above it passes through each: GeneratorExit is raised
 * at the innermost, and what comes out of one decides what is raised in the next, as if each had
 * been closed by a call of its own (end_of_closing).
 *
 * SPDX-License-Identifier: MIT */
#include "object/exec.h"

#include <bide/protocol.h>

#include "fiber/complain.h"
#include "fiber/limit.h"
#include "object/error.h"
#include "object/memory.h"
#include "object/inline.h"

/* CPython's names in messages, where an async generator's has no underscore. */
static const char *kind_name(const bide__coro *self)
{
    return bide__is_agen(self) ? bide__agen_kind_name() : self->base.type->name;
}

static int refuse_busy(const bide__coro *self)
{
    return bide__raise(BIDE_ValueError, "%s already executing", kind_name(self));
}

_Atomic unsigned bide__recursion_limit = 1000;

void bide_set_recursion_limit(unsigned levels)
{
    bide__recursion_limit = levels;
}

int bide__refuse_level(const bide__coro *self)
{
    char digits[BIDE__DIGITS];
    return bide__raise(BIDE_RecursionError,
                       "maximum recursion depth exceeded: '%s' is %s awaits deep",
                       self->origin->name, bide__decimal(digits, self->level));
}

/* --- running a body ----------------------------------------------------------------- */

/* PEP 479: what would look like an end to the caller becomes a RuntimeError. */
static void replace_stop(const bide__coro *self, const bide_error_type *stop)
{
    if (!bide_error_matches(stop))
        return;
    bide__raise(BIDE_RuntimeError, "%s raised %s", kind_name(self), stop->name);
    bide__exception *e = bide__exec_now()->pending; /* with what it replaces for its context */
    if (!e->shared)
        e->cause = bide_ref(e->context);
}

__attribute__((noinline)) int bide__cold_end(bide__coro *self, int status, bide_value *result)
{
    if (status >= 0 && bide_failed(*result))
        status = bide__propagate();
    if (status < 0 && !bide_error_pending())
        bide__raise(BIDE_RuntimeError, "'%s' returned BIDE_RAISED without an exception%s",
                    self->origin->name, BIDE__HAS(with) ? bide__with_advice : "");
    else if (status >= 0 && bide_error_pending())
        status = BIDE_RAISED;
    if (BIDE__HAS(defer) && self->deferred)
        status = bide__call_deferred(self, status);
    if (bide__is_agen(self) && status >= 0 && !bide_is_none(*result))
        status = bide__agen_refuse_result(self);
    if (status >= 0)
        return BIDE_RETURNED;
    bide_clear(result);
    if (bide__is_agen(self))
        replace_stop(self, bide__agen_stop_type());
    replace_stop(self, BIDE_StopIteration);
    return BIDE_RAISED;
}

#if defined(BIDE__FIBER_ASYNCIFY) && !BIDE__SMALL
/* What a body is called with, by address as WebAssembly does: at the top of its stack, because what
 * calls it, which is the resume itself, has no frame. */
struct call {
    _Alignas(16) bide_value arg; /* as the stack pointer is */
    bide_value result;
};
typedef int called(void *arg, void *result);

static void prepare(const bide__coro *self)
{
    bide_fiber *fiber = self->own.fiber;
    struct call *call = (struct call *)(void *)(fiber->stack + fiber->stack_size) - 1;
    call->arg = self->arg;
    call->result = BIDE_NONE;
    fiber->call = (called *)(void (*)(void))self->body;
    fiber->first = &call->arg;
    fiber->second = &call->result;
    fiber->here.sp = call;
}

/* The entry of every coroutine's fiber, once the body has returned. */
static void enter(void *arg)
{
    bide__coro *self = arg;
    bide__exec *exec = &self->own;
    bide_value *result = exec->fiber->second;
    int status = exec->fiber->called;
    exec->signal = bide__ends_plainly(self, exec, status, result)
                       ? BIDE_RETURNED
                       : bide__cold_end(self, status, result);
    exec->mail.kind = result->kind; /* see bide__mail */
    exec->mail.as.i = result->as.i;
}
#else
/* The entry of every coroutine's fiber. */
static void enter(void *arg)
{
    bide__coro *self = arg;
    bide__exec *exec = &self->own;
    bide_value result;
    exec->signal = bide__run(self, exec, &result);
    exec->mail.kind = result.kind; /* see bide__mail */
    exec->mail.as.i = result.as.i;
}

static void prepare(const bide__coro *self)
{
    (void)self;
}
#endif

static inline void finish(bide__coro *self)
{
    bide__coro_closed(self);
    self->exec = NULL;
    if (BIDE__HAS(agen) && __builtin_expect(self->ended != NULL, 0))
        bide__agen_ended(self);
    if (self->own.fiber) {
        bide_fiber_free(self->own.fiber);
        self->own.fiber = NULL;
    }
    bide_value arg = self->arg;
    self->arg = BIDE_NONE;
    bide_drop(arg);
}

void bide__coro_finish(bide__coro *self)
{
    finish(self);
}

/* --- the resuming side -------------------------------------------------------------- */

#if defined(BIDE__FIBER_ONE_THREAD)
enum { ONE_THREAD = true };
#else
enum { ONE_THREAD = false };
#endif

/* What the states that callers check do not exclude: one of another thread was stepped. */
static int refuse_thread(bide__coro *self, bide_value *out)
{
    bide_clear(out);
    self->state = BIDE_SUSPENDED;
    return bide__raise(BIDE_RuntimeError,
                       "'%s' belongs to another thread: a coroutine stays on "
                       "the thread that started it",
                       self->origin->name);
}

int bide__step_ended(bide__coro *self, int fiber_state, bide_value *out)
{
    bide__exec *exec = &self->own;
    int status = exec->signal;
    bide__mail(exec, out);
    if (!ONE_THREAD && __builtin_expect(fiber_state < 0, 0)) {
        status = refuse_thread(self, out);
    } else {
        bide__exception *error = exec->pending;
        exec->pending = NULL;
        finish(self);
        if (status < 0)
            bide__set_pending(error);
    }
    return status;
}

/* Raises `error` where `self` is suspended. A GeneratorExit that passes through inlined coroutines
 * closes each: the innermost gets one of its own, and the one thrown waits for the owner. */
static int step_throw(bide__coro *self, bide_value error, bide_value *out)
{
    bide__exec *exec = &self->own;
    if (BIDE__HAS(inline) && exec->depth > 0 && bide_is_error(error, BIDE_GeneratorExit)) {
        exec->closing = exec->depth;
        bide__set_limit(exec);
        exec->close_error = error;
        error = bide__generator_exit();
    }
    return bide__step(self, BIDE__THROW, error, out);
}

__attribute__((noinline)) static int refuse_stack(const bide__coro *self)
{
    char digits[BIDE__DIGITS];
    if (!bide__too_many_fibers(bide_fiber_get_stats().live))
        return bide__raise_no_memory();
    return bide__raise(BIDE_MemoryError,
                       "no stack for '%s': %s are live already, as many as may be; let some end "
                       "first, or raise the limit with bide_fiber_set_limit",
                       self->origin->name, bide__decimal(digits, bide_fiber_limit()));
}

/* Gives a fresh one its stack: 0, MemoryError, or RecursionError. */
static int start(bide__coro *self, const bide__exec *resumer)
{
    self->level = bide__level_above(resumer);
    if (bide__check_level(self) < 0)
        return BIDE_RAISED;
    bide_fiber *fiber =
        bide__allocation_fails() ? NULL : bide_fiber_new(enter, self, 0, self->origin->name);
    if (!fiber)
        return refuse_stack(self);
    bide__exec *exec = self->exec = &self->own;
    exec->fiber = fiber;
    exec->owner = exec->top = self;
    exec->pending = NULL;
    exec->depth = exec->closing = 0;
    exec->await_barred = 0;
    exec->limit = exec->floor = fiber->stack + bide__reserve(fiber);
    prepare(self);
    return 0;
}

/* The answer to a send that steps nothing; `v` moves in. */
__attribute__((noinline)) static int bide__cold_refuse_send(bide__coro *self, bide_value v)
{
    if (bide_failed(v))
        return bide__propagate();
    bide_drop(v);
    switch (bide__coro_state(self)) {
    case BIDE_CREATED:
        return bide__raise(BIDE_TypeError, "can't send non-None value to a just-started %s",
                           kind_name(self));
    case BIDE_RUNNING:
        return refuse_busy(self);
    case BIDE_SUSPENDED:
        return BIDE__HAS(inline) ? bide__refuse_inlined() : BIDE_RAISED;
    default:
        if (bide__is_coroutine(self))
            return bide__refuse_reuse();
        return bide__is_agen(self) ? bide__agen_stop() : BIDE_RETURNED;
    }
}

int bide__coro_send(bide__coro *self, bide_value v, bide_value *out)
{
    *out = BIDE_NONE;
    if (self->state == BIDE_CREATED && bide_is_none(v)) {
        bide__exec *resumer = bide__exec_now();
        return start(self, resumer) < 0 ? BIDE_RAISED : bide__switch_to(self, resumer, out);
    }
    if (self->state != BIDE_SUSPENDED || bide_failed(v))
        return bide__cold_refuse_send(self, v);
    return bide__step(self, BIDE__SEND, v, out);
}

int bide__coro_throw(bide__coro *self, bide_value error, bide_value *out)
{
    *out = BIDE_NONE;
    if (!bide__exception_of(error))
        return bide_error_restore(error); /* TypeError */
    switch (bide__coro_state(self)) {
    case BIDE_RUNNING:
        bide_drop(error);
        return refuse_busy(self);
    case BIDE_CREATED:
        bide__coro_finish(self); /* the body never runs, as in Python */
        bide_error_restore(error);
        return BIDE_RAISED;
    case BIDE_CLOSED:
        if (!bide__is_coroutine(self))
            return bide_error_restore(error);
        bide_drop(error);
        return bide__refuse_reuse();
    case BIDE_SUSPENDED:
        if (!bide__is_inlined(self))
            break;
        bide_drop(error);
        return bide__refuse_inlined();
    }
    return step_throw(self, error, out);
}

int bide__coro_close(bide__coro *self, bide_value *out)
{
    *out = BIDE_NONE;
    switch (bide__coro_state(self)) {
    case BIDE_RUNNING:
        return refuse_busy(self);
    case BIDE_CREATED:
        bide__coro_finish(self);
        return 0;
    case BIDE_CLOSED:
        return 0;
    case BIDE_SUSPENDED:
        if (!bide__is_inlined(self))
            break;
        return bide__refuse_inlined();
    }
    int status = step_throw(self, bide__generator_exit(), out);
    if (status == BIDE_RETURNED)
        return 0;
    if (status == BIDE_RAISED) {
        if (!bide_error_matches(BIDE_GeneratorExit) && !bide_error_matches(BIDE_StopIteration))
            return BIDE_RAISED;
        bide_error_clear();
        return 0;
    }
    bide_clear(out);
    return bide__raise(BIDE_RuntimeError, "%s ignored GeneratorExit", kind_name(self));
}

/* --- the suspending side ------------------------------------------------------------ */

__attribute__((noinline)) int bide__cold_suspend_ended(bide__exec *exec, int fiber_answer)
{
    if (fiber_answer == 0) {
        bide__set_pending(bide__exception_of(exec->mail));
        return BIDE_RAISED;
    }
    exec->owner->state = BIDE_RUNNING;
    bide_drop(exec->mail);
    if (fiber_answer == BIDE_FIBER_EJAVASCRIPT)
        return bide__raise(BIDE_RuntimeError,
                           "'%s' cannot suspend through JavaScript's frame of %s",
                           exec->owner->origin->name, bide_fiber_javascript());
    return bide__raise_no_memory();
}
