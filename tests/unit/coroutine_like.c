/* Tasks of objects that asyncio takes for coroutines, because they have __await__, send, throw and
 * close: an anext with a default, an asend and its kin, and objects of the program's own.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

/* Every way to make a task of something. */
static bide_value by_task(bide_value v)
{
    return bide_task(v, NULL);
}

static bide_value in_context(bide_value v)
{
    return bide_task_in(bide_copy_context(), v, NULL);
}

static bide_value eagerly(bide_value v)
{
    return bide_task_eager(v, NULL);
}

static bide_value on_loop(bide_value v)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    return bide_loop_task(loop, v, NULL);
}

static bide_value by_gather(bide_value v)
{
    return bide_gather(bide_list(v), false);
}

typedef bide_value make_task(bide_value v);
static make_task *const makers[] = {by_task, in_context, eagerly, on_loop, by_gather};
enum { MAKERS = sizeof makers / sizeof *makers };

static const char *listed(size_t maker, const char *plain, const char *in_list)
{
    return makers[maker] == by_gather ? in_list : plain;
}

/* --- what async generators give ------------------------------------------------------- */

/* async def items(recovers): awaits, yields 1, awaits; notes what is thrown in, and goes on after
 * it if it recovers. */
static BIDE_ASYNC_GENERATOR int items(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(1)), goto failed);
    BIDE_TRY(bide_yield(bide_int(1), NULL), goto failed);
    BIDE_TRY(bide_sleep(BIDE_MS(1)), goto failed);
    return 0;
failed:
    if (!bide_truthy(arg)) {
        bide_value error = bide_error_take(), text = bide_error_text(error);
        note("%s", bide_cstr(text));
        bide_drop(text);
        return bide_error_restore(error);
    }
    note_error("caught");
    return bide_sleep(0);
}

/* await create_task(anext(agen, "d")), twice, and its kin */
static BIDE_ASYNC int tasks_of_anext(bide_value arg, bide_value *result)
{
    for (size_t i = 0; i < MAKERS; i++) {
        BIDE_SCOPED bide_value agen = bide_agen(items, BIDE_NONE);
        CHECK_STEP(listed(i, "=> 1", "=> [1]"), bide_await,
                   makers[i](bide_anext_or(agen, bide_str("d"))));
        CHECK_STEP(listed(i, "=> 'd'", "=> ['d']"), bide_await,
                   makers[i](bide_anext_or(agen, bide_str("d"))));
    }
    BIDE_SCOPED bide_value agen = bide_agen(items, BIDE_NONE);
    CHECK_STEP("=> 1", bide_await, by_task(bide_asend(agen, BIDE_NONE)));
    CHECK_STEP("!! KeyError: k", bide_await,
               by_task(bide_athrow(agen, bide_error_new(BIDE_KeyError, "k"))));
    CHECK_STEP("=> None", bide_await, by_task(bide_aclose(agen)));
    CHECK_NOTES("KeyError: k");
    return 0;
}

static void test_tasks_of_anext(void)
{
    run(tasks_of_anext);
}

static BIDE_ASYNC int both_at_once(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value agen = bide_agen(items, BIDE_NONE);
    bide_value first = by_task(bide_anext_or(agen, bide_str("d")));
    bide_value second = by_task(bide_anext_or(agen, bide_str("d")));
    CHECK_STEP("=> 1", bide_await, first);
    CHECK_STEP("!! RuntimeError: anext(): asynchronous generator is already running", bide_await,
               second);
    return bide_await(bide_aclose(agen), NULL);
}

static void test_two_of_one_generator(void)
{
    run(both_at_once);
    CHECK_NOTES("GeneratorExit");
}

/* How create_task(anext(agen, "d")) ends that is cancelled `turns` turns later; the generator has
 * given an item before if it `has_begun`. */
static BIDE_ASYNC void cancel(bool recovers, bool has_begun, int turns, const char *wanted)
{
    BIDE_SCOPED bide_value agen = bide_agen(items, bide_bool(recovers));
    if (has_begun)
        CHECK_STEP("=> 1", bide_await, bide_anext(agen));
    bide_value task = by_task(bide_anext_or(agen, bide_str("d")));
    for (int i = 0; i < turns; i++)
        CHECK_INT(bide_sleep(0), 0);
    CHECK_INT(bide_future_cancel(task, "msg"), 1);
    CHECK_STEP(wanted, bide_await, task);
}

static BIDE_ASYNC int cancel_anext(bide_value arg, bide_value *result)
{
    const char *cancelled = "!! CancelledError: msg";
    cancel(false, false, 0, cancelled); /* thrown where there is nothing to catch it yet */
    cancel(true, false, 0, cancelled);
    CHECK_NOTES("");
    for (int turns = 0; turns < 2; turns++) {
        cancel(false, true, turns, cancelled);
        CHECK_NOTES("CancelledError: msg");
        cancel(true, true, turns, "=> 'd'");
        CHECK_NOTES("caught CancelledError: msg");
    }
    return 0;
}

static void test_cancelling_an_anext(void)
{
    run(cancel_anext);
}

/* --- objects of the program's own ----------------------------------------------------- */

/* class Steps: gives None, or the future first, twice and returns 7 then; notes each call. Raises
 * what is thrown in, or ignores it, as a step. */
struct steps {
    bide_object base;
    int taken;
    bool ignores;
    bide_value future; /* owned, or BIDE_NONE */
};

static void steps_finalize(void *object)
{
    bide_drop(((struct steps *)object)->future);
}

static int take_step(struct steps *self, bide_value *out)
{
    if (++self->taken == 3) {
        *out = bide_int(7);
        return BIDE_RETURNED;
    }
    if (self->taken > 1 || bide_is_none(self->future))
        return BIDE_YIELDED;
    BIDE_SCOPED bide_value it = bide_await_iter(bide_ref(self->future));
    return bide_next(it, out);
}

static int steps_send(void *self, bide_value v, bide_value *out)
{
    note_value("send", v);
    bide_drop(v);
    return take_step(self, out);
}

static int steps_next(void *self, bide_value *out)
{
    note("next");
    return take_step(self, out);
}

static int steps_throw(void *object, bide_value error, bide_value *out)
{
    struct steps *self = object;
    bide_value text = bide_error_text(error);
    note("throw %s", bide_cstr(text));
    bide_drop(text);
    if (!self->ignores)
        return bide_error_restore(error);
    bide_drop(error);
    return take_step(self, out);
}

static int steps_close(void *self, bide_value *out)
{
    note("close");
    return 0;
}

static bide_value steps_await(void *self)
{
    note("await");
    return bide_object_ref(self);
}

static int steps_await_here(void *self, bide_value *out)
{
    note("await");
    return 0;
}

static const bide_type steps_type = {.name = "Steps",
                                     .finalize = steps_finalize,
                                     .await = steps_await,
                                     .send = steps_send,
                                     .throw_ = steps_throw,
                                     .close = steps_close};
static const bide_type next_type = {.name = "Next",
                                    .finalize = steps_finalize,
                                    .await_here = steps_await_here,
                                    .iter = bide_self,
                                    .next = steps_next,
                                    .send = steps_send,
                                    .throw_ = steps_throw,
                                    .close = steps_close};

static bide_value steps(const bide_type *type, bool ignores, bide_value future)
{
    struct steps *self = bide_object_new(type, sizeof *self);
    self->ignores = ignores;
    self->future = future;
    return bide_object_value(self);
}

static bide_value plain(const bide_type *type)
{
    return steps(type, false, BIDE_NONE);
}

/* As asyncio: what is sent is None, to __next__ if there is one; __await__ is not called. */
static BIDE_ASYNC int tasks_of_steps(bide_value arg, bide_value *result)
{
    for (size_t i = 0; i < MAKERS; i++) {
        CHECK_STEP(listed(i, "=> 7", "=> [7]"), bide_await, makers[i](plain(&steps_type)));
        CHECK_NOTES("send None, send None, send None");
        CHECK_STEP(listed(i, "=> 7", "=> [7]"), bide_await, makers[i](plain(&next_type)));
        CHECK_NOTES("next, next, next");
    }
    bide_value task = eagerly(plain(&steps_type));
    CHECK_NOTES("send None");
    CHECK_STEP("=> 7", bide_await, task);
    CHECK_NOTES("send None, send None");
    return 0;
}

static void test_tasks_of_own_objects(void)
{
    run(tasks_of_steps);
}

/* Cancelled before or after its first step. */
static BIDE_ASYNC void cancel_steps(bool ignores, bool has_begun, const char *wanted)
{
    bide_value task = by_task(steps(&steps_type, ignores, BIDE_NONE));
    if (has_begun)
        CHECK_INT(bide_sleep(0), 0);
    CHECK_INT(bide_future_cancel(task, "msg"), 1);
    CHECK_STEP(wanted, bide_await, bide_ref(task));
    CHECK_INT(bide_future_cancelled(task), !ignores);
    bide_drop(task);
}

static BIDE_ASYNC int cancel_own_objects(bide_value arg, bide_value *result)
{
    cancel_steps(false, false, "!! CancelledError: msg");
    CHECK_NOTES("throw CancelledError: msg");
    cancel_steps(false, true, "!! CancelledError: msg");
    CHECK_NOTES("send None, throw CancelledError: msg");
    cancel_steps(true, false, "=> 7");
    CHECK_NOTES("throw CancelledError: msg, send None, send None");
    cancel_steps(true, true, "=> 7");
    CHECK_NOTES("send None, throw CancelledError: msg, send None");
    return 0;
}

static void test_cancelling_own_objects(void)
{
    run(cancel_own_objects);
}

/* The future that it gave out fails with `error`, which is thrown in: also GeneratorExit is. */
static BIDE_ASYNC int futures_that_fail(bide_value arg, bide_value *result)
{
    const bide_error_type *const types[] = {BIDE_GeneratorExit, BIDE_KeyError};
    for (int i = 0; i < 4; i++) {
        const bide_error_type *type = types[i / 2];
        bool ignores = i % 2;
        bide_value future = bide_future();
        bide_value task = by_task(steps(&next_type, ignores, bide_ref(future)));
        CHECK_INT(bide_sleep(0), 0);
        CHECK_INT(bide_future_set_exception(future, bide_error_new(type, "x")), 0);
        CHECK_INT(bide_sleep(BIDE_MS(1)), 0);
        if (ignores)
            CHECK_STEP("=> 7", bide_future_result, task);
        else
            CHECK_STEP(i ? "!! KeyError: x" : "!! GeneratorExit: x", bide_future_result, task);
        bide_drop(task);
        bide_drop(future);
    }
    CHECK_NOTES("next, throw GeneratorExit: x, next, throw GeneratorExit: x, next, "
                "next, throw KeyError: x, next, throw KeyError: x, next");
    return 0;
}

static void test_what_it_waits_for_fails(void)
{
    run(futures_that_fail);
}

/* --- groups --------------------------------------------------------------------------- */

static BIDE_ASYNC int in_group(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value group = bide_group(), agen = bide_agen(items, BIDE_NONE);
    bide_value own = BIDE_NONE, item = BIDE_NONE;
    BIDE_ASYNC_WITH (entered, bide_ref(group)) {
        own = bide_group_task(entered, plain(&steps_type), NULL);
        item = bide_group_task(entered, bide_anext_or(agen, bide_str("d")), NULL);
    }
    BIDE_END_WITH(entered);
    CHECK_STEP("=> 7", bide_future_result, own);
    CHECK_STEP("=> 1", bide_future_result, item);
    CHECK_NOTES("send None, send None, send None");
    bide_drop(own);
    bide_drop(item);
    CHECK_FAILS("!! RuntimeError: TaskGroup <TaskGroup> is finished",
                bide_group_task(group, plain(&steps_type), NULL));
    CHECK_NOTES("close"); /* as since Python 3.13 */
    BIDE_TRY(bide_await(bide_aclose(agen), NULL));
    CHECK_NOTES("GeneratorExit");
    return 0;
}

static void test_in_a_group(void)
{
    run(in_group);
}

/* --- left behind, and refused --------------------------------------------------------- */

static void note_report(const char *message, bide_value error)
{
    (void)error;
    note("%s", message);
}

static void note_warning(const char *category, const char *message, const bide_origin *origin)
{
    (void)origin;
    note("%s %s", category, message);
}

static int stop(bide_value loop)
{
    return bide_loop_stop(loop);
}

/* loop.create_task(v); if it `begins`: loop.call_soon(loop.stop), loop.run_forever(); loop.close()
 */
static void abandon(bide_value v, bool begins)
{
    bide_value loop = bide_loop();
    bide_value task = bide_loop_task(loop, v, NULL);
    if (begins) {
        bide_drop(bide_loop_call_soon(loop, stop, bide_ref(loop)));
        CHECK_INT(bide_loop_run_forever(loop), 0);
    }
    CHECK_INT(bide_loop_close(loop), 0);
    bide_drop(task);
    bide_drop(loop);
}

/* They are just dropped: not closed, and not warned of as coroutines never awaited. */
static void test_abandoned_tasks(void)
{
    bide_set_warning_hook(note_warning);
    bide_set_exception_handler(note_report);
    abandon(plain(&steps_type), false);
    CHECK_NOTES("Task was destroyed but it is pending!");
    abandon(plain(&next_type), true);
    CHECK_NOTES("next, Task was destroyed but it is pending!");
    abandon(steps(&steps_type, true, BIDE_NONE), true);
    CHECK_NOTES("send None, Task was destroyed but it is pending!");
    bide_set_exception_handler(NULL);
    CHECK_FAILS("!! RuntimeError: no running event loop", by_task(plain(&steps_type)));
    CHECK_FAILS("!! RuntimeError: no running event loop", by_task(bide_int(5)));
    CHECK_NOTES("");
    bide_set_warning_hook(NULL);
}

static const bide_type only_await = {.name = "OnlyAwait", .await = steps_await};
static const bide_type no_await = {
    .name = "NoAwait", .send = steps_send, .throw_ = steps_throw, .close = steps_close};

static bide_value object_of(const bide_type *type)
{
    return bide_object_value(bide_object_new(type, sizeof(bide_object)));
}

static BIDE_GENERATOR int nothing(bide_value arg, bide_value *result)
{
    return 0;
}

static BIDE_ASYNC int refusals(bide_value arg, bide_value *result)
{
    for (size_t i = 0; i < MAKERS; i++) {
        if (makers[i] == by_gather)
            continue;
        CHECK_FAILS("!! TypeError: a coroutine was expected, got 'OnlyAwait'",
                    makers[i](object_of(&only_await)));
        CHECK_FAILS("!! TypeError: a coroutine was expected, got 'NoAwait'",
                    makers[i](object_of(&no_await)));
        CHECK_FAILS("!! TypeError: a coroutine was expected, got 'generator'",
                    makers[i](bide_gen(nothing, BIDE_NONE)));
        CHECK_FAILS("!! TypeError: a coroutine was expected, got 'async_generator'",
                    makers[i](bide_agen(items, BIDE_NONE)));
        CHECK_FAILS("!! TypeError: a coroutine was expected, got 'Future'",
                    makers[i](bide_future()));
    }
    return 0;
}

static void test_refusals(void)
{
    run(refusals);
    CHECK_NOTES("");
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_tasks_of_anext);
    RUN(test_two_of_one_generator);
    RUN(test_cancelling_an_anext);
    RUN(test_tasks_of_own_objects);
    RUN(test_cancelling_own_objects);
    RUN(test_what_it_waits_for_fails);
    RUN(test_in_a_group);
    RUN(test_abandoned_tasks);
    RUN(test_refusals);
    return check_end();
}
