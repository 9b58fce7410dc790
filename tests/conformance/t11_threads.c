/* Threads: to_thread, run_in_executor, call_soon_threadsafe, run_coroutine_threadsafe.
 *
 * Where the target has no threads the port says so, and what the calls raise.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <stdlib.h>

static bide_value var, event;   /* as long as any thread may use them */
static _Thread_local char here; /* its address tells threads apart */

/* var.get(), threading.get_ident() == me; me is a pointer. */
static int is_there(bide_value me, bide_value *result)
{
    *result = bide_tuple(bide_context_var_get(var), (bool)(me.as.ptr == &here));
    return bide_failed(*result) ? BIDE_RAISED : 0;
}

/* arg: x, me */
static int blocking(bide_value arg, bide_value *result)
{
    *result = bide_tuple(bide_item(arg, 0).as.i * 2, bide_context_var_get(var),
                         (bool)(bide_item(arg, 1).as.ptr == &here));
    return bide_failed(*result) ? BIDE_RAISED : 0;
}

static int fail(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_ValueError, "in thread");
}

static int set(bide_value arg)
{
    return bide_event_set(event);
}

static int set_from_here(bide_value loop, bide_value *result)
{
    return bide_call_soon_threadsafe(loop, set, BIDE_NONE);
}

static BIDE_ASYNC int co(bide_value x, bide_value *result)
{
    BIDE_TRY(bide_sleep(0));
    return bide_return(result, x.as.i + 1);
}

static int from_thread(bide_value loop, bide_value *result)
{
    BIDE_SCOPED bide_value future = bide_run_coroutine_threadsafe(loop, co, bide_int(1));
    return bide_concurrent_result(future, BIDE_NEVER, result);
}

static int square(bide_value i, bide_value *result)
{
    return bide_return(result, i.as.i * i.as.i);
}

static BIDE_ASYNC int on_threads(bide_value me)
{
    BIDE_SCOPED bide_value v = BIDE_NONE, w = BIDE_NONE, e = BIDE_NONE;
    BIDE_TRY(bide_await(bide_to_thread(blocking, bide_tuple(21, me)), &v));
    print(v);
    BIDE_TRY(bide_await(bide_run_in_executor(BIDE_NONE, is_there, me), &w));
    print(w);
    if (bide_await(bide_to_thread(fail, BIDE_NONE), NULL) < 0) {
        BIDE_EXCEPT(BIDE_ValueError, &e);
        print(ex(e));
    }
    return 0;
}

static BIDE_ASYNC int into_the_loop(bide_value loop)
{
    BIDE_SCOPED bide_value thread = bide_executor(1), v = BIDE_NONE;
    BIDE_SCOPED bide_value started = bide_executor_submit(thread, set_from_here, bide_ref(loop));
    if (bide_failed(started))
        return BIDE_RAISED;
    BIDE_TRY(bide_event_wait(event));
    print("event set from thread");
    BIDE_TRY(bide_await(bide_to_thread(from_thread, bide_ref(loop)), &v));
    print("threadsafe", v);
    return bide_executor_shutdown(thread, true, false);
}

static int compare(const void *a, const void *b)
{
    int64_t x = ((const bide_value *)a)->as.i, y = ((const bide_value *)b)->as.i;
    return (x > y) - (x < y);
}

static BIDE_ASYNC int squares(void)
{
    BIDE_SCOPED bide_value coros = bide_list(), results = BIDE_NONE, sorted = BIDE_NONE;
    bide_value items[5];
    for (int i = 0; i < 5; i++)
        BIDE_TRY(bide_list_append(coros, bide_to_thread(square, bide_int(i))));
    BIDE_TRY(bide_await(bide_gather(bide_ref(coros), false), &results));
    for (size_t i = 0; i < 5; i++)
        items[i] = bide_item(results, i);
    qsort(items, 5, sizeof *items, compare);
    sorted = bide_list_of(items, 5);
    if (bide_failed(sorted))
        return BIDE_RAISED;
    print(sorted);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    BIDE_TRY(bide_context_var_set(var, bide_str("from main"), NULL));
    BIDE_TRY(on_threads(bide_ptr(&here)));
    BIDE_TRY(into_the_loop(loop));
    return squares();
}

/* Every call that needs a thread raises, where there are none. */
static BIDE_ASYNC int without_threads(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop(), executor = bide_executor(1);
    log_except(BIDE_RuntimeError, "executor");
    BIDE_SCOPED bide_value future = bide_run_in_executor(BIDE_NONE, square, bide_int(2));
    log_except(BIDE_RuntimeError, "run_in_executor");
    BIDE_SCOPED bide_value other = bide_run_coroutine_threadsafe(loop, co, bide_int(1));
    log_except(BIDE_RuntimeError, "run_coroutine_threadsafe");
    attempt("to_thread", bide_to_thread(square, bide_int(2)));
    return 0;
}

int t11_threads(void)
{
    var = bide_context_var("var", bide_str("unset"));
    event = bide_event();
    if (!bide_threads_available())
        print("skipped: there are no threads on this target");
    top(bide_coro(bide_threads_available() ? async_main : without_threads, BIDE_NONE));
    bide_clear(&var);
    bide_clear(&event);
    return 0;
}
