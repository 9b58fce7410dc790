/* bide/loop.h - the event loop: running coroutines, timers, and the hosts on which time passes.
 *
 * One loop runs on a thread at a time. Order is specified: an iteration runs completions, then
 * expired timers (by deadline, then creation), then exactly the callbacks that were ready.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_H
#define BIDE_LOOP_H

#include <bide/coroutine.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BIDE_NEVER INT64_MAX
#define BIDE_US(n) ((int64_t)(n) * 1000)
#define BIDE_MS(n) ((int64_t)(n) * 1000000)
#define BIDE_SECONDS(n) ((int64_t)((n) * 1e9))

/* --- running ------------------------------------------------------------------------ */

/* asyncio.run: a new loop runs `coro` (moves in) to its end, then cancels the tasks that are left,
 * closes open async generators, and goes. 0 with the result, or BIDE_RAISED.
 * RuntimeError inside a running loop or when nothing can ever wake it (a deadlock, reported with
 * the chains of awaits); ValueError if `coro` is not a coroutine. The host is the one named by the
 * environment variable BIDE_HOST, else the target's own; ValueError for a name that is none.
 * SystemExit and KeyboardInterrupt, raised by any task or callback, end the run at once.
 * SIGINT, natively and on the main thread: the first cancels main, and the run raises
 * KeyboardInterrupt unless main makes something else of it; the second raises it at once; the third
 * ends the process. A program that handles or ignores SIGINT itself keeps it. */
int bide_run(bide_value coro, bide_value *result);
/* bide_run for main: an exception prints its traceback to stderr. Gives the exit status: 0; the
 * result if it is an int, as far as 8 bits go; SystemExit's value; 1 after an exception; 130 after
 * KeyboardInterrupt. */
int bide_main(bide_value coro);

/* On which host the loop of the next bide_run waits; overrides BIDE_HOST. */
typedef enum bide_host_kind {
    BIDE_HOST_DEFAULT, /* BIDE_HOST's; else posix natively and under WASI, js in JavaScript */
    BIDE_HOST_VIRTUAL, /* the clock starts at 0 and jumps: nothing ever waits */
} bide_host_kind;
void bide_use_host(bide_host_kind kind);

/* Shuffles, in the loops that this thread makes from now on, everything whose order asyncio leaves
 * open, to find races: the same seed (0 or greater) gives the same order on every target, if the
 * program runs on the virtual host. BIDE_NO_SEED: the specified order. Overrides the environment
 * variable BIDE_SEED; bide_main names the seed when it reports an exception.
 * In one iteration the steps of tasks, first and later ones, run in any order, as do timers with
 * the same deadline. What asyncio's documentation orders, or users rely on, keeps its order: one
 * iteration and the next; call_soon callbacks among each other; timers by deadline; the callbacks
 * and waiters of one future; those who wait in line for one lock, semaphore, condition, event or
 * queue; results of gather, lists of wait, the order in which tasks are cancelled at the end. */
#define BIDE_NO_SEED INT64_C(-1)
void bide_use_seed(int64_t seed);

/* For tests, on the virtual clock: lets `ns` pass at once, as if what runs had taken so long.
 * RuntimeError on every other host, ValueError for less than 0. */
int bide_advance(int64_t ns);

/* --- inside a running loop ---------------------------------------------------------- */

bool bide_loop_running(void);
/* Now on the loop's clock, in ns, as read at the start of the iteration; 0 without a loop. */
int64_t bide_now(void);

/* asyncio.sleep: lets other tasks run for at least `ns`; 0 or less: one iteration. */
BIDE_ASYNC static inline int bide_sleep(int64_t ns);
/* The same until a deadline on the loop's clock. */
BIDE_ASYNC int bide_sleep_until(int64_t deadline);

/* Callbacks. A handle is a value; drop it at will: the callback stays due. `arg` moves in and is
 * dropped when the callback has run or is cancelled. An exception that a callback leaves goes to
 * the loop's exception handler. RuntimeError without a running loop. */
typedef int bide_callback(bide_value arg);
bide_value bide_call_soon(bide_callback *fn, bide_value arg);
bide_value bide_call_later(int64_t delay, bide_callback *fn, bide_value arg);
bide_value bide_call_at(int64_t deadline, bide_callback *fn, bide_value arg);
/* `handle` is borrowed. A cancelled callback never runs, also later in the same iteration. */
void bide_handle_cancel(bide_value handle);
bool bide_handle_cancelled(bide_value handle);
/* The deadline of a call_later or call_at handle. */
int64_t bide_handle_when(bide_value handle);

/* What the loop does with errors that have nowhere else to go. `error` may be BIDE_NONE; both are
 * borrowed. NULL restores the default, which prints to stderr, also what a handler itself raises.
 * For this thread. */
typedef void bide_exception_handler(const char *message, bide_value error);
void bide_set_exception_handler(bide_exception_handler *handler);

/* --- Bide's own --------------------------------------------------------------------- */

BIDE_ASYNC int bide__sleep(int64_t ns);

/* Letting others run is a bare switch, worth inlining: see bide/step.h. */
BIDE__UNCOLORED BIDE__INLINE int bide_sleep(int64_t ns)
{
#if defined(BIDE__FIBER_INLINED)
    if (__builtin_constant_p(ns) && ns <= 0)
        return bide__pause();
#endif
    return bide__sleep(ns);
}

#ifdef __cplusplus
}
#endif
#endif
