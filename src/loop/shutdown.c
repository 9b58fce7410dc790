/* shutdown.c - the end of a loop, as asyncio.run does it: the tasks that are left are cancelled in
 * order of creation and waited for, their errors reported; then open async generators are closed,
 * and the threads of the default executor waited for.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/shutdown.h"

#include "loop/exit.h"
#include "loop/open_agens.h"
#include "loop/task.h"
#include "object/exec.h"

/* Waits for every task there is, of which `tasks` is the list. */
static int wait_for_all(bide__loop *loop, bide_value tasks)
{
    loop->emptying = false;
    bide_value all = BIDE_FAILED;
    if (!bide_failed(tasks))
        all = bide__gather_on(loop, bide_ref(tasks), true);
    if (!bide_failed(all)) {
        int status = bide__loop_run_until(loop, all);
        bide_drop(all);
        return status;
    }
    /* The loop can count them itself. */
    bide__loop_report("no memory to gather the tasks that are left", bide_error_take());
    loop->emptying = true;
    int status = loop->task_count ? bide__loop_run(loop) : 0;
    loop->emptying = false;
    return status;
}

static void report_failures(bide_value tasks)
{
    for (size_t i = 0; i < bide_size(tasks); i++) {
        bide_value error = BIDE_NONE;
        bide_value task = bide_item(tasks, i);
        if (!bide_future_done(task) || bide_future_cancelled(task) || bide__task_of(task)->detached)
            continue;
        if (bide_future_exception(task, &error) == 0 && !bide_is_none(error) &&
            !bide__is_exit(error)) /* that is what ends the run */
            bide__loop_report("unhandled exception during asyncio.run() shutdown", bide_ref(error));
        bide_drop(error);
    }
}

static void cancel_all(bide__loop *loop)
{
    if (!loop->tasks)
        return;
    bide_value tasks = bide__all_tasks(loop);
    for (bide__task *task = loop->tasks; task; task = task->next)
        bide_future_cancel(bide_object_value(task), NULL);
    if (wait_for_all(loop, tasks) < 0)
        bide__loop_report("the loop could not wait for its tasks to end", bide_error_take());
    report_failures(tasks);
    bide_drop(tasks);
}

void bide__loop_shut_down(bide__loop *loop)
{
    cancel_all(loop);
    bide__loop_close_agens(loop);
    loop->pool_shut = true;
    if (loop->pool)
        loop->end_pool(loop, true);
    bide__loop_close(loop);
}
