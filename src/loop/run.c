/* run.c - asyncio.run: a loop from its beginning to its end.
 *
 * The end is asyncio's: the tasks that are left are cancelled in order of creation and waited for,
 * their errors reported; then open async generators are closed; then the loop goes.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/js.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/js_bridge.h"
#include "loop/open_agens.h"
#include "loop/task.h"
#include "object/exec.h"

static BIDE__THREAD_LOCAL bide_host_kind chosen_host;

void bide_use_host(bide_host_kind kind)
{
    chosen_host = kind;
}

static bide_host *make_host(void)
{
    const char *name = getenv("BIDE_HOST");
    bool is_virtual = chosen_host == BIDE_HOST_VIRTUAL || (name && strcmp(name, "virtual") == 0);
    bide_host *host = NULL;
    if (bide__js)
        host = bide__js->host(is_virtual);
    else
        host = is_virtual ? bide__host_virtual() : bide__host_posix();
    if (!host)
        bide__raise_no_memory();
    return host;
}

/* --- shutting down ------------------------------------------------------------------ */

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
    bide_error_clear(); /* no memory to gather them: the loop can count them itself */
    loop->emptying = true;
    int status = loop->task_count ? bide__loop_run(loop) : 0;
    loop->emptying = false;
    return status;
}

static bide_value list_tasks(const bide__loop *loop)
{
    bide_value tasks = bide_list();
    for (bide__task *task = loop->tasks; task && !bide_failed(tasks); task = task->next)
        if (bide_list_append(tasks, bide_object_ref(task)) < 0) {
            bide_drop(tasks);
            tasks = BIDE_FAILED;
        }
    return tasks;
}

static void report_failures(bide_value tasks)
{
    for (size_t i = 0; i < bide_size(tasks); i++) {
        bide_value error = BIDE_NONE;
        bide_value task = bide_item(tasks, i);
        if (!bide_future_done(task) || bide_future_cancelled(task))
            continue;
        if (bide_future_exception(task, &error) == 0 && !bide_is_none(error))
            bide__loop_report("unhandled exception during asyncio.run() shutdown", bide_ref(error));
        bide_drop(error);
    }
}

static void cancel_all(bide__loop *loop)
{
    if (!loop->tasks)
        return;
    bide_value tasks = list_tasks(loop);
    for (bide__task *task = loop->tasks; task; task = task->next)
        bide_future_cancel(bide_object_value(task), NULL);
    if (wait_for_all(loop, tasks) < 0)
        bide__loop_report("the loop could not wait for its tasks to end", bide_error_take());
    report_failures(tasks);
    bide_drop(tasks);
}

/* Tasks that outlived their cancellation while nothing can wake them. */
static void abandon(bide__loop *loop)
{
    while (loop->tasks) {
        bide__task *task = loop->tasks;
        bide__loop_report("Task was destroyed but it is pending!", BIDE_NONE);
        bide__task_abandon(task);
    }
}

static void shut_down(bide__loop *loop)
{
    cancel_all(loop);
    bide__loop_close_agens(loop);
    abandon(loop);
}

/* --- running ------------------------------------------------------------------------ */

static int check(bide_value coro)
{
    if (bide_failed(coro))
        return bide__propagate();
    if (bide_loop_running())
        return bide_raise(BIDE_RuntimeError,
                          "asyncio.run() cannot be called from a running event loop");
    const bide__coro *self = bide__coro_of(coro);
    if (self && self->kind == BIDE__COROUTINE)
        return 0;
    bide_value text = bide_repr(coro);
    if (!bide_failed(text))
        bide_raise(BIDE_ValueError, "a coroutine was expected, got %s", bide_cstr(text));
    bide_drop(text);
    return BIDE_RAISED;
}

static int run_on(bide__loop *loop, bide_value coro, bide_value *result)
{
    bide_value task = bide__task_new(loop, coro, NULL);
    int status = bide_failed(task) ? BIDE_RAISED : bide__loop_run_until(loop, task);
    bide_value error = BIDE_NONE;
    if (status == 0)
        status = bide_future_result(task, result);
    if (status < 0)
        error = bide_error_take();
    shut_down(loop);
    bide_drop(task);
    return status < 0 ? bide_error_restore(error) : status;
}

int bide_run(bide_value coro, bide_value *result)
{
    bide_value v = BIDE_NONE;
    bide__loop *loop = NULL;
    int status = BIDE_RAISED;
    if (result)
        *result = BIDE_NONE;
    if (check(coro) == 0)
        loop = bide__loop_new(make_host());
    if (loop) {
        bide_agen_hooks outer = bide_set_agen_hooks(bide__loop_agen_hooks());
        status = run_on(loop, coro, &v);
        bide__loop_free(loop);
        bide_set_agen_hooks(outer);
    } else {
        bide_drop(coro);
    }
    if (result)
        *result = v;
    else
        bide_drop(v);
    return status;
}

/* --- main --------------------------------------------------------------------------- */

enum { EXIT_INTERRUPTED = 130 };

static int exit_status_of(bide_value v)
{
    return v.kind == BIDE_KIND_INT ? (int)(v.as.i & 0xff) : 0;
}

int bide_main(bide_value coro)
{
    bide_value v;
    int exit_status = 0;
    if (bide_run(coro, &v) == 0) {
        exit_status = exit_status_of(v);
        bide_drop(v);
        return exit_status;
    }
    v = bide_error_take();
    if (bide_is_error(v, BIDE_SystemExit)) {
        exit_status = exit_status_of(bide_error_value(v));
    } else {
        bide_value text = bide_error_traceback(v);
        fflush(stdout);
        fputs(bide_failed(text) ? "MemoryError\n" : bide_cstr(text), stderr);
        bide_error_clear();
        bide_drop(text);
        exit_status = bide_is_error(v, BIDE_KeyboardInterrupt) ? EXIT_INTERRUPTED : 1;
    }
    bide_drop(v);
    return exit_status;
}
