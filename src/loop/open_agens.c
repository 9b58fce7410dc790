/* open_agens.c - closing async generators: a dropped one in a task of its own, the rest when the
 * loop ends.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/open_agens.h"

#include <bide/task.h>

#include "loop/task.h"
#include "object/exec.h"
#include "object/list.h"

static int on_first(bide_value agen)
{
    bide__loop *loop = bide__loop_current();
    return loop ? bide_list_append(loop->open_agens, bide_ptr(agen.as.object)) : 0;
}

static void on_end(bide_value agen)
{
    const bide__loop *loop = bide__loop_current();
    if (loop)
        bide__list_remove(loop->open_agens, bide_ptr(agen.as.object));
}

static BIDE_ASYNC int await_it(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}

/* A task that awaits aclose; `closer` moves in. */
static bide_value close_task(bide_value closer)
{
    static const bide_origin origin = {"aclose", __FILE__, __LINE__};
    return bide_task(bide_coro_at(&origin, await_it, closer), NULL);
}

static int start_closing(bide_value closer)
{
    bide_value task = close_task(bide_ref(closer));
    bide_drop(task);
    return bide_failed(task) ? BIDE_RAISED : 0;
}

/* Dropped while suspended: what is made here keeps it until it is closed. */
static void on_drop(bide_value agen)
{
    bide_value handle = bide_call_soon(start_closing, bide_aclose(agen));
    if (bide_failed(handle))
        bide__loop_report("an async generator was dropped and cannot be closed", bide_error_take());
    bide_drop(handle);
}

bide_agen_hooks bide__loop_agen_hooks(void)
{
    return (bide_agen_hooks){.firstiter = on_first, .finalizer = on_drop, .ended = on_end};
}

static bide_value close_all(bide_value agens)
{
    bide_value tasks = bide_list();
    for (size_t i = 0; i < bide_size(agens) && !bide_failed(tasks); i++) {
        bide_value agen = bide_object_value(bide_item(agens, i).as.ptr);
        if (bide_list_append(tasks, close_task(bide_aclose(agen))) < 0) {
            bide_drop(tasks);
            tasks = BIDE_FAILED;
        }
    }
    return bide_gather(tasks, true);
}

static BIDE_ASYNC int shut_down(bide_value agens, bide_value *result)
{
    BIDE_SCOPED bide_value outcomes = BIDE_NONE;
    BIDE_TRY(bide_await(close_all(agens), &outcomes));
    for (size_t i = 0; i < bide_size(outcomes); i++) {
        bide_value outcome = bide_item(outcomes, i);
        if (bide_is_error(outcome, BIDE_BaseException))
            bide__loop_report("an error occurred during closing of asynchronous generator",
                              bide_ref(outcome));
    }
    *result = BIDE_NONE;
    return 0;
}

void bide__loop_close_agens(bide__loop *loop)
{
    if (!bide_size(loop->open_agens))
        return;
    bide_value task = bide__task_new(loop, bide_coro(shut_down, bide_ref(loop->open_agens)), NULL);
    if (bide_failed(task) || bide__loop_run_until(loop, task) < 0 ||
        bide_future_result(task, NULL) < 0)
        bide__loop_report("async generators could not be closed", bide_error_take());
    bide_drop(task);
}
