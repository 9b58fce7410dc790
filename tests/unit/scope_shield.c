/* Shielded scopes: what they hold back, and how long; scopes and timeouts in each other.
 *
 * SPDX-License-Identifier: MIT */
#include "scopes.h"

/* --- shields ------------------------------------------------------------------------ */

static BIDE_ASYNC int shielded_from_scope(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (outer, bide_scope(BIDE_NEVER)) {
        cancel_in(1, outer);
        if (bide_sleep(BIDE_SECONDS(1)) < 0) {
            bide_value error = bide_error_take();
            BIDE_ASYNC_WITH (shield, bide_shielded_scope(BIDE_MS(10))) {
                CHECK_INT(bide_current_deadline(), BIDE_MS(11));
                CHECK_INT(bide_scope_check(), 0);
                CHECK_INT(bide_sleep(BIDE_MS(2)), 0);
                BIDE_WITH_TRY(shield, bide_await(napping(3), NULL));
                note("clean at %d", (int)(bide_now() / 1000000));
            }
            BIDE_END_WITH(shield);
            CHECK_RAISES("!! CancelledError: why", bide_scope_check());
            bide_error_restore(error);
        }
        BIDE_LEAVE(outer);
    }
    BIDE_END_WITH(outer);
    CHECK_INT(bide_now(), BIDE_MS(6));
    return 0;
}

/* Cleanup that takes too long is ended by the shield's own deadline, and what was held back goes
 * on from there. */
static BIDE_ASYNC int shield_runs_out(bide_value arg, bide_value *result)
{
    bide_value outer = bide_scope(BIDE_NEVER), shield = bide_shielded_scope(BIDE_MS(10));
    CHECK_INT(bide_scope_enter(outer), 0);
    CHECK_INT(bide_scope_enter(shield), 0);
    bide_scope_cancel(outer, "outer");
    CHECK_RAISES("!! CancelledError", bide_sleep(BIDE_SECONDS(1)));
    CHECK_RAISES("!! CancelledError", bide_sleep(BIDE_SECONDS(1)));
    CHECK_INT(bide_now(), BIDE_MS(10));
    CHECK_INT(bide_sleep(1), BIDE_RAISED);
    CHECK_INT(bide_scope_leave(shield), 0);
    CHECK(bide_scope_caught(shield));
    CHECK_RAISES("!! CancelledError: outer", bide_sleep(1));
    CHECK_INT(bide_scope_leave(outer), 0);
    bide_drop(outer);
    bide_drop(shield);
    return 0;
}

static BIDE_ASYNC int shielded_from_task(bide_value arg, bide_value *result)
{
    bide_value outer = bide_shielded_scope(BIDE_NEVER), inner = bide_shielded_scope(BIDE_NEVER);
    cancel_me_in(1);
    CHECK_INT(bide_scope_enter(outer), 0);
    CHECK_INT(bide_scope_enter(inner), 0);
    CHECK_INT(bide_sleep(BIDE_MS(5)), 0);
    bide_value me = bide_current_task();
    CHECK_INT(bide_task_cancelling(me), 1);
    CHECK_INT(bide_scope_leave(inner), 0); /* the outer one holds it */
    CHECK_INT(bide_sleep(BIDE_MS(5)), 0);
    CHECK_RAISES("!! CancelledError: task", bide_scope_leave(outer));
    CHECK_INT(bide_sleep(BIDE_MS(5)), 0); /* an event */
    bide_task_uncancel(me);
    bide_drop(outer);
    bide_drop(inner);

    /* One that was asked for before the shield, and not heard of yet. */
    bide_future_cancel(me, "early");
    outer = bide_shielded_scope(BIDE_NEVER);
    CHECK_INT(bide_scope_enter(outer), 0);
    CHECK_INT(bide_sleep(BIDE_MS(5)), 0);
    CHECK_RAISES("!! CancelledError: early", bide_scope_leave(outer));
    bide_task_uncancel(me);
    bide_drop(outer);

    /* One that is taken back meanwhile. */
    outer = bide_shielded_scope(BIDE_NEVER);
    CHECK_INT(bide_scope_enter(outer), 0);
    bide_future_cancel(me, "taken back");
    CHECK_INT(bide_sleep(BIDE_MS(5)), 0);
    CHECK_INT(bide_task_uncancel(me), 0);
    CHECK_INT(bide_scope_leave(outer), 0);
    CHECK_INT(bide_sleep(BIDE_MS(5)), 0);
    bide_drop(outer);
    bide_drop(me);
    return 0;
}

/* What was held back meets another exception where the shield is left. */
static BIDE_ASYNC int held_and_raised(bide_value arg, bide_value *result)
{
    bide_value me = bide_current_task(), scope = bide_shielded_scope(BIDE_NEVER);
    CHECK_INT(bide_scope_enter(scope), 0);
    bide_future_cancel(me, "held");
    bide_raise(BIDE_ValueError, "body");
    CHECK_INT(bide_scope_leave(scope), BIDE_RAISED);
    bide_value error = bide_error_take();
    CHECK(bide_is_error(error, BIDE_CancelledError));
    CHECK(bide_is_error(bide_error_context(error), BIDE_ValueError));
    bide_drop(error);
    bide_drop(scope);
    bide_task_uncancel(me);

    scope = bide_shielded_scope(BIDE_MS(1)); /* its own deadline, and the task's cancellation */
    CHECK_INT(bide_scope_enter(scope), 0);
    bide_future_cancel(me, "held");
    CHECK_INT(bide_sleep(BIDE_SECONDS(1)), BIDE_RAISED);
    CHECK_RAISES("!! CancelledError: held", bide_scope_leave(scope));
    CHECK(bide_scope_caught(scope));
    bide_task_uncancel(me);
    bide_drop(scope);
    bide_drop(me);
    return 0;
}

static void test_shields(void)
{
    run(shielded_from_scope);
    CHECK_NOTES("3, clean at 6");
    run(shield_runs_out);
    run(shielded_from_task);
    run(held_and_raised);
}

/* --- with timeouts ------------------------------------------------------------------ */

static BIDE_ASYNC int timeout_in_scope(bide_value arg, bide_value *result)
{
    /* The scope is cancelled: the timeout lets that pass. */
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(5))) {
        CHECK_INT(bide_wait_for(napping(100), BIDE_MS(50), NULL), BIDE_RAISED);
        BIDE_LEAVE(scope);
    }
    BIDE_END_WITH(scope);
    /* Both in the same iteration, the timeout after the scope and before it. */
    for (int i = -1; i <= 1; i += 2) {
        bide_value scope = bide_scope(BIDE_MS(5));
        if (i < 0)
            CHECK_INT(bide_scope_enter(scope), 0);
        BIDE_ASYNC_WITH (timeout, bide_timeout(BIDE_MS(5))) {
            if (i > 0)
                CHECK_INT(bide_scope_enter(scope), 0);
            int status = bide_sleep(BIDE_SECONDS(1));
            CHECK_INT(status, BIDE_RAISED);
            if (i > 0)
                CHECK_INT(bide_scope_leave(scope), BIDE_RAISED);
            BIDE_LEAVE(timeout);
        }
        BIDE_END_WITH(timeout, (void)0);
        CHECK(bide_catch(BIDE_TimeoutError, NULL));
        if (i < 0) {
            CHECK_RAISES("!! CancelledError", bide_sleep(1));
            CHECK_INT(bide_scope_leave(scope), 0);
        }
        CHECK_INT(bide_sleep(1), 0);
        bide_drop(scope);
    }
    /* A scope inside is cancelled: the timeout goes on. */
    BIDE_ASYNC_WITH (timeout, bide_timeout(BIDE_MS(5))) {
        BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(2))) {
            BIDE_WITH_TRY(scope, bide_sleep(BIDE_SECONDS(1)));
        }
        BIDE_END_WITH(scope, BIDE_LEAVE(timeout));
        note("on");
        BIDE_WITH_TRY(timeout, bide_sleep(BIDE_SECONDS(1)));
    }
    BIDE_END_WITH(timeout, (void)0);
    CHECK(bide_catch(BIDE_TimeoutError, NULL));
    return 0;
}

static BIDE_ASYNC int timeout_and_shield(bide_value arg, bide_value *result)
{
    /* A timeout inside the shield works; one around it waits for the shield to end. */
    BIDE_ASYNC_WITH (timeout, bide_timeout(BIDE_MS(2))) {
        BIDE_ASYNC_WITH (shield, bide_shielded_scope(BIDE_NEVER)) {
            CHECK_STEP("!! TimeoutError", bide_wait_for, napping(100), BIDE_MS(5));
            CHECK_INT(bide_now(), BIDE_MS(5));
            CHECK_INT(bide_sleep(BIDE_MS(5)), 0);
        }
        BIDE_END_WITH(shield, BIDE_LEAVE(timeout));
        note("not here");
    }
    BIDE_END_WITH(timeout, (void)0);
    CHECK(bide_catch(BIDE_TimeoutError, NULL));
    CHECK_INT(bide_now(), BIDE_MS(10));
    bide_value me = bide_current_task();
    CHECK_INT(bide_task_cancelling(me), 0);
    bide_drop(me);
    CHECK_INT(bide_sleep(1), 0);
    return 0;
}

static void test_timeouts(void)
{
    run(timeout_in_scope);
    CHECK_NOTES("on");
    run(timeout_and_shield);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_shields);
    RUN(test_timeouts);
    return check_end();
}
