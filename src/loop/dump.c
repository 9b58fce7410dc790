/* dump.c - the tasks of a loop as text.
 *
 *     task 'main': main (app.c:20) > helper (app.c:12) > gather
 *       task 'a': worker (app.c:7) > Queue.get on <Queue object>
 *       task 'b': worker (app.c:9) > sleep until 3.5 s
 *
 * A task stands below the first that waits for it; those that nobody waits for come first, and then
 * the ones that wait for each other.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/dump.h"

#include <bide/debug.h>

#include <stdio.h>

#include "loop/observe.h"
#include "loop/scope.h"
#include "loop/task_set.h"
#include "object/agen.h"
#include "object/exec.h"

enum { AWAITED = 1, SHOWN = 2 };
enum { DEEPEST = 20 };

/* --- what a future waits for -------------------------------------------------------- */

void bide__text_add_seconds(struct bide__text *text, int64_t ns)
{
    bide__text_add_value(text, bide_float((double)ns / 1e9), true);
    bide__text_add(text, " s");
}

void bide__text_add_future(struct bide__text *text, const bide__future *future)
{
    bide_value v = bide_object_value((void *)future);
    if (bide__task_of(v))
        bide__text_addf(text, "task '%s'", bide_task_name(v));
    else if (future->kind->describe)
        future->kind->describe(future, text);
    else
        bide__text_add(text, bide_name(v));
}

static bide__future *waited_by(const bide__task *task)
{
    bide__future *waited = task->wakeup.future;
    return waited && waited->state == BIDE__PENDING ? waited : NULL;
}

/* Of the dump that is being made, once a lock was met in it. One lock's holder is quickly looked
 * for among all tasks; those of many are not. */
static BIDE__THREAD_LOCAL struct bide__task_set *dumped_tasks;

static bool is_task(struct bide__text *text, const bide__loop *loop, const bide__task *task)
{
    const bide__task *at = loop->tasks;
    if (dumped_tasks) {
        if (!dumped_tasks->slots && !bide__task_set_fill(dumped_tasks, loop))
            text->failed = true;
        return bide__task_set_has(dumped_tasks, task);
    }
    while (at && at != task)
        at = at->next;
    return at != NULL;
}

/* ", held by task 'x'" */
static void add_holder(struct bide__text *text, bide_value lock)
{
    bide__task *holder = bide__lock_holder(lock);
    const bide__loop *loop = holder ? bide__loop_current() : NULL;
    if (loop && is_task(text, loop, holder))
        bide__text_addf(text, ", held by task '%s'", bide__task_name(holder));
}

void bide__text_add_parking(struct bide__text *text, const bide__parking *parking)
{
    bide__text_add(text, parking->verb);
    if (parking->verb == bide__sleeping) {
        bide__text_add(text, " until ");
        bide__text_add_seconds(text, bide__sleep_deadline(parking));
    } else if (parking->on) {
        bide__text_add(text, " on ");
        bide__text_add_value(text, bide_object_value(parking->on), true);
        add_holder(text, bide_object_value(parking->on));
    }
}

bool bide__text_add_wait(struct bide__text *text, const bide__task *task)
{
    const bide__future *waited = waited_by(task);
    bool parked = task->parking && task->parking->state == BIDE__PENDING;
    if (waited)
        bide__text_add_future(text, waited);
    else if (parked)
        bide__text_add_parking(text, task->parking);
    return waited || parked;
}

/* What a future follows, one after the other: NULL at the end. One that is done follows nothing:
 * what it followed may be gone. */
static bide__future *followed(const bide__future *future, size_t i)
{
    bool follows = future->kind->follows && future->state == BIDE__PENDING;
    bide_value list = follows ? future->kind->follows(future) : BIDE_NONE;
    bide__future *only = bide__future_of(list);
    if (only)
        return i == 0 ? only : NULL;
    bool is_list = list.kind == BIDE_KIND_LIST || list.kind == BIDE_KIND_TUPLE;
    return is_list && i < bide_size(list) ? bide__future_of(bide_item(list, i)) : NULL;
}

/* --- a task ------------------------------------------------------------------------- */

/* What is awaited inside an awaitable; BIDE_NONE if it has no inside. */
static bide_value inside(bide_value v)
{
    return bide__coro_of(v) ? bide_awaiting(v) : bide__step_target(v);
}

const bide_site *bide__task_site(const bide__task *task)
{
    const bide_site *site = NULL;
    for (bide_value at = task->coro; !bide_is_none(at); at = inside(at)) {
        const bide_site *here = bide_await_site(at);
        site = here ? here : site;
    }
    return site;
}

/* "outer (app.c:20) > inner (app.c:12)" */
static void add_chain(struct bide__text *text, const bide__task *task)
{
    const char *arrow = "";
    for (bide_value at = task->coro; !bide_is_none(at); at = inside(at)) {
        const bide_site *site = bide_await_site(at);
        if (!bide__coro_of(at))
            continue;
        bide__text_addf(text, "%s%s", arrow, bide_name(at));
        if (site)
            bide__text_addf(text, " (%s:%d)", site->file, site->line);
        arrow = " > ";
    }
}

static void add_state(struct bide__text *text, const bide__task *task)
{
    bool parked = task->parking && task->parking->state == BIDE__PENDING;
    if (bide_state_of(task->coro) == BIDE_CREATED) {
        bide__text_add(text, ", not started");
    } else if (bide_state_of(task->coro) == BIDE_RUNNING) {
        bide__text_add(text, ", running");
    } else if (waited_by(task) || parked) {
        bide__text_add(text, " > ");
        bide__text_add_wait(text, task);
    } else {
        bide__text_add(text, ", ready");
    }
}

static void add_deadline(struct bide__text *text, const char *what, int64_t deadline)
{
    if (deadline == BIDE_NEVER)
        return;
    bide__text_addf(text, " [%s ", what);
    bide__text_add_seconds(text, deadline);
    bide__text_add(text, "]");
}

static void add_notes(struct bide__text *text, const bide__task *task)
{
    int64_t timeout = bide__timeout_of(task);
    add_deadline(text, "timeout at", timeout);
    timeout = BIDE_NEVER;
    for (const bide__scope *scope = task->scope; scope; scope = scope->outer) {
        if (scope->cancelled)
            bide__text_add(text, " [scope cancelled]");
        timeout = scope->deadline < timeout ? scope->deadline : timeout;
    }
    add_deadline(text, "scope until", timeout);
    if (task->must_cancel || task->cancelling > 0)
        bide__text_addf(text, " [cancelled%s]", task->must_cancel ? ", not told yet" : "");
    if (task->swallowed)
        bide__text_addf(text, " [swallowed %u cancellation%s]", task->swallowed,
                        task->swallowed == 1 ? "" : "s");
}

/* --- the tree ----------------------------------------------------------------------- */

static void add_task(struct bide__text *text, bide__task *task, int depth);

/* What a future follows, each on a line. */
static void add_followed(struct bide__text *text, const bide__future *future, int depth)
{
    bide__future *next;
    for (size_t i = 0; (next = followed(future, i)); i++) {
        bide__task *task = bide__task_of(bide_object_value(next));
        if (next->state != BIDE__PENDING)
            continue;
        if (task) {
            add_task(text, task, depth);
            continue;
        }
        bide__text_addf(text, "\n%*s", depth * 2, "");
        bide__text_add_future(text, next);
        if (depth < DEEPEST)
            add_followed(text, next, depth + 1);
    }
}

static void add_task(struct bide__text *text, bide__task *task, int depth)
{
    bide_value v = bide_object_value(task);
    bide__text_addf(text, "\n%*stask '%s'", depth * 2, "", bide_task_name(v));
    if (task->dumped & SHOWN) {
        bide__text_add(text, " (see above)");
        return;
    }
    task->dumped |= SHOWN;
    bide__text_add(text, ": ");
    add_chain(text, task);
    add_state(text, task);
    add_notes(text, task);
    bide__future *waited = waited_by(task);
    bide__task *awaited = waited ? bide__task_of(bide_object_value(waited)) : NULL;
    if (depth >= DEEPEST)
        return;
    if (awaited && !(awaited->dumped & SHOWN))
        add_task(text, awaited, depth + 1);
    else if (waited && !awaited)
        add_followed(text, waited, depth + 1);
}

void bide__text_add_tree(struct bide__text *text, const bide__future *future)
{
    bide__text_add_future(text, future);
    add_followed(text, future, 1);
}

/* Notes of every task that a future is, or follows, that somebody waits for it. */
static void mark_awaited(bide__future *future, int depth)
{
    bide__task *task = bide__task_of(bide_object_value(future));
    bide__future *next;
    if (task)
        task->dumped |= AWAITED;
    for (size_t i = 0; depth < DEEPEST && (next = followed(future, i)); i++)
        mark_awaited(next, depth + 1);
}

void bide__dump(struct bide__text *text, bide__loop *loop)
{
    struct bide__task_set tasks = {0}, *outer = dumped_tasks;
    dumped_tasks = &tasks;
    for (bide__task *task = loop->tasks; task; task = task->next)
        task->dumped = 0;
    for (bide__task *task = loop->tasks; task; task = task->next)
        if (waited_by(task))
            mark_awaited(waited_by(task), 0);
    for (bide__task *task = loop->tasks; task; task = task->next)
        if (!(task->dumped & AWAITED))
            add_task(text, task, 1);
    for (bide__task *task = loop->tasks; task; task = task->next)
        if (!(task->dumped & SHOWN))
            add_task(text, task, 1);
    dumped_tasks = outer;
    bide__task_set_free(&tasks);
}

/* --- for users ---------------------------------------------------------------------- */

bide_value bide_tasks_text(void)
{
    bide__loop *loop = bide__loop_required();
    struct bide__text text = {0};
    if (!loop)
        return BIDE_FAILED;
    bide__text_addf(&text, "%zu task%s at ", loop->task_count, loop->task_count == 1 ? "" : "s");
    bide__text_add_seconds(&text, bide__loop_now(loop));
    bide__text_add(&text, ":");
    bide__dump(&text, loop);
    bide__text_add(&text, "\n");
    return bide__text_finish(&text);
}

void bide_dump_tasks(void)
{
    bide_value pending = bide_error_take();
    bide_value text = bide_tasks_text();
    bide_value error = bide_error_take();
    if (bide_failed(text))
        fprintf(stderr, "%s\n", bide_error_message(error));
    else
        fputs(bide_cstr(text), stderr);
    bide_drop(text);
    bide_drop(error);
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

unsigned bide_task_swallowed(bide_value v)
{
    const bide__task *task = bide__task_of(v);
    return task ? task->swallowed : 0;
}
