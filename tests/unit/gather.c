/* gather and sleep: results in the order of the arguments, the first exception, exceptions as
 * results, cancelling either way, and what cannot be gathered.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

/* Sleeps for arg ms and gives arg; raises if it is negative. */
static BIDE_ASYNC int nap(bide_value arg, bide_value *result)
{
    int64_t ms = arg.as.i < 0 ? -arg.as.i : arg.as.i;
    if (bide_sleep(BIDE_MS(ms)) < 0) {
        note("%d cancelled", (int)arg.as.i);
        return BIDE_RAISED;
    }
    note("%d", (int)arg.as.i);
    if (arg.as.i < 0)
        return bide_raise(BIDE_ValueError, "%d", (int)arg.as.i);
    return bide_return(result, arg);
}

static bide_value napping(int ms)
{
    return bide_coro(nap, bide_int(ms));
}

static BIDE_GENERATOR int give_to_await(bide_value arg, bide_value *result)
{
    return bide_return(result, "by await slot");
}

static bide_value await_slot(void *self)
{
    return bide_gen(give_to_await, BIDE_NONE);
}

static const bide_type awaitable_type = {.name = "Awaitable", .await = await_slot};

/* --- results ---------------------------------------------------------------------- */

static BIDE_ASYNC int results(bide_value arg, bide_value *result)
{
    CHECK_STEP("=> [30, 10, 20]", bide_await,
               bide_gather(bide_list(napping(30), napping(10), napping(20)), false));
    CHECK_INT(bide_now(), BIDE_MS(30));
    CHECK_STEP("=> []", bide_await, bide_gather(bide_tuple(), false));
    bide_value future = bide_future();
    bide_future_set_result(future, bide_str("future"));
    CHECK_STEP("=> ['future', 5, 'by await slot']", bide_await,
               bide_gather(bide_tuple(future, bide_task(napping(5), NULL),
                                      bide_object_value(
                                          bide_object_new(&awaitable_type, sizeof(bide_object)))),
                           false));
    bide_value coro = napping(1); /* the same one twice is awaited once */
    CHECK_STEP("=> [1, 2, 1]", bide_await,
               bide_gather(bide_list(bide_ref(coro), napping(2), bide_ref(coro)), false));
    bide_drop(coro);
    bide_value kept = bide_list(napping(1), napping(2)); /* the caller's list stays whole */
    CHECK_STEP("=> [1, 2]", bide_await, bide_gather(bide_ref(kept), false));
    CHECK_STR(bide_state_name(bide_item(kept, 0)), "CORO_CLOSED");
    CHECK_STR(bide_state_name(bide_item(kept, 1)), "CORO_CLOSED");
    bide_drop(kept);
    return 0;
}

static int failed(bide_value future, bide_value arg)
{
    return bide_future_done(future) ? 0 : bide_future_set_exception(future, bide_ref(arg));
}

/* With nothing to wait for it is done when it is made. */
static BIDE_ASYNC int of_what_is_done(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value one = bide_future(), error = bide_error_new(BIDE_ValueError, "two");
    BIDE_SCOPED bide_value two = bide_future(), pending = bide_future();
    BIDE_TRY(bide_future_set_result(one, bide_int(1)));
    BIDE_TRY(failed(two, error));
    BIDE_SCOPED bide_value ones = bide_gather(bide_list(bide_ref(one), bide_ref(one)), false);
    CHECK_STEP("=> [1, 1]", bide_future_result, ones);
    BIDE_SCOPED bide_value mixed = bide_gather(bide_list(bide_ref(pending), bide_ref(two)), false);
    CHECK_STEP("!! ValueError: two", bide_future_result, mixed);
    BIDE_SCOPED bide_value waits = bide_gather(bide_list(bide_ref(one), bide_ref(pending)), false);
    CHECK(!bide_future_done(waits));
    BIDE_TRY(bide_future_set_result(pending, bide_int(3)));
    CHECK_STEP("=> [1, 3]", bide_await, bide_ref(waits));
    return 0;
}

static void test_what_is_done_counts_at_once(void)
{
    run(of_what_is_done);
}

static void test_results(void)
{
    run(results);
    CHECK_NOTES("10, 20, 30, 5, 1, 2, 1, 2");
}

static BIDE_ASYNC int a_list_that_is_kept(bide_value arg, bide_value *result)
{
    bide_value list = bide_list(napping(1), napping(2)), many = bide_list();
    CHECK_STEP("=> [1, 2]", bide_await, bide_gather(bide_ref(list), false));
    CHECK_INT(bide_size(list), 2);
    bide_drop(list);
    for (int i = 0; i < 1000; i++)
        BIDE_TRY(bide_list_append(many, napping(0)));
    BIDE_TRY(bide_await(bide_gather(many, false), &many));
    CHECK_INT(bide_size(many), 1000);
    bide_drop(many);
    check__notes[0] = '\0';
    return 0;
}

static void test_lists(void)
{
    run(a_list_that_is_kept);
}

/* --- exceptions ------------------------------------------------------------------- */

static BIDE_ASYNC int exceptions(bide_value arg, bide_value *result)
{
    CHECK_STEP("!! ValueError: -10", bide_await,
               bide_gather(bide_list(napping(30), napping(-10), napping(-20)), false));
    CHECK_INT(bide_now(), BIDE_MS(10)); /* at once; the others run on */
    BIDE_TRY(bide_sleep(BIDE_MS(100)));
    CHECK_NOTES("-10, -20, 30");
    CHECK_STEP("=> [3, ValueError('-1'), 2]", bide_await,
               bide_gather(bide_list(napping(3), napping(-1), napping(2)), true));
    CHECK_NOTES("-1, 2, 3");
    return 0;
}

static void test_exceptions(void)
{
    run(exceptions);
}

static BIDE_ASYNC int refusals(bide_value arg, bide_value *result)
{
    CHECK_FAILS("!! TypeError: bide_gather needs a list or tuple, got 'int'",
                bide_gather(bide_int(3), false));
    CHECK_FAILS("!! TypeError: An asyncio.Future, a coroutine or an awaitable is required, not "
                "'str'",
                bide_gather(bide_list(napping(7), "text"), false));
    BIDE_TRY(bide_sleep(BIDE_MS(10)));
    CHECK_NOTES("7"); /* what was started runs on */
    return 0;
}

static void forget(const char *category, const char *message, const bide_origin *origin)
{
}

static void test_refusals(void)
{
    run(refusals);
    bide_set_warning_hook(forget);
    CHECK_FAILS("!! RuntimeError: no running event loop",
                bide_gather(bide_list(napping(1)), false));
    bide_set_warning_hook(NULL);
}

/* --- cancelling ------------------------------------------------------------------- */

static BIDE_ASYNC int cancel_one_child(bide_value arg, bide_value *result)
{
    bide_value child = bide_task(napping(50), NULL);
    bide_value all = bide_gather(bide_list(bide_ref(child), napping(20)), false);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_future_cancel(child, "child");
    CHECK_STEP("!! CancelledError: child", bide_await, all);
    bide_drop(child);
    child = bide_task(napping(50), NULL);
    all = bide_gather(bide_list(bide_ref(child), napping(20)), true);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_future_cancel(child, "child");
    CHECK_STEP("=> [CancelledError(), 20]", bide_await, all);
    bide_drop(child);
    check__notes[0] = '\0';
    return 0;
}

static void test_cancelling_a_child(void)
{
    run(cancel_one_child);
}

static BIDE_ASYNC int cancel_the_gather(bide_value arg, bide_value *result)
{
    for (int return_exceptions = 0; return_exceptions < 2; return_exceptions++) {
        bide_value all = bide_gather(bide_list(napping(50), napping(20)), return_exceptions);
        BIDE_TRY(bide_sleep(BIDE_MS(1)));
        CHECK_INT(bide_future_cancel(all, "all"), 1);
        CHECK_STEP("!! CancelledError: all", bide_await, bide_ref(all));
        CHECK_NOTES("50 cancelled, 20 cancelled");
        CHECK_INT(bide_future_cancel(all, "again"), 0);
        bide_drop(all);
    }
    return 0;
}

static void test_cancelling_the_gather(void)
{
    run(cancel_the_gather);
}

static BIDE_ASYNC int await_gather(bide_value arg, bide_value *result)
{
    return bide_await(bide_gather(bide_list(napping(50), napping(20)), false), result);
}

static BIDE_ASYNC int cancel_who_awaits(bide_value arg, bide_value *result)
{
    bide_value task = bide_task(bide_coro(await_gather, BIDE_NONE), NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_future_cancel(task, "task");
    CHECK_STEP("!! CancelledError: task", bide_await, task);
    CHECK_NOTES("50 cancelled, 20 cancelled");
    return 0;
}

static void test_cancelling_who_awaits(void)
{
    run(cancel_who_awaits);
}

/* A gather that a cancellation made fail was not cancelled itself: what is around it has no message
 * of its own, and the inner one keeps its exception. */
static BIDE_ASYNC int cancel_a_gather_of_gathers(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value inner = bide_gather(bide_list(napping(5)), false);
    BIDE_SCOPED bide_value outer = bide_gather(bide_list(bide_ref(inner)), true);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    CHECK_INT(bide_future_cancel(outer, "all"), 1);
    CHECK_STEP("!! CancelledError", bide_await, bide_ref(outer));
    CHECK(!bide_future_cancelled(inner));
    CHECK_STEP("!! CancelledError: all", bide_future_result, inner);
    CHECK_NOTES("5 cancelled");
    return 0;
}

static void test_cancelling_a_gather_of_gathers(void)
{
    run(cancel_a_gather_of_gathers);
}

static BIDE_ASYNC_GENERATOR int items(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL), goto failed);
    return 0;
failed:
    note("%s", bide_error_matches(BIDE_CancelledError) ? "cancelled" : "closed");
    if (bide_is_none(arg))
        return BIDE_RAISED;
    bide_error_clear();
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    note("recovered");
    return 0;
}

/* An asend and its kin are coroutines to asyncio: a task that is cancelled before it begins throws
 * into them, and through them into the generator. */
static BIDE_ASYNC int cancel_before_it_begins(bide_value arg, bide_value *result)
{
    for (int recovers = 0; recovers < 2; recovers++) {
        BIDE_SCOPED bide_value agen = bide_agen(items, recovers ? bide_int(1) : BIDE_NONE);
        CHECK_STEP("=> 1", bide_await, bide_anext(agen));
        bide_value all = bide_gather(bide_list(bide_anext(agen)), false);
        CHECK_INT(bide_future_cancel(all, "all"), 1);
        CHECK_STEP(recovers ? "!! StopAsyncIteration" : "!! CancelledError: all", bide_await, all);
        CHECK_NOTES(recovers ? "cancelled, recovered" : "cancelled");
        BIDE_TRY(bide_await(bide_aclose(agen), NULL));
    }
    return 0;
}

static void test_cancelling_an_anext_before_it_begins(void)
{
    run(cancel_before_it_begins);
}

/* --- sleeping --------------------------------------------------------------------- */

static BIDE_ASYNC int cancelled_sleeps(bide_value arg, bide_value *result)
{
    bide_value task = bide_task(napping(1000), NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_future_cancel(task, NULL);
    CHECK_STEP("!! CancelledError", bide_await, task);
    CHECK_INT(bide_now(), BIDE_MS(1)); /* its timer went with it: nothing waits for it now */
    /* Dropped by hand in the middle. */
    bide_value coro = napping(5), out;
    CHECK_INT(bide_send(coro, BIDE_NONE, &out), BIDE_YIELDED);
    bide_drop(out);
    bide_drop(coro);
    BIDE_TRY(bide_sleep(BIDE_MS(10)));
    CHECK_NOTES("1000 cancelled, 5 cancelled");
    return 0;
}

static void test_a_sleep_that_is_cut_short(void)
{
    run(cancelled_sleeps);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_results);
    RUN(test_what_is_done_counts_at_once);
    RUN(test_lists);
    RUN(test_exceptions);
    RUN(test_refusals);
    RUN(test_cancelling_a_child);
    RUN(test_cancelling_the_gather);
    RUN(test_cancelling_who_awaits);
    RUN(test_cancelling_a_gather_of_gathers);
    RUN(test_cancelling_an_anext_before_it_begins);
    RUN(test_a_sleep_that_is_cut_short);
    return check_end();
}
