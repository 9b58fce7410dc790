/* exec.h - what the object layer knows of each stack and of coroutine objects, beyond what a step
 * inlined in a user's code must know (bide/step.h).
 *
 * A coroutine that is awaited while fresh, and that nobody else can reach, runs on the stack of the
 * coroutine that awaits it (it is "inlined"): an await is then a function call. Nobody can tell the
 * difference, because whoever could send to it, close it or look at it would need a reference.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_EXEC_H
#define BIDE_OBJECT_EXEC_H

#include <bide/coroutine.h>
#include <bide/error.h>
#include <bide/fiber.h>
#include <bide/step.h>

#include "object/memory.h"

typedef struct bide__deferred {
    struct bide__deferred *next;
    int (*cleanup)(bide_value arg);
    bide_value arg; /* owned */
} bide__deferred;

/* Around finalizers, hooks and callbacks of the loop, which run wherever it happens to be: between
 * the two nothing may suspend this stack. */
static inline bide__exec *bide__bar(void)
{
    bide__exec *exec = bide__exec_now();
    exec->await_barred++;
    exec->limit = (char *)UINTPTR_MAX;
    bide__fiber_bar();
    return exec;
}

/* Whether it is closing, or barred, has changed. */
static inline void bide__set_limit(bide__exec *exec)
{
    exec->limit = exec->closing | exec->await_barred ? (char *)UINTPTR_MAX : exec->floor;
}

static inline void bide__unbar(bide__exec *exec)
{
    bide__fiber_unbar();
    exec->await_barred--;
    bide__set_limit(exec);
}

/* The coroutine, generator or async generator behind v, or NULL; raises nothing. */
bide__coro *bide__coro_of(bide_value v);

/* Of which kind it is. A program that makes none of a kind need not link what is done for it alone
 * (object/parts.h). */
static inline bool bide__is_coroutine(const bide__coro *self)
{
    return BIDE__HAS(coroutine) && self->kind == BIDE__COROUTINE;
}

static inline bool bide__is_agen(const bide__coro *self)
{
    return BIDE__HAS(agen) && self->kind == BIDE__ASYNC_GENERATOR;
}

/* Whether it runs, or ran, on the stack of another. */
static inline bool bide__is_inlined(const bide__coro *self)
{
    return BIDE__HAS(inline) && self->inlined;
}

/* Of one that runs on the stack of another, that stack's owner knows whether it is suspended. */
static inline bide_state bide__coro_state(const bide__coro *self)
{
    if (bide__is_inlined(self) && self->state == BIDE_RUNNING)
        return (bide_state)self->exec->owner->state;
    return (bide_state)self->state;
}

/* --- stepping (resume.c) ------------------------------------------------------------ */

/* Steps of a coroutine object, as bide__coro_send (bide/step.h) is one. `error` moves in. */
int bide__coro_throw(bide__coro *self, bide_value error, bide_value *out);
int bide__coro_close(bide__coro *self, bide_value *out);
/* The thread's last coroutine object, unless it has ended; the others that have not are in a list,
 * newest first (coroutine.c). For debug_report.c. */
#if defined(__ELF__)
__attribute__((visibility("hidden")))
#endif
BIDE__TLS_MODEL extern BIDE__THREAD_LOCAL bide__coro *bide__coro_last;
extern BIDE__THREAD_LOCAL bide__coro *bide__coro_newest;
void bide__coro_delist(bide__coro *self);

/* It has ended, and is no longer among those that have not. */
static inline void bide__coro_closed(bide__coro *self)
{
    if (self->state == BIDE_CLOSED)
        return;
    self->state = BIDE_CLOSED;
    self->base.flags |= BIDE__FINALIZED; /* its end has released what it held */
    if (!BIDE__HAS(report))
        return;
    if (__builtin_expect(self == bide__coro_last, 1))
        bide__coro_last = NULL;
    else
        bide__coro_delist(self);
}

/* Ends a coroutine object: drops what it held of its run. */
void bide__coro_finish(bide__coro *self);

/* --- kinds -------------------------------------------------------------------------- */

/* A coroutine object that has not begun; `arg` moves in (coroutine.c). */
bide_value bide__coro_new(const bide_type *type, enum bide__coro_kind kind,
                          const bide_origin *origin, bide_body *body, bide_value arg);
/* The finalizer of all three types (coroutine.c), and slots of two of them (generator.c). */
void bide__coro_finalize(void *object);
int bide__coro_send_slot(void *object, bide_value v, bide_value *out);
int bide__coro_throw_slot(void *object, bide_value error, bide_value *out);
int bide__coro_close_slot(void *object, bide_value *out);

/* Of coroutines (coroutine_type.c). What raises here returns BIDE_RAISED. */
BIDE__WEAK int bide__refuse_reuse(void);
BIDE__WEAK void bide__warn_never_awaited(const bide__coro *self);
/* One on the stack of another, reached through bide_awaiting: only that other can be driven
 * (inline.c). */
BIDE__WEAK int bide__refuse_inlined(void);
/* Calls what was deferred; the status that then stands (defer.c). */
BIDE__WEAK int bide__call_deferred(bide__coro *self, int status);

/* Of async generators (agen.c). Asks the hook whether a yield is allowed now: 0 or BIDE_RAISED. */
BIDE__WEAK int bide__agen_may_yield(bide__coro *agen);
/* It has returned a value; it has no more items. */
BIDE__WEAK int bide__agen_refuse_result(const bide__coro *agen);
BIDE__WEAK int bide__agen_stop(void);
/* Tells the hook that it has ended; hands it to the one that finalizes. */
BIDE__WEAK void bide__agen_ended(bide__coro *agen);
BIDE__WEAK void bide__agen_dropped(bide__coro *agen);
/* What must not leave it, as StopIteration must not leave any; CPython's name of the kind. */
BIDE__WEAK const bide_error_type *bide__agen_stop_type(void);
BIDE__WEAK const char *bide__agen_kind_name(void);

/* What to do about an exception that got lost where an exit swallowed one (with.c). */
BIDE__WEAK extern const char bide__with_advice[];

/* --- delegation (await.c) ----------------------------------------------------------- */

/* yield from iterator: `iterator` moves in; `self` is the running body. */
int bide__delegate(bide__coro *self, bide_value iterator, bide_value *out);

/* --- exceptions (error.c) ----------------------------------------------------------- */

/* bide_raise, bide_error_new and bide_strf for Bide's own messages. They format plain conversions
 * only (object/format.h), so that a program that formats nothing else does not link the rest, and
 * no place: as in Python, a traceback shows where the program was, not where its interpreter was.
 */
int bide__raise(const bide_error_type *type, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bide_value bide__error_new(const bide_error_type *type, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bide_value bide__strf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int bide__raise_no_memory(void);
/* TypeError, for a call that was given NULL as the function that it is to call. */
int bide__raise_no_function(void);
/* BIDE_RAISED for a BIDE_FAILED that was passed in: its exception, or MemoryError if that is gone.
 */
int bide__propagate(void);
/* Always succeeds: a shared one stands in when there is no memory. */
bide_value bide__generator_exit(void);
/* Notes that the pending exception passed here. */
void bide__error_passed(const bide_site *site);
/* Adds `context` (moves in) to the end of the pending exception's contexts, unless it is there. */
void bide__error_set_context(bide_value context);
/* Reports and drops an exception nobody can be given. */
void bide__report_unraisable(bide_value error, const char *where);
void bide__warn(const char *category, const bide_origin *origin, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Aborts: an invariant of Bide's own, or of a call that cannot raise, was broken. */
__attribute__((noreturn)) void bide__bug(const char *file, int line, const char *message);

/* --- suspending --------------------------------------------------------------------- */

/* Where and why a body may not suspend (yield.c): 0 or BIDE_RAISED. `what` names the call. */
int bide__check_room(const bide__exec *exec);
int bide__check_barred(const bide__exec *exec, const char *what);

/* Hands v to whoever resumed this stack; 0 with what is sent, or BIDE_RAISED with what is thrown.
 */
BIDE__INLINE int bide__exec_suspend(bide__exec *exec, int signal, bide_value v, bide_value *in)
{
    if (in)
        *in = BIDE_NONE;
    if (bide_failed(v))
        return bide__propagate();
    if (BIDE__HAS(inline) && exec->closing > 0) {
        bide_drop(v);
        return exec->refuse_exit(exec);
    }
    return bide__hand_out(exec, signal, v, in);
}

#endif
