/* task_api.c - making tasks and looking at them.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/task.h>

#include "loop/park.h"
#include "loop/scope.h"
#include "object/exec.h"

/* The running loop, for a task of `v`; NULL with an exception if there is none, or no `v`. */
static bide__loop *loop_for(bide_value v)
{
    if (!bide_failed(v))
        return bide__loop_required();
    bide__propagate();
    return NULL;
}

bide_value bide_task(bide_value coro, const char *name)
{
    return bide_task_in(BIDE_NONE, coro, name);
}

bide_value bide_task_in(bide_value context, bide_value coro, const char *name)
{
    bool usable = bide_is_none(context) || bide__context_slot(context);
    bide__loop *loop = usable ? loop_for(coro) : NULL;
    if (loop)
        return bide__task_new(loop, bide__task_coro(loop, coro), name, context);
    bide_drop(coro);
    bide_drop(context);
    return BIDE_FAILED;
}

bide_value bide_task_eager(bide_value coro, const char *name)
{
    bide__loop *loop = loop_for(coro);
    if (loop)
        return bide__task_eager(loop, bide__task_coro(loop, coro), name);
    bide_drop(coro);
    return BIDE_FAILED;
}

const char *bide_task_name(bide_value task)
{
    bide__task *self = bide__task_of(task);
    return self ? bide__task_name(self) : "";
}

int bide_task_set_name(bide_value task, const char *name)
{
    bide__task *self = bide__task_of(task);
    if (!self)
        return bide_raise(BIDE_TypeError, "a Task is expected, got '%s'", bide_type_name(task));
    bide_value text = name ? bide_str(name) : BIDE_NONE;
    if (bide_failed(text))
        return BIDE_RAISED;
    bide_drop(self->name);
    self->name = text;
    if (!name)
        bide__task_number(self);
    return 0;
}

bide_value bide_current_task(void)
{
    const bide__loop *loop = bide__loop_current();
    return loop && loop->current ? bide_object_ref(loop->current) : BIDE_NONE;
}

bide_value bide__all_tasks(const bide__loop *loop)
{
    bide_value tasks = bide_list();
    for (bide__task *task = loop->tasks; task && !bide_failed(tasks); task = task->next)
        if (bide_list_append(tasks, bide_object_ref(task)) < 0) {
            bide_drop(tasks);
            tasks = BIDE_FAILED;
        }
    return tasks;
}

bide_value bide_all_tasks(void)
{
    const bide__loop *loop = bide__loop_required();
    return loop ? bide__all_tasks(loop) : BIDE_FAILED;
}

int bide_task_cancelling(bide_value task)
{
    const bide__task *self = bide__task_of(task);
    return self ? self->cancelling + bide__scopes_held(self) : 0;
}

int bide__task_uncancel(bide__task *self)
{
    /* As since Python 3.13 nobody asks for it any more, unless its wait has ended by that already.
     */
    if (self->cancelling > 0 && --self->cancelling == 0 && !bide__wait_is_cancelled(self))
        self->must_cancel = false;
    return self->cancelling;
}

int bide_task_uncancel(bide_value task)
{
    bide__task *self = bide__task_of(task);
    if (self && self->cancelling > 0)
        bide__task_uncancel(self);
    else if (self)
        bide__scopes_release(self);
    return bide_task_cancelling(task);
}
