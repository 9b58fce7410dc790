/* Where a body may suspend and where not, how deep, and what happens at the end of one: deferred
 * calls, dropping midway.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static BIDE_ASYNC int suspend_once(bide_value arg, bide_value *result)
{
    return bide_suspend(bide_ref(arg), result);
}

static bide_value leaf(void)
{
    return bide_coro(suspend_once, bide_int(1));
}

/* --- where not -------------------------------------------------------------------- */

/* What only a coroutine may call, from wherever this is called. */
BIDE__UNCOLORED static void try_to_await(void)
{
    bide_value done = bide_coro(suspend_once, BIDE_NONE), out;
    if (bide_await(bide_ref(done), &out) < 0)
        note_error("await:");
    if (bide_suspend(bide_list("dropped"), &out) < 0)
        note_error("suspend:");
    bide_close(done, NULL);
    bide_drop(done);
}

BIDE__UNCOLORED static void try_to_yield(void)
{
    if (bide_yield(bide_list("dropped"), NULL) < 0)
        note_error("yield:");
    if (bide_yield_from(bide_list(1), NULL) < 0)
        note_error("from:");
}

static void test_outside(void)
{
    try_to_await();
    CHECK_NOTES("await: RuntimeError: await outside a coroutine, "
                "suspend: RuntimeError: suspend outside a coroutine");
    try_to_yield();
    CHECK_NOTES("yield: RuntimeError: yield outside a generator, "
                "from: RuntimeError: 'yield from' outside a generator");
    CHECK_RAISES("!! RuntimeError: defer outside a body", bide_defer(NULL, bide_list("dropped")));
}

static BIDE_GENERATOR int await_in_generator(bide_value arg, bide_value *result)
{
    try_to_await();
    return 0;
}

static BIDE_ASYNC int yield_in_coroutine(bide_value arg, bide_value *result)
{
    try_to_yield();
    return 0;
}

BIDE__UNCOLORED static int yield_from_in_agen(bide_value arg, bide_value *result)
{
    return bide_yield_from(bide_list(1), NULL);
}

static void test_in_the_wrong_kind_of_body(void)
{
    bide_value v = bide_gen(await_in_generator, BIDE_NONE);
    CHECK_STEP("=> None", bide_next, v);
    CHECK_NOTES("await: RuntimeError: await inside a generator, 'await_in_generator', "
                "suspend: RuntimeError: suspend inside a generator, 'await_in_generator'");
    bide_drop(v);
    v = bide_coro(yield_in_coroutine, BIDE_NONE);
    CHECK_STEP("=> None", bide_send, v, BIDE_NONE);
    CHECK_NOTES("yield: TypeError: yield outside a generator, "
                "from: TypeError: 'yield from' outside a generator");
    bide_drop(v);
    v = bide_agen(yield_from_in_agen, BIDE_NONE);
    bide_value first = bide_anext(v);
    CHECK_STEP("!! TypeError: 'yield from' outside a generator", bide_next, first);
    bide_drop(first);
    bide_drop(v);
}

/* A type whose finalizer does what none may. */
static void finalize_badly(void *self)
{
    try_to_await();
    try_to_yield();
}

static const bide_type bad_type = {.name = "Bad", .finalize = finalize_badly};

static BIDE_ASYNC int drop_one(bide_value arg, bide_value *result)
{
    bide_drop(bide_object_value(bide_object_new(&bad_type, sizeof(bide_object))));
    return bide_suspend(bide_int(2), NULL);
}

static void test_in_a_finalizer(void)
{
    bide_value coro = bide_coro(drop_one, BIDE_NONE);
    CHECK_STEP("-> 2", bide_send, coro, BIDE_NONE);
    CHECK_NOTES("await: RuntimeError: await inside a finalizer or callback, "
                "suspend: RuntimeError: suspend inside a finalizer or callback, "
                "yield: TypeError: yield outside a generator, "
                "from: TypeError: 'yield from' outside a generator");
    CHECK_STEP("=> None", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
}

static BIDE_GENERATOR int drop_one_generating(bide_value arg, bide_value *result)
{
    bide_drop(bide_object_value(bide_object_new(&bad_type, sizeof(bide_object))));
    return bide_yield(bide_int(2), NULL);
}

static void test_yield_in_a_finalizer(void)
{
    bide_value gen = bide_gen(drop_one_generating, BIDE_NONE);
    CHECK_STEP("-> 2", bide_next, gen);
    CHECK(strstr(check__notes, "yield: RuntimeError: yield inside a finalizer or callback, "
                               "from: RuntimeError: 'yield from' inside a finalizer or callback"));
    CHECK_STEP("=> None", bide_next, gen);
    bide_drop(gen);
}

/* Hooks, which run wherever something is dropped. */
static void warn_badly(const char *category, const char *message, const bide_origin *origin)
{
    bide_set_warning_hook(NULL);
    try_to_await();
}

static BIDE_ASYNC int forget_one(bide_value arg, bide_value *result)
{
    bide_drop(leaf());
    return bide_suspend(bide_int(3), NULL);
}

static void test_in_a_hook(void)
{
    bide_value coro = bide_coro(forget_one, BIDE_NONE);
    bide_set_warning_hook(warn_badly);
    CHECK_STEP("-> 3", bide_send, coro, BIDE_NONE);
    CHECK_NOTES("await: RuntimeError: await inside a finalizer or callback, "
                "suspend: RuntimeError: suspend inside a finalizer or callback");
    CHECK_STEP("=> None", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
}

static int call_back(bide_value arg)
{
    try_to_await();
    try_to_yield();
    return 0;
}

static BIDE_ASYNC int schedule_one(bide_value arg, bide_value *result)
{
    bide_drop(bide_call_soon(call_back, BIDE_NONE));
    return bide_sleep(BIDE_MS(1));
}

/* Also where the loop runs inside a coroutine, which the callback must not suspend. */
static BIDE_ASYNC int run_a_loop(bide_value arg, bide_value *result)
{
    return bide_run(bide_coro(schedule_one, BIDE_NONE), result);
}

static void test_in_a_callback(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    CHECK_STEP("=> None", bide_run, bide_coro(schedule_one, BIDE_NONE));
    CHECK_NOTES("await: RuntimeError: await outside a coroutine, "
                "suspend: RuntimeError: suspend outside a coroutine, "
                "yield: RuntimeError: yield outside a generator, "
                "from: RuntimeError: 'yield from' outside a generator");
    bide_value coro = bide_coro(run_a_loop, BIDE_NONE);
    CHECK_STEP("=> None", bide_send, coro, BIDE_NONE);
    CHECK_NOTES("await: RuntimeError: await inside a finalizer or callback, "
                "suspend: RuntimeError: suspend inside a finalizer or callback, "
                "yield: TypeError: yield outside a generator, "
                "from: TypeError: 'yield from' outside a generator");
    bide_drop(coro);
}

/* --- what can be awaited ---------------------------------------------------------- */

static BIDE_ASYNC int await_arg(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}

static BIDE_GENERATOR int awaitable_body(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(7), result));
    return 0;
}

static void refuse_to_await(bide_value v, const char *wanted)
{
    bide_value coro = bide_coro(await_arg, v);
    CHECK_STEP(wanted, bide_send, coro, BIDE_NONE);
    bide_drop(coro);
}

static void test_what_can_be_awaited(void)
{
    bide_value coro = bide_coro(await_arg, bide_awaitable_gen(awaitable_body, BIDE_NONE));
    CHECK_STEP("-> 7", bide_send, coro, BIDE_NONE);
    CHECK_STEP("=> 'in'", bide_send, coro, bide_str("in"));
    bide_drop(coro);
    refuse_to_await(bide_int(3), "!! TypeError: object int can't be used in 'await' expression");
    refuse_to_await(BIDE_NONE, "!! TypeError: object NoneType can't be used in 'await' expression");
    refuse_to_await(bide_gen(awaitable_body, BIDE_NONE),
                    "!! TypeError: object generator can't be used in 'await' expression");
    refuse_to_await(bide_agen(awaitable_body, BIDE_NONE),
                    "!! TypeError: object async_generator can't be used in 'await' expression");
}

/* --- how deep --------------------------------------------------------------------- */

static int deepest;

static BIDE_ASYNC int descend(bide_value arg, bide_value *result)
{
    deepest = (int)arg.as.i;
    return bide_await(bide_coro(descend, bide_int(arg.as.i + 1)), result);
}

static void test_endless_recursion(void)
{
    bide_value coro = bide_coro(descend, bide_int(1)), error;
    CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RecursionError, &error));
    CHECK_STR(bide_error_message(error),
              "maximum recursion depth exceeded: 'descend' is 1001 awaits deep");
    CHECK_INT(deepest, 1000);
    bide_drop(error);
    bide_drop(coro);
    bide_set_recursion_limit(50);
    coro = bide_coro(descend, bide_int(1));
    CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RecursionError, NULL));
    CHECK_INT(deepest, 50);
    bide_drop(coro);
    bide_set_recursion_limit(1000);
}

static BIDE_ASYNC int deep_but_finite(bide_value arg, bide_value *result)
{
    int64_t depth = arg.as.i;
    bide_value below;
    if (depth == 0)
        return bide_suspend(bide_str("bottom"), result);
    BIDE_TRY(bide_await(bide_coro(deep_but_finite, bide_int(depth - 1)), &below));
    return bide_return(result, below.as.i + 1);
}

static void test_a_deep_chain(void)
{
    for (int i = 0; i < 2; i++) {
        bide_value coro = bide_coro(deep_but_finite, bide_int(900));
        CHECK_STEP("-> 'bottom'", bide_send, coro, BIDE_NONE);
        if (i == 0)
            CHECK_STEP("=> 905", bide_send, coro, bide_int(5));
        bide_drop(coro); /* the second time while it is suspended at the bottom */
    }
}

#if defined(BIDE__FIBER_SANITIZED)
enum { SMALL = 64 * 1024 }; /* sanitizers' frames are large */
#else
enum { SMALL = 8 * 1024 };
#endif

/* On small stacks too a chain goes on, on stacks of its own, when the first is nearly used up. */
static void test_a_deep_chain_on_small_stacks(void)
{
    bide_fiber_set_default_stack(SMALL);
    bide_value coro = bide_coro(deep_but_finite, bide_int(300));
    CHECK_STEP("-> 'bottom'", bide_send, coro, BIDE_NONE);
    CHECK_STEP("=> 300", bide_send, coro, bide_int(0));
    bide_drop(coro);
    bide_fiber_set_default_stack(0);
}

/* --- defer ------------------------------------------------------------------------ */

static int note_arg(bide_value arg)
{
    note_value("cleanup", arg);
    return 0;
}

BIDE__UNCOLORED static int await_in_cleanup(bide_value arg)
{
    bide_value out = BIDE_NONE;
    int status = bide_await(leaf(), &out);
    note("cleaned up after %s", status < 0 ? "an error" : "an await");
    bide_drop(out);
    return status;
}

static int raise_in_cleanup(bide_value arg)
{
    return bide_raise(BIDE_KeyError, "cleanup");
}

static BIDE_ASYNC int defer_some(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_defer(note_arg, bide_str("first")));
    BIDE_TRY(bide_defer(note_arg, bide_list("second")));
    note("body");
    if (arg.kind == BIDE_KIND_BOOL)
        return bide_raise(BIDE_ValueError, "body");
    return bide_return(result, "result");
}

static void test_defer(void)
{
    bide_value coro = bide_coro(defer_some, BIDE_NONE);
    CHECK_STEP("=> 'result'", bide_send, coro, BIDE_NONE);
    CHECK_NOTES("body, cleanup ['second'], cleanup 'first'");
    bide_drop(coro);
    coro = bide_coro(defer_some, bide_bool(true));
    CHECK_STEP("!! ValueError: body", bide_send, coro, BIDE_NONE);
    CHECK_NOTES("body, cleanup ['second'], cleanup 'first'");
    bide_drop(coro);
}

static BIDE_ASYNC int defer_an_await(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_defer(note_arg, bide_str("last")));
    BIDE_TRY(bide_defer(await_in_cleanup, BIDE_NONE));
    BIDE_TRY(bide_suspend(bide_int(0), NULL));
    return arg.kind == BIDE_KIND_BOOL ? bide_raise(BIDE_ValueError, "body")
                                      : bide_return(result, "kept");
}

static void test_await_in_defer(void)
{
    for (int raising = 0; raising < 2; raising++) {
        bide_value coro = bide_coro(defer_an_await, raising ? bide_bool(true) : BIDE_NONE);
        CHECK_STEP("-> 0", bide_send, coro, BIDE_NONE);
        CHECK_STEP("-> 1", bide_send, coro, BIDE_NONE);
        CHECK_STEP(raising ? "!! ValueError: body" : "=> 'kept'", bide_send, coro, BIDE_NONE);
        CHECK_NOTES("cleaned up after an await, cleanup 'last'");
        bide_drop(coro);
    }
}

static BIDE_ASYNC int defer_an_error(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_defer(note_arg, bide_str("still called")));
    BIDE_TRY(bide_defer(raise_in_cleanup, BIDE_NONE));
    *result = bide_list("lost");
    return arg.kind == BIDE_KIND_BOOL ? bide_raise(BIDE_ValueError, "body") : 0;
}

static void test_an_exception_in_defer(void)
{
    bide_value error, coro = bide_coro(defer_an_error, BIDE_NONE);
    CHECK_STEP("!! KeyError: cleanup", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
    coro = bide_coro(defer_an_error, bide_bool(true));
    CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_KeyError, &error));
    CHECK(bide_is_error(bide_error_context(error), BIDE_ValueError));
    CHECK_NOTES("cleanup 'still called', cleanup 'still called'");
    bide_drop(error);
    bide_drop(coro);
}

/* --- dropping --------------------------------------------------------------------- */

static BIDE_ASYNC int three_stops(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value held = bide_list("held");
    BIDE_TRY(bide_defer(note_arg, bide_int(1)));
    BIDE_TRY(bide_suspend(bide_list("in flight"), NULL));
    BIDE_TRY(bide_defer(note_arg, bide_int(2)));
    BIDE_TRY(bide_await(leaf(), NULL));
    BIDE_TRY(bide_defer(note_arg, bide_int(3)));
    return bide_suspend(BIDE_NONE, result);
}

static void test_dropping_at_every_point(void)
{
    static const char *const wanted[] = {"", "cleanup 1", "cleanup 2, cleanup 1",
                                         "cleanup 3, cleanup 2, cleanup 1",
                                         "cleanup 3, cleanup 2, cleanup 1"};
    for (int steps = 0; steps < 5; steps++) {
        bide_value coro = bide_coro(three_stops, bide_list("arg"));
        for (int i = 0; i < steps; i++)
            CHECK(bide_send(coro, i ? bide_list("sent") : BIDE_NONE, NULL) >= 0);
        if (steps == 0)
            bide_close(coro, NULL); /* unstarted: spares the warning */
        bide_drop(coro);
        CHECK_NOTES(wanted[steps]);
    }
}

static void test_dropping_keeps_what_is_pending(void)
{
    bide_value coro = bide_coro(three_stops, BIDE_NONE);
    CHECK(bide_send(coro, BIDE_NONE, NULL) == BIDE_YIELDED);
    bide_raise(BIDE_ValueError, "pending");
    bide_drop(coro);
    CHECK_RAISES("!! ValueError: pending", BIDE_RAISED);
    CHECK_NOTES("cleanup 1");
}

static void note_unraisable(bide_value error, const char *where)
{
    note("%s in %s", bide_error_message(error), where);
}

static BIDE_ASYNC int stubborn(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++)
        if (bide_suspend(BIDE_NONE, NULL) < 0)
            bide_error_clear();
    note("ended");
    return arg.kind == BIDE_KIND_BOOL ? bide_raise(BIDE_ValueError, "late") : 0;
}

static void test_dropping_one_that_refuses(void)
{
    bide_set_unraisable_hook(note_unraisable);
    bide_value coro = bide_coro(stubborn, BIDE_NONE);
    bide_send(coro, BIDE_NONE, NULL);
    bide_drop(coro);
    CHECK_NOTES("coroutine ignored GeneratorExit in stubborn, ended");
    coro = bide_coro(stubborn, bide_bool(true));
    bide_send(coro, BIDE_NONE, NULL);
    bide_drop(coro);
    CHECK_NOTES("coroutine ignored GeneratorExit in stubborn, ended, late in stubborn");
    bide_set_unraisable_hook(NULL);
}

int main(void)
{
    RUN(test_outside);
    RUN(test_in_the_wrong_kind_of_body);
    RUN(test_in_a_finalizer);
    RUN(test_yield_in_a_finalizer);
    RUN(test_in_a_hook);
    RUN(test_in_a_callback);
    RUN(test_what_can_be_awaited);
    RUN(test_endless_recursion);
    RUN(test_a_deep_chain);
    RUN(test_a_deep_chain_on_small_stacks);
    RUN(test_defer);
    RUN(test_await_in_defer);
    RUN(test_an_exception_in_defer);
    RUN(test_dropping_at_every_point);
    RUN(test_dropping_keeps_what_is_pending);
    RUN(test_dropping_one_that_refuses);
    return check_end();
}
