/* Types of one's own: each slot used, each slot missing, each slot giving what it must not, with
 * CPython's texts.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static bide_value object(const bide_type *type)
{
    return bide_object_value(bide_object_new(type, sizeof(bide_object)));
}

static BIDE_ASYNC int suspend_once(bide_value arg, bide_value *result)
{
    return bide_suspend(bide_ref(arg), result);
}

static BIDE_ASYNC int await_arg(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}

static bide_value awaiting(bide_value v)
{
    return bide_coro(await_arg, v);
}

static void check_once(bide_value coro, const char *wanted)
{
    CHECK_STEP(wanted, bide_send, coro, BIDE_NONE);
    bide_drop(coro);
}

/* --- await ------------------------------------------------------------------------ */

static BIDE_GENERATOR int two_yields(bide_value arg, bide_value *result)
{
    bide_value in;
    BIDE_TRY(bide_yield(bide_str("one"), &in));
    note_value("in", in);
    bide_drop(in);
    if (bide_yield(bide_str("two"), NULL) < 0) {
        BIDE_EXCEPT(BIDE_KeyError, NULL);
        return bide_return(result, "caught");
    }
    return bide_return(result, "result");
}

static bide_value await_by_generator(void *self)
{
    return bide_gen(two_yields, BIDE_NONE);
}

static const bide_type by_generator = {.name = "ByGenerator", .await = await_by_generator};

static void test_an_await_slot(void)
{
    bide_value coro = awaiting(object(&by_generator));
    CHECK_STEP("-> 'one'", bide_send, coro, BIDE_NONE);
    CHECK_STEP("-> 'two'", bide_send, coro, bide_int(5));
    CHECK_STEP("=> 'result'", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
    coro = awaiting(object(&by_generator));
    CHECK_STEP("-> 'one'", bide_send, coro, BIDE_NONE);
    CHECK_STEP("-> 'two'", bide_send, coro, BIDE_NONE);
    CHECK_STEP("=> 'caught'", bide_throw, coro, bide_error_new(BIDE_KeyError, NULL));
    bide_drop(coro);
    CHECK_NOTES("in 5, in None");
}

BIDE__UNCOLORED static int await_on_the_spot(void *self, bide_value *out)
{
    BIDE_TRY(bide_suspend(bide_str("here"), NULL));
    return bide_await(bide_coro(suspend_once, bide_str("and here")), out);
}

static const bide_type on_the_spot = {.name = "OnTheSpot", .await_here = await_on_the_spot};

static void test_an_await_here_slot(void)
{
    bide_value coro = awaiting(object(&on_the_spot));
    CHECK_STEP("-> 'here'", bide_send, coro, BIDE_NONE);
    CHECK_STEP("-> 'and here'", bide_send, coro, BIDE_NONE);
    CHECK_STEP("=> 'sent'", bide_send, coro, bide_str("sent"));
    bide_drop(coro);
    /* It has an iterator too, for those who drive by hand. */
    bide_value it = bide_await_iter(object(&on_the_spot));
    CHECK_STEP("-> 'here'", bide_next, it);
    CHECK_STEP("=> None", bide_close, it);
    bide_drop(it);
}

static bide_value give_int(void *self)
{
    return bide_int(42);
}

static bide_value give_coroutine(void *self)
{
    return bide_coro(suspend_once, BIDE_NONE);
}

static bide_value give_error(void *self)
{
    bide_raise(BIDE_OSError, "slot");
    return BIDE_FAILED;
}

static void forget_warning(const char *category, const char *message, const bide_origin *origin)
{
    note("%s", message);
}

static void test_wrong_await_slots(void)
{
    static const bide_type none = {.name = "Plain"};
    static const bide_type number = {.name = "Number", .await = give_int};
    static const bide_type coroutine = {.name = "Coroutine", .await = give_coroutine};
    static const bide_type failing = {.name = "Failing", .await = give_error};
    check_once(awaiting(object(&none)),
               "!! TypeError: object Plain can't be used in 'await' expression");
    check_once(awaiting(object(&number)),
               "!! TypeError: __await__() returned non-iterator of type 'int'");
    bide_set_warning_hook(forget_warning);
    check_once(awaiting(object(&coroutine)), "!! TypeError: __await__() returned a coroutine");
    bide_set_warning_hook(NULL);
    CHECK_NOTES("coroutine 'suspend_once' was never awaited");
    check_once(awaiting(object(&failing)), "!! OSError: slot");
    CHECK_FAILS("!! TypeError: object int can't be used in 'await' expression",
                bide_await_iter(bide_int(1)));
}

/* --- iterators -------------------------------------------------------------------- */

typedef struct {
    bide_object base;
    int left;
} counter;

static int counter_next(void *object_, bide_value *out)
{
    counter *self = object_;
    if (self->left == 0)
        return bide_return(out, "end");
    *out = bide_int(self->left--);
    return BIDE_YIELDED;
}

static const bide_type counter_type = {.name = "Counter", .iter = bide_self, .next = counter_next};

static bide_value new_counter(int from)
{
    counter *self = bide_object_new(&counter_type, sizeof *self);
    if (self)
        self->left = from;
    return bide_object_value(self);
}

static int sum_of(bide_value iterable)
{
    int sum = 0;
    BIDE_FOR (item, iterable)
        sum += (int)item.as.i;
    return sum;
}

static BIDE_GENERATOR int delegate(bide_value arg, bide_value *result)
{
    return bide_yield_from(bide_ref(arg), result);
}

static void test_an_iterator(void)
{
    CHECK_INT(sum_of(new_counter(4)), 10);
    bide_value gen = bide_gen(delegate, new_counter(1));
    CHECK_STEP("-> 1", bide_next, gen);
    CHECK_STEP("=> 'end'", bide_next, gen);
    bide_drop(gen);
    bide_value v = new_counter(1);
    CHECK_STEP("!! AttributeError: 'Counter' object has no attribute 'send'", bide_send, v,
               bide_int(1));
    CHECK_STEP("!! AttributeError: 'Counter' object has no attribute 'throw'", bide_throw, v,
               bide_error_new(BIDE_KeyError, NULL));
    CHECK_STEP("!! AttributeError: 'Counter' object has no attribute 'close'", bide_close, v);
    bide_drop(v);
}

static int next_poisoned(void *self, bide_value *out)
{
    *out = give_error(self);
    return BIDE_YIELDED; /* forgot to look */
}

static void test_wrong_iterators(void)
{
    static const bide_type number = {.name = "Number", .iter = give_int};
    static const bide_type failing = {.name = "Failing", .iter = give_error};
    static const bide_type poisoned = {
        .name = "Poisoned", .iter = bide_self, .next = next_poisoned};
    CHECK_FAILS("!! TypeError: iter() returned non-iterator of type 'int'",
                bide_iter(object(&number)));
    CHECK_FAILS("!! OSError: slot", bide_iter(object(&failing)));
    CHECK_RAISES("!! OSError: slot", sum_of(object(&poisoned)));
}

/* --- async iterators -------------------------------------------------------------- */

static BIDE_ASYNC int tick(bide_value arg, bide_value *result)
{
    counter *self = (counter *)arg.as.object;
    if (self->left == 0)
        return bide_raise(BIDE_StopAsyncIteration, NULL);
    return bide_return(result, self->left--);
}

static bide_value ticker_anext(void *self)
{
    return bide_coro(tick, bide_object_ref(self));
}

static BIDE_ASYNC int note_close(bide_value arg, bide_value *result)
{
    note("aclose");
    return 0;
}

static bide_value ticker_aclose(void *self)
{
    return bide_coro(note_close, BIDE_NONE);
}

static const bide_type ticker_type = {
    .name = "Ticker", .aiter = bide_self, .anext = ticker_anext, .aclose = ticker_aclose};

static BIDE_ASYNC int sum_async(bide_value arg, bide_value *result)
{
    int64_t sum = 0;
    BIDE_ASYNC_FOR (item, bide_ref(arg)) {
        sum += item.as.i;
        if (sum > 5)
            break;
    }
    return bide_return(result, sum);
}

static bide_value new_ticker(int from)
{
    counter *self = bide_object_new(&ticker_type, sizeof *self);
    if (self)
        self->left = from;
    return bide_object_value(self);
}

static void test_an_async_iterator(void)
{
    check_once(bide_coro(sum_async, new_ticker(2)), "=> 3");
    CHECK_NOTES("");
    check_once(bide_coro(sum_async, new_ticker(4)), "=> 7");
    CHECK_NOTES("aclose"); /* left by break */
}

static void test_wrong_async_iterators(void)
{
    static const bide_type no_anext = {.name = "NoAnext", .aiter = bide_self};
    static const bide_type number = {.name = "Number", .aiter = bide_self, .anext = give_int};
    static const bide_type failing = {.name = "Failing", .aiter = give_error};
    static const bide_type failing_next = {
        .name = "FailingNext", .aiter = bide_self, .anext = give_error};
    check_once(bide_coro(sum_async, object(&no_anext)),
               "!! TypeError: 'async for' received an object from __aiter__ that does not "
               "implement __anext__: NoAnext");
    check_once(bide_coro(sum_async, object(&number)),
               "!! TypeError: 'async for' received an invalid object from __anext__: int");
    check_once(bide_coro(sum_async, object(&failing)), "!! OSError: slot");
    check_once(bide_coro(sum_async, object(&failing_next)), "!! OSError: slot");
}

/* --- managers --------------------------------------------------------------------- */

static BIDE_ASYNC int enter_arg(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (v, bide_ref(arg)) {
        note_value("inside", v);
    }
    BIDE_END_WITH(v);
    return 0;
}

static bide_value give_exit(void *self, bide_value error)
{
    return bide_int(42);
}

static bide_value exit_quietly(void *self, bide_value error)
{
    return bide_coro(note_close, BIDE_NONE);
}

static void test_wrong_managers(void)
{
    static const bide_type none = {.name = "Plain"};
    static const bide_type no_exit = {.name = "NoExit", .aenter = give_coroutine};
    static const bide_type no_enter = {.name = "NoEnter", .aexit = give_exit};
    static const bide_type enters = {.name = "E", .aenter = give_int, .aexit = exit_quietly};
    static const bide_type exits = {.name = "X", .aenter = ticker_aclose, .aexit = give_exit};
    static const bide_type failing = {.name = "F", .aenter = give_error, .aexit = exit_quietly};
    check_once(bide_coro(enter_arg, object(&none)),
               "!! TypeError: 'Plain' object does not support the asynchronous context manager "
               "protocol");
    check_once(bide_coro(enter_arg, object(&no_enter)),
               "!! TypeError: 'NoEnter' object does not support the asynchronous context manager "
               "protocol");
    check_once(bide_coro(enter_arg, object(&no_exit)),
               "!! TypeError: 'NoExit' object does not support the asynchronous context manager "
               "protocol (missed __aexit__ method)");
    check_once(bide_coro(enter_arg, object(&enters)),
               "!! TypeError: 'async with' received an object from __aenter__ that does not "
               "implement __await__: int");
    check_once(bide_coro(enter_arg, object(&failing)), "!! OSError: slot");
    CHECK_NOTES("");
    check_once(bide_coro(enter_arg, object(&exits)),
               "!! TypeError: 'async with' received an object from __aexit__ that does not "
               "implement __await__: int");
    CHECK_NOTES("aclose, inside None");
}

static void test_has(void)
{
    bide_value v = new_ticker(1);
    CHECK(bide_has(v, aiter) && bide_has(v, anext) && bide_has(v, aclose));
    CHECK(!bide_has(v, iter) && !bide_has(v, await) && !bide_has(v, aenter));
    CHECK(!bide_has(bide_int(1), next) && !bide_has(BIDE_NONE, await));
    CHECK_STR(bide_name(v), "Ticker");
    bide_drop(v);
}

int main(void)
{
    RUN(test_an_await_slot);
    RUN(test_an_await_here_slot);
    RUN(test_wrong_await_slots);
    RUN(test_an_iterator);
    RUN(test_wrong_iterators);
    RUN(test_an_async_iterator);
    RUN(test_wrong_async_iterators);
    RUN(test_wrong_managers);
    RUN(test_has);
    return check_end();
}
