/* observe.c - looking at each step of each task: for traces, slow steps and debug mode.
 *
 * Who woke whom is seen without asking futures: what a step has added to the ready queue, it woke.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/observe.h"

#include <bide/debug.h>
#include <bide/trace.h>

#include <stdio.h>
#include <string.h>

#include "loop/park.h"
#include "object/exec.h"

static BIDE__THREAD_LOCAL bide_trace_hook *hook;
static BIDE__THREAD_LOCAL void *hook_data;
static BIDE__THREAD_LOCAL unsigned last_id;
static BIDE__THREAD_LOCAL bool telling;

void bide_set_trace(bide_trace_hook *new_hook, void *data)
{
    bide__loop *loop = bide__loop_current();
    hook = new_hook;
    hook_data = data;
    if (loop)
        bide__observe(loop);
}

void bide__observe(bide__loop *loop)
{
    loop->observed = hook || loop->debug || loop->slow_step != BIDE_NEVER;
    loop->resume = loop->observed ? NULL : bide__task_resume;
}

/* --- telling the hook --------------------------------------------------------------- */

BIDE__BARRIER static void bide__barrier_trace(const bide_trace_event *event)
{
    bide__exec *exec = bide__bar();
    hook(event, hook_data);
    bide__unbar(exec);
}

static void tell(bide__task *task, bide_trace_event event)
{
    if (!hook || telling)
        return;
    bide__loop *loop = task->future.loop;
    bide_value pending = bide_error_take();
    if (!task->id)
        task->id = ++last_id;
    event.id = task->id;
    event.time = loop->host ? loop->host->now(loop->host) : loop->now;
    event.task = bide_object_value(task);
    telling = true;
    bide__barrier_trace(&event);
    telling = false;
    bide_error_clear();
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

static bide_value task_value(bide__task *task)
{
    return task ? bide_object_value(task) : BIDE_NONE;
}

void bide__observe_created(bide__task *task)
{
    bide_value by = task_value(task->future.loop->current);
    tell(task, (bide_trace_event){.kind = BIDE_TRACE_CREATE, .by = by});
}

void bide__observe_cancelled(bide__task *task)
{
    bide_value by = task_value(task->future.loop->current);
    tell(task, (bide_trace_event){.kind = BIDE_TRACE_CANCEL, .by = by});
}

/* Tells of the tasks that stand in the queue from `at` on. */
static void tell_woken(bide__ready *at, bide__task *by)
{
    for (; at; at = at->next) {
        bide__task *task = bide__task_of_ready(at);
        if (task && task != by && bide_state_of(task->coro) != BIDE_CREATED)
            tell(task, (bide_trace_event){.kind = BIDE_TRACE_WAKE, .by = task_value(by)});
    }
}

/* --- a step ------------------------------------------------------------------------- */

/* What is known of a step before it is taken. */
struct before {
    const bide_site *site;
    bool started;
    bool cancelled; /* a CancelledError is thrown in, because the task was cancelled */
    int cancelling;
};

static bool to_be_cancelled(const bide__task *task)
{
    const bide__future *waited = task->wakeup.future;
    if (task->must_cancel || bide_is_error(task->thrown, BIDE_CancelledError))
        return true;
    return waited && waited->state == BIDE__CANCELLED && task->cancelling > 0;
}

static struct before begin(bide__task *task)
{
    bool started = bide_state_of(task->coro) != BIDE_CREATED;
    struct before before = {
        .site = bide__task_site(task),
        .started = started,
        .cancelled = started && to_be_cancelled(task),
        .cancelling = task->cancelling,
    };
    tell(task, (bide_trace_event){.kind = started ? BIDE_TRACE_RESUME : BIDE_TRACE_START,
                                  .site = before.site});
    bide_object_ref(task);
    return before;
}

static void tell_outcome(bide__task *task)
{
    bide__future *waited = task->wakeup.future;
    bide_trace_event event = {.kind = BIDE_TRACE_END};
    if (task->future.state == BIDE__PENDING) {
        event.kind = BIDE_TRACE_SUSPEND;
        if (waited)
            event.awaited = bide_object_value(waited);
        else if (task->parking)
            event.awaited = bide__waited_value(task->parking);
        if (!waited && task->parking)
            event.verb = task->parking->verb;
        event.site = bide__task_site(task);
    } else if (task->future.state == BIDE__FINISHED) {
        event.error = task->future.error;
    }
    tell(task, event);
}

static void end(bide__task *task, const struct before *before)
{
    bool goes_on = task->future.state == BIDE__PENDING ||
                   (task->future.state == BIDE__FINISHED && bide_is_none(task->future.error));
    if (before->cancelled && goes_on && task->cancelling > 0 &&
        task->cancelling >= before->cancelling)
        task->swallowed++;
    tell_outcome(task);
}

/* --- slow steps --------------------------------------------------------------------- */

static void add_place(char *text, size_t size, const char *preposition, const bide_site *site,
                      const char *otherwise)
{
    size_t used = strlen(text);
    if (site)
        snprintf(text + used, size - used, "%s the await at %s:%d", preposition, site->file,
                 site->line);
    else
        snprintf(text + used, size - used, "%s its %s", preposition, otherwise);
}

/* "Executing <Task ...> took 0.123 seconds, from the await at f.c:3 to its end" */
static void report_slow(bide__task *task, const struct before *before, int64_t took)
{
    char text[512];
    bide_value what = task ? bide_repr(bide_object_value(task)) : BIDE_NONE;
    snprintf(text, sizeof text, "Executing %s took %lld.%03d seconds",
             what.kind == BIDE_KIND_STR ? bide_cstr(what) : "a callback",
             (long long)(took / BIDE_SECONDS(1)), (int)(took % BIDE_SECONDS(1) / BIDE_MS(1)));
    bide_drop(what);
    bide_error_clear();
    if (task) {
        bool ended = task->future.state != BIDE__PENDING;
        add_place(text, sizeof text, ", from", before->site, "start");
        add_place(text, sizeof text, " to", ended ? NULL : bide__task_site(task),
                  ended ? "end" : "suspension");
    }
    bide__loop_report(text, BIDE_NONE);
}

/* --- running ------------------------------------------------------------------------ */

void bide__barrier_observe(bide__ready *ready, bide__loop *loop,
                           void (*run)(bide__ready *ready, bide__loop *loop))
{
    bide__task *task = bide__task_of_ready(ready);
    struct before before = {0};
    bide__ready **queue_end = loop->ready_end;
    int64_t begun = loop->host->now(loop->host);

    if (task)
        before = begin(task);
    run(ready, loop);
    int64_t took = loop->host->now(loop->host) - begun;
    if (hook)
        tell_woken(*queue_end, task);
    if (took >= loop->slow_step)
        report_slow(task, &before, took);
    if (task) {
        end(task, &before);
        bide_drop(bide_object_value(task));
    }
}

void bide__observe_step(bide__task *task, void (*step)(bide__task *task, bide_value error))
{
    struct before before = begin(task);
    step(task, BIDE_NONE);
    end(task, &before);
    bide_drop(bide_object_value(task));
}
