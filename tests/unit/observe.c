/* Looking at steps: slow ones are reported, debug mode says where things were made, and a hook is
 * told of everything that tasks do. On the virtual clock, so that nothing is a matter of speed.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* Places in this file are noted as "(here)". */
static void note_report(const char *message, bide_value error)
{
    const char *file = __FILE__;
    char text[512];
    size_t size = 0;
    while (*message && size < sizeof text - 8) {
        bool is_place = strncmp(message, file, strlen(file)) == 0;
        if (is_place) {
            size += (size_t)snprintf(text + size, sizeof text - size, "here");
            message += strlen(file) + 1;
            message += strspn(message, "0123456789");
        } else {
            text[size++] = *message++;
        }
    }
    text[size] = '\0';
    note("%s", text);
    if (!bide_is_none(error))
        note_value("error", error);
}

static void run_in_debug_mode(bide_body *body)
{
    bide_set_exception_handler(note_report);
    bide_use_debug(true);
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
    bide_use_debug(false);
    bide_set_exception_handler(NULL);
}

/* --- slow steps --------------------------------------------------------------------- */

static BIDE_ASYNC int hog(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_advance(BIDE_MS(100)));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_advance(BIDE_MS(99)));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_advance(BIDE_MS(1234)));
    BIDE_TRY(bide_await(bide_future(), NULL));
    return 0;
}

static int slow_callback(bide_value arg)
{
    return bide_advance(BIDE_SECONDS(2));
}

static int cancel(bide_value arg)
{
    bide_future_cancel(arg, NULL);
    return 0;
}

static BIDE_ASYNC int ends_slowly(bide_value arg, bide_value *result)
{
    return bide_advance(BIDE_MS(500));
}

static BIDE_ASYNC int slow_ones(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value task = bide_task(bide_coro(hog, BIDE_NONE), "hog");
    BIDE_SCOPED bide_value another = bide_task(bide_coro(ends_slowly, BIDE_NONE), "short");
    bide_drop(bide_call_later(BIDE_SECONDS(10), slow_callback, BIDE_NONE));
    bide_drop(bide_call_later(BIDE_SECONDS(11), cancel, bide_ref(task)));
    return bide_sleep(BIDE_SECONDS(20));
}

static void test_slow_steps(void)
{
    run_in_debug_mode(slow_ones);
    CHECK_NOTES("Executing <Task pending name='hog'> took 0.100 seconds, from its start to the "
                "await at here, "
                "Executing <Task finished name='short'> took 0.500 seconds, from its start to its "
                "end, "
                "Executing <Task pending name='hog'> took 1.234 seconds, from the await at here to "
                "the await at here, "
                "Executing a callback took 2.000 seconds");
}

static BIDE_ASYNC int own_threshold(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop(), me = bide_current_task();
    BIDE_TRY(bide_task_set_name(me, "main"));
    BIDE_TRY(bide_loop_set_slow_step(loop, BIDE_SECONDS(1)));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_advance(BIDE_MS(999)));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_advance(BIDE_MS(1000)));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_loop_set_slow_step(loop, BIDE_NEVER));
    BIDE_TRY(bide_advance(BIDE_MS(1000)));
    return bide_sleep(0);
}

static void test_a_threshold_without_debug_mode(void)
{
    bide_set_exception_handler(note_report);
    CHECK_STEP("=> None", bide_run, bide_coro(own_threshold, BIDE_NONE));
    bide_set_exception_handler(NULL);
    CHECK_NOTES("Executing <Task pending name='main'> took 1.000 seconds, from the await at here "
                "to the await at here");
    CHECK_RAISES("!! TypeError: 'EventLoop' object is expected, got 'int'",
                 bide_loop_set_slow_step(bide_int(1), 1));
}

/* --- never retrieved ---------------------------------------------------------------- */

static BIDE_ASYNC int fails(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_ValueError, "lost");
}

static BIDE_ASYNC int loses_exceptions(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(fails, BIDE_NONE), "failing"));
    bide_value future = bide_future();
    BIDE_TRY(bide_future_set_exception(future, bide_error_new(BIDE_KeyError, "k")));
    bide_drop(future);
    return bide_sleep(BIDE_MS(1));
}

static void test_where_it_was_made(void)
{
    run_in_debug_mode(loses_exceptions);
    CHECK_NOTES("Future exception was never retrieved\nFuture made at here, error KeyError('k'), "
                "Task exception was never retrieved\ntask 'failing' of fails, made at here, error "
                "ValueError('lost')");
    bide_set_exception_handler(note_report);
    CHECK_STEP("=> None", bide_run, bide_coro(loses_exceptions, BIDE_NONE));
    bide_set_exception_handler(NULL);
    CHECK_NOTES("Future exception was never retrieved, error KeyError('k'), "
                "Task exception was never retrieved, error ValueError('lost')");
}

/* --- the hook ----------------------------------------------------------------------- */

static void note_event(const bide_trace_event *event, void *data)
{
    static const char *const names[] = {"create", "start", "suspend", "wake",
                                        "resume", "end",   "cancel"};
    note("%s %s", names[event->kind], bide_task_name(event->task));
    if (data)
        CHECK(data == (void *)note_event);
    if (!bide_is_none(event->by))
        note("by %s", bide_task_name(event->by));
    if (event->verb)
        note("in %s", event->verb);
    if (!bide_is_none(event->awaited) && *bide_task_name(event->awaited))
        note("for task %s", bide_task_name(event->awaited));
    else if (!bide_is_none(event->awaited))
        note("for %s", bide_type_name(event->awaited));
    if (!bide_is_none(event->error))
        note_value("with", event->error);
    if (event->time)
        note("at %d", (int)(event->time / BIDE_SECONDS(1)));
    CHECK(!event->site || strcmp(event->site->file, __FILE__) == 0);
}

static BIDE_ASYNC int naps(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    return bide_sleep(0);
}

static BIDE_ASYNC int gets(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_queue_get(arg, NULL));
    return bide_raise(BIDE_KeyError, "k");
}

static BIDE_ASYNC int traced(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value me = bide_current_task(), queue = bide_queue(0);
    BIDE_TRY(bide_task_set_name(me, "main"));
    bide_set_trace(note_event, (void *)note_event);
    BIDE_SCOPED bide_value napping = bide_task(bide_coro(naps, BIDE_NONE), "nap");
    BIDE_SCOPED bide_value getting = bide_task(bide_coro(gets, bide_ref(queue)), "get");
    BIDE_TRY(bide_await(bide_ref(napping), NULL));
    BIDE_TRY(bide_queue_put(queue, BIDE_NONE));
    BIDE_TRY(bide_sleep(0));
    bide_set_trace(NULL, NULL);
    BIDE_TRY(bide_sleep(0));
    return bide_future_exception(getting, NULL);
}

static void test_everything_is_told(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(traced, BIDE_NONE));
    CHECK_NOTES(
        "create nap, by main, create get, by main, "
        "start nap, suspend nap, in sleep, start get, suspend get, in Queue.get, for Queue, "
        "wake nap, at 1, resume nap, at 1, suspend nap, at 1, resume nap, at 1, "
        "wake main, by nap, at 1, end nap, at 1, "
        "resume main, at 1, wake get, by main, at 1, suspend main, at 1, "
        "resume get, at 1, end get, with KeyError('k'), at 1, resume main, at 1");
}

static BIDE_ASYNC int eager_and_cancelled(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value me = bide_current_task();
    BIDE_TRY(bide_task_set_name(me, "main"));
    BIDE_SCOPED bide_value eager = bide_task_eager(bide_coro(naps, BIDE_NONE), "eager");
    bide_future_cancel(eager, NULL);
    if (bide_await(bide_ref(eager), NULL) < 0)
        BIDE_EXCEPT(BIDE_CancelledError, NULL);
    return 0;
}

static void test_eager_tasks_and_cancellations(void)
{
    bide_set_trace(note_event, NULL);
    bide_value coro = bide_coro(eager_and_cancelled, BIDE_NONE);
    CHECK_STEP("=> None", bide_run, coro);
    bide_set_trace(NULL, NULL);
    const char *from = strstr(check__notes, "create eager");
    CHECK(from);
    CHECK_STR(from ? from : "",
              "create eager, by main, start eager, suspend eager, in sleep, cancel eager, by main, "
              "wake eager, by main, "
              "suspend main, for task eager, resume eager, wake main, by eager, end eager, "
              "resume main, end main");
    check__notes[0] = '\0';
}

/* What the hook does itself is not told. */
static int made_by_the_hook;

static void meddle(const bide_trace_event *event, void *data)
{
    if (event->kind != BIDE_TRACE_END || made_by_the_hook++)
        return;
    bide_drop(bide_task(bide_coro(naps, BIDE_NONE), NULL));
    bide_raise(BIDE_ValueError, "nobody hears of it");
}

static void test_a_hook_that_meddles(void)
{
    bide_set_trace(meddle, NULL);
    CHECK_STEP("=> None", bide_run, bide_coro(naps, BIDE_NONE));
    bide_set_trace(NULL, NULL);
    CHECK(made_by_the_hook > 0);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_slow_steps);
    RUN(test_a_threshold_without_debug_mode);
    RUN(test_where_it_was_made);
    RUN(test_everything_is_told);
    RUN(test_eager_tasks_and_cancellations);
    RUN(test_a_hook_that_meddles);
    return check_end();
}
