/* block.c - the blocks that a task is in.
 *
 * A block cancels the task that is in it. So an async generator that yields in the middle of one
 * would have its consumer cancelled, which knows nothing of the block: that is refused, unless the
 * generator is a context manager, whose block is the consumer's own.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/block.h"

#include "loop/scope.h"
#include "object/exec.h"

void bide__block_prepare(bide__block *self, const char *name)
{
    self->name = name;
    self->body = bide__exec_now()->top;
}

void bide__block_enter(bide__block *self, bide__task *task)
{
    self->task = task;
    self->scope = task->scope;
    self->outer = task->blocks;
    task->blocks = self;
}

void bide__block_leave(bide__block *self)
{
    if (!self->task)
        return;
    bide__block **at = &self->task->blocks;
    while (*at != self)
        at = &(*at)->outer;
    *at = self->outer;
    self->task = NULL;
}

int bide__block_cancel(bide__block *self)
{
    return self->task ? bide__task_cancel_inside(self->task, self->scope, NULL) : 0;
}

void bide__blocks_end(bide__task *task)
{
    while (task->scope)
        bide__scope_forget(task->scope);
    while (task->blocks)
        bide__block_leave(task->blocks);
}

int bide__blocks_allow_yield(bide_value agen)
{
    const bide__loop *loop = bide__loop_current();
    const bide__coro *body = bide__coro_of(agen);
    const bide__block *at = loop && loop->current ? loop->current->blocks : NULL;
    while (at && at->body != body)
        at = at->outer;
    if (!at)
        return 0;
    return bide_raise(BIDE_RuntimeError,
                      "async generator '%s' yields inside a %s, which would cancel its consumer: "
                      "leave the block first, or use the generator with bide_context_manager",
                      body->origin->name, at->name);
}
