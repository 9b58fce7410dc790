/* When memory runs out: every scenario here is run with its first allocation failing, then with its
 * second, and so on until it gets through. Each time it ends as usual or with MemoryError, and
 * nothing is left alive.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* --- values and exceptions -------------------------------------------------------- */

static int make_values(void)
{
    BIDE_SCOPED bide_value list = bide_list(1, "two", bide_tuple(3.0, bide_bytes("x", 1)));
    BIDE_SCOPED bide_value text = BIDE_NONE;
    for (int i = 0; i < 10; i++)
        BIDE_TRY(bide_list_append(list, bide_strf("item %d", i)));
    BIDE_TRY(bide_format(&text, "%0300d", 7));
    BIDE_SCOPED bide_value repr = bide_repr(list), same = bide_text(text);
    BIDE_TRY(bide_failed(repr) || bide_failed(same) ? BIDE_RAISED : 0);
    BIDE_FOR (item, bide_ref(list))
        CHECK(!bide_failed(item));
    return 0;
}

static int make_errors(void)
{
    BIDE_SCOPED bide_value error = bide_error_from(bide_error_new(BIDE_ValueError, "%d", 5),
                                                   bide_error_with(BIDE_KeyError, bide_list("k")));
    BIDE_TRY(bide_failed(error) ? BIDE_RAISED : 0);
    BIDE_SCOPED bide_value group =
        bide_error_group("group", bide_list(bide_ref(error), bide_error_new(BIDE_OSError, NULL)));
    BIDE_SCOPED bide_value text = bide_error_traceback(group);
    BIDE_TRY(bide_failed(text) ? BIDE_RAISED : 0);
    bide_raise(BIDE_KeyError, "first");
    bide_raise_error(bide_ref(error));
    return bide_catch(BIDE_ValueError, NULL) ? 0 : BIDE_RAISED;
}

/* --- coroutines and generators ---------------------------------------------------- */

static int drop_arg(bide_value arg)
{
    return 0;
}

static BIDE_ASYNC int leaf(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_defer(drop_arg, bide_list("deferred")));
    BIDE_TRY(bide_suspend(bide_list("out"), NULL));
    *result = bide_ref(arg);
    return 0;
}

static BIDE_ASYNC int branch(bide_value arg, bide_value *result)
{
    /* One that runs on this stack, and one that has its own, because it is kept. */
    BIDE_TRY(bide_await(bide_coro(leaf, bide_str("inlined")), NULL));
    BIDE_SCOPED bide_value kept = bide_coro(leaf, bide_str("kept"));
    int status = bide_await(bide_ref(kept), result);
    bide_close(kept, NULL); /* if it never got to run: that is no news here */
    return status;
}

static int drive(bide_value coro)
{
    BIDE_SCOPED bide_value v = coro, out = BIDE_NONE;
    int status;
    while ((status = bide_send(v, BIDE_NONE, &out)) == BIDE_YIELDED)
        bide_clear(&out);
    if (status < 0 && !bide_failed(v)) {
        bide_value error = bide_error_take();
        bide_close(v, NULL);
        return bide_error_restore(error);
    }
    return status;
}

static int run_coroutines(void)
{
    return drive(bide_coro(branch, BIDE_NONE));
}

static int interrupt_coroutines(void)
{
    for (int i = 0; i < 3; i++) {
        BIDE_SCOPED bide_value coro = bide_coro(branch, BIDE_NONE), out = BIDE_NONE;
        if (bide_send(coro, BIDE_NONE, &out) < 0)
            return BIDE_RAISED;
        if (i == 0)
            BIDE_TRY(bide_close(coro, NULL));
        else if (i == 1 && bide_throw(coro, bide_error_new(BIDE_KeyError, "k"), NULL) < 0)
            BIDE_EXCEPT(BIDE_KeyError, NULL);
    }
    return 0;
}

static BIDE_GENERATOR int inner_items(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++)
        BIDE_TRY(bide_yield(bide_strf("%d", i), NULL));
    return bide_return(result, "end");
}

static BIDE_GENERATOR int outer_items(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield_from(bide_list("a", "b"), NULL));
    return bide_yield_from(bide_gen(inner_items, BIDE_NONE), result);
}

static int run_generators(void)
{
    int count = 0;
    BIDE_FOR (item, bide_gen(outer_items, BIDE_NONE))
        count++;
    BIDE_FOR (item, bide_gen(outer_items, BIDE_NONE))
        if (--count == 2)
            break;
    return 0;
}

static BIDE_ASYNC_GENERATOR int async_items(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        BIDE_TRY(bide_await(bide_coro(leaf, BIDE_NONE), NULL));
        BIDE_TRY(bide_yield(bide_strf("%d", i), NULL));
    }
    return 0;
}

static BIDE_ASYNC int consume(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_FOR (item, bide_agen(async_items, BIDE_NONE))
        if (strcmp(bide_cstr(item), "1") == 0)
            break;
    BIDE_TRY(0);
    BIDE_SCOPED bide_value agen = bide_agen(async_items, BIDE_NONE);
    BIDE_TRY(bide_await(bide_anext_or(agen, bide_list("default")), NULL));
    if (bide_await(bide_athrow(agen, bide_error_new(BIDE_KeyError, "k")), NULL) < 0)
        BIDE_EXCEPT(BIDE_KeyError, NULL);
    return bide_await(bide_aclose(agen), NULL);
}

static int run_async_generators(void)
{
    return drive(bide_coro(consume, BIDE_NONE));
}

static BIDE_ASYNC_GENERATOR int resource(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_await(bide_coro(leaf, BIDE_NONE), NULL));
    return bide_yield(bide_list("resource"), NULL);
}

static BIDE_ASYNC int use_managers(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (stack, bide_exit_stack()) {
        BIDE_WITH_TRY(stack,
                      bide_exit_stack_enter(
                          stack, bide_context_manager(bide_agen(resource, BIDE_NONE)), NULL));
        BIDE_WITH_TRY(stack, bide_exit_stack_callback(stack, leaf, bide_list("arg")));
        BIDE_ASYNC_WITH (agen, bide_aclosing(bide_agen(resource, BIDE_NONE)), BIDE_LEAVE(stack)) {
            BIDE_WITH_TRY(agen, bide_await(bide_anext(agen), NULL));
        }
        BIDE_END_WITH(agen, BIDE_LEAVE(stack));
        BIDE_WITH_TRY(stack, bide_raise(BIDE_KeyError, "block"));
    }
    BIDE_END_WITH(stack, goto except);
    return 0;
except:
    BIDE_EXCEPT(BIDE_KeyError, NULL);
    return 0;
}

static int run_managers(void)
{
    return drive(bide_coro(use_managers, BIDE_NONE));
}

/* --- the loop --------------------------------------------------------------------- */

static BIDE_ASYNC int nap(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(arg.as.i)));
    if (arg.as.i == 3)
        return bide_raise(BIDE_KeyError, "three");
    return bide_return(result, bide_strf("%d", (int)arg.as.i));
}

static BIDE_ASYNC int gather_some(bide_value arg, bide_value *result)
{
    return bide_await(
        bide_gather(bide_list(bide_coro(nap, bide_int(1)), bide_coro(nap, bide_int(3)),
                              bide_task(bide_coro(nap, bide_int(2)), "named")),
                    true),
        result);
}

static int run_gather(void)
{
    return bide_run(bide_coro(gather_some, BIDE_NONE), NULL);
}

static int note_done(bide_value future, bide_value arg)
{
    return 0;
}

static BIDE_ASYNC int cancel_some(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value task = bide_task(bide_coro(nap, bide_int(50)), NULL);
    BIDE_SCOPED bide_value handle = bide_call_later(BIDE_MS(5), drop_arg, bide_list("arg"));
    BIDE_SCOPED bide_value other = bide_call_soon(drop_arg, bide_list("arg"));
    BIDE_TRY(bide_failed(task) || bide_failed(handle) || bide_failed(other) ? BIDE_RAISED : 0);
    BIDE_TRY(bide_future_add_done_callback(task, note_done, bide_list("arg")));
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_handle_cancel(handle);
    BIDE_TRY(bide_future_cancel(task, "with a message"));
    if (bide_await(bide_ref(task), NULL) < 0)
        BIDE_EXCEPT(BIDE_CancelledError, NULL);
    return 0;
}

static int run_cancellation(void)
{
    return bide_run(bide_coro(cancel_some, BIDE_NONE), NULL);
}

static BIDE_ASYNC int quiet_leaf(bide_value arg, bide_value *result)
{
    return bide_sleep(0);
}

static BIDE_ASYNC_GENERATOR int loop_items(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        BIDE_TRY(bide_await(bide_coro(quiet_leaf, BIDE_NONE), NULL));
        BIDE_TRY(bide_yield(bide_int(i), NULL));
    }
    return 0;
}

/* Leaves tasks, an async generator and callbacks to the end of the loop. */
static BIDE_ASYNC int leave_some(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value agen = bide_agen(loop_items, BIDE_NONE);
    BIDE_SCOPED bide_value task = bide_task(bide_coro(nap, bide_int(1000)), NULL);
    BIDE_SCOPED bide_value handle = bide_call_later(BIDE_MS(500), drop_arg, bide_list("arg"));
    BIDE_TRY(bide_failed(task) || bide_failed(handle) ? BIDE_RAISED : 0);
    BIDE_SCOPED bide_value first = BIDE_NONE;
    BIDE_TRY(bide_await(bide_anext(agen), &first));
    bide_drop(bide_task(bide_coro(gather_some, BIDE_NONE), NULL));
    BIDE_TRY(bide_error_pending() ? BIDE_RAISED : 0);
    return bide_sleep(0);
}

static BIDE_ASYNC int drop_an_agen(bide_value arg, bide_value *result)
{
    bide_value agen = bide_agen(loop_items, BIDE_NONE);
    int status = bide_await(bide_anext(agen), NULL);
    bide_drop(agen); /* suspended: the loop closes it */
    BIDE_TRY(status);
    return bide_sleep(BIDE_MS(1));
}

static int run_shutdown(void)
{
    return bide_run(bide_coro(drop_an_agen, BIDE_NONE), NULL);
}

static int run_leftovers(void)
{
    return bide_run(bide_coro(leave_some, BIDE_NONE), NULL);
}

static BIDE_ASYNC int wait_for_ever(bide_value arg, bide_value *result)
{
    return bide_await(bide_future(), result);
}

static int run_deadlock(void)
{
    if (bide_run(bide_coro(wait_for_ever, BIDE_NONE), NULL) < 0)
        BIDE_EXCEPT(BIDE_RuntimeError, NULL);
    return 0;
}

/* --- running them ----------------------------------------------------------------- */

static const struct scenario {
    const char *name;
    int (*run)(void);
} scenarios[] = {
    {"values", make_values},
    {"errors", make_errors},
    {"coroutines", run_coroutines},
    {"interrupted coroutines", interrupt_coroutines},
    {"generators", run_generators},
    {"async generators", run_async_generators},
    {"managers", run_managers},
    {"gather", run_gather},
    {"cancellation", run_cancellation},
    {"shutdown", run_shutdown},
    {"leftovers", run_leftovers},
    {"deadlock", run_deadlock},
};

/* Reports are allowed: what could be told to nobody else. */
static void ignore_unraisable(bide_value error, const char *where)
{
}

static void ignore_report(const char *message, bide_value error)
{
}

static void ignore_warning(const char *category, const char *message, const bide_origin *origin)
{
}

/* Runs it once with allocation n failing; whether there were that many. */
static bool run_failing(const struct scenario *scenario, size_t n)
{
    bide_debug_fail_allocation(n);
    int status = scenario->run();
    bool failed = bide_debug_allocations() >= n;
    bide_debug_fail_allocation(0);
    if (status >= 0 && bide_error_pending())
        check__fail(__FILE__, __LINE__, "%s, %zu: an exception without a status", scenario->name,
                    n);
    if (status < 0 && !bide_catch(BIDE_MemoryError, NULL)) {
        note_error("");
        check__fail(__FILE__, __LINE__, "%s, %zu: not MemoryError but%s", scenario->name, n,
                    check__notes);
        check__notes[0] = '\0';
    }
    if (status < 0 && !failed)
        check__fail(__FILE__, __LINE__, "%s: fails with memory enough", scenario->name);
    bide_error_clear();
    if (bide_debug_live() != 0)
        check__fail(__FILE__, __LINE__, "%s, %zu: %zu objects are alive", scenario->name, n,
                    bide_debug_live());
    return failed && bide_debug_live() == 0;
}

static void test_every_allocation_that_fails(void)
{
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        size_t n = 1;
        while (run_failing(&scenarios[i], n))
            n++;
        CHECK(n > 5); /* there was something to fail */
    }
}

static void test_counting(void)
{
    bide_debug_fail_allocation(0);
    size_t live = bide_debug_live();
    bide_value v = bide_list("a", "b");
    CHECK_INT(bide_debug_live(), live + 3);
    CHECK(bide_debug_allocations() >= 3);
    bide_debug_fail_allocation(2);
    CHECK_INT(bide_debug_allocations(), 0);
    bide_value first = bide_str("first"), second = bide_str("second"), third = bide_str("third");
    CHECK(!bide_failed(first) && bide_failed(second) && !bide_failed(third));
    CHECK(bide_catch(BIDE_MemoryError, NULL));
    bide_debug_fail_allocation(0);
    bide_drop(first);
    bide_drop(third);
    bide_drop(v);
    CHECK_INT(bide_debug_live(), live);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    bide_set_unraisable_hook(ignore_unraisable);
    bide_set_exception_handler(ignore_report);
    bide_set_warning_hook(ignore_warning);
    RUN(test_counting);
    RUN(test_every_allocation_that_fails);
    return check_end();
}
