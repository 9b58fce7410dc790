/* group.c - TaskGroup: a block that ends when its tasks have.
 *
 * The first failure cancels the other tasks, and the parent task if it is still in the block; that
 * cancellation is taken back at the end, so that only what came from outside goes on.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/group.h>

#include "loop/checked.h"
#include "loop/exit.h"
#include "loop/futures.h"
#include "loop/scope.h"
#include "object/list.h"

struct group {
    bide_object base;
    bide__block block;
    bide_value parent;    /* owned; the task whose block it is */
    bide_value tasks;     /* owned list; some of them may be done, not most */
    bide_value errors;    /* owned list of what tasks raised, in order of completion */
    bide_value fatal;     /* owned; SystemExit or KeyboardInterrupt, which goes out bare */
    bide_value completed; /* owned; the future that the end of the block waits for, or BIDE_NONE */
    size_t left;          /* tasks that are not done, or whose end was not heard of yet */
    bool entered, exiting, aborting, cancelled_parent;
};

static void finalize(void *object)
{
    struct group *self = object;
    bide__block_leave(&self->block);
    bide_drop(self->parent);
    bide_drop(self->tasks);
    bide_drop(self->errors);
    bide_drop(self->fatal);
    bide_drop(self->completed);
}

static bide_value group_aenter(void *self);
static bide_value group_aexit(void *self, bide_value error);

static const bide_type group_type = {
    .name = "TaskGroup",
    .finalize = finalize,
    .aenter = group_aenter,
    .aexit = group_aexit,
};

bide_value bide_group(void)
{
    struct group *self = bide_object_new(&group_type, sizeof *self);
    if (!self)
        return BIDE_FAILED;
    self->tasks = bide_list();
    self->errors = bide_list();
    if (bide_failed(self->tasks) || bide_failed(self->errors)) {
        bide_drop(bide_object_value(self));
        return BIDE_FAILED;
    }
    return bide_object_value(self);
}

static void cancel_tasks(struct group *self)
{
    self->aborting = true;
    for (size_t i = 0; i < bide_size(self->tasks); i++)
        bide_future_cancel(bide_item(self->tasks, i), NULL);
}

/* --- tasks -------------------------------------------------------------------------- */

static void note_failure(struct group *self, bide_value error)
{
    if (bide__is_exit(error) && bide_is_none(self->fatal))
        self->fatal = bide_ref(error);
    if (bide_list_append(self->errors, bide_ref(error)) < 0)
        bide__loop_report("a task group lost an exception for want of memory", bide_error_take());
    if (bide_future_done(self->parent)) {
        bide__loop_report("Task has errored out but its parent task is already completed",
                          bide_ref(error));
        return;
    }
    if (self->aborting || self->cancelled_parent)
        return;
    cancel_tasks(self);
    self->cancelled_parent = true;
    bide__block_cancel(&self->block);
}

static int on_done(bide_value task, bide_value arg)
{
    struct group *self = (struct group *)arg.as.object;
    bide_value error = BIDE_NONE;
    self->left--;
    bide__forget_done(self->tasks, self->left);
    if (self->left == 0 && !bide_is_none(self->completed) && !bide_future_done(self->completed) &&
        bide_future_set_result(self->completed, BIDE_NONE) < 0)
        return BIDE_RAISED;
    if (bide_future_cancelled(task) || bide_future_exception(task, &error) < 0)
        return bide_error_pending() ? BIDE_RAISED : 0;
    if (!bide_is_none(error))
        note_failure(self, error);
    bide_drop(error);
    return 0;
}

/* Why no task may be made now; NULL if one may. */
static const char *refusal(const struct group *self)
{
    if (!self->entered)
        return "has not been entered";
    if (self->exiting && self->left == 0)
        return "is finished";
    return self->aborting ? "is shutting down" : NULL;
}

bide_value bide_group_task(bide_value group, bide_value coro, const char *name)
{
    struct group *self = bide__checked(group, &group_type);
    const char *refused = self ? refusal(self) : NULL;
    if (bide_failed(coro))
        return BIDE_FAILED;
    if (refused) {
        bide_raise(BIDE_RuntimeError, "TaskGroup <TaskGroup> %s", refused);
        self = NULL;
    }
    if (!self) {
        bide_value pending = bide_error_take();
        bide_close(coro, NULL); /* it was meant to run: no warning that it never did */
        bide_drop(coro);
        bide_error_restore(pending);
        return BIDE_FAILED;
    }
    bide_value task = bide_task(coro, name);
    if (bide_failed(task) || bide_list_append(self->tasks, bide_ref(task)) < 0 ||
        bide_future_add_done_callback(task, on_done, bide_ref(group)) < 0) {
        bide_value pending = bide_error_take();
        if (!bide_failed(task)) {
            bide__list_remove(self->tasks, bide_ref(task));
            bide_future_cancel(task, NULL);
        }
        bide_drop(task);
        bide_error_restore(pending);
        return BIDE_FAILED;
    }
    self->left++;
    return task;
}

int bide_group_start(bide_value group, bide_value coro)
{
    bide_value task = bide_group_task(group, coro, NULL);
    bide_drop(task);
    return bide_failed(task) ? BIDE_RAISED : 0;
}

/* --- the block ---------------------------------------------------------------------- */

static BIDE_ASYNC int enter(bide_value arg, bide_value *result)
{
    struct group *self = (struct group *)arg.as.object;
    if (self->entered)
        return bide_raise(BIDE_RuntimeError, "TaskGroup <TaskGroup> has already been entered");
    bide_value parent = bide_current_task();
    if (bide_is_none(parent))
        return bide_raise(BIDE_RuntimeError,
                          "TaskGroup <TaskGroup> cannot determine the parent task");
    self->entered = true;
    self->parent = parent;
    bide__block_enter(&self->block, bide__task_of(parent));
    *result = bide_ref(arg);
    return 0;
}

/* Waits for the tasks. Once they are cancelled, a scope around that is cancelled too is no reason
 * not to wait. */
static BIDE_ASYNC int await_tasks(const struct group *self)
{
    bide__scope hold;
    if (!self->aborting)
        return bide_await_at(NULL, bide_ref(self->completed), NULL);
    bide__hold_begin(&hold);
    int status = bide_await_at(NULL, bide_ref(self->completed), NULL);
    bide__hold_end(&hold);
    return status;
}

/* Waits until no task is left. A cancellation meanwhile aborts the group; it is left in *cancelled.
 */
static BIDE_ASYNC int drain(struct group *self, bide_value *cancelled)
{
    while (self->left) {
        self->completed = bide__future_for("TaskGroup", self->tasks);
        if (bide_failed(self->completed)) {
            self->completed = BIDE_NONE;
            cancel_tasks(self);
            return BIDE_RAISED;
        }
        int status = await_tasks(self);
        bide_clear(&self->completed);
        if (status == 0)
            continue;
        bide_value error;
        BIDE_EXCEPT(BIDE_CancelledError, &error);
        /* The task's own cancellation goes before a scope's, which comes again by itself. */
        if (self->aborting && !bide__scope_of(*cancelled)) {
            bide_drop(error);
            continue;
        }
        bide_drop(*cancelled);
        *cancelled = error;
        if (!self->aborting)
            cancel_tasks(self);
    }
    return 0;
}

/* What the block comes to, when all tasks are done. */
static int conclude(struct group *self, bide_value error, bide_value *cancelled)
{
    if (!bide_is_none(self->fatal))
        return bide_raise_error_at(NULL, bide_ref(self->fatal));
    bide__task *parent = bide__task_of(self->parent);
    if (self->cancelled_parent && bide__task_uncancel(parent) == 0 && !bide__scope_of(*cancelled))
        bide_clear(cancelled); /* it was the group's own doing */
    if (!bide_is_none(*cancelled) && bide_size(self->errors) == 0) {
        bide_value again = *cancelled;
        *cancelled = BIDE_NONE;
        return bide_error_restore(again);
    }
    if (!bide_is_none(error) && !bide_is_error(error, BIDE_CancelledError))
        BIDE_TRY(bide_list_append(self->errors, bide_ref(error)));
    if (bide_size(self->errors) == 0)
        return 0;
    /* Somebody cancels the parent too: the next await will hear of it, at an unchanged count. */
    if (parent->cancelling) {
        bide__task_uncancel(parent);
        bide__task_cancel_inside(parent, parent->scope, NULL); /* no shield held it back before */
    }
    bide_value errors = self->errors;
    self->errors = BIDE_NONE;
    return bide_raise_error_at(NULL, bide_error_group("unhandled errors in a TaskGroup", errors));
}

/* arg: the group and what the block raised. */
static BIDE_ASYNC int leave(bide_value arg, bide_value *result)
{
    struct group *self = (struct group *)bide_item(arg, 0).as.object;
    bide_value error = bide_item(arg, 1);
    BIDE_SCOPED bide_value cancelled = BIDE_NONE;
    (void)result;
    self->exiting = true;
    if (bide__is_exit(error) && bide_is_none(self->fatal))
        self->fatal = bide_ref(error);
    if (bide_is_error(error, BIDE_CancelledError))
        cancelled = bide_ref(error);
    if (!bide_is_none(error) && !self->aborting)
        cancel_tasks(self);
    int status = drain(self, &cancelled);
    bide__block_leave(&self->block);
    return status < 0 ? status : conclude(self, error, &cancelled);
}

static bide_value group_aenter(void *object)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    struct group *self = object;
    if (!self->entered)
        bide__block_prepare(&self->block, "task group");
    return bide_coro_at(&origin, enter, bide_object_ref(self));
}

static bide_value group_aexit(void *self, bide_value error)
{
    static const bide_origin origin = {"__aexit__", __FILE__, __LINE__};
    return bide_coro_at(&origin, leave, bide_tuple(bide_object_ref(self), bide_ref(error)));
}
