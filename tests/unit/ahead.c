/* Many steps ready at once, each of which is looked at before its turn: what steps take out of the
 * ones after them stays out, and those of every kind run in order.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

enum { MANY = 60 };

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

static int order[8 * MANY], noted;

static void note_number(int64_t number)
{
    if (noted < 8 * MANY)
        order[noted++] = (int)number;
}

/* --- order ------------------------------------------------------------------------ */

static BIDE_ASYNC int step_thrice(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        note_number(arg.as.i + i * 1000);
        BIDE_TRY(bide_sleep(0));
    }
    return 0;
}

static int called(bide_value arg)
{
    note_number(arg.as.i);
    return 0;
}

/* Callbacks stand between tasks that have not begun yet. */
static BIDE_ASYNC int mix(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value tasks = bide_list();
    noted = 0;
    for (int i = 0; i < MANY; i++) {
        BIDE_TRY(bide_list_append(tasks, bide_task(bide_coro(step_thrice, bide_int(i)), NULL)));
        if (i % 7 == 3)
            bide_drop(bide_call_soon(called, bide_int(i + 5000)));
    }
    BIDE_TRY(bide_await(bide_gather(bide_ref(tasks), false), NULL));
    int at = 0;
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < MANY; i++) {
            CHECK_INT(order[at++], i + turn * 1000);
            if (turn == 0 && i % 7 == 3)
                CHECK_INT(order[at++], i + 5000);
        }
    CHECK_INT(at, noted);
    return 0;
}

static void test_order(void)
{
    run(mix);
    run(mix); /* on stacks that were used before */
}

/* --- taking out what is ready ------------------------------------------------------- */

static BIDE_ASYNC int nap(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(1)) < 0) {
        note_number(-arg.as.i);
        return BIDE_RAISED;
    }
    note_number(arg.as.i);
    return 0;
}

static bide_value nappers[MANY + 1];

/* Ends two of three of those that are due after it in the same iteration. */
static int close_most(bide_value arg)
{
    for (int i = 1; i <= MANY; i++)
        if (i % 3 && bide_close(nappers[i], NULL) < 0)
            return BIDE_RAISED;
    return 0;
}

static BIDE_ASYNC int close_the_next(bide_value arg, bide_value *result)
{
    noted = 0;
    bide_drop(bide_call_later(BIDE_SECONDS(1), close_most, BIDE_NONE));
    for (int i = 1; i <= MANY; i++) {
        nappers[i] = bide_coro(nap, bide_int(i));
        BIDE_SCOPED bide_value future = BIDE_NONE;
        CHECK_INT(bide_send(nappers[i], BIDE_NONE, &future), BIDE_YIELDED);
    }
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    CHECK_INT(noted, MANY / 3 * 2);
    for (int i = 1; i <= MANY; i++) {
        CHECK_INT(bide_state_of(nappers[i]), i % 3 ? BIDE_CLOSED : BIDE_SUSPENDED);
        bide_close(nappers[i], NULL);
        bide_drop(nappers[i]);
    }
    return 0;
}

/* Throws into the coroutines of tasks whose steps are ready. */
static int throw_into_most(bide_value arg)
{
    for (int i = 1; i <= MANY; i++)
        if (i % 3) {
            CHECK(bide_throw(nappers[i], bide_error_new(BIDE_KeyError, "k"), NULL) < 0);
            bide_error_clear();
        }
    return 0;
}

static BIDE_ASYNC int end_the_next(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value tasks = bide_list();
    noted = 0;
    for (int i = 1; i <= MANY; i++) {
        nappers[i] = bide_coro(nap, bide_int(i));
        BIDE_TRY(bide_list_append(tasks, bide_task(bide_ref(nappers[i]), NULL)));
    }
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_drop(bide_call_soon(throw_into_most, BIDE_NONE));
    BIDE_TRY(bide_await(bide_gather(bide_ref(tasks), true), NULL));
    CHECK_INT(noted, MANY);
    for (int i = 1; i <= MANY; i++)
        bide_drop(nappers[i]);
    return 0;
}

static BIDE_ASYNC int cancel_the_next(bide_value arg, bide_value *result)
{
    bide_value tasks = arg;
    for (size_t i = 1; i < bide_size(tasks); i += 2)
        bide_future_cancel(bide_item(tasks, i), NULL);
    return 0;
}

static BIDE_ASYNC int cancel_what_is_ready(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value tasks = bide_list();
    noted = 0;
    BIDE_TRY(bide_list_append(tasks, bide_task(bide_coro(cancel_the_next, bide_ref(tasks)), NULL)));
    for (int i = 1; i <= MANY; i++)
        BIDE_TRY(bide_list_append(tasks, bide_task(bide_coro(step_thrice, bide_int(i)), NULL)));
    BIDE_TRY(bide_await(bide_gather(bide_ref(tasks), true), NULL));
    CHECK_INT(noted, 3 * MANY / 2);
    return 0;
}

static void test_taking_out(void)
{
    run(close_the_next);
    run(end_the_next);
    run(cancel_what_is_ready);
}

/* A loop that ends while all of them are ready. */
static void test_the_end(void)
{
    BIDE_SCOPED bide_value loop = bide_loop();
    bide_value tasks[MANY];
    for (int i = 0; i < MANY; i++)
        tasks[i] = bide_loop_task(loop, bide_coro(step_thrice, bide_int(i)), NULL);
    bide_drop(bide_loop_call_soon(loop, called, BIDE_NONE));
    bide_loop_stop(loop);
    CHECK_INT(bide_loop_run_forever(loop), 0);
    bide_loop_close(loop);
    for (int i = 0; i < MANY; i++)
        bide_drop(tasks[i]);
}

/* --- stacks ------------------------------------------------------------------------- */

#if defined(BIDE__FIBER_FETCH)

static void nothing(void *arg)
{
    (void)arg;
}

/* With no stack, one, and several that are free. */
static void test_expecting(void)
{
    bide_fiber *fibers[4];
    bide_fiber_set_default_stack(1 << 20);
    for (int count = 0; count < 4; count++) {
        bide__fiber_expect();
        for (int i = 0; i <= count; i++)
            CHECK((fibers[i] = bide_fiber_new(nothing, NULL, 0, NULL)) != NULL);
        bide__fiber_expect();
        for (int i = 0; i <= count; i++)
            bide_fiber_free(fibers[i]);
        bide__fiber_expect();
    }
    bide_fiber_set_default_stack(0);
}

#else

static void test_expecting(void)
{
}

#endif

static void ignore_report(const char *message, bide_value error)
{
    (void)message;
    (void)error;
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    bide_set_exception_handler(ignore_report);
    RUN(test_order);
    RUN(test_taking_out);
    RUN(test_the_end);
    RUN(test_expecting);
    return check_end();
}
