/* From other threads into a loop, natively: calls, coroutines, what is refused, and how a loop ends
 * while threads still work.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#if defined(__wasm__)

int main(void)
{
    puts("there are no threads on WebAssembly");
    return CHECK_SKIPPED;
}

#else

#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

static void run_on_both(bide_body *body)
{
    bide_use_host(BIDE_HOST_DEFAULT);
    CHECK_STEP("=> None", bide_run, bide_coro(body, BIDE_NONE));
    bide_use_host(BIDE_HOST_VIRTUAL);
    CHECK_STEP("=> None", bide_run, bide_coro(body, BIDE_NONE));
}

/* Makes the text of the pending exception, which it takes, a str to be dropped. */
static bide_value taken(void)
{
    bide_value error = bide_error_take(), text = bide_error_text(error);
    bide_drop(error);
    return text;
}

/* --- call_soon_threadsafe from many threads ------------------------------------------- */

enum { THREADS = 8, CALLS = 500 };

struct caller {
    pthread_t thread;
    bide_parcel *loop;
    int number, failures;
    size_t live;
};

static int next_of[THREADS];
static size_t calls;
static bide_value all_called;

/* Those of one thread come in their order. */
static int called(bide_value arg)
{
    int thread = (int)bide_item(arg, 0).as.i;
    CHECK_INT(bide_item(arg, 1).as.i, next_of[thread]);
    next_of[thread]++;
    return ++calls == THREADS * CALLS ? bide_event_set(all_called) : 0;
}

static void *call_often(void *arg)
{
    struct caller *self = arg;
    bide_value loop = bide_parcel_open(self->loop);
    for (int i = 0; i < CALLS; i++)
        self->failures +=
            bide_call_soon_threadsafe(loop, called, bide_tuple(self->number, i, "text")) < 0;
    bide_drop(loop);
    self->live = bide_debug_live();
    return NULL;
}

static BIDE_ASYNC int be_called(bide_value arg, bide_value *result)
{
    static struct caller callers[THREADS];
    BIDE_SCOPED bide_value loop = bide_running_loop(), event = bide_event();
    all_called = event;
    calls = 0;
    memset(next_of, 0, sizeof next_of);
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (struct caller){.number = i, .loop = bide_parcel_pack(bide_ref(loop))};
        CHECK_INT(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
    }
    BIDE_TRY(bide_event_wait(event));
    for (int i = 0; i < THREADS; i++) {
        pthread_join(callers[i].thread, NULL);
        CHECK_INT(callers[i].failures, 0);
        CHECK_INT(callers[i].live, 0);
    }
    CHECK_INT(calls, THREADS * CALLS);
    return 0;
}

static void test_many_threads_call(void)
{
    run_on_both(be_called);
}

/* --- coroutines ----------------------------------------------------------------------- */

static BIDE_ASYNC int add_one(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    return bide_return(result, arg.as.i + 1);
}

static BIDE_ASYNC int fail(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(0));
    return bide_raise(BIDE_ValueError, "%s", bide_cstr(arg));
}

static BIDE_ASYNC int cancel_itself(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value me = bide_current_task();
    bide_future_cancel(me, NULL);
    return bide_sleep(0);
}

static bide_value cancelled_there;

static BIDE_ASYNC int wait_to_be_cancelled(bide_value started, bide_value *result)
{
    sem_post(started.as.ptr);
    int status = bide_await(bide_future(), result);
    if (status < 0 && bide_error_matches(BIDE_CancelledError)) {
        bide_value error = bide_error_take();
        bide_event_set(cancelled_there);
        return bide_error_restore(error);
    }
    return status;
}

/* On a thread; arg: the loop. A list of what came of each. */
static int use_the_loop(bide_value loop, bide_value *result)
{
    bide_value v = BIDE_NONE, outcomes = bide_list();
    bide_value one = bide_run_coroutine_threadsafe(loop, add_one, bide_int(1));
    if (bide_concurrent_result(one, BIDE_NEVER, &v) == 0)
        bide_list_append(outcomes, v);
    bide_value bad = bide_run_coroutine_threadsafe(loop, fail, bide_str("no"));
    if (bide_concurrent_result(bad, BIDE_NEVER, NULL) < 0)
        bide_list_append(outcomes, taken());
    bide_value gone = bide_run_coroutine_threadsafe(loop, cancel_itself, BIDE_NONE);
    if (bide_concurrent_result(gone, BIDE_NEVER, NULL) < 0)
        bide_list_append(outcomes, taken());
    bide_drop(one);
    bide_drop(bad);
    bide_drop(gone);
    *result = outcomes;
    return 0;
}

/* Cancels a coroutine that waits. */
static int cancel_there(bide_value loop, bide_value *result)
{
    sem_t started;
    sem_init(&started, 0, 0);
    BIDE_SCOPED bide_value future =
        bide_run_coroutine_threadsafe(loop, wait_to_be_cancelled, bide_ptr(&started));
    sem_wait(&started);
    int status = bide_concurrent_cancel(future);
    sem_destroy(&started);
    return bide_return(result, status);
}

static BIDE_ASYNC int coroutines(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop(), event = bide_event();
    cancelled_there = event;
    CHECK_STEP("=> [2, 'ValueError: no', 'CancelledError']", bide_await,
               bide_to_thread(use_the_loop, bide_ref(loop)));
    CHECK_STEP("=> 1", bide_await, bide_to_thread(cancel_there, bide_ref(loop)));
    return bide_event_wait(event);
}

static void test_coroutines(void)
{
    run_on_both(coroutines);
}

/* Waiting where the loop itself should run would be for ever; awaiting is not. */
static BIDE_ASYNC int on_its_own_loop(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    BIDE_SCOPED bide_value future = bide_run_coroutine_threadsafe(loop, add_one, bide_int(1));
    CHECK_STEP("!! RuntimeError: this thread runs the loop that it would wait for: await "
               "bide_wrap_future(future) instead",
               bide_concurrent_result, future, BIDE_NEVER);
    CHECK_STEP("=> 2", bide_await, bide_wrap_future(future));
    CHECK_STEP("=> 2", bide_concurrent_result, future, 0);
    BIDE_SCOPED bide_value other = bide_run_coroutine_threadsafe(loop, add_one, bide_str("never"));
    CHECK_INT(bide_concurrent_cancel(other), 1);
    CHECK_STEP("!! CancelledError", bide_await, bide_wrap_future(other));
    BIDE_SCOPED bide_value last = bide_run_coroutine_threadsafe(loop, add_one, bide_int(2));
    BIDE_SCOPED bide_value wrapped = bide_wrap_future(last);
    BIDE_TRY(bide_sleep(0));
    CHECK_INT(bide_future_cancel(wrapped, NULL), 1);
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_sleep(0));
    CHECK(bide_concurrent_cancelled(last));
    return 0;
}

static void test_on_its_own_loop(void)
{
    run_on_both(on_its_own_loop);
}

/* --- the virtual clock ---------------------------------------------------------------- */

static int sleep_through_the_loop(bide_value loop, bide_value *result)
{
    BIDE_SCOPED bide_value future = bide_run_coroutine_threadsafe(loop, add_one, bide_int(1));
    return bide_concurrent_result(future, BIDE_NEVER, result);
}

static int take_real_time(bide_value arg, bide_value *result)
{
    usleep(2000);
    return 0;
}

/* What a thread does takes no time; what it has the loop do takes the loop's. */
static BIDE_ASYNC int clocks(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    bide_drop(bide_call_later(BIDE_US(1), bide_event_set, bide_event()));
    BIDE_TRY(bide_wait_for(bide_to_thread(take_real_time, BIDE_NONE), BIDE_US(500), NULL));
    CHECK_INT(bide_now(), 0);
    BIDE_TRY(bide_await(bide_to_thread(sleep_through_the_loop, bide_ref(loop)), NULL));
    CHECK_INT(bide_now(), BIDE_MS(1));
    return 0;
}

static void test_the_virtual_clock_waits_for_threads(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    CHECK_STEP("=> None", bide_run, bide_coro(clocks, BIDE_NONE));
}

/* --- when nothing can wake the loop --------------------------------------------------- */

static int nothing(bide_value arg, bide_value *result)
{
    return 0;
}

static BIDE_ASYNC int wait_for_nobody(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    BIDE_TRY(bide_await(bide_to_thread(nothing, bide_ref(loop)), NULL));
    return bide_await(bide_future(), result);
}

/* Idle threads of the executor wake nobody. */
static void test_a_deadlock_is_still_one(void)
{
    for (int host = BIDE_HOST_DEFAULT; host <= BIDE_HOST_VIRTUAL; host++) {
        bide_use_host((bide_host_kind)host);
        CHECK_INT(bide_run(bide_coro(wait_for_nobody, BIDE_NONE), NULL), BIDE_RAISED);
        bide_value text = taken();
        CHECK(strstr(bide_cstr(text), "deadlock") != NULL);
        bide_drop(text);
    }
}

/* --- the wrong thread ----------------------------------------------------------------- */

#define NON_THREAD_SAFE                                                                            \
    "RuntimeError: Non-thread-safe operation invoked on an event loop other than the current one"

struct foreign {
    bide_value loop, future, task;
};

static int never(bide_value arg)
{
    (void)arg;
    return 0;
}

/* Calls on another thread's objects, which refuse. */
static int meddle(bide_value arg, bide_value *result)
{
    const struct foreign *its = arg.as.ptr;
    int64_t refused = 0;
    int statuses[] = {
        bide_future_set_result(its->future, bide_str("dropped")),
        bide_future_set_exception(its->future, bide_error_new(BIDE_ValueError, "dropped")),
        bide_future_cancel(its->future, NULL),
        bide_future_cancel(its->task, NULL),
        bide_loop_stop(its->loop),
        bide_loop_close(its->loop),
        bide_call_soon_threadsafe(its->loop, never, bide_str("dropped")),
        bide_failed(bide_loop_call_soon(its->loop, never, bide_str("dropped"))) ? BIDE_RAISED : 0,
        bide_failed(bide_loop_future(its->loop)) ? BIDE_RAISED : 0,
    };
    enum { COUNT = sizeof statuses / sizeof *statuses };
    bide_value text = taken();
    for (size_t i = 0; i < COUNT; i++)
        refused += statuses[i] < 0;
    *result = bide_tuple(COUNT - refused, text);
    return 0;
}

static BIDE_ASYNC int sleep_once(bide_value arg, bide_value *result)
{
    return bide_sleep(0);
}

static BIDE_ASYNC int be_meddled_with(bide_value arg, bide_value *result)
{
    struct foreign its = {
        .loop = bide_running_loop(),
        .future = bide_future(),
        .task = bide_task(bide_coro(sleep_once, BIDE_NONE), NULL),
    };
    CHECK_STEP("=> (0, '" NON_THREAD_SAFE "')", bide_await, bide_to_thread(meddle, bide_ptr(&its)));
    CHECK(!bide_future_done(its.future));
    bide_drop(its.loop);
    bide_drop(its.future);
    bide_drop(its.task);
    return 0;
}

static void test_the_wrong_thread(void)
{
    run_on_both(be_meddled_with);
}

/* --- how a loop ends ------------------------------------------------------------------ */

static bide_parcel *kept;
static sem_t go, arrived;

/* Uses the loop when it has gone. */
static void *come_late(void *arg)
{
    struct caller *self = arg;
    bide_value loop = bide_parcel_open(kept);
    sem_wait(&go);
    self->failures += bide_call_soon_threadsafe(loop, never, bide_str("dropped")) < 0;
    bide_value text = taken();
    self->failures += strcmp(bide_cstr(text), "RuntimeError: Event loop is closed") == 0;
    bide_drop(text);
    self->failures +=
        bide_failed(bide_run_coroutine_threadsafe(loop, sleep_once, bide_str("dropped")));
    text = taken();
    self->failures += strcmp(bide_cstr(text), "RuntimeError: Event loop is closed") == 0;
    bide_drop(text);
    bide_drop(loop);
    self->live = bide_debug_live();
    return NULL;
}

static BIDE_ASYNC int give_the_loop(bide_value arg, bide_value *result)
{
    kept = bide_parcel_pack(bide_running_loop());
    return 0;
}

static void test_a_loop_that_has_gone(void)
{
    struct caller late = {.failures = 0};
    sem_init(&go, 0, 0);
    CHECK_STEP("=> None", bide_run, bide_coro(give_the_loop, BIDE_NONE));
    CHECK_INT(pthread_create(&late.thread, NULL, come_late, &late), 0);
    sem_post(&go);
    pthread_join(late.thread, NULL);
    CHECK_INT(late.failures, 4);
    CHECK_INT(late.live, 0);
}

static void note_report(const char *message, bide_value error)
{
    (void)error;
    note("%s", message);
}

static int held_up(bide_value arg, bide_value *result)
{
    sem_post(&arrived);
    sem_wait(&go);
    return bide_return(result, "for nobody");
}

/* Closed without a shutdown: what was awaited is forgotten, the thread ends by itself. */
static void test_closing_while_threads_work(void)
{
    sem_init(&go, 0, 0);
    sem_init(&arrived, 0, 0);
    bide_value loop = bide_loop();
    CHECK_FAILS("!! RuntimeError: no running event loop",
                bide_run_in_executor(BIDE_NONE, nothing, bide_str("dropped")));
    bide_value task = bide_loop_task(loop, bide_to_thread(held_up, BIDE_NONE), NULL);
    bide_drop(bide_loop_call_soon(loop, bide_loop_stop, bide_ref(loop)));
    bide_drop(bide_loop_call_soon(loop, never, BIDE_NONE));
    CHECK_INT(bide_loop_run_forever(loop), 0);
    sem_wait(&arrived);
    bide_set_exception_handler(note_report);
    CHECK_INT(bide_loop_close(loop), 0);
    CHECK(!bide_future_done(task));
    sem_post(&go);
    bide_drop(task);
    bide_drop(loop);
    CHECK_NOTES("Task was destroyed but it is pending!");
    bide_set_exception_handler(NULL);
}

/* While the end of bide_run waits for a thread, the loop goes on, but starts nothing new. */
static bool refused; /* the thread reads it when it was let go */

static int try_to_go_on(bide_value arg)
{
    bide_value future = bide_run_in_executor(BIDE_NONE, nothing, BIDE_NONE);
    refused = bide_failed(future);
    if (refused)
        CHECK_FAILS("!! RuntimeError: Executor shutdown has been called", future);
    else
        bide_drop(future); /* main is still on its way to the end */
    sem_post(&go);
    return 0;
}

static int call_back_late(bide_value loop, bide_value *result)
{
    do {
        BIDE_TRY(bide_call_soon_threadsafe(loop, try_to_go_on, BIDE_NONE));
        sem_wait(&go);
    } while (!refused);
    note("called back");
    return 0;
}

static BIDE_ASYNC int leave_a_thread_behind(bide_value arg, bide_value *result)
{
    sem_init(&go, 0, 0);
    refused = false;
    bide_drop(bide_run_in_executor(BIDE_NONE, call_back_late, bide_running_loop()));
    return 0;
}

static void test_the_end_waits_for_threads(void)
{
    run_on_both(leave_a_thread_behind);
    CHECK_NOTES("called back, called back");
}

/* An executor that is dropped is not waited for; the end of the program is. */
static int say_late(bide_value fd, bide_value *result)
{
    sem_post(&arrived);
    usleep(20000);
    return write((int)fd.as.i, "x", 1) == 1 ? 0 : bide_raise(BIDE_OSError, NULL);
}

static void test_the_program_waits_for_dropped_executors(void)
{
    int fds[2], status = -1;
    char byte = 0;
    sem_init(&arrived, 0, 0);
    CHECK_INT(pipe(fds), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        bide_value executor = bide_executor(1);
        bide_drop(bide_executor_submit(executor, say_late, bide_int(fds[1])));
        sem_wait(&arrived);
        bide_drop(executor);
        exit(0);
    }
    close(fds[1]);
    CHECK_INT(read(fds[0], &byte, 1), 1);
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    close(fds[0]);
}

int main(void)
{
    RUN(test_the_program_waits_for_dropped_executors); /* forks, so before there are threads */
    RUN(test_many_threads_call);
    RUN(test_coroutines);
    RUN(test_on_its_own_loop);
    RUN(test_the_virtual_clock_waits_for_threads);
    RUN(test_a_deadlock_is_still_one);
    RUN(test_the_wrong_thread);
    RUN(test_a_loop_that_has_gone);
    RUN(test_the_end_waits_for_threads);
    RUN(test_closing_while_threads_work);
    return check_end();
}

#endif
