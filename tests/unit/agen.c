/* Async generators: asend, athrow and aclose in every state, running twice, hooks, anext with a
 * default, and async for on every way out.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* Gives n items with an await before each; notes how it is left. */
static BIDE_ASYNC_GENERATOR int items(bide_value arg, bide_value *result)
{
    for (int64_t n = arg.as.i; n > 0; n--) {
        bide_value in = BIDE_NONE;
        BIDE_TRY(bide_suspend(bide_str("waiting"), NULL));
        if (bide_yield(bide_int(n), &in) < 0) {
            note("%s", bide_error_matches(BIDE_GeneratorExit) ? "closed" : "thrown at");
            return BIDE_RAISED;
        }
        if (!bide_is_none(in))
            note_value("sent", in);
        bide_drop(in);
    }
    note("exhausted");
    return 0;
}

/* The same without awaiting. */
static BIDE_ASYNC_GENERATOR int quick_items(bide_value arg, bide_value *result)
{
    for (int64_t n = arg.as.i; n > 0; n--)
        if (bide_yield(bide_int(n), NULL) < 0) {
            note("%s", bide_error_matches(BIDE_GeneratorExit) ? "closed" : "thrown at");
            return BIDE_RAISED;
        }
    note("exhausted");
    return 0;
}

/* Drives an awaitable to its end; what it suspends with is noted. */
#define CHECK_AWAIT(wanted, awaitable)                                                             \
    do {                                                                                           \
        bide_value check__awaitable = awaitable;                                                   \
        CHECK_STEP(wanted, run_to_end, check__awaitable);                                          \
    } while (0)
static int run_to_end(bide_value awaitable, bide_value *out)
{
    int status;
    while ((status = bide_send(awaitable, BIDE_NONE, out)) == BIDE_YIELDED) {
        note_value("..", *out);
        bide_drop(*out);
    }
    bide_drop(awaitable);
    return status;
}

/* --- driving ---------------------------------------------------------------------- */

static void test_a_life(void)
{
    bide_value agen = bide_agen(items, bide_int(2));
    CHECK_STR(bide_type_name(agen), "async_generator");
    CHECK_STR(bide_state_name(agen), "AGEN_CREATED");
    CHECK_AWAIT("=> 2", bide_anext(agen));
    CHECK_STR(bide_state_name(agen), "AGEN_SUSPENDED");
    CHECK_AWAIT("=> 1", bide_asend(agen, bide_str("in")));
    CHECK_AWAIT("!! StopAsyncIteration", bide_anext(agen));
    CHECK_STR(bide_state_name(agen), "AGEN_CLOSED");
    CHECK_AWAIT("!! StopAsyncIteration", bide_anext(agen));
    CHECK_AWAIT("=> None", bide_aclose(agen));
    CHECK_NOTES(".. 'waiting', sent 'in', .. 'waiting', exhausted");
    bide_drop(agen);
}

static void test_asend_to_a_fresh_one(void)
{
    bide_value agen = bide_agen(quick_items, bide_int(1));
    CHECK_AWAIT("!! TypeError: can't send non-None value to a just-started async generator",
                bide_asend(agen, bide_int(5)));
    CHECK_AWAIT("=> 1", bide_asend(agen, BIDE_NONE));
    bide_drop(agen);
    check__notes[0] = '\0';
}

static void test_an_awaitable_serves_once(void)
{
    bide_value agen = bide_agen(quick_items, bide_int(3));
    bide_value next = bide_anext(agen), close = bide_aclose(agen);
    CHECK_STR(bide_type_name(next), "async_generator_asend");
    CHECK_STEP("=> 3", bide_send, next, BIDE_NONE);
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited __anext__()/asend()", bide_send, next,
               BIDE_NONE);
    CHECK_STEP("=> None", bide_send, close, BIDE_NONE);
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited aclose()/athrow()", bide_send, close,
               BIDE_NONE);
    CHECK_NOTES("closed");
    bide_drop(next);
    bide_drop(close);
    bide_drop(agen);
}

static void test_one_at_a_time(void)
{
    bide_value agen = bide_agen(items, bide_int(3));
    bide_value first = bide_anext(agen);
    CHECK_STEP("-> 'waiting'", bide_send, first, BIDE_NONE);
    CHECK_AWAIT("!! RuntimeError: anext(): asynchronous generator is already running",
                bide_anext(agen));
    CHECK_AWAIT("!! RuntimeError: athrow(): asynchronous generator is already running",
                bide_athrow(agen, bide_error_new(BIDE_KeyError, NULL)));
    CHECK_AWAIT("!! RuntimeError: aclose(): asynchronous generator is already running",
                bide_aclose(agen));
    CHECK_STEP("=> 3", bide_send, first, BIDE_NONE);
    bide_drop(first);
    /* One that is dropped midway no longer stands in the way. */
    first = bide_anext(agen);
    CHECK_STEP("-> 'waiting'", bide_send, first, BIDE_NONE);
    bide_drop(first);
    CHECK_AWAIT("=> 2", bide_anext(agen));
    bide_drop(agen);
    CHECK_NOTES("closed");
}

/* --- athrow and aclose ------------------------------------------------------------ */

static BIDE_ASYNC_GENERATOR int recover(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_KeyError, NULL);
        note("recovered");
    }
    return bide_yield(bide_int(2), NULL);
}

static void test_athrow(void)
{
    bide_value agen = bide_agen(recover, BIDE_NONE);
    CHECK_AWAIT("=> 1", bide_anext(agen));
    CHECK_AWAIT("=> 2", bide_athrow(agen, bide_error_new(BIDE_KeyError, NULL)));
    CHECK_AWAIT("!! ValueError: v", bide_athrow(agen, bide_error_new(BIDE_ValueError, "v")));
    CHECK_NOTES("recovered");
    /* Finished: the compatible call drops the exception, the strict one raises it. */
    CHECK_AWAIT("=> None", bide_athrow(agen, bide_error_new(BIDE_ValueError, "v")));
    CHECK_AWAIT("!! ValueError: v", bide_athrow_strict(agen, bide_error_new(BIDE_ValueError, "v")));
    bide_drop(agen);
    agen = bide_agen(recover, BIDE_NONE);
    CHECK_AWAIT("!! KeyError: fresh", bide_athrow(agen, bide_error_new(BIDE_KeyError, "fresh")));
    CHECK_STR(bide_state_name(agen), "AGEN_CLOSED");
    bide_drop(agen);
}

static BIDE_ASYNC_GENERATOR int refuse(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0)
        bide_error_clear();
    return bide_yield(bide_int(2), NULL);
}

static BIDE_ASYNC_GENERATOR int clean_up_slowly(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        bide_value error = bide_error_take();
        BIDE_TRY(bide_suspend(bide_str("cleaning"), NULL));
        note("clean");
        return bide_error_restore(error);
    }
    return 0;
}

static void test_aclose(void)
{
    bide_value agen = bide_agen(quick_items, bide_int(1));
    CHECK_AWAIT("=> None", bide_aclose(agen));
    CHECK_STR(bide_state_name(agen), "AGEN_CLOSED");
    CHECK_AWAIT("!! StopAsyncIteration", bide_anext(agen));
    bide_drop(agen);
    agen = bide_agen(clean_up_slowly, BIDE_NONE);
    CHECK_AWAIT("=> 1", bide_anext(agen));
    CHECK_AWAIT("=> None", bide_aclose(agen));
    CHECK_NOTES(".. 'cleaning', clean");
    bide_drop(agen);
    agen = bide_agen(refuse, BIDE_NONE);
    CHECK_AWAIT("=> 1", bide_anext(agen));
    CHECK_AWAIT("!! RuntimeError: async generator ignored GeneratorExit", bide_aclose(agen));
    CHECK_AWAIT("!! StopAsyncIteration", bide_aclose(agen)); /* it counts as closed */
    bide_drop(agen);
}

static BIDE_ASYNC_GENERATOR int return_a_value(bide_value arg, bide_value *result)
{
    return bide_return(result, "not allowed");
}

static BIDE_ASYNC_GENERATOR int raise_stop(bide_value arg, bide_value *result)
{
    return bide_raise((const bide_error_type *)arg.as.ptr, NULL);
}

static void test_how_bodies_may_not_end(void)
{
    bide_value agen = bide_agen(return_a_value, BIDE_NONE);
    CHECK_AWAIT("!! TypeError: 'return' with value in async generator 'return_a_value'",
                bide_anext(agen));
    bide_drop(agen);
    agen = bide_agen(raise_stop, bide_ptr((void *)BIDE_StopAsyncIteration));
    CHECK_AWAIT("!! RuntimeError: async generator raised StopAsyncIteration", bide_anext(agen));
    bide_drop(agen);
    agen = bide_agen(raise_stop, bide_ptr((void *)BIDE_StopIteration));
    CHECK_AWAIT("!! RuntimeError: async generator raised StopIteration", bide_anext(agen));
    bide_drop(agen);
}

static void test_what_is_no_async_generator(void)
{
    CHECK_FAILS("!! TypeError: an async generator is expected, got 'int'",
                bide_aclose(bide_int(1)));
    CHECK_FAILS("!! TypeError: 'float' object is not an async iterator", bide_anext(bide_float(1)));
}

/* --- anext with a default --------------------------------------------------------- */

static void test_anext_or(void)
{
    bide_value agen = bide_agen(items, bide_int(1));
    CHECK_AWAIT("=> 1", bide_anext_or(agen, bide_str("default")));
    CHECK_AWAIT("=> 'default'", bide_anext_or(agen, bide_str("default")));
    bide_drop(agen);
    agen = bide_agen(raise_stop, bide_ptr((void *)BIDE_KeyError));
    CHECK_AWAIT("!! KeyError", bide_anext_or(agen, bide_list("default")));
    bide_drop(agen);
    CHECK_FAILS("!! TypeError: 'int' object is not an async iterator",
                bide_anext_or(bide_int(3), bide_list("default")));
    check__notes[0] = '\0';
}

/* --- hooks ------------------------------------------------------------------------ */

static bide_value rescued;

static int on_first(bide_value agen)
{
    note("first %s", bide_name(agen));
    return 0;
}

static void on_drop(bide_value agen)
{
    note("finalizer");
    rescued = bide_ref(agen);
}

static void on_end(bide_value agen)
{
    note("ended");
}

static void test_hooks(void)
{
    bide_agen_hooks hooks = {.firstiter = on_first, .finalizer = on_drop, .ended = on_end};
    bide_agen_hooks before = bide_set_agen_hooks(hooks);
    bide_value agen = bide_agen(quick_items, bide_int(2));
    CHECK_NOTES("");
    CHECK_AWAIT("=> 2", bide_anext(agen));
    CHECK_AWAIT("=> 1", bide_anext(agen));
    CHECK_NOTES("first quick_items");
    bide_drop(agen);
    CHECK_NOTES("finalizer");
    CHECK_AWAIT("=> None", bide_aclose(rescued));
    CHECK_NOTES("closed, ended");
    bide_drop(rescued);
    agen = bide_agen(quick_items, bide_int(0));
    CHECK_AWAIT("!! StopAsyncIteration", bide_anext(agen));
    bide_drop(agen);
    CHECK_NOTES("first quick_items, exhausted, ended");
    CHECK(bide_set_agen_hooks(before).finalizer == on_drop);
}

static int refuse_first(bide_value agen)
{
    return bide_raise(BIDE_PermissionError, "not here");
}

static void test_a_hook_that_raises(void)
{
    bide_agen_hooks before = bide_set_agen_hooks((bide_agen_hooks){.firstiter = refuse_first});
    bide_value agen = bide_agen(quick_items, bide_int(2));
    CHECK_FAILS("!! PermissionError: not here", bide_anext(agen));
    bide_drop(agen);
    bide_set_agen_hooks(before);
}

/* --- async for -------------------------------------------------------------------- */

enum exit { FALL, BREAK, CONTINUE, RETURN, GOTO, RAISE, RETURN_VALUE };

static BIDE_ASYNC int loop(enum exit how, bide_value aiterable, bide_value *result)
{
    BIDE_ASYNC_FOR (item, aiterable) {
        note_value("got", item);
        if (how == BREAK)
            break;
        if (how == CONTINUE)
            continue;
        if (how == RETURN)
            return 0;
        if (how == RETURN_VALUE)
            return bide_return(result, "value");
        if (how == GOTO)
            goto out;
        if (how == RAISE)
            return bide_raise(BIDE_KeyError, "body");
    }
    note("after");
    return 0;
out:
    note("out");
    return 0;
}

/* (how, aiterable) */
static BIDE_ASYNC int loop_body(bide_value arg, bide_value *result)
{
    return loop((enum exit)bide_item(arg, 0).as.i, bide_ref(bide_item(arg, 1)), result);
}

static void check_loop(enum exit how, bide_value aiterable, const char *ends, const char *notes)
{
    CHECK_AWAIT(ends, bide_coro(loop_body, bide_tuple((int)how, aiterable)));
    CHECK_NOTES(notes);
}

static void test_every_way_out_of_a_loop(void)
{
    check_loop(FALL, bide_agen(items, bide_int(2)), "=> None",
               ".. 'waiting', got 2, .. 'waiting', got 1, exhausted, after");
    check_loop(CONTINUE, bide_agen(quick_items, bide_int(2)), "=> None",
               "got 2, got 1, exhausted, after");
    check_loop(BREAK, bide_agen(quick_items, bide_int(2)), "=> None", "got 2, closed, after");
    check_loop(RETURN, bide_agen(quick_items, bide_int(2)), "=> None", "got 2, closed");
    check_loop(RETURN_VALUE, bide_agen(quick_items, bide_int(2)), "=> 'value'", "got 2, closed");
    check_loop(GOTO, bide_agen(quick_items, bide_int(2)), "=> None", "got 2, closed, out");
    check_loop(RAISE, bide_agen(quick_items, bide_int(2)), "!! KeyError: body", "got 2, closed");
    check_loop(BREAK, bide_agen(clean_up_slowly, BIDE_NONE), "=> None",
               "got 1, .. 'cleaning', clean, after");
    check_loop(FALL, bide_agen(raise_stop, bide_ptr((void *)BIDE_OSError)), "!! OSError", "");
    check_loop(FALL, bide_int(3),
               "!! TypeError: 'async for' requires an object with __aiter__ method, got int", "");
}

/* The close on the way out must not lose an exception, its own or the body's. */
static BIDE_ASYNC_GENERATOR int fail_to_close(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        bide_error_clear();
        return bide_raise(BIDE_OSError, "close");
    }
    return 0;
}

static void test_a_close_that_raises(void)
{
    check_loop(RETURN, bide_agen(fail_to_close, BIDE_NONE), "!! OSError: close", "got 1");
    check_loop(RETURN_VALUE, bide_agen(fail_to_close, BIDE_NONE), "!! OSError: close", "got 1");
    check_loop(RAISE, bide_agen(fail_to_close, BIDE_NONE), "!! OSError: close", "got 1");
    bide_value error,
        coro = bide_coro(loop_body, bide_tuple((int)RAISE, bide_agen(fail_to_close, BIDE_NONE)));
    CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_OSError, &error));
    CHECK(bide_is_error(bide_error_context(error), BIDE_KeyError));
    bide_drop(error);
    bide_drop(coro);
}

static BIDE_ASYNC int loop_else(bide_value arg, bide_value *result)
{
    bool exhausted;
    BIDE_ASYNC_FOR_ELSE (item, bide_agen(quick_items, bide_int(2)), &exhausted)
        if (bide_equal(item, arg))
            break;
    return bide_return(result, exhausted);
}

static void test_else(void)
{
    CHECK_AWAIT("=> True", bide_coro(loop_else, bide_int(9)));
    CHECK_AWAIT("=> False", bide_coro(loop_else, bide_int(1)));
    CHECK_NOTES("exhausted, closed");
}

static BIDE_ASYNC int loop_open(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_FOR_OPEN (item, bide_ref(arg)) {
        note_value("got", item);
        break;
    }
    return 0;
}

static void test_the_open_form_leaves_the_iterator_alone(void)
{
    bide_value agen = bide_agen(quick_items, bide_int(2));
    CHECK_AWAIT("=> None", bide_coro(loop_open, bide_ref(agen)));
    CHECK_AWAIT("=> 1", bide_anext(agen));
    CHECK_NOTES("got 2");
    CHECK_AWAIT("=> None", bide_aclose(agen));
    bide_drop(agen);
    check__notes[0] = '\0';
}

/* Dropped while its loop waits for an item: the generator is closed with it. */
static void test_dropping_a_loop(void)
{
    bide_value coro = bide_coro(loop_body, bide_tuple((int)FALL, bide_agen(items, bide_int(2))));
    CHECK_STEP("-> 'waiting'", bide_send, coro, BIDE_NONE);
    CHECK_STEP("-> 'waiting'", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
    CHECK_NOTES("got 2");
}

int main(void)
{
    RUN(test_a_life);
    RUN(test_asend_to_a_fresh_one);
    RUN(test_an_awaitable_serves_once);
    RUN(test_one_at_a_time);
    RUN(test_athrow);
    RUN(test_aclose);
    RUN(test_how_bodies_may_not_end);
    RUN(test_what_is_no_async_generator);
    RUN(test_anext_or);
    RUN(test_hooks);
    RUN(test_a_hook_that_raises);
    RUN(test_every_way_out_of_a_loop);
    RUN(test_a_close_that_raises);
    RUN(test_else);
    RUN(test_the_open_form_leaves_the_iterator_alone);
    RUN(test_dropping_a_loop);
    return check_end();
}
