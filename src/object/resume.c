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
#include "object/error.h"
#include "object/memory.h"
#include "object/inline.h"

/* CPython's names in messages, where an async generator's has no underscore. */
static const char *kind_name(const bide__coro *self)
{
    static const char *const names[] = {
        [BIDE__COROUTINE] = "coroutine",
        [BIDE__GENERATOR] = "generator",
        [BIDE__ASYNC_GENERATOR] = "async generator",
    };
    return names[self->kind];
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

/* Calls what was deferred, last first. A cleanup's exception replaces the one in flight. */
static int run_deferred(bide__coro *self, int status)
{
    while (self->deferred) {
        bide__deferred *entry = self->deferred;
        bide_value pending = bide_error_take();
        self->deferred = entry->next;
        int cleaned = entry->cleanup(entry->arg);
        bide_drop(entry->arg);
        bide__free(entry);
        if (cleaned < 0 || bide_error_pending()) {
            bide__error_set_context(pending);
            status = BIDE_RAISED;
        } else if (!bide_is_none(pending)) {
            bide_error_restore(pending);
        }
    }
    return status;
}

/* PEP 479: what would look like an end to the caller becomes a RuntimeError. */
static void convert_stop(const bide__coro *self)
{
    const bide_error_type *stop = BIDE_StopIteration;
    if (self->kind == BIDE__ASYNC_GENERATOR && bide_error_matches(BIDE_StopAsyncIteration))
        stop = BIDE_StopAsyncIteration;
    else if (!bide_error_matches(stop))
        return;
    bide_value cause = bide_error_take();
    bide_value error =
        bide__error_new(BIDE_RuntimeError, "%s raised %s", kind_name(self), stop->name);
    if (bide_failed(error)) {
        bide_drop(cause);
        return;
    }
    bide_error_restore(bide_error_from(error, bide_ref(cause)));
    bide__error_set_context(cause);
}

__attribute__((noinline)) int bide__cold_end(bide__coro *self, int status, bide_value *result)
{
    if (status >= 0 && bide_failed(*result))
        status = bide__propagate();
    if (status < 0 && !bide_error_pending())
        bide__raise(BIDE_RuntimeError,
                    "'%s' returned BIDE_RAISED without an exception; an exit that swallows one is "
                    "left by BIDE_WITH_TRY, not by BIDE_TRY",
                    self->origin->name);
    else if (status >= 0 && bide_error_pending())
        status = BIDE_RAISED;
    if (self->deferred)
        status = run_deferred(self, status);
    if (status >= 0 && self->kind == BIDE__ASYNC_GENERATOR && !bide_is_none(*result))
        status = bide__raise(BIDE_TypeError, "'return' with value in async generator '%s'",
                             self->origin->name);
    if (status < 0) {
        bide_drop(*result);
        *result = BIDE_NONE;
        convert_stop(self);
        return BIDE_RAISED;
    }
    return BIDE_RETURNED;
}

/* The entry of every coroutine's fiber. */
static void enter(void *arg)
{
    bide__coro *self = arg;
    bide__exec *exec = &self->own;
    bide_value result;
    exec->top = self;
    exec->signal = bide__run(self, exec, &result);
    exec->mail.kind = result.kind; /* see bide__mail */
    exec->mail.as.i = result.as.i;
}

BIDE__BARRIER static void bide__barrier_ended(void (*ended)(bide_value agen), bide__coro *self)
{
    bide__exec *exec = bide__bar();
    ended(bide_object_value(self));
    bide__unbar(exec);
}

static inline void finish(bide__coro *self)
{
    void (*on_end)(bide_value agen) = self->ended;
    bide__coro_closed(self);
    self->exec = NULL;
    self->ended = NULL;
    if (on_end)
        bide__barrier_ended(on_end, self);
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

int bide__step_ended(bide__coro *self, int fiber_state, bide_value *out)
{
    bide__exec *exec = &self->own;
    int status = exec->signal;
    bide__mail(exec, out);
    if (__builtin_expect(fiber_state < 0, 0)) {
        /* Only another thread's: the states that callers check exclude the rest. */
        bide_clear(out);
        self->state = BIDE_SUSPENDED;
        status = bide__raise(BIDE_RuntimeError,
                             "'%s' belongs to another thread: a coroutine stays on "
                             "the thread that started it",
                             self->origin->name);
    } else {
        bide__exception *error = exec->pending;
        exec->pending = NULL;
        finish(self);
        if (status < 0)
            bide__set_pending(error);
    }
    bide_drop(bide_object_value(self));
    return status;
}

/* Raises `error` where `self` is suspended. A GeneratorExit that passes through inlined coroutines
 * closes each: the innermost gets one of its own, and the one thrown waits for the owner. */
static int step_throw(bide__coro *self, bide_value error, bide_value *out)
{
    bide__exec *exec = &self->own;
    if (exec->depth > 0 && bide_is_error(error, BIDE_GeneratorExit)) {
        exec->closing = exec->depth;
        exec->close_error = error;
        error = bide__generator_exit();
    }
    return bide__step(self, BIDE__THROW, error, out);
}

__attribute__((noinline)) static int refuse_stack(const bide__coro *self)
{
    char digits[BIDE__DIGITS];
    if (bide_fiber_get_stats().live < bide_fiber_limit())
        return bide__raise_no_memory();
    return bide__raise(BIDE_MemoryError,
                       "no stack for '%s': %s are live already, as many as may be; let some end "
                       "first, or raise the limit with bide_fiber_set_limit",
                       self->origin->name, bide__decimal(digits, bide_fiber_limit()));
}

/* Gives a fresh one its stack: 0, MemoryError, or RecursionError. */
static int start(bide__coro *self)
{
    self->level = bide__level_above(bide__exec_now());
    if (bide__check_level(self) < 0)
        return BIDE_RAISED;
    bide_fiber *fiber =
        bide__allocation_fails() ? NULL : bide_fiber_new(enter, self, 0, self->origin->name);
    if (!fiber)
        return refuse_stack(self);
    bide__exec *exec = self->exec = &self->own;
    exec->fiber = fiber;
    exec->owner = self;
    exec->pending = NULL;
    exec->depth = exec->closing = 0;
    exec->await_barred = 0;
    exec->floor = fiber->stack + bide__reserve(fiber);
    return 0;
}

static int refuse_reuse(void)
{
    return bide__raise(BIDE_RuntimeError, "cannot reuse already awaited coroutine");
}

/* One on the stack of another, reached through bide_awaiting: only that other can be driven. */
static int refuse_inlined(void)
{
    return bide__raise(BIDE_RuntimeError, "coroutine is being awaited already");
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
        return refuse_inlined();
    default:
        if (self->kind == BIDE__COROUTINE)
            return refuse_reuse();
        if (self->kind == BIDE__ASYNC_GENERATOR)
            return bide__raise(BIDE_StopAsyncIteration, NULL);
        return BIDE_RETURNED;
    }
}

int bide__coro_send(bide__coro *self, bide_value v, bide_value *out)
{
    *out = BIDE_NONE;
    if (self->state == BIDE_CREATED && bide_is_none(v)) {
        if (start(self) < 0)
            return BIDE_RAISED;
    } else if (self->state != BIDE_SUSPENDED || bide_failed(v)) {
        return bide__cold_refuse_send(self, v);
    }
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
        if (self->kind != BIDE__COROUTINE)
            return bide_error_restore(error);
        bide_drop(error);
        return refuse_reuse();
    case BIDE_SUSPENDED:
        if (!self->inlined)
            break;
        bide_drop(error);
        return refuse_inlined();
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
        if (!self->inlined)
            break;
        return refuse_inlined();
    }
    int status = step_throw(self, bide__generator_exit(), out);
    if (status == BIDE_RETURNED)
        return 0;
    if (status == BIDE_RAISED)
        return bide_catch(BIDE_GeneratorExit, NULL) || bide_catch(BIDE_StopIteration, NULL)
                   ? 0
                   : BIDE_RAISED;
    bide_drop(*out);
    *out = BIDE_NONE;
    return bide__raise(BIDE_RuntimeError, "%s ignored GeneratorExit", kind_name(self));
}

/* --- the suspending side ------------------------------------------------------------ */

int bide__suspend_ended(bide__exec *exec, int fiber_answer)
{
    if (fiber_answer == 0)
        return bide_error_restore(exec->mail);
    exec->owner->state = BIDE_RUNNING;
    bide_drop(exec->mail);
    if (fiber_answer == BIDE_FIBER_EJAVASCRIPT)
        return bide__raise(BIDE_RuntimeError,
                           "'%s' cannot suspend through JavaScript's frame of %s",
                           exec->owner->origin->name, bide_fiber_javascript());
    return bide__raise_no_memory();
}
