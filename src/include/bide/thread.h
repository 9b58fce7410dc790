/* bide/thread.h - threads beside the loop: blocking functions that a coroutine awaits, and a way
 * into a loop from anywhere.
 *
 *     static int digest(bide_value path, bide_value *result) { ... }      blocks as it likes
 *
 *     BIDE_TRY(bide_await(bide_to_thread(digest, bide_str(path)), &sum));
 *
 * A loop, its coroutines, futures and all other values stay on the thread that made them. What is
 * handed over, arguments, results and exceptions, is copied, as bide/parcel.h says, which also says
 * what cannot be. A function that runs on a thread cannot await; it may run a loop of its own
 * (bide_run), raise, and make values, which it drops before it returns.
 *
 * Where there are no threads, on WebAssembly, every call that needs one raises RuntimeError.
 *
 * On the virtual clock what a thread does for a loop takes no time: the clock stands still until
 * it is done, so that a timeout around it never fires.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_THREAD_H
#define BIDE_THREAD_H

#include <bide/future.h>
#include <bide/parcel.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What runs on a thread: 0 with its result, or BIDE_RAISED. `arg` is borrowed. */
typedef int bide_function(bide_value arg, bide_value *result);

/* Whether this target has threads. */
bool bide_threads_available(void);

/* --- awaiting a function that runs on a thread -------------------------------------- */

/* asyncio.to_thread: a coroutine; awaiting it runs fn(arg) on a thread of the loop's default
 * executor, with a copy of the context, and gives its result or raises its exception. `arg` moves
 * in. A context variable whose value does not cross raises TypeError when it is read there.
 * Cancelling who awaits abandons the waiting alone: a function that runs, runs to its end, which
 * the end of bide_run waits for. */
#define bide_to_thread(fn, arg) bide_to_thread_at(BIDE__ORIGIN(to_thread), fn, arg)
bide_value bide_to_thread_at(const bide_origin *origin, bide_function *fn, bide_value arg);

/* loop.run_in_executor: the same as a future, begun at once and without a context. `executor` is
 * borrowed; BIDE_NONE: the default one, which has the threads that bide_executor(0) would have (on
 * libuv's loop libuv's, which files and names share: UV_THREADPOOL_SIZE, 4 at first), and which
 * bide_run and runners shut down and wait for at their end. */
bide_value bide_run_in_executor(bide_value executor, bide_function *fn, bide_value arg);

/* --- executors ---------------------------------------------------------------------- */

/* concurrent.futures.ThreadPoolExecutor(max_workers): threads that start when they are first
 * needed, at most so many; 0: four more than the processors, at most 32. It belongs to this thread.
 * An executor that is dropped finishes what was submitted, without being waited for; the end of the
 * program waits. */
bide_value bide_executor(unsigned max_workers);
/* executor.submit: a concurrent future. Functions start in the order in which they were submitted.
 * RuntimeError after a shutdown. */
bide_value bide_executor_submit(bide_value executor, bide_function *fn, bide_value arg);
/* executor.shutdown: nothing can be submitted any more. `wait`: returns when every function and
 * thread has ended. `cancel_futures`: those not started are cancelled. Can be called again. */
int bide_executor_shutdown(bide_value executor, bool wait, bool cancel_futures);

/* --- concurrent futures: concurrent.futures.Future ---------------------------------- */

/* What came of a function or coroutine that runs elsewhere. Threads may have a copy each. */

/* future.result(timeout): blocks this thread, at most `timeout` ns of real time (BIDE_NEVER: no
 * limit): 0 with the result, or its exception raised. TimeoutError; CancelledError. RuntimeError
 * where it would wait for ever: on the thread of the loop that is to run the coroutine. */
int bide_concurrent_result(bide_value future, int64_t timeout, bide_value *out);
/* future.cancel(): 1, or 0 if it has begun or ended. The coroutine of
 * bide_run_coroutine_threadsafe is cancelled also when it has begun. */
int bide_concurrent_cancel(bide_value future);
/* Whether it has ended, was cancelled, is being run; false for anything but a concurrent future. */
bool bide_concurrent_done(bide_value future);
bool bide_concurrent_cancelled(bide_value future);
bool bide_concurrent_running(bide_value future);
/* asyncio.wrap_future: a future of the running loop, to await. `future` is borrowed. Cancelling the
 * one cancels the other. */
bide_value bide_wrap_future(bide_value future);

/* --- from another thread into a loop ------------------------------------------------ */

/* In both `loop` is borrowed: the loop itself on its own thread, elsewhere a copy that crossed:
 *
 *     bide_to_thread(work, bide_running_loop())        then the loop is `arg` in work
 *
 * What the call acts on over there, an event say, is named by a pointer, and has to live until the
 * call has run or the loop has ended: the thread may be later than whoever waits for it.
 *
 * RuntimeError "Event loop is closed" when it is. While a copy exists the loop is not deadlocked,
 * so drop it when it is of no more use. */

/* loop.call_soon_threadsafe: fn(arg) on the loop's thread, in a copy of this thread's context. */
int bide_call_soon_threadsafe(bide_value loop, bide_callback *fn, bide_value arg);
/* asyncio.run_coroutine_threadsafe: the coroutine of body(arg) becomes a task of the loop. It is
 * made there, since a coroutine does not cross. A concurrent future of its result. */
#define bide_run_coroutine_threadsafe(loop, body, arg)                                             \
    bide_run_coroutine_threadsafe_at(BIDE__ORIGIN(body), loop, body, arg)
bide_value bide_run_coroutine_threadsafe_at(const bide_origin *origin, bide_value loop,
                                            bide_body *body, bide_value arg);

#ifdef __cplusplus
}
#endif
#endif
