/* bide/step.h - what a switch between coroutines touches, here so that it can be inlined where a
 * coroutine is stepped and where it suspends.
 *
 * A call that is made on one stack and returns after another has run is mispredicted by the
 * processor, at the price of a whole switch; and Asyncify rolls up every frame that a suspend
 * passes. So where the fiber backend says that it pays (BIDE__FIBER_INLINED), the common case of
 * every step is inlined, and all else is left to the functions bide__send and so on. All names and
 * fields here are Bide's own.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_STEP_H
#define BIDE_STEP_H

#include <bide/coroutine.h>
#include <bide/fiber.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef BIDE__THREAD_LOCAL
#define BIDE__THREAD_LOCAL
#define BIDE__TLS_MODEL
#endif

typedef struct bide__exception bide__exception;
typedef struct bide__coro bide__coro;
typedef struct bide__exec bide__exec;

/* What a switch carries. Inward: SEND or THROW; outward: a step's status, or ITEM. */
enum {
    BIDE__SEND = 10,
    BIDE__THROW = 11,
    BIDE__ITEM = 12, /* an async generator's yield, as opposed to an await inside it */
    /* Of a task's coroutine: it waits, as the task is noted to; no value, but mail.as.object, which
     * is borrowed, is what it waits for, or NULL. Far from a step's statuses, so that compilers
     * tell it from them by comparing, not by a table of branches. */
    BIDE__PARKED = 256,
};

/* One stack's state: the exception that is pending on it, the innermost body that runs on it, and
 * the mailbox through which a switch carries one value each way. The thread's own stack has one
 * too, without a fiber. */
struct bide__exec {
    bide_fiber *fiber;        /* NULL: the thread's own stack */
    bide__exec *resumer;      /* borrowed; while running */
    bide__coro *owner;        /* borrowed; for whom the stack was made; NULL without a fiber */
    bide__coro *top;          /* borrowed; the innermost body that runs here, or NULL */
    bide__exception *pending; /* owned; NULL if none */
    bide_value mail;          /* owned; the value of the switch under way, and only then */
    int signal;               /* what it means */
    unsigned depth;           /* how many inlined coroutines lie above the owner */
    unsigned closing;         /* how many of them a close is passing through; 0: none */
    /* An await or yield while it does: raises GeneratorExit again, and notes that the coroutine
     * being closed refused. Set where one is inlined. */
    int (*refuse_exit)(bide__exec *exec);
    unsigned await_barred;  /* > 0: between bide__bar and bide__unbar */
    char *floor;            /* the stack is too full to suspend where sp is below it */
    char *limit;            /* the same, but above all while closing or barred (bide__set_limit) */
    bide_value close_error; /* owned; what that close raises in the owner at the end */
};

struct bide__deferred;

enum bide__coro_kind { BIDE__COROUTINE, BIDE__GENERATOR, BIDE__ASYNC_GENERATOR };

struct bide__coro {
    bide_object base;
    uint8_t kind;     /* enum bide__coro_kind */
    uint8_t state;    /* bide_state; of an inlined one see bide_state_of */
    bool awaitable;   /* a generator that may be awaited */
    bool inlined;     /* runs on the stack of another */
    bool refused;     /* yielded while it was being closed */
    bool in_flight;   /* an async generator that someone is iterating */
    bool hooked;      /* an async generator whose firstiter hook was called */
    bool agen_closed; /* an async generator that aclose or its end has closed */
    bool manager;     /* an async generator that is a context manager */
    unsigned level;   /* how many awaits deep it runs, against endless recursion */
    bide_body *body;
    const bide_origin *origin;
    bide_value arg;        /* owned */
    bide__exec *exec;      /* the stack it runs on; NULL before its start and after its end */
    bide__coro *outer;     /* borrowed; who awaits it on the same stack */
    bide_value awaiting;   /* borrowed; what it is suspended in */
    const bide_site *site; /* its last await */
    struct bide__deferred *deferred; /* owned */
    void (*finalizer)(bide_value agen);
    void (*ended)(bide_value agen);
    bide__coro *newer, *older; /* borrowed; of the thread's that have not ended */
    bide__exec own;            /* used unless it is inlined */
};

BIDE__TLS_MODEL extern BIDE__THREAD_LOCAL bide__exec *bide__exec_current;
extern const bide_type bide__coroutine_type, bide__generator_type, bide__async_generator_type;

/* Not left to the compiler's judgement, unless size counts: see above. */
#if BIDE__SMALL
#define BIDE__INLINE static inline
#else
#define BIDE__INLINE __attribute__((always_inline)) static inline
#endif

/* The state of a thread's own stack, asked for the first time. Where there is but one thread it is
 * current from the beginning. */
bide__exec *bide__exec_root(void);
int bide__next(bide_value it, bide_value *out);
int bide__send(bide_value it, bide_value v, bide_value *out);
/* One step of a coroutine object, with CPython's checks. `v` moves in. The status may be BIDE__ITEM
 * for async generators. */
int bide__coro_send(bide__coro *self, bide_value v, bide_value *out);
int bide__yield(bide_value v, bide_value *in);
int bide__suspend(bide_value v, bide_value *in);
/* Whether a coroutine may be suspended here: 0, or BIDE_RAISED. Neither suspends. The other says
 * "await", where that was called. */
int bide__barrier_check_suspend(bide__exec *exec);
int bide__barrier_check_await(bide__exec *exec);
/* A step did not end in a suspension: the status of the step. */
int bide__step_ended(bide__coro *self, int fiber_state, bide_value *out);
/* A suspension ended in a throw, or could not be made: BIDE_RAISED. */
int bide__cold_suspend_ended(bide__exec *exec, int fiber_answer);

/* The state of the running stack. */
static inline bide__exec *bide__exec_now(void)
{
    bide__exec *exec = bide__exec_current;
#if !defined(BIDE__FIBER_ONE_THREAD)
    if (__builtin_expect(exec == NULL, 0))
        return bide__exec_root();
#endif
    return exec;
}

static inline bool bide_error_pending(void)
{
    const bide__exec *exec = bide__exec_current;
#if !defined(BIDE__FIBER_ONE_THREAD)
    if (!exec)
        return false;
#endif
    return exec->pending != NULL;
}

/* The value of the switch that was made. By member: what was just written in two halves cannot be
 * read as one without a stall. */
BIDE__INLINE void bide__mail(const bide__exec *exec, bide_value *out)
{
    out->kind = exec->mail.kind;
    out->unused = 0;
    out->as.i = exec->mail.as.i;
}

/* How many awaits deep that runs which `resumer` steps. */
BIDE__INLINE unsigned bide__level_above(const bide__exec *resumer)
{
    return resumer->top ? resumer->top->level + 1 : 1;
}

/* --- stepping ----------------------------------------------------------------------- */

/* Switches to the stack of `self`, which has what it needs to run on, and to which the caller has a
 * reference whatever the body does. The state of its fiber: suspended, unless the step ended in
 * something else. */
BIDE__INLINE int bide__switch_stacks(bide__coro *self, bide__exec *resumer)
{
    bide__exec *exec = &self->own;

    exec->resumer = resumer;
    self->state = BIDE_RUNNING;
    bide__exec_current = exec;
    int fiber_state = bide_fiber_resume(exec->fiber);
    bide__exec_current = exec->resumer;
    return fiber_state;
}

/* The same, and what came of it: a step's status. */
BIDE__INLINE int bide__switch_kept(bide__coro *self, bide__exec *resumer, bide_value *out)
{
    bide__exec *exec = &self->own;
    int fiber_state = bide__switch_stacks(self, resumer);

    if (__builtin_expect(fiber_state != BIDE_FIBER_SUSPENDED, 0)) {
        bide_value last; /* so that *out needs no address */
        int ended = bide__step_ended(self, fiber_state, &last);
        *out = last;
        return ended;
    }
    int status = exec->signal;
    bide__mail(exec, out);
    return status;
}

/* Prepares a step of the body of `self`, which is suspended; `v` moves in. Who steps it. */
BIDE__INLINE bide__exec *bide__step_with(bide__coro *self, int signal, bide_value v)
{
    bide__exec *resumer = bide__exec_now();

    self->own.signal = signal;
    self->own.mail = v;
    self->level = bide__level_above(resumer);
    return resumer;
}

/* The two with a reference of their own. */
BIDE__INLINE int bide__switch_to(bide__coro *self, bide__exec *resumer, bide_value *out)
{
    self->base.refs++;
    int status = bide__switch_kept(self, resumer, out);
    bide_drop(bide_object_value(self));
    return status;
}

BIDE__INLINE int bide__step(bide__coro *self, int signal, bide_value v, bide_value *out)
{
    self->base.refs++;
    int status = bide__switch_kept(self, bide__step_with(self, signal, v), out);
    bide_drop(bide_object_value(self));
    return status;
}

/* Hands v to whoever resumed this stack; 0 with what is sent, or BIDE_RAISED with what is thrown.
 * Nothing may stand in the way. */
BIDE__INLINE int bide__hand_out(bide__exec *exec, int signal, bide_value v, bide_value *in)
{
    exec->signal = signal;
    exec->mail = v;
    exec->owner->state = BIDE_SUSPENDED;
    int answer = bide_fiber_suspend();
    if (__builtin_expect((answer < 0) | (exec->signal != BIDE__SEND), 0))
        return bide__cold_suspend_ended(exec, answer);
    if (in)
        bide__mail(exec, in);
    else
        bide_drop(exec->mail);
    return 0;
}

#if defined(BIDE__FIBER_INLINED)
/* What is behind v if it is of that type and suspended, on a stack of its own; NULL otherwise. */
BIDE__INLINE bide__coro *bide__suspended(bide_value v, const bide_type *type)
{
    bide__coro *self = (bide__coro *)(void *)v.as.object;
    if (v.kind != BIDE_KIND_OBJECT || self->base.type != type)
        return NULL;
    return self->state == BIDE_SUSPENDED ? self : NULL;
}

BIDE__INLINE int bide__step_out(bide__coro *self, bide_value v, bide_value *out)
{
    bide_value ignored;
    int status = bide__step(self, BIDE__SEND, v, out ? out : &ignored);
    if (!out)
        bide_drop(ignored);
    return status;
}

/* Whether nothing stands in the way of suspending this stack with v. */
BIDE__INLINE bool bide__may_suspend(const bide__exec *exec, bide_value v)
{
    return v.kind != BIDE_KIND_FAILED && bide__fiber_sp() >= exec->limit;
}
#endif

BIDE__INLINE int bide_next(bide_value it, bide_value *out)
{
#if defined(BIDE__FIBER_INLINED)
    bide__coro *self = bide__suspended(it, &bide__generator_type);
    if (__builtin_expect(self != NULL, 1))
        return bide__step_out(self, BIDE_NONE, out);
#endif
    return bide__next(it, out);
}

BIDE__INLINE int bide_send(bide_value it, bide_value v, bide_value *out)
{
#if defined(BIDE__FIBER_INLINED)
    bide__coro *self = bide__suspended(it, &bide__generator_type);
    if (!self)
        self = bide__suspended(it, &bide__coroutine_type);
    if (__builtin_expect(self && v.kind != BIDE_KIND_FAILED, 1))
        return bide__step_out(self, v, out);
    if (out && it.kind == BIDE_KIND_OBJECT && it.as.object->type == &bide__coroutine_type)
        return bide__coro_send((bide__coro *)(void *)it.as.object, v, out); /* its first step */
#endif
    return bide__send(it, v, out);
}

/* --- suspending --------------------------------------------------------------------- */

BIDE__UNCOLORED BIDE__INLINE int bide_yield(bide_value v, bide_value *in)
{
#if defined(BIDE__FIBER_INLINED)
    bide__exec *exec = bide__exec_now();
    if (__builtin_expect(
            exec->top && exec->top->kind == BIDE__GENERATOR && bide__may_suspend(exec, v), 1)) {
        if (in)
            *in = BIDE_NONE;
        return bide__hand_out(exec, BIDE_YIELDED, v, in);
    }
#endif
    return bide__yield(v, in);
}

BIDE__UNCOLORED BIDE__INLINE int bide_suspend(bide_value v, bide_value *in)
{
#if defined(BIDE__FIBER_INLINED)
    bide__exec *exec = bide__exec_now();
    if (__builtin_expect(
            exec->top && exec->top->kind != BIDE__GENERATOR && bide__may_suspend(exec, v), 1)) {
        if (in)
            *in = BIDE_NONE;
        return bide__hand_out(exec, BIDE_YIELDED, v, in);
    }
#endif
    return bide__suspend(v, in);
}

/* bide_suspend(BIDE_NONE, NULL), with one place to be suspended in and little to keep there. */
BIDE__UNCOLORED BIDE__INLINE int bide__pause(void)
{
#if defined(BIDE__FIBER_INLINED)
    bide__exec *exec = bide__exec_now();
    bool plain =
        exec->top && exec->top->kind != BIDE__GENERATOR && bide__may_suspend(exec, BIDE_NONE);
    if (__builtin_expect(!plain, 0) && bide__barrier_check_suspend(exec) < 0)
        return BIDE_RAISED;
    return bide__hand_out(exec, BIDE_YIELDED, BIDE_NONE, NULL);
#else
    return bide__suspend(BIDE_NONE, NULL);
#endif
}

#ifdef __cplusplus
}
#endif
#endif
