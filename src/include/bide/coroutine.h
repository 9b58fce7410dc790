/* bide/coroutine.h - coroutines, generators and async generators: making, driving, awaiting.
 *
 * All three run a body on a stack of its own. A body returns 0 with its result, or BIDE_RAISED.
 * Inside it, `arg` is borrowed and lives as long as the object.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_COROUTINE_H
#define BIDE_COROUTINE_H

#include <bide/color.h>
#include <bide/error.h>
#include <bide/value.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int bide_body(bide_value arg, bide_value *result);

/* --- making ------------------------------------------------------------------------- */

/* What the three constructors remember of where they were called. */
typedef struct bide_origin {
    const char *name; /* of the body, for messages and introspection */
    const char *file;
    int line;
} bide_origin;

#define BIDE__ORIGIN(body)                                                                         \
    __extension__({                                                                                \
        static const bide_origin bide__origin = {#body, __FILE__, __LINE__};                       \
        &bide__origin;                                                                             \
    })

/* The coroutine object of body(arg): calling `async def`. Nothing runs until it is awaited, sent
 * to, or made a task. Dropped before that, it warns that it was never awaited. */
#define bide_coro(body, arg) bide_coro_at(BIDE__ORIGIN(body), body, arg)
bide_value bide_coro_at(const bide_origin *origin, bide_body *body, bide_value arg);
/* The generator object of body(arg). */
#define bide_gen(body, arg) bide_gen_at(BIDE__ORIGIN(body), body, arg)
bide_value bide_gen_at(const bide_origin *origin, bide_body *body, bide_value arg);
/* The async generator object of body(arg). */
#define bide_agen(body, arg) bide_agen_at(BIDE__ORIGIN(body), body, arg)
bide_value bide_agen_at(const bide_origin *origin, bide_body *body, bide_value arg);
/* A generator that may also be awaited: Python's @types.coroutine. */
#define bide_awaitable_gen(body, arg) bide_awaitable_gen_at(BIDE__ORIGIN(body), body, arg)
bide_value bide_awaitable_gen_at(const bide_origin *origin, bide_body *body, bide_value arg);

/* return x, from a body: `return bide_return(result, 42);` boxes x as BIDE_BOX does. */
#define bide_return(result, x) bide__return(result, BIDE_BOX(x))
static inline int bide__return(bide_value *result, bide_value v)
{
    *result = bide_failed(v) ? BIDE_NONE : v;
    return bide_failed(v) ? BIDE_RAISED : BIDE_RETURNED;
}

/* --- inside a body ------------------------------------------------------------------ */

/* await awaitable: 0 with its result, or BIDE_RAISED with its exception. Suspends while it is not
 * done. The awaitable moves in: a coroutine, future, task, or any object with an await slot.
 * TypeError if it is not awaitable, RuntimeError outside a coroutine. */
#define bide_await(awaitable, out) bide_await_at(BIDE_HERE, awaitable, out)
BIDE_ASYNC int bide_await_at(const bide_site *site, bide_value awaitable, bide_value *out);

/* Suspends the coroutine, handing `v` to whoever drives it: the leaf on which futures and
 * schedulers of your own are built. *in receives the value that is sent back. */
BIDE_ASYNC static inline int bide_suspend(bide_value v, bide_value *in);

/* yield v: suspends the generator, or hands an item to whoever iterates the async generator.
 * 0 with what was sent in *in; BIDE_RAISED with what was thrown. */
BIDE_GENERATOR static inline int bide_yield(bide_value v, bide_value *in);
/* yield from iterable: forwards next, send, throw and close; *out is its return value. */
BIDE_GENERATOR BIDE__NOT_ASYNC int bide_yield_from(bide_value iterable, bide_value *out);

/* Calls cleanup(arg) when the running body ends, however it ends; last registered, first called.
 * `arg` moves in and is dropped after the call. The cleanup may await where the body may. An
 * exception it raises replaces the one in flight, which becomes its context.
 * 0 or MemoryError (then cleanup was called at once). RuntimeError outside a body. */
int bide_defer(int (*cleanup)(bide_value arg), bide_value arg);

/* --- driving: `it` is borrowed ------------------------------------------------------ */

/* next(it): BIDE_YIELDED with a value, BIDE_RETURNED with StopIteration's value, or BIDE_RAISED.
 * For generators and every object with a next slot; not for coroutines, which are not iterators. */
static inline int bide_next(bide_value it, bide_value *out);
/* it.send(v): as bide_next; `v` is the value of the yield or await that it is suspended in. */
static inline int bide_send(bide_value it, bide_value v, bide_value *out);
/* it.throw(error): raises error where it is suspended. */
int bide_throw(bide_value it, bide_value error, bide_value *out);
/* it.close(): 0 with the value it returned on GeneratorExit (None mostly), or BIDE_RAISED. */
int bide_close(bide_value it, bide_value *out);

/* --- async generators: every one is a noun to await; `agen` is borrowed ------------- */

/* agen.asend(v): awaiting it gives the next item, or raises StopAsyncIteration. */
bide_value bide_asend(bide_value agen, bide_value v);
/* agen.athrow(error): awaiting it gives the next item. On a finished async generator it gives
 * None and the error is dropped, as in CPython; bide_athrow_strict raises it instead. */
bide_value bide_athrow(bide_value agen, bide_value error);
bide_value bide_athrow_strict(bide_value agen, bide_value error);
/* agen.aclose(): awaiting it runs the cleanup. */
bide_value bide_aclose(bide_value agen);

/* sys.set_asyncgen_hooks, for this thread. `firstiter` is called before the first item is asked
 * for; `finalizer` when a suspended one loses its last reference: the value it gets may be kept
 * (bide_ref) to be closed later. `ended`, which Python has not, is called when one for which
 * firstiter was called has ended or is gone, for those who keep track; `yields`, likewise, before
 * one yields: BIDE_RAISED makes the yield fail. It is not asked of context managers. NULL: none.
 * The loop sets its own while it runs. All borrow. */
typedef struct bide_agen_hooks {
    int (*firstiter)(bide_value agen);
    void (*finalizer)(bide_value agen);
    void (*ended)(bide_value agen);
    int (*yields)(bide_value agen);
} bide_agen_hooks;
/* Sets hooks and gives back the ones before. */
bide_agen_hooks bide_set_agen_hooks(bide_agen_hooks hooks);

/* sys.setrecursionlimit, for nested awaits; 1000 to begin with. RecursionError beyond it. */
void bide_set_recursion_limit(unsigned levels);

/* --- introspection: all borrow ------------------------------------------------------ */

typedef enum bide_state {
    BIDE_CREATED,
    BIDE_RUNNING,
    BIDE_SUSPENDED,
    BIDE_CLOSED,
} bide_state;

/* inspect.getcoroutinestate and its kin; BIDE_CLOSED for anything else. */
bide_state bide_state_of(bide_value coro);
/* "CORO_CREATED", "GEN_SUSPENDED", "AGEN_RUNNING", ... */
const char *bide_state_name(bide_value coro);
/* cr_await, gi_yieldfrom, ag_await: what it is suspended in; BIDE_NONE if nothing. Borrowed. */
bide_value bide_awaiting(bide_value coro);
/* coro.__name__: the name of the body; of any other object, the name of its type. */
const char *bide_name(bide_value coro);
/* The last place where it awaited; NULL if nowhere yet. */
const bide_site *bide_await_site(bide_value coro);

/* --- errors that have nowhere to go ------------------------------------------------- */

/* sys.unraisablehook: what a cleanup raised while an object was being dropped. NULL restores the
 * default, which prints the traceback to stderr. `error` and `object` are borrowed. */
typedef void bide_unraisable_fn(bide_value error, const char *where);
void bide_set_unraisable_hook(bide_unraisable_fn *hook);
/* Where warnings go ("RuntimeWarning", "coroutine 'f' was never awaited"). NULL restores the
 * default, which prints "file:line: category: message" to stderr. `origin` may be NULL. */
typedef void bide_warning_fn(const char *category, const char *message, const bide_origin *origin);
void bide_set_warning_hook(bide_warning_fn *hook);

#ifdef __cplusplus
}
#endif

#include <bide/step.h> /* the inline ones */

#endif
