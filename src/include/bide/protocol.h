/* bide/protocol.h - objects of your own that can be awaited, iterated and entered, and the loops
 * and blocks that use them.
 *
 * A type is a table of functions, as a Python class is a set of methods: a slot that is NULL is a
 * method that is not there, and using it raises CPython's TypeError.
 *
 *     typedef struct { bide_object base; int left; } ticker;
 *     static bide_value ticker_anext(void *self) { return bide_coro(tick, bide_object_ref(self)); }
 *     static const bide_type ticker_type = {.name = "Ticker", .aiter = bide_self,
 *                                           .anext = ticker_anext};
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_PROTOCOL_H
#define BIDE_PROTOCOL_H

#include <bide/coroutine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In every slot `self` is borrowed and points to your struct. Slots that return a bide_value give
 * a new reference, or BIDE_FAILED with an exception. Steps answer as bide_next does. */
struct bide_type {
    const char *name;
    /* Drops what the object holds; the memory is freed after it. May be NULL. */
    void (*finalize)(void *self);
    /* __repr__; NULL gives <Name object>. */
    bide_value (*repr)(void *self);
    /* __await__: an iterator whose return value is the result of the await. */
    bide_value (*await)(void *self);
    /* The same without an iterator: runs on the stack of the awaiting coroutine, may bide_suspend
     * and bide_await, and leaves the result in *out. Give this one or `await`. */
    int (*await_here)(void *self, bide_value *out);
    /* __iter__, __next__, send, throw, close: an iterator. */
    bide_value (*iter)(void *self);
    int (*next)(void *self, bide_value *out);
    int (*send)(void *self, bide_value v, bide_value *out);
    int (*throw_)(void *self, bide_value error, bide_value *out);
    int (*close)(void *self, bide_value *out);
    /* __aiter__: an async iterator; __anext__: an awaitable of the next item, which raises
     * StopAsyncIteration at the end; aclose: an awaitable. */
    bide_value (*aiter)(void *self);
    bide_value (*anext)(void *self);
    bide_value (*aclose)(void *self);
    /* __aenter__ and __aexit__: awaitables. `error` is the exception the block raised or
     * BIDE_NONE, borrowed; a true result of the exit swallows it. */
    bide_value (*aenter)(void *self);
    bide_value (*aexit)(void *self, bide_value error);
    /* Bide's own: what this object and its copies on other threads have in common (see parcel.h);
     * NULL: objects of this type stay on their thread. */
    struct bide__shared *(*shared)(void *self);
};

/* A slot function that answers with the object itself: for .iter, .aiter and .await. */
bide_value bide_self(void *self);

/* --- the protocols as plain functions ----------------------------------------------- */

/* iter(v): v moves in. Lists and tuples iterate their items. */
bide_value bide_iter(bide_value v);
/* v.__await__(): the iterator that bide_await would drive. v moves in. */
bide_value bide_await_iter(bide_value v);
/* aiter(v), with the checks of `async for`. v moves in. */
bide_value bide_aiter(bide_value v);
/* anext(it): an awaitable. `it` is borrowed. TypeError if it is not an async iterator. */
bide_value bide_anext(bide_value it);
/* anext(it, fallback): StopAsyncIteration becomes the fallback, which moves in. */
bide_value bide_anext_or(bide_value it, bide_value fallback);
/* Whether the object behind v has the slot: dir() for the names in bide_type. */
#define bide_has(v, slot) ((bool)(bide__type_of(v)->slot != NULL))
const bide_type *bide__type_of(bide_value v);

/* --- for and async for -----------------------------------------------------------------
 *
 *     BIDE_FOR (n, bide_gen(countdown, bide_int(3)))
 *         printf("%d\n", (int)n.as.i);
 *
 * The iterable moves in. The variable is declared by the loop and owns one item at a time; keep one
 * with bide_ref. break, continue, return and goto mean what they mean in any C loop. An exception
 * from the iterator returns BIDE_RAISED from the function, or does the statement given as a last
 * argument, say `goto done`.
 *
 * On every exit BIDE_ASYNC_FOR awaits the iterator's aclose, if it has one; BIDE_ASYNC_FOR_OPEN
 * leaves the iterator as it is, as Python does. For `else`, hand BIDE_ASYNC_FOR_ELSE a bool: it
 * becomes true when, and only when, the iterator ended by itself.
 *
 *     bool exhausted;
 *     BIDE_ASYNC_FOR_ELSE (line, reader, &exhausted)
 *         puts(bide_cstr(line));
 *     if (exhausted)
 *         puts("else"); */

#define BIDE__JOIN_(a, b) a##b
#define BIDE__JOIN(a, b) BIDE__JOIN_(a, b)
#define BIDE__LOOP(var, it, begin, step, end, exhausted, action)                                   \
    for (bide_value it __attribute__((cleanup(end))) = begin,                                      \
                       var __attribute__((cleanup(bide__drop_at))) = BIDE_NONE;                    \
         step(&it, &var, exhausted);)                                                              \
        if (bide_failed(it))                                                                       \
            action;                                                                                \
        else
#define BIDE__ITERATOR BIDE__JOIN(bide__iterator, __LINE__)

#define BIDE_FOR(var, iterable, ...)                                                               \
    BIDE__LOOP(var, BIDE__ITERATOR, bide_iter(iterable), bide_for_step, bide__drop_at, NULL,       \
               BIDE__OR_RETURN(_, ##__VA_ARGS__))
#define BIDE_ASYNC_FOR(var, aiterable, ...)                                                        \
    BIDE__LOOP(var, BIDE__ITERATOR, bide_aiter(aiterable), bide_async_for_step,                    \
               bide_async_for_end, NULL, BIDE__OR_RETURN(_, ##__VA_ARGS__))
#define BIDE_ASYNC_FOR_OPEN(var, aiterable, ...)                                                   \
    BIDE__LOOP(var, BIDE__ITERATOR, bide_aiter(aiterable), bide_async_for_step,                    \
               bide_async_for_open_end, NULL, BIDE__OR_RETURN(_, ##__VA_ARGS__))
#define BIDE_ASYNC_FOR_ELSE(var, aiterable, exhausted, ...)                                        \
    BIDE__LOOP(var, BIDE__ITERATOR, bide_aiter(aiterable), bide_async_for_step,                    \
               bide_async_for_end, exhausted, BIDE__OR_RETURN(_, ##__VA_ARGS__))

/* The plain functions under the macros. Start with *it from bide_iter or bide_aiter and *item
 * BIDE_NONE. A step drops the last item and answers true with the next one; false at the end, *it
 * is then BIDE_NONE and *exhausted true; or true with *it BIDE_FAILED if the iterator raised.
 * `exhausted` may be NULL. Then drop *item and *it (bide_for_step), or end an async for, which on
 * the way out awaits aclose (end) or does not (open_end); a pending exception goes on. The ends are
 * not marked BIDE_ASYNC, because they run where a scope is left. */
static inline bool bide_for_step(bide_value *it, bide_value *item, bool *exhausted);
BIDE_ASYNC bool bide_async_for_step(bide_value *it, bide_value *item, bool *exhausted);
void bide_async_for_end(bide_value *it);
void bide_async_for_open_end(bide_value *it);

bool bide__for_ended(bide_value *it, bide_value *item, int status);

static inline bool bide_for_step(bide_value *it, bide_value *item, bool *exhausted)
{
    bide_clear(item);
    int status = bide_next(*it, item);
    if (exhausted)
        *exhausted = status == BIDE_RETURNED;
    return status == BIDE_YIELDED || bide__for_ended(it, item, status);
}

/* --- async with ------------------------------------------------------------------------
 *
 *     BIDE_ASYNC_WITH (conn, connection(host)) {
 *         BIDE_WITH_TRY(conn, bide_await(greet(conn), NULL));
 *     }
 *     BIDE_END_WITH(conn);
 *     puts("here also when the exit swallowed an exception");
 *
 * The manager moves in; `conn` is declared by the block and holds what __aenter__ gave, dropped at
 * its end. However the block is left, __aexit__ is awaited: falling through, break, continue and
 * return (of a value too) pass it None. An exception leaves the block by BIDE_WITH_TRY(conn, expr)
 * and goes on after BIDE_END_WITH if the exit swallows it. BIDE_TRY and `return BIDE_RAISED` in the
 * block also run the exit, but leave the function; a swallowing exit is then a RuntimeError. */

typedef struct bide_with_block {
    bide_value manager;
    bool entered;
} bide_with_block;

/* The plain functions under the macros. leave passes the pending exception to __aexit__, or None:
 * 0 to go on after the block, or BIDE_RAISED. abandon is for scopes left by return or break. */
BIDE_ASYNC int bide_async_with_enter(bide_with_block *block, bide_value manager, bide_value *out);
BIDE_ASYNC int bide_async_with_leave(bide_with_block *block);
void bide_async_with_abandon(bide_with_block *block);

/* async with manager as v: body(v, data), in one call. The body's status and *result are those of
 * the call; 0 and BIDE_NONE if the exit swallowed an exception. */
BIDE_ASYNC int bide_async_with(bide_value manager,
                               int (*body)(bide_value entered, void *data, bide_value *result),
                               void *data, bide_value *result);

#define BIDE_ASYNC_WITH(var, manager, ...)                                                         \
    {                                                                                              \
        __label__ var##__leave;                                                                    \
        __attribute__((cleanup(bide_async_with_abandon))) bide_with_block var##__block;            \
        BIDE_SCOPED bide_value var = BIDE_NONE;                                                    \
        if (bide_async_with_enter(&var##__block, manager, &var) < 0)                               \
            BIDE__OR_RETURN(_, ##__VA_ARGS__);

/* Goes to the end of the block, as an exception does. */
#define BIDE_LEAVE(var) goto var##__leave
#define BIDE_WITH_TRY(var, expr) BIDE_TRY(expr, BIDE_LEAVE(var))

#define BIDE_END_WITH(var, ...)                                                                    \
    var##__leave : __attribute__((unused));                                                        \
    if (bide_async_with_leave(&var##__block) < 0)                                                  \
        BIDE__OR_RETURN(_, ##__VA_ARGS__);                                                         \
    }                                                                                              \
    (void)0

/* --- managers ready made ------------------------------------------------------------ */

/* contextlib.asynccontextmanager: a manager from an async generator that yields once. */
bide_value bide_context_manager(bide_value agen);
/* contextlib.aclosing: gives `v` and awaits its aclose at the end. */
bide_value bide_aclosing(bide_value v);

/* contextlib.AsyncExitStack: a manager that holds others. `stack` is borrowed. */
bide_value bide_exit_stack(void);
/* Enters a manager (which moves in) and keeps it: what its __aenter__ gave is in *out. */
BIDE_ASYNC int bide_exit_stack_enter(bide_value stack, bide_value manager, bide_value *out);
/* Keeps a manager without entering it. */
int bide_exit_stack_push(bide_value stack, bide_value manager);
/* Awaits the coroutine of body(arg) at the end. */
int bide_exit_stack_callback(bide_value stack, bide_body *body, bide_value arg);
/* Moves everything that is kept to a new stack. */
bide_value bide_exit_stack_pop_all(bide_value stack);
/* Exits everything now: stack.aclose(), an awaitable. */
bide_value bide_exit_stack_aclose(bide_value stack);

#ifdef __cplusplus
}
#endif
#endif
