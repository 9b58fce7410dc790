/* exec.h - what the object layer knows of each stack, and the coroutine object itself.
 *
 * A `bide__exec` is one stack's state: the exception that is pending on it, the innermost body
 * that runs on it, and the mailbox through which a switch carries one value each way. The thread's
 * own stack has one too, without a fiber.
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

#ifndef BIDE__THREAD_LOCAL
#define BIDE__THREAD_LOCAL
#endif

typedef struct bide__exception bide__exception;
typedef struct bide__coro bide__coro;
typedef struct bide__exec bide__exec;

/* What a switch carries. Inward: SEND or THROW; outward: a step's status, or ITEM. */
enum {
    BIDE__SEND = 10,
    BIDE__THROW = 11,
    BIDE__ITEM = 12, /* an async generator's yield, as opposed to an await inside it */
};

struct bide__exec {
    bide_fiber *fiber;        /* NULL: the thread's own stack */
    bide__exec *resumer;      /* borrowed; while running */
    bide__coro *owner;        /* borrowed; for whom the stack was made; NULL without a fiber */
    bide__coro *top;          /* borrowed; the innermost body that runs here, or NULL */
    bide__exception *pending; /* owned; NULL if none */
    bide_value mail;          /* owned; the value that the switch under way carries */
    int signal;               /* what it means */
    unsigned depth;           /* how many inlined coroutines lie above the owner */
    unsigned closing;         /* how many of them a close is passing through; 0: none */
    bide_value close_error;   /* owned; what that close raises in the owner at the end */
    unsigned await_barred;    /* > 0: between bide__bar and bide__unbar */
};

typedef struct bide__deferred {
    struct bide__deferred *next;
    int (*cleanup)(bide_value arg);
    bide_value arg; /* owned */
} bide__deferred;

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
    unsigned level;   /* how many awaits deep it runs, against endless recursion */
    bide_body *body;
    const bide_origin *origin;
    bide_value arg;           /* owned */
    bide__exec *exec;         /* the stack it runs on; NULL before its start and after its end */
    bide__coro *outer;        /* borrowed; who awaits it on the same stack */
    bide_value awaiting;      /* borrowed; what it is suspended in */
    const bide_site *site;    /* its last await */
    bide__deferred *deferred; /* owned */
    void (*finalizer)(bide_value agen);
    void (*ended)(bide_value agen);
    bide__exec own; /* used unless it is inlined */
};

extern BIDE__THREAD_LOCAL bide__exec *bide__exec_current;
bide__exec *bide__exec_root(void);

/* The state of the running stack. */
static inline bide__exec *bide__exec_now(void)
{
    bide__exec *exec = bide__exec_current;
    return __builtin_expect(exec != NULL, 1) ? exec : bide__exec_root();
}

/* Around finalizers, hooks and callbacks of the loop, which run wherever it happens to be: between
 * the two nothing may suspend this stack. */
static inline bide__exec *bide__bar(void)
{
    bide__exec *exec = bide__exec_now();
    exec->await_barred++;
    bide__fiber_bar();
    return exec;
}

static inline void bide__unbar(bide__exec *exec)
{
    bide__fiber_unbar();
    exec->await_barred--;
}

/* The coroutine, generator or async generator behind v, or NULL; raises nothing. */
bide__coro *bide__coro_of(bide_value v);

extern const bide_type bide__coroutine_type, bide__generator_type, bide__async_generator_type;

/* --- stepping (resume.c) ------------------------------------------------------------ */

/* One step of a coroutine object, with CPython's checks. `v` and `error` move in. The status may
 * be BIDE__ITEM for async generators. */
int bide__coro_send(bide__coro *self, bide_value v, bide_value *out);
int bide__coro_throw(bide__coro *self, bide_value error, bide_value *out);
int bide__coro_close(bide__coro *self, bide_value *out);
/* Runs a body on the running stack: 0 with its result or BIDE_RAISED, after its deferred calls and
 * with StopIteration converted. */
int bide__coro_run(bide__coro *self, bide_value *result);
/* Hands v to whoever resumed this stack; 0 with what is sent, or BIDE_RAISED with what is thrown.
 */
int bide__exec_suspend(bide__exec *exec, int signal, bide_value v, bide_value *in);
/* Ends a coroutine object: drops what it held of its run. */
void bide__coro_finish(bide__coro *self);

/* --- delegation (await.c) ----------------------------------------------------------- */

/* yield from iterator: `iterator` moves in; `self` is the running body. */
int bide__delegate(bide__coro *self, bide_value iterator, bide_value *out);

/* --- exceptions (error.c) ----------------------------------------------------------- */

int bide__raise_no_memory(void);
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

#endif
