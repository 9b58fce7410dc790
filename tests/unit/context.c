/* Context variables: whose values a token takes back, and contexts that one task is in.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static bide_value var, other, token;

static int64_t now(bide_value v)
{
    return bide_context_var_get(v).as.i;
}

static int set(int64_t n)
{
    return bide_context_var_set(var, bide_int(n), &token);
}

/* Takes back with the token, which stays. */
static int take_back(void)
{
    return bide_context_var_reset(var, bide_ref(token));
}

static void run(bide_body *body)
{
    var = bide_context_var("var", bide_int(7));
    other = bide_context_var("other", bide_int(8));
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
    bide_clear(&token);
    bide_clear(&var);
    bide_clear(&other);
}

/* --- tokens ------------------------------------------------------------------------- */

static BIDE_ASYNC int once(bide_value arg, bide_value *result)
{
    BIDE_TRY(set(1));
    BIDE_SCOPED bide_value first = bide_ref(token);
    bide_clear(&token);
    BIDE_TRY(set(2));
    CHECK_RAISES("!! ValueError: <Token> was created by a different ContextVar",
                 bide_context_var_reset(other, bide_ref(token)));
    CHECK_INT(bide_context_var_reset(var, bide_ref(first)), 0);
    CHECK_INT(now(var), 7);
    CHECK_INT(take_back(), 0); /* of a context without any value left */
    CHECK_INT(now(var), 1);
    CHECK_RAISES("!! RuntimeError: <Token> has already been used once", take_back());
    CHECK_RAISES("!! RuntimeError: <Token> has already been used once",
                 bide_context_var_reset(other, bide_ref(token)));
    return 0;
}

static void test_a_token_serves_once(void)
{
    run(once);
}

static void check_refused(void)
{
    CHECK_RAISES("!! ValueError: <Token> was created in a different Context", take_back());
}

static BIDE_ASYNC int refused(bide_value arg, bide_value *result)
{
    check_refused();
    BIDE_TRY(bide_context_var_set(other, bide_int(5), NULL)); /* values of its own now */
    check_refused();
    CHECK_INT(now(var), arg.as.i);
    return 0;
}

static int refused_callback(bide_value arg)
{
    check_refused();
    note("called");
    return 0;
}

static BIDE_ASYNC int awaited(bide_value arg, bide_value *result)
{
    return take_back();
}

static BIDE_ASYNC int from_elsewhere(bide_value arg, bide_value *result)
{
    BIDE_TRY(set(1));
    BIDE_SCOPED bide_value context = bide_copy_context();
    CHECK_STEP("=> None", bide_await, bide_task(bide_coro(refused, bide_int(1)), NULL));
    bide_drop(bide_call_soon(refused_callback, BIDE_NONE));
    BIDE_TRY(bide_sleep(0));
    CHECK_INT(bide_context_run(context, refused_callback, BIDE_NONE), 0);
    CHECK_NOTES("called, called");
    BIDE_TRY(bide_await(bide_coro(awaited, BIDE_NONE), NULL)); /* what is awaited shares it */
    CHECK_INT(now(var), 7);
    return 0;
}

static void test_a_token_of_another_context(void)
{
    run(from_elsewhere);
}

static BIDE_ASYNC int leave_token(bide_value arg, bide_value *result)
{
    bide_value before = token;
    BIDE_TRY(set(arg.as.i));
    bide_drop(before);
    return 0;
}

static BIDE_ASYNC int refused_in_its_place(bide_value arg, bide_value *result)
{
    check_refused();
    return 0;
}

/* A task that shares the values of one that has ended, and may lie where that lay. */
static BIDE_ASYNC int leave_and_start(bide_value arg, bide_value *result)
{
    BIDE_TRY(leave_token(arg, result));
    return bide_detach(bide_coro(refused_in_its_place, BIDE_NONE), NULL);
}

static BIDE_ASYNC int ended_before(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 20; i++) {
        BIDE_TRY(bide_await(bide_task(bide_coro(leave_token, bide_int(i)), NULL), NULL));
        CHECK_STEP("=> None", bide_await,
                   bide_task(bide_coro(refused_in_its_place, BIDE_NONE), NULL));
        BIDE_TRY(bide_await(bide_task(bide_coro(leave_and_start, bide_int(i)), NULL), NULL));
        BIDE_TRY(bide_sleep(0));
    }
    return 0;
}

static void test_a_token_of_a_context_that_is_gone(void)
{
    run(ended_before);
}

/* --- entered ------------------------------------------------------------------------- */

static int nothing(bide_value arg)
{
    note("entered");
    return 0;
}

static void check_entered(bide_value context)
{
    CHECK_RAISES("!! RuntimeError: cannot enter context: it is already entered",
                 bide_context_run(context, nothing, BIDE_NONE));
}

static BIDE_ASYNC int enter_again(bide_value context, bide_value *result)
{
    check_entered(context);
    BIDE_TRY(bide_sleep(0));
    check_entered(context);
    return 0;
}

static BIDE_ASYNC int once_at_a_time(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value context = bide_copy_context();
    bide_value task =
        bide_task_in(bide_ref(context), bide_coro(enter_again, bide_ref(context)), NULL);
    BIDE_TRY(bide_sleep(0));
    CHECK_INT(bide_context_run(context, nothing, BIDE_NONE), 0); /* between its steps */
    BIDE_TRY(bide_await(task, NULL));
    CHECK_NOTES("entered");
    return 0;
}

static void test_one_at_a_time(void)
{
    run(once_at_a_time);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_a_token_serves_once);
    RUN(test_a_token_of_another_context);
    RUN(test_a_token_of_a_context_that_is_gone);
    RUN(test_one_at_a_time);
    return check_end();
}
