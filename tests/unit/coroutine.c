/* Coroutine objects driven by hand: states, send, throw and close in each of them, what is refused
 * and in which words, the never-awaited warning, and introspection.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* Suspends with 1 and 2, noting what comes in; returns 3. */
static BIDE_ASYNC int two_steps(bide_value arg, bide_value *result)
{
    bide_value in;
    note("begin");
    BIDE_TRY(bide_suspend(bide_int(1), &in));
    note_value("got", in);
    bide_drop(in);
    BIDE_TRY(bide_suspend(bide_int(2), &in));
    note_value("got", in);
    bide_drop(in);
    return bide_return(result, 3);
}

static bide_value fresh(void)
{
    return bide_coro(two_steps, BIDE_NONE);
}

/* One that is suspended with 1. */
static bide_value suspended(bide_body *body)
{
    bide_value coro = bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE);
    CHECK_STEP("-> 1", bide_send, coro, BIDE_NONE);
    return coro;
}

static void finish(bide_value coro)
{
    CHECK_STEP("=> None", bide_close, coro);
    bide_drop(coro);
    check__notes[0] = '\0';
}

/* --- states ----------------------------------------------------------------------- */

static void test_a_life(void)
{
    bide_value coro = fresh();
    CHECK_STR(bide_type_name(coro), "coroutine");
    CHECK_STR(bide_name(coro), "two_steps");
    CHECK_STR(bide_state_name(coro), "CORO_CREATED");
    CHECK_NOTES(""); /* calling it runs nothing */
    CHECK_STEP("-> 1", bide_send, coro, BIDE_NONE);
    CHECK_NOTES("begin");
    CHECK_STR(bide_state_name(coro), "CORO_SUSPENDED");
    CHECK_STEP("-> 2", bide_send, coro, bide_str("x"));
    CHECK_STEP("=> 3", bide_send, coro, bide_list(1));
    CHECK_NOTES("got 'x', got [1]");
    CHECK_STR(bide_state_name(coro), "CORO_CLOSED");
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited coroutine", bide_send, coro,
               BIDE_NONE);
    CHECK_STEP("=> None", bide_close, coro);
    bide_drop(coro);
}

static bide_value self;

static BIDE_ASYNC int look_at_itself(bide_value arg, bide_value *result)
{
    note("%s", bide_state_name(self));
    CHECK_STEP("!! ValueError: coroutine already executing", bide_send, self, BIDE_NONE);
    CHECK_STEP("!! ValueError: coroutine already executing", bide_close, self);
    CHECK_STEP("!! ValueError: coroutine already executing", bide_throw, self,
               bide_error_new(BIDE_KeyError, NULL));
    CHECK_RAISES("!! ValueError: coroutine already executing", bide_await(bide_ref(self), NULL));
    return 0;
}

static void test_a_running_one_refuses(void)
{
    self = bide_coro(look_at_itself, BIDE_NONE);
    CHECK_STEP("=> None", bide_send, self, BIDE_NONE);
    CHECK_NOTES("CORO_RUNNING");
    bide_drop(self);
}

static void test_what_a_coroutine_is_not(void)
{
    bide_value coro = fresh();
    CHECK_STEP("!! TypeError: 'coroutine' object is not an iterator", bide_next, coro);
    CHECK_STEP("!! TypeError: 'NoneType' object is not an iterator", bide_next, BIDE_NONE);
    CHECK_STEP("!! TypeError: 'int' object is not an iterator", bide_next, bide_int(1));
    CHECK_FAILS("!! TypeError: 'coroutine' object is not iterable", bide_iter(bide_ref(coro)));
    CHECK_FAILS("!! TypeError: 'async for' requires an object with __aiter__ method, got coroutine",
                bide_aiter(bide_ref(coro)));
    CHECK(bide_has(coro, await) && bide_has(coro, send) && !bide_has(coro, iter));
    CHECK_STEP("!! AttributeError: 'int' object has no attribute 'send'", bide_send, bide_int(1),
               BIDE_NONE);
    CHECK_STEP("!! AttributeError: 'int' object has no attribute 'throw'", bide_throw, bide_int(1),
               bide_error_new(BIDE_KeyError, NULL));
    CHECK_STEP("!! AttributeError: 'int' object has no attribute 'close'", bide_close, bide_int(1));
    CHECK_STR(bide_state_name(bide_int(1)), "");
    CHECK_INT(bide_state_of(bide_int(1)), BIDE_CLOSED);
    finish(coro);
}

/* --- send ------------------------------------------------------------------------- */

static void test_sending_to_a_fresh_one(void)
{
    bide_value coro = fresh();
    CHECK_STEP("!! TypeError: can't send non-None value to a just-started coroutine", bide_send,
               coro, bide_list("dropped"));
    CHECK_STR(bide_state_name(coro), "CORO_CREATED");
    CHECK_STEP("-> 1", bide_send, coro, BIDE_NONE);
    finish(coro);
}

static BIDE_ASYNC int raise_at_once(bide_value arg, bide_value *result)
{
    *result = bide_str("ignored, and dropped");
    return bide_raise(BIDE_ValueError, "at once");
}

static BIDE_ASYNC int raise_stop(bide_value arg, bide_value *result)
{
    return bide_raise_error(bide_error_with(BIDE_StopIteration, bide_int(5)));
}

static BIDE_ASYNC int say_raised(bide_value arg, bide_value *result)
{
    return BIDE_RAISED; /* which it did not */
}

static BIDE_ASYNC int forget_to_say(bide_value arg, bide_value *result)
{
    bide_raise(BIDE_KeyError, "pending at the end");
    return bide_return(result, 1);
}

static BIDE_ASYNC int give_poison(bide_value arg, bide_value *result)
{
    bide_raise(BIDE_KeyError, "poison");
    *result = BIDE_FAILED;
    return 0;
}

static void expect_once(bide_value coro, const char *wanted)
{
    CHECK_STEP(wanted, bide_send, coro, BIDE_NONE);
    CHECK_STR(bide_state_name(coro), "CORO_CLOSED");
    bide_drop(coro);
}

static void test_how_bodies_end(void)
{
    expect_once(bide_coro(raise_at_once, BIDE_NONE), "!! ValueError: at once");
    expect_once(bide_coro(forget_to_say, BIDE_NONE), "!! KeyError: pending at the end");
    expect_once(bide_coro(give_poison, BIDE_NONE), "!! KeyError: poison");
    bide_value coro = bide_coro(say_raised, BIDE_NONE);
    CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RuntimeError, NULL));
    bide_drop(coro);
}

static void test_stop_iteration_becomes_a_runtime_error(void)
{
    bide_value coro = bide_coro(raise_stop, BIDE_NONE), error;
    CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RuntimeError, &error));
    CHECK_STR(bide_error_message(error), "coroutine raised StopIteration");
    CHECK(bide_is_error(bide_error_cause(error), BIDE_StopIteration));
    CHECK(bide_is(bide_error_cause(error), bide_error_context(error)));
    bide_drop(error);
    bide_drop(coro);
}

/* --- throw ------------------------------------------------------------------------ */

static void test_throwing_into_a_fresh_one(void)
{
    bide_value coro = fresh();
    CHECK_STEP("!! KeyError: k", bide_throw, coro, bide_error_new(BIDE_KeyError, "k"));
    CHECK_NOTES(""); /* the body never runs */
    CHECK_STR(bide_state_name(coro), "CORO_CLOSED");
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited coroutine", bide_throw, coro,
               bide_error_new(BIDE_KeyError, "k"));
    bide_drop(coro);
    coro = fresh();
    /* As in CPython since 3.12 it comes out as it is, which is to say, the coroutine has ended. */
    CHECK_STEP("=> None", bide_throw, coro, bide_error_new(BIDE_StopIteration, NULL));
    bide_drop(coro);
}

static BIDE_ASYNC int catch_keys(bide_value arg, bide_value *result)
{
    if (bide_suspend(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_KeyError, NULL);
        note("caught");
    }
    BIDE_TRY(bide_suspend(bide_int(2), NULL));
    return bide_return(result, 3);
}

static void test_throwing_into_a_suspended_one(void)
{
    bide_value coro = suspended(catch_keys);
    CHECK_STEP("-> 2", bide_throw, coro, bide_error_new(BIDE_KeyError, NULL));
    CHECK_NOTES("caught");
    CHECK_STEP("!! ValueError: v", bide_throw, coro, bide_error_new(BIDE_ValueError, "v"));
    bide_drop(coro);
    coro = suspended(catch_keys);
    CHECK_STEP("!! TypeError: exceptions must derive from BaseException", bide_throw, coro,
               bide_str("no exception"));
    CHECK_STR(bide_state_name(coro), "CORO_SUSPENDED");
    finish(coro);
}

/* --- close ------------------------------------------------------------------------ */

static BIDE_ASYNC int swallow(bide_value arg, bide_value *result)
{
    if (bide_suspend(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_GeneratorExit, NULL);
        return bide_return(result, "swallowed");
    }
    return 0;
}

static BIDE_ASYNC int replace(bide_value arg, bide_value *result)
{
    if (bide_suspend(bide_int(1), NULL) < 0)
        return bide_raise(BIDE_ValueError, "instead");
    return 0;
}

static BIDE_ASYNC int refuse(bide_value arg, bide_value *result)
{
    if (bide_suspend(bide_int(1), NULL) < 0)
        bide_error_clear();
    return bide_suspend(bide_int(2), NULL);
}

static void test_close(void)
{
    bide_value coro = fresh();
    CHECK_STEP("=> None", bide_close, coro); /* and no warning */
    CHECK_STR(bide_state_name(coro), "CORO_CLOSED");
    bide_drop(coro);
    coro = suspended(two_steps);
    CHECK_STEP("=> None", bide_close, coro);
    CHECK_STEP("=> None", bide_close, coro);
    bide_drop(coro);
    coro = suspended(swallow);
    CHECK_STEP("=> 'swallowed'", bide_close, coro);
    bide_drop(coro);
    coro = suspended(replace);
    CHECK_STEP("!! ValueError: instead", bide_close, coro);
    bide_drop(coro);
    coro = suspended(refuse);
    CHECK_STEP("!! RuntimeError: coroutine ignored GeneratorExit", bide_close, coro);
    CHECK_STR(bide_state_name(coro), "CORO_SUSPENDED");
    CHECK_STEP("=> None", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
}

/* --- awaiting --------------------------------------------------------------------- */

static bide_value shared;

static BIDE_ASYNC int await_shared(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(shared), result);
}

static void test_awaiting_one_twice(void)
{
    shared = fresh();
    bide_value first = bide_coro(await_shared, BIDE_NONE);
    bide_value second = bide_coro(await_shared, BIDE_NONE);
    CHECK_STEP("-> 1", bide_send, first, BIDE_NONE);
    CHECK(bide_is(bide_awaiting(first), shared));
    CHECK_STR(bide_await_site(first)->function, "await_shared");
    CHECK_STEP("!! RuntimeError: coroutine is being awaited already", bide_send, second, BIDE_NONE);
    CHECK_STEP("-> 2", bide_send, first, BIDE_NONE);
    CHECK_STEP("=> 3", bide_send, first, BIDE_NONE);
    CHECK(bide_is_none(bide_awaiting(first)));
    bide_drop(first);
    first = bide_coro(await_shared, BIDE_NONE);
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited coroutine", bide_send, first,
               BIDE_NONE);
    bide_drop(first);
    bide_drop(second);
    bide_drop(shared);
}

static void test_await_iter(void)
{
    bide_value it = bide_await_iter(fresh());
    CHECK_STR(bide_type_name(it), "coroutine_wrapper");
    CHECK_STEP("-> 1", bide_next, it);
    CHECK_STEP("-> 2", bide_send, it, bide_int(8));
    CHECK_STEP("=> 3", bide_next, it);
    bide_drop(it);
    CHECK_NOTES("begin, got 8, got None");
    it = bide_await_iter(fresh());
    CHECK_STEP("-> 1", bide_next, it);
    CHECK_STEP("!! KeyError", bide_throw, it, bide_error_new(BIDE_KeyError, NULL));
    CHECK_STEP("=> None", bide_close, it);
    bide_drop(it);
}

/* --- never awaited ---------------------------------------------------------------- */

static void note_warning(const char *category, const char *message, const bide_origin *origin)
{
    note("%s: %s (%s)", category, message, origin ? origin->name : "-");
    CHECK(origin && strcmp(origin->file, __FILE__) == 0 && origin->line > 0);
}

static void test_never_awaited(void)
{
    bide_set_warning_hook(note_warning);
    bide_drop(fresh());
    CHECK_NOTES("RuntimeWarning: coroutine 'two_steps' was never awaited (two_steps)");
    bide_value kept = bide_await_iter(fresh());
    bide_drop(kept);
    CHECK_NOTES("RuntimeWarning: coroutine 'two_steps' was never awaited (two_steps)");
    finish(fresh());
    bide_drop(bide_gen(two_steps, BIDE_NONE)); /* generators may be dropped unused */
    bide_drop(bide_agen(two_steps, BIDE_NONE));
    CHECK_NOTES("");
    bide_set_warning_hook(NULL);
}

static void test_the_argument_lives_as_long_as_the_object(void)
{
    bide_value arg = bide_list("arg");
    bide_value coro = bide_coro(two_steps, bide_ref(arg));
    CHECK_INT(arg.as.object->refs, 2);
    bide_send(coro, BIDE_NONE, NULL);
    CHECK_INT(arg.as.object->refs, 2);
    finish(coro);
    CHECK_INT(arg.as.object->refs, 1);
    bide_drop(arg);
}

int main(void)
{
    RUN(test_a_life);
    RUN(test_a_running_one_refuses);
    RUN(test_what_a_coroutine_is_not);
    RUN(test_sending_to_a_fresh_one);
    RUN(test_how_bodies_end);
    RUN(test_stop_iteration_becomes_a_runtime_error);
    RUN(test_throwing_into_a_fresh_one);
    RUN(test_throwing_into_a_suspended_one);
    RUN(test_close);
    RUN(test_awaiting_one_twice);
    RUN(test_await_iter);
    RUN(test_never_awaited);
    RUN(test_the_argument_lives_as_long_as_the_object);
    return check_end();
}
