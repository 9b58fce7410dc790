/* Cancel scopes: what they interrupt, whose cancellation each stops, deadlines, misuse, and memory
 * that runs out.
 *
 * SPDX-License-Identifier: MIT */
#include "scopes.h"
#include "quiet.h"

/* --- what fails --------------------------------------------------------------------- */

static BIDE_ASYNC int every_await(bide_value arg, bide_value *result)
{
    bide_value future = bide_future(), lock = bide_lock();
    CHECK_INT(bide_lock_acquire(lock), 0);
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_NEVER)) {
        cancel_in(5, scope);
        CHECK_RAISES("!! CancelledError: why", bide_sleep(BIDE_SECONDS(1)));
        CHECK_INT(bide_now(), BIDE_MS(5));
        CHECK_RAISES("!! CancelledError: why", bide_sleep(0));
        CHECK_RAISES("!! CancelledError: why", bide_sleep(BIDE_SECONDS(1)));
        CHECK_STEP("!! CancelledError: why", bide_await, bide_future());
        CHECK_STEP("!! CancelledError: why", bide_await, napping(1));
        CHECK_RAISES("!! CancelledError: why", bide_lock_acquire(lock));
        CHECK_STEP("!! CancelledError: why", bide_await, bide_ref(future)); /* it is cancelled */
        CHECK_RAISES("!! CancelledError: why", bide_scope_check());
        CHECK_INT(bide_current_deadline(), 0);
        CHECK_INT(bide_now(), BIDE_MS(5));
        BIDE_WITH_TRY(scope, bide_sleep(1));
        note("not here");
    }
    BIDE_END_WITH(scope);
    CHECK(bide_future_cancelled(future));
    CHECK_INT(bide_sleep(BIDE_MS(1)), 0);
    CHECK_INT(bide_scope_check(), 0);
    bide_drop(future);
    bide_drop(lock);
    return 0;
}

static BIDE_ASYNC int done_already(bide_value arg, bide_value *result)
{
    bide_value scope = bide_scope(BIDE_NEVER), queue = bide_queue(0), v;
    bide_queue_put_nowait(queue, bide_int(7));
    CHECK_INT(bide_scope_cancel(scope, NULL), 1); /* before it is entered */
    CHECK_INT(bide_scope_enter(scope), 0);
    CHECK_STEP("=> 7", bide_queue_get, queue);
    CHECK_STEP("!! CancelledError", bide_queue_get, queue);
    CHECK_INT(bide_scope_leave(scope), 0); /* with nothing to stop */
    CHECK(bide_scope_cancelled(scope) && !bide_scope_caught(scope));
    CHECK_INT(bide_scope_cancel(scope, NULL), 0);
    bide_queue_put_nowait(queue, bide_int(8));
    CHECK_INT(bide_queue_get(queue, &v), 0);
    bide_drop(scope);
    bide_drop(queue);
    return 0;
}

static BIDE_ASYNC int cancelled_by_itself(bide_value arg, bide_value *result)
{
    bide_value seen = BIDE_NONE;
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_NEVER)) {
        CHECK_INT(bide_scope_cancel(scope, "enough"), 1);
        note("runs on");
        BIDE_WITH_TRY(scope, bide_sleep(0));
        note("not here");
    }
    BIDE_END_WITH(scope);
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_NEVER)) {
        bide_scope_cancel(scope, "enough");
        CHECK_INT(bide_sleep(0), BIDE_RAISED);
        seen = bide_error_take();
        CHECK(bide_is(bide_error_value(seen), scope)); /* whose it is */
        CHECK_STR(bide_error_message(seen), "enough");
        bide_drop(seen);
    }
    BIDE_END_WITH(scope);
    return 0;
}

static void test_every_await_fails(void)
{
    run(every_await);
    run(done_already);
    run(cancelled_by_itself);
    CHECK_NOTES("runs on");
}

/* --- whose cancellation it is ------------------------------------------------------- */

static BIDE_ASYNC int inner_leaves_outer(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (outer, bide_scope(BIDE_NEVER)) {
        BIDE_ASYNC_WITH (inner, bide_scope(BIDE_NEVER)) {
            cancel_in(1, outer);
            BIDE_WITH_TRY(inner, bide_sleep(BIDE_SECONDS(1)));
        }
        BIDE_END_WITH(inner, BIDE_LEAVE(outer));
        note("not here");
    }
    BIDE_END_WITH(outer);
    note("outer");
    BIDE_ASYNC_WITH (outer, bide_scope(BIDE_NEVER)) {
        BIDE_ASYNC_WITH (inner, bide_scope(BIDE_NEVER)) {
            cancel_in(1, inner);
            BIDE_WITH_TRY(inner, bide_sleep(BIDE_SECONDS(1)));
        }
        BIDE_END_WITH(inner, BIDE_LEAVE(outer));
        note("inner");
        BIDE_WITH_TRY(outer, bide_sleep(1)); /* nothing is left of it */
        note("on");
    }
    BIDE_END_WITH(outer);
    return 0;
}

static BIDE_ASYNC int both(bide_value arg, bide_value *result)
{
    bide_value outer = bide_scope(BIDE_NEVER), inner = bide_scope(BIDE_NEVER);
    CHECK_INT(bide_scope_enter(outer), 0);
    CHECK_INT(bide_scope_enter(inner), 0);
    bide_scope_cancel(inner, "inner");
    CHECK_RAISES("!! CancelledError: inner", bide_sleep(1));
    bide_scope_cancel(outer, "outer");
    CHECK_RAISES("!! CancelledError: outer", bide_sleep(1)); /* the outermost's */
    CHECK_INT(bide_sleep(1), BIDE_RAISED);
    CHECK_INT(bide_scope_leave(inner), BIDE_RAISED);
    CHECK(!bide_scope_caught(inner));
    CHECK_INT(bide_scope_leave(outer), 0);
    CHECK(bide_scope_caught(outer));
    bide_drop(outer);
    bide_drop(inner);
    return 0;
}

/* An error of the inner one, which is outlived by the outer one's cancellation. */
static BIDE_ASYNC int one_after_the_other(bide_value arg, bide_value *result)
{
    bide_value outer = bide_scope(BIDE_NEVER), inner = bide_scope(BIDE_NEVER);
    CHECK_INT(bide_scope_enter(outer), 0);
    CHECK_INT(bide_scope_enter(inner), 0);
    bide_scope_cancel(inner, "inner");
    CHECK_INT(bide_sleep(1), BIDE_RAISED);
    bide_value pending = bide_error_take();
    bide_scope_cancel(outer, "outer");
    bide_error_restore(pending);
    CHECK_INT(bide_scope_leave(inner), 0);
    CHECK_RAISES("!! CancelledError: outer", bide_sleep(1));
    CHECK_INT(bide_scope_leave(outer), 0);
    bide_drop(outer);
    bide_drop(inner);
    return 0;
}

static BIDE_ASYNC int cancelled_task(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_NEVER)) {
        if (arg.as.i)
            bide_scope_cancel(scope, "scope");
        BIDE_WITH_TRY(scope, bide_sleep(BIDE_SECONDS(1)));
    }
    BIDE_END_WITH(scope);
    note("went on");
    return bide_sleep(BIDE_SECONDS(1));
}

/* Both at once, in either order: the task's cancellation is never stopped by the scope. */
static BIDE_ASYNC int task_and_scope(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 4; i++) {
        bide_value task = bide_task(bide_coro(cancelled_task, bide_int(i & 1)), NULL);
        CHECK_INT(bide_sleep(i & 2 ? 0 : BIDE_MS(1)), 0);
        CHECK_INT(bide_future_cancel(task, "task"), 1);
        CHECK_STEP("!! CancelledError: task", bide_await, bide_ref(task));
        CHECK(bide_future_cancelled(task));
        bide_drop(task);
    }
    return 0;
}

static BIDE_ASYNC int foreign(bide_value arg, bide_value *result)
{
    bide_value gone = bide_future(), scope = bide_scope(BIDE_NEVER);
    bide_future_cancel(gone, "gone");
    CHECK_INT(bide_scope_enter(scope), 0);
    CHECK_INT(bide_await(bide_ref(gone), NULL), BIDE_RAISED); /* not the scope's doing */
    bide_scope_cancel(scope, NULL);
    CHECK_RAISES("!! CancelledError: gone", bide_scope_leave(scope));
    bide_drop(scope);
    scope = bide_scope(BIDE_NEVER);
    CHECK_INT(bide_scope_enter(scope), 0);
    bide_scope_cancel(scope, NULL);
    CHECK_INT(bide_sleep(1), BIDE_RAISED);
    bide_error_clear();
    bide_raise(BIDE_ValueError, "another");
    CHECK_RAISES("!! ValueError: another", bide_scope_leave(scope));
    bide_drop(scope);
    bide_drop(gone);
    return 0;
}

static void test_a_scope_stops_only_its_own(void)
{
    run(inner_leaves_outer);
    CHECK_NOTES("outer, inner, on");
    run(both);
    run(one_after_the_other);
    run(task_and_scope);
    CHECK_NOTES("went on"); /* cancelled in the second await of the one that left its scope */
    run(foreign);
}

/* --- deadlines ---------------------------------------------------------------------- */

static BIDE_ASYNC int deadlines(bide_value arg, bide_value *result)
{
    CHECK_INT(bide_current_deadline(), BIDE_NEVER);
    BIDE_ASYNC_WITH (outer, bide_scope(BIDE_MS(10))) {
        CHECK_INT(bide_current_deadline(), BIDE_MS(10));
        BIDE_ASYNC_WITH (inner, bide_scope(BIDE_MS(20))) {
            CHECK_INT(bide_current_deadline(), BIDE_MS(10));
            CHECK_INT(bide_scope_reschedule(inner, BIDE_MS(4)), 0);
            CHECK_INT(bide_current_deadline(), BIDE_MS(4));
            CHECK_INT(bide_scope_reschedule(inner, BIDE_MS(5)), 0);
            BIDE_WITH_TRY(inner, bide_sleep(BIDE_SECONDS(1)));
        }
        CHECK(bide_scope_deadline(inner) == BIDE_MS(5));
        BIDE_END_WITH(inner, BIDE_LEAVE(outer));
        CHECK_INT(bide_now(), BIDE_MS(5));
        CHECK_INT(bide_scope_reschedule(outer, BIDE_NEVER), 0);
        BIDE_WITH_TRY(outer, bide_sleep(BIDE_MS(20)));
        CHECK_INT(bide_scope_reschedule(outer, BIDE_MS(3)), 0); /* which is past */
        CHECK(bide_scope_cancelled(outer));
        CHECK_RAISES("!! RuntimeError: Cannot change the deadline of a scope that is cancelled",
                     bide_scope_reschedule(outer, BIDE_NEVER));
        BIDE_WITH_TRY(outer, bide_sleep(1));
        note("not here");
    }
    BIDE_END_WITH(outer);
    CHECK_INT(bide_now(), BIDE_MS(25));
    BIDE_ASYNC_WITH (late, bide_scope_at(BIDE_MS(3))) {
        CHECK(bide_scope_cancelled(late));
        note("up to the first await");
        BIDE_WITH_TRY(late, bide_sleep(0));
        note("not here");
    }
    BIDE_END_WITH(late);
    return 0;
}

static void test_deadlines(void)
{
    run(deadlines);
    CHECK_NOTES("up to the first await");
}

/* --- misuse, and ends --------------------------------------------------------------- */

static BIDE_GENERATOR int enters(bide_value scope, bide_value *result)
{
    return bide_scope_enter(scope);
}

static BIDE_ASYNC int misuse(bide_value arg, bide_value *result)
{
    bide_value outer = bide_scope(BIDE_NEVER), inner = bide_scope(BIDE_NEVER), g;
    CHECK_RAISES("!! RuntimeError: CancelScope has not been entered", bide_scope_leave(outer));
    CHECK_INT(bide_scope_enter(outer), 0);
    CHECK_RAISES("!! RuntimeError: CancelScope has already been entered", bide_scope_enter(outer));
    CHECK_INT(bide_scope_enter(inner), 0);
    CHECK_RAISES("!! RuntimeError: CancelScope was left while a scope inside it is entered: leave "
                 "that first",
                 bide_scope_leave(outer));
    CHECK_INT(bide_scope_leave(inner), 0);
    CHECK_RAISES("!! RuntimeError: CancelScope was left already", bide_scope_leave(inner));
    CHECK_RAISES("!! RuntimeError: Cannot change the deadline of a scope that was left",
                 bide_scope_reschedule(inner, 5));
    CHECK_RAISES("!! TypeError: 'CancelScope' object is expected, got 'int'",
                 bide_scope_enter(bide_int(1)));
    CHECK_RAISES("!! TypeError: 'CancelScope' object is expected, got 'int'",
                 bide_scope_cancel(bide_int(1), NULL));
    CHECK(!bide_scope_cancelled(bide_int(1)) && !bide_scope_caught(BIDE_NONE));
    CHECK_INT(bide_scope_deadline(BIDE_NONE), BIDE_NEVER);
    bide_drop(outer);
    bide_drop(inner);
    outer = bide_scope(BIDE_NEVER);
    g = bide_gen(enters, bide_ref(outer));
    CHECK_STEP("!! RuntimeError: CancelScope inside a generator, 'enters'", bide_next, g);
    bide_drop(g);
    bide_drop(outer);
    return 0;
}

static BIDE_ASYNC int forgets(bide_value scope, bide_value *result)
{
    CHECK_INT(bide_scope_enter(scope), 0);
    return 0;
}

static BIDE_ASYNC int ends(bide_value arg, bide_value *result)
{
    bide_value scope = bide_scope(BIDE_SECONDS(5));
    CHECK_STEP("=> None", bide_await, bide_task(bide_coro(forgets, bide_ref(scope)), NULL));
    CHECK_INT(bide_scope_cancel(scope, NULL), 0); /* its task is gone, and it with it */
    bide_drop(scope);
    return 0;
}

static BIDE_ASYNC int stays(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (scope, bide_shielded_scope(BIDE_MS(5))) {
        BIDE_WITH_TRY(scope, bide_sleep(BIDE_SECONDS(5)));
    }
    BIDE_END_WITH(scope);
    note("left by its deadline");
    return 0;
}

static BIDE_ASYNC int leaves_one_behind(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(stays, BIDE_NONE), NULL));
    return bide_sleep(BIDE_MS(1));
}

static void test_misuse_and_ends(void)
{
    bide_value scope = bide_scope(BIDE_NEVER);
    CHECK_RAISES("!! RuntimeError: CancelScope should be used inside a task",
                 bide_scope_enter(scope));
    CHECK_INT(bide_scope_check(), 0);
    bide_drop(scope);
    run(misuse);
    run(ends);
    run(leaves_one_behind); /* cancelled at the end of the loop, after its shield */
    CHECK_NOTES("");
}

/* --- when memory runs out ----------------------------------------------------------- */

static BIDE_ASYNC int scenario(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (outer, bide_scope(BIDE_MS(5))) {
        BIDE_ASYNC_WITH (group, bide_group()) {
            BIDE_WITH_TRY(group, bide_group_start(group, napping(3)));
            BIDE_WITH_TRY(group, bide_await(bide_gather(bide_list(napping(9)), true), NULL));
        }
        BIDE_END_WITH(group, BIDE_LEAVE(outer));
    }
    BIDE_END_WITH(outer);
    BIDE_ASYNC_WITH (shield, bide_shielded_scope(BIDE_MS(2))) {
        cancel_me_in(1);
        BIDE_WITH_TRY(shield, bide_sleep(BIDE_SECONDS(1)));
    }
    BIDE_END_WITH(shield);
    return 0;
}

static void test_failing_allocations(void)
{
    bide_set_exception_handler(ignore_report);
    bide_set_warning_hook(ignore_warning);
    for (size_t n = 1, failed = 1; failed; n++) {
        bide_debug_fail_allocation(n);
        int status = bide_run(bide_coro(scenario, BIDE_NONE), NULL);
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        bide_value error = bide_error_take();
        CHECK((status < 0) == !bide_is_none(error));
        CHECK(failed || bide_is_error(error, BIDE_CancelledError));
        bide_drop(error);
        CHECK_INT(bide_debug_live(), 0);
        check__notes[0] = '\0';
    }
    bide_set_exception_handler(NULL);
    bide_set_warning_hook(NULL);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_every_await_fails);
    RUN(test_a_scope_stops_only_its_own);
    RUN(test_deadlines);
    RUN(test_misuse_and_ends);
    RUN(test_failing_allocations);
    return check_end();
}
