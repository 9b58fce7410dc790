/* Threads beside the loop: functions on executors, and the ways back into the loop. On WebAssembly,
 * where there are none, that every call says so.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"
#include "quiet.h"

/* --- what holds on every target ------------------------------------------------------- */

static int twice(bide_value arg, bide_value *result)
{
    return bide_return(result, arg.as.i * 2);
}

static int note_arg(bide_value arg)
{
    note("%s", bide_cstr(arg));
    return 0;
}

/* On the loop's own thread it is call_soon. */
static BIDE_ASYNC int call_from_the_loop(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    BIDE_TRY(bide_call_soon_threadsafe(loop, note_arg, bide_str("first")));
    bide_drop(bide_call_soon(note_arg, bide_str("second")));
    BIDE_TRY(bide_sleep(0));
    CHECK_NOTES("first, second");
    return 0;
}

static void test_call_soon_threadsafe_on_the_loops_thread(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(call_from_the_loop, BIDE_NONE));
    bide_value loop = bide_loop();
    CHECK_INT(bide_loop_close(loop), 0);
    CHECK_RAISES("!! RuntimeError: Event loop is closed",
                 bide_call_soon_threadsafe(loop, note_arg, bide_str("too late")));
    bide_drop(loop);
    CHECK_RAISES("!! TypeError: an event loop is expected, got 'int'",
                 bide_call_soon_threadsafe(bide_int(1), note_arg, bide_str("nowhere")));
}

#if defined(__wasm__)

static BIDE_ASYNC int try_threads(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    static const char none[] = "!! RuntimeError: threads are not supported on this target";
    CHECK(!bide_threads_available());
    CHECK_STEP(none, bide_await, bide_to_thread(twice, bide_int(1)));
    CHECK_FAILS(none, bide_run_in_executor(BIDE_NONE, twice, bide_str("dropped")));
    CHECK_FAILS(none, bide_executor(1));
    CHECK_FAILS(none, bide_run_coroutine_threadsafe(loop, try_threads, bide_str("dropped")));
    bide_parcel *parcel = bide_parcel_pack(bide_ref(loop));
    CHECK(!parcel && bide_catch(BIDE_RuntimeError, NULL));
    return 0;
}

static void test_every_call_says_so(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(try_threads, BIDE_NONE));
}

int main(void)
{
    RUN(test_call_soon_threadsafe_on_the_loops_thread);
    RUN(test_every_call_says_so);
    return check_end();
}

#else

#include <semaphore.h>
#include <stdatomic.h>

/* Runs the coroutine on real time, then on the virtual clock. */
static void run_on_both(bide_body *body)
{
    bide_use_host(BIDE_HOST_DEFAULT);
    CHECK_STEP("=> None", bide_run, bide_coro(body, BIDE_NONE));
    bide_use_host(BIDE_HOST_VIRTUAL);
    CHECK_STEP("=> None", bide_run, bide_coro(body, BIDE_NONE));
}

/* A function that a test holds up: it says that it has begun, and waits to go on. */
struct gate {
    sem_t begun, open;
    atomic_int passed;
};

static void gate_init(struct gate *gate)
{
    sem_init(&gate->begun, 0, 0);
    sem_init(&gate->open, 0, 0);
    gate->passed = 0;
}

static int pass(bide_value arg, bide_value *result)
{
    struct gate *gate = arg.as.ptr;
    sem_post(&gate->begun);
    sem_wait(&gate->open);
    gate->passed++;
    return bide_return(result, "passed");
}

/* --- functions on threads ------------------------------------------------------------- */

static int add(bide_value arg, bide_value *result)
{
    return bide_return(
        result, bide_strf("%s%d", bide_cstr(bide_item(arg, 0)), (int)bide_item(arg, 1).as.i));
}

static int raise_there(bide_value arg, bide_value *result)
{
    bide_value cause = bide_error_with(BIDE_KeyError, bide_ref(arg));
    return bide_raise_error(bide_error_from(bide_error_new(BIDE_ValueError, "there"), cause));
}

static int forget_to_raise(bide_value arg, bide_value *result)
{
    return BIDE_RAISED;
}

static int leave_an_exception(bide_value arg, bide_value *result)
{
    bide_raise(BIDE_OSError, "left");
    return bide_return(result, "dropped");
}

static int give_a_lock(bide_value arg, bide_value *result)
{
    *result = bide_lock();
    return 0;
}

static int stop_iteration(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_StopIteration, NULL);
}

BIDE__UNCOLORED static int await_there(bide_value arg, bide_value *result)
{
    return bide_await(bide_lock(), result);
}

static BIDE_ASYNC int results(bide_value arg, bide_value *result)
{
    bide_value v;
    CHECK_STEP("=> 'n3'", bide_await, bide_to_thread(add, bide_tuple("n", 3)));
    CHECK_STEP("=> 14", bide_await, bide_run_in_executor(BIDE_NONE, twice, bide_int(7)));
    CHECK_INT(bide_await(bide_to_thread(raise_there, bide_str("k")), NULL), BIDE_RAISED);
    v = bide_error_take();
    CHECK(bide_is_error(v, BIDE_ValueError));
    CHECK_STR(bide_error_message(bide_error_cause(v)), "k");
    bide_drop(v);
    CHECK_STEP("!! MemoryError", bide_await, bide_to_thread(forget_to_raise, BIDE_NONE));
    CHECK_STEP("!! OSError: left", bide_await, bide_to_thread(leave_an_exception, BIDE_NONE));
    CHECK_STEP("!! TypeError: a Lock stays on its thread: what crosses to another is copied; send "
               "what it holds, or a pointer",
               bide_await, bide_to_thread(give_a_lock, BIDE_NONE));
    CHECK_STEP("!! TypeError: a Lock stays on its thread: what crosses to another is copied; send "
               "what it holds, or a pointer",
               bide_await, bide_to_thread(twice, bide_lock()));
    CHECK_STEP(
        "!! RuntimeError: StopIteration interacts badly with generators and cannot be raised "
        "into a Future",
        bide_await, bide_to_thread(stop_iteration, BIDE_NONE));
    CHECK_STEP("!! RuntimeError: await outside a coroutine", bide_await,
               bide_to_thread(await_there, BIDE_NONE));
    return 0;
}

static void test_results(void)
{
    run_on_both(results);
}

static BIDE_ASYNC int count_there(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    return bide_return(result, bide_now());
}

/* asyncio.run on a thread: a loop of its own. */
static int run_a_loop(bide_value arg, bide_value *result)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    return bide_run(bide_coro(count_there, BIDE_NONE), result);
}

static BIDE_ASYNC int with_a_loop_on_a_thread(bide_value arg, bide_value *result)
{
    CHECK_STEP("=> 1000000000", bide_await, bide_to_thread(run_a_loop, BIDE_NONE));
    return 0;
}

static void test_a_loop_on_a_thread(void)
{
    run_on_both(with_a_loop_on_a_thread);
}

/* --- context -------------------------------------------------------------------------- */

static bide_value name, plain, held;

/* What it sees, and what it sets for nobody but itself. */
static int look(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value before = bide_context_var_get(name), token = BIDE_NONE;
    if (bide_context_var_set(name, bide_str("changed"), &token) < 0)
        return BIDE_RAISED;
    BIDE_SCOPED bide_value after = bide_context_var_get(name);
    BIDE_TRY(bide_context_var_reset(name, bide_ref(token)));
    *result = bide_tuple(bide_ref(before), bide_ref(after), bide_context_var_get(name),
                         bide_context_var_get(plain));
    return bide_failed(*result) ? BIDE_RAISED : 0;
}

static int look_at_held(bide_value arg, bide_value *result)
{
    *result = bide_context_var_get(held);
    return bide_failed(*result) ? BIDE_RAISED : 0;
}

static BIDE_ASYNC int contexts(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_context_var_set(plain, bide_int(5), NULL));
    CHECK_STEP("=> ('fallback', 'changed', 'fallback', 5)", bide_await,
               bide_to_thread(look, BIDE_NONE));
    BIDE_TRY(bide_context_var_set(name, bide_str("mine"), NULL));
    CHECK_STEP("=> ('mine', 'changed', 'mine', 5)", bide_await, bide_to_thread(look, BIDE_NONE));
    CHECK_STEP("=> ('fallback', 'changed', 'fallback', None)", bide_await,
               bide_run_in_executor(BIDE_NONE, look, BIDE_NONE));
    BIDE_SCOPED bide_value mine = bide_context_var_get(name);
    CHECK_REPR(mine, "'mine'");
    BIDE_TRY(bide_context_var_set(held, bide_lock(), NULL));
    CHECK_STEP(
        "!! TypeError: the value of context variable 'held' stayed on its thread: it is of a "
        "type that does not cross",
        bide_await, bide_to_thread(look_at_held, BIDE_NONE));
    CHECK_STEP(
        "!! TypeError: the value of context variable 'held' stayed on its thread: it is of a "
        "type that does not cross",
        bide_await, bide_run_in_executor(BIDE_NONE, look_at_held, BIDE_NONE));
    return 0;
}

static void test_context(void)
{
    name = bide_context_var("name", bide_str("fallback"));
    plain = bide_context_var("plain", BIDE_NONE);
    held = bide_context_var("held", bide_event());
    run_on_both(contexts);
    bide_drop(name);
    bide_drop(plain);
    bide_drop(held);
}

/* --- executors ------------------------------------------------------------------------ */

static atomic_int order[8], ran;

static int note_order(bide_value arg, bide_value *result)
{
    order[ran++] = (int)arg.as.i;
    return 0;
}

static void test_an_executor_runs_in_order(void)
{
    bide_value executor = bide_executor(1), futures[8];
    ran = 0;
    for (int i = 0; i < 8; i++)
        futures[i] = bide_executor_submit(executor, note_order, bide_int(i));
    CHECK_INT(bide_executor_shutdown(executor, true, false), 0);
    for (int i = 0; i < 8; i++) {
        CHECK(bide_concurrent_done(futures[i]));
        CHECK_STEP("=> None", bide_concurrent_result, futures[i], BIDE_NEVER);
        CHECK_INT(order[i], i);
        bide_drop(futures[i]);
    }
    CHECK_FAILS("!! RuntimeError: cannot schedule new futures after shutdown",
                bide_executor_submit(executor, note_order, bide_str("dropped")));
    CHECK_INT(bide_executor_shutdown(executor, true, true), 0);
    bide_drop(executor);
    CHECK_FAILS("!! TypeError: 'ThreadPoolExecutor' object is expected, got 'int'",
                bide_executor_submit(bide_int(1), note_order, BIDE_NONE));
}

/* As many run at a time as there are threads: each waits for the next to have begun. */
static sem_t met;

static int meet(bide_value arg, bide_value *result)
{
    sem_post(&met);
    sem_wait(&met); /* somebody's */
    return bide_return(result, 1);
}

static BIDE_ASYNC int meetings(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value futures = bide_list(), executor = bide_executor(4), all = BIDE_NONE;
    for (int i = 0; i < 20; i++)
        BIDE_TRY(bide_list_append(futures, bide_run_in_executor(executor, meet, BIDE_NONE)));
    BIDE_TRY(bide_await(bide_gather(bide_ref(futures), false), &all));
    CHECK_INT(bide_size(all), 20);
    return 0;
}

static void test_several_at_a_time(void)
{
    sem_init(&met, 0, 0);
    run_on_both(meetings);
}

static void test_cancelling_what_was_submitted(void)
{
    struct gate gate;
    gate_init(&gate);
    bide_value executor = bide_executor(1);
    bide_value running = bide_executor_submit(executor, pass, bide_ptr(&gate));
    bide_value waiting = bide_executor_submit(executor, twice, bide_int(1));
    bide_value last = bide_executor_submit(executor, twice, bide_str("dropped"));
    sem_wait(&gate.begun);
    CHECK(bide_concurrent_running(running) && !bide_concurrent_running(waiting));
    CHECK_INT(bide_concurrent_cancel(running), 0);
    CHECK_INT(bide_concurrent_cancel(waiting), 1);
    CHECK_INT(bide_concurrent_cancel(waiting), 1);
    CHECK(bide_concurrent_cancelled(waiting) && bide_concurrent_done(waiting));
    CHECK_STEP("!! CancelledError", bide_concurrent_result, waiting, BIDE_NEVER);
    CHECK_STEP("!! TimeoutError", bide_concurrent_result, running, 0);
    CHECK_STEP("!! TimeoutError", bide_concurrent_result, last, BIDE_US(10));
    CHECK_INT(bide_executor_shutdown(executor, false, true), 0);
    CHECK_STEP("!! CancelledError", bide_concurrent_result, last, BIDE_NEVER);
    sem_post(&gate.open);
    CHECK_STEP("=> 'passed'", bide_concurrent_result, running, BIDE_NEVER);
    CHECK_STEP("=> 'passed'", bide_concurrent_result, running, 0); /* as often as one likes */
    CHECK_INT(bide_concurrent_cancel(running), 0);
    bide_drop(executor);
    bide_drop(running);
    bide_drop(waiting);
    bide_drop(last);
    CHECK(!bide_concurrent_done(bide_int(1)));
    CHECK_RAISES("!! TypeError: 'concurrent.futures.Future' object is expected, got 'int'",
                 bide_concurrent_cancel(bide_int(1)));
}

/* --- cancelling who awaits -------------------------------------------------------------- */

static struct gate gate;

static BIDE_ASYNC int wait_for_the_gate(bide_value arg, bide_value *result)
{
    return bide_await(bide_to_thread(pass, bide_ptr(&gate)), result);
}

/* The function has begun, and goes on though nobody awaits it; the end of the loop waits for it. */
static BIDE_ASYNC int abandon(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value task = bide_task(bide_coro(wait_for_the_gate, BIDE_NONE), NULL);
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_sleep(0));
    sem_wait(&gate.begun);
    CHECK_INT(bide_future_cancel(task, NULL), 1);
    CHECK_STEP("!! CancelledError", bide_await, bide_ref(task));
    CHECK_INT(gate.passed, 0);
    sem_post(&gate.open);
    return 0;
}

static void test_cancelling_abandons_the_waiting_alone(void)
{
    for (int host = BIDE_HOST_DEFAULT; host <= BIDE_HOST_VIRTUAL; host++) {
        gate_init(&gate);
        bide_use_host((bide_host_kind)host);
        CHECK_STEP("=> None", bide_run, bide_coro(abandon, BIDE_NONE));
        CHECK_INT(gate.passed, 1);
    }
}

/* What has not begun never runs. */
static BIDE_ASYNC int cancel_early(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value executor = bide_executor(1);
    gate_init(&gate);
    ran = 0;
    BIDE_SCOPED bide_value first = bide_run_in_executor(executor, pass, bide_ptr(&gate));
    BIDE_SCOPED bide_value second = bide_run_in_executor(executor, note_order, bide_int(1));
    sem_wait(&gate.begun);
    CHECK_INT(bide_future_cancel(second, NULL), 1);
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_sleep(0));
    sem_post(&gate.open);
    CHECK_STEP("=> 'passed'", bide_await, bide_ref(first));
    CHECK_INT(bide_executor_shutdown(executor, true, false), 0);
    CHECK_INT(ran, 0);
    return 0;
}

static void test_what_is_cancelled_early_never_runs(void)
{
    run_on_both(cancel_early);
}

/* --- failing allocations ---------------------------------------------------------------- */

static BIDE_ASYNC int a_bit_of_everything(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value executor = bide_executor(2), v = BIDE_NONE;
    BIDE_SCOPED bide_value future = bide_executor_submit(executor, twice, bide_int(1));
    BIDE_SCOPED bide_value wrapped = bide_wrap_future(future);
    BIDE_TRY(bide_context_var_set(name, bide_str("value"), NULL));
    BIDE_TRY(bide_await(bide_ref(wrapped), NULL));
    BIDE_TRY(bide_await(bide_to_thread(add, bide_tuple("n", 3)), &v));
    return bide_await(bide_run_in_executor(executor, twice, bide_int(4)), result);
}

static void test_failing_allocations(void)
{
    size_t n = 0;
    bool failed;
    name = bide_context_var("name", BIDE_NONE);
    bide_use_host(BIDE_HOST_VIRTUAL);
    bide_set_exception_handler(ignore_report);
    bide_set_warning_hook(ignore_warning);
    do {
        bide_value v = BIDE_NONE;
        bide_debug_fail_allocation(++n);
        int status = bide_run(bide_coro(a_bit_of_everything, BIDE_NONE), &v);
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        if (status < 0)
            CHECK(bide_catch(BIDE_MemoryError, NULL));
        else
            CHECK_INT(v.as.i, 8);
        bide_drop(v);
        CHECK_INT(bide_debug_live(), 1);
    } while (failed);
    CHECK(n > 20);
    bide_set_exception_handler(NULL);
    bide_set_warning_hook(NULL);
    bide_drop(name);
}

/* On the thread itself: when the result cannot be packed, that is what is raised. */
static int fail_to_pack(bide_value arg, bide_value *result)
{
    *result = bide_str("a result");
    bide_debug_fail_allocation((size_t)arg.as.i);
    return 0;
}

static BIDE_ASYNC int packing_fails(bide_value arg, bide_value *result)
{
    CHECK_STEP("!! MemoryError", bide_await, bide_to_thread(fail_to_pack, bide_int(1)));
    CHECK_STEP("=> 'a result'", bide_await, bide_to_thread(fail_to_pack, bide_int(0)));
    return 0;
}

static void test_a_result_that_cannot_be_packed(void)
{
    run_on_both(packing_fails);
}

int main(void)
{
    RUN(test_call_soon_threadsafe_on_the_loops_thread);
    RUN(test_results);
    RUN(test_a_loop_on_a_thread);
    RUN(test_context);
    RUN(test_an_executor_runs_in_order);
    RUN(test_several_at_a_time);
    RUN(test_cancelling_what_was_submitted);
    RUN(test_cancelling_abandons_the_waiting_alone);
    RUN(test_what_is_cancelled_early_never_runs);
    RUN(test_failing_allocations);
    RUN(test_a_result_that_cannot_be_packed);
    return check_end();
}

#endif
