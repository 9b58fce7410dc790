/* Managers ready made: from an async generator, aclosing, and exit stacks.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static int run_to_end(bide_value coro, bide_value *out)
{
    int status;
    while ((status = bide_send(coro, BIDE_NONE, out)) == BIDE_YIELDED)
        bide_drop(*out);
    bide_drop(coro);
    return status;
}

/* --- from an async generator ------------------------------------------------------ */

static BIDE_ASYNC_GENERATOR int resource(bide_value arg, bide_value *result)
{
    note("open");
    BIDE_TRY(bide_suspend(BIDE_NONE, NULL));
    int status = bide_yield(bide_str("resource"), NULL);
    note("close");
    return status;
}

static BIDE_ASYNC_GENERATOR int swallower(bide_value arg, bide_value *result)
{
    if (bide_yield(BIDE_NONE, NULL) < 0)
        BIDE_EXCEPT(BIDE_KeyError, NULL);
    return 0;
}

static BIDE_ASYNC_GENERATOR int replacer(bide_value arg, bide_value *result)
{
    if (bide_yield(BIDE_NONE, NULL) < 0)
        return bide_raise(BIDE_ValueError, "instead");
    return 0;
}

static BIDE_ASYNC_GENERATOR int never_yields(bide_value arg, bide_value *result)
{
    return 0;
}

static BIDE_ASYNC_GENERATOR int yields_twice(bide_value arg, bide_value *result)
{
    if (bide_yield(BIDE_NONE, NULL) < 0)
        bide_error_clear();
    return bide_yield(BIDE_NONE, NULL);
}

/* (manager, type of the exception that the block raises or None) */
static BIDE_ASYNC int use(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (v, bide_ref(bide_item(arg, 0))) {
        note_value("with", v);
        const bide_error_type *type = bide_item(arg, 1).as.ptr;
        if (type)
            BIDE_WITH_TRY(v, bide_raise(type, "block"));
    }
    BIDE_END_WITH(v);
    note("after");
    return 0;
}

static bide_value using(bide_value manager, const bide_error_type *type)
{
    return bide_coro(use, bide_tuple(manager, bide_ptr((void *)type)));
}

#define FROM(body) bide_context_manager(bide_agen(body, BIDE_NONE))

static void test_a_manager_from_a_generator(void)
{
    CHECK_STEP("=> None", run_to_end, using(FROM(resource), NULL));
    CHECK_NOTES("open, with 'resource', close, after");
    CHECK_STEP("!! KeyError: block", run_to_end, using(FROM(resource), BIDE_KeyError));
    CHECK_NOTES("open, with 'resource', close");
    CHECK_STEP("=> None", run_to_end, using(FROM(swallower), BIDE_KeyError));
    CHECK_NOTES("with None, after");
    CHECK_STEP("!! OSError: block", run_to_end, using(FROM(swallower), BIDE_OSError));
    CHECK_STEP("!! ValueError: instead", run_to_end, using(FROM(replacer), BIDE_KeyError));
    CHECK_NOTES("with None, with None");
    /* What a generator cannot let out as it is. */
    CHECK_STEP("!! StopAsyncIteration: block", run_to_end,
               using(FROM(resource), BIDE_StopAsyncIteration));
    CHECK_STEP("!! RuntimeError: coroutine raised StopIteration", run_to_end,
               using(FROM(resource), BIDE_StopIteration));
}

static void test_generators_that_are_no_managers(void)
{
    CHECK_STEP("!! RuntimeError: generator didn't yield", run_to_end,
               using(FROM(never_yields), NULL));
    CHECK_STEP("!! RuntimeError: generator didn't stop", run_to_end,
               using(FROM(yields_twice), NULL));
    CHECK_STEP("!! RuntimeError: generator didn't stop after athrow()", run_to_end,
               using(FROM(yields_twice), BIDE_KeyError));
    check__notes[0] = '\0';
}

/* --- aclosing --------------------------------------------------------------------- */

static BIDE_ASYNC int use_aclosing(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (agen, bide_aclosing(bide_agen(resource, BIDE_NONE))) {
        bide_value first;
        BIDE_WITH_TRY(agen, bide_await(bide_anext(agen), &first));
        note_value("first", first);
        bide_drop(first);
    }
    BIDE_END_WITH(agen);
    return 0;
}

static void test_aclosing(void)
{
    CHECK_STEP("=> None", run_to_end, bide_coro(use_aclosing, BIDE_NONE));
    CHECK_NOTES("open, first 'resource', close");
    CHECK_STEP("!! AttributeError: 'int' object has no attribute 'aclose'", run_to_end,
               using(bide_aclosing(bide_int(3)), NULL));
    CHECK_NOTES("with 3");
}

/* --- exit stacks ------------------------------------------------------------------ */

static BIDE_ASYNC int note_arg(bide_value arg, bide_value *result)
{
    note_value("callback", arg);
    return bide_suspend(BIDE_NONE, NULL);
}

static BIDE_ASYNC int raise_arg(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_OSError, "callback");
}

/* Fills a stack: returns it in *result if arg is true, else leaves it. */
static BIDE_ASYNC int fill(bide_value arg, bide_value *result)
{
    bide_value v;
    BIDE_ASYNC_WITH (stack, bide_exit_stack()) {
        BIDE_WITH_TRY(stack, bide_exit_stack_enter(stack, FROM(resource), &v));
        note_value("entered", v);
        bide_drop(v);
        BIDE_WITH_TRY(stack, bide_exit_stack_callback(stack, note_arg, bide_list("arg")));
        BIDE_WITH_TRY(stack, bide_exit_stack_push(stack, bide_exit_stack()));
        if (arg.kind == BIDE_KIND_PTR)
            BIDE_WITH_TRY(stack, bide_raise((const bide_error_type *)arg.as.ptr, "block"));
        if (bide_truthy(arg))
            *result = bide_exit_stack_pop_all(stack);
    }
    BIDE_END_WITH(stack);
    note("after");
    return 0;
}

static void test_an_exit_stack(void)
{
    CHECK_STEP("=> None", run_to_end, bide_coro(fill, BIDE_NONE));
    CHECK_NOTES("open, entered 'resource', callback ['arg'], close, after");
    CHECK_STEP("!! KeyError: block", run_to_end, bide_coro(fill, bide_ptr((void *)BIDE_KeyError)));
    CHECK_NOTES("open, entered 'resource', callback ['arg'], close");
}

static void test_pop_all_and_aclose(void)
{
    bide_value coro = bide_coro(fill, bide_bool(true)), stack = BIDE_NONE;
    CHECK_INT(run_to_end(coro, &stack), 0);
    CHECK_NOTES("open, entered 'resource', after");
    CHECK_STEP("=> None", run_to_end, bide_exit_stack_aclose(stack));
    CHECK_NOTES("callback ['arg'], close");
    CHECK_STEP("=> None", run_to_end, bide_exit_stack_aclose(stack)); /* empty by now */
    CHECK_NOTES("");
    bide_drop(stack);
}

static BIDE_ASYNC int push_more(bide_value stack, bide_value *result)
{
    note("pushes");
    return bide_exit_stack_callback(stack, note_arg, bide_str("pushed"));
}

static void test_what_is_pushed_while_it_is_left(void)
{
    bide_value stack = bide_exit_stack();
    CHECK_INT(bide_exit_stack_callback(stack, note_arg, bide_str("first")), 0);
    CHECK_INT(bide_exit_stack_callback(stack, push_more, bide_ref(stack)), 0);
    bide_value unused = bide_exit_stack_aclose(stack);
    CHECK_INT(bide_close(unused, NULL), 0); /* before it began: nothing is left */
    bide_drop(unused);
    CHECK_STEP("=> None", run_to_end, bide_exit_stack_aclose(stack));
    CHECK_NOTES("pushes, callback 'pushed', callback 'first'");
    bide_drop(stack);
}

static BIDE_ASYNC int replace_exceptions(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (stack, bide_exit_stack()) {
        BIDE_WITH_TRY(stack, bide_exit_stack_enter(stack, FROM(resource), NULL));
        BIDE_WITH_TRY(stack, bide_exit_stack_callback(stack, raise_arg, BIDE_NONE));
        BIDE_WITH_TRY(stack, bide_exit_stack_enter(stack, FROM(swallower), NULL));
        BIDE_WITH_TRY(stack, bide_raise(BIDE_KeyError, "block"));
    }
    BIDE_END_WITH(stack);
    return 0;
}

static void test_each_exit_sees_what_the_later_made_of_it(void)
{
    CHECK_STEP("!! OSError: callback", run_to_end, bide_coro(replace_exceptions, BIDE_NONE));
    CHECK_NOTES("open, close");
}

static void test_what_no_stack_takes(void)
{
    bide_value stack = bide_exit_stack();
    CHECK_RAISES("!! TypeError: 'list' object does not support the asynchronous context manager "
                 "protocol",
                 bide_exit_stack_push(stack, bide_list()));
    CHECK_RAISES("!! TypeError: 'AsyncExitStack' object is expected, got 'int'",
                 bide_exit_stack_push(bide_int(1), bide_exit_stack()));
    CHECK_FAILS("!! TypeError: 'AsyncExitStack' object is expected, got 'int'",
                bide_exit_stack_pop_all(bide_int(1)));
    CHECK_FAILS("!! TypeError: 'AsyncExitStack' object is expected, got 'int'",
                bide_exit_stack_aclose(bide_int(1)));
    bide_drop(stack);
}

int main(void)
{
    RUN(test_a_manager_from_a_generator);
    RUN(test_generators_that_are_no_managers);
    RUN(test_aclosing);
    RUN(test_an_exit_stack);
    RUN(test_pop_all_and_aclose);
    RUN(test_what_is_pushed_while_it_is_left);
    RUN(test_each_exit_sees_what_the_later_made_of_it);
    RUN(test_what_no_stack_takes);
    return check_end();
}
