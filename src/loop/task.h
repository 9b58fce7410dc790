/* task.h - what is inside a task.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_TASK_H
#define BIDE_LOOP_TASK_H

#include <bide/task.h>

#include "loop/context.h"
#include "loop/future.h"

typedef struct bide__task {
    bide__future future;       /* its result */
    bide_value coro;           /* owned until the task is done */
    const bide_origin *origin; /* of the coroutine, which goes when it is done */
    bide_value name;           /* owned str; BIDE_NONE: made from `number` when asked for */
    unsigned long number;      /* 0: it was never without a name */
    bide__ready step;          /* queued when it is to be resumed without a future's doing */
    bide_value thrown;         /* owned; what that step throws in, or BIDE_NONE */
    bide__callback wakeup;     /* waits for the future that the coroutine awaits; wakeup.future */
    struct bide__parking *parking; /* borrowed; how it waits without a future (park.h), or NULL */
    bide__bindings *bindings;      /* owned; its context, unless it was given one */
    bide_value context;            /* owned; the one it was given, or BIDE_NONE */
    bool must_cancel;              /* throw CancelledError in at the next step */
    bool detached;                 /* its failure is reported at once (detach.c) */
    bool passing_cancel;           /* what it waits for is being cancelled */
    int cancelling;                /* without those that shields hold back */
    struct bide__scope *scope;  /* the innermost cancel scope it is in; owned, as all around it */
    struct bide__block *blocks; /* borrowed; the innermost of all blocks it is in */
    unsigned id;                /* for those who trace it; 0: not known to them yet */
    unsigned swallowed;         /* CancelledErrors after which it went on; counted in debug mode */
    uint8_t dumped;             /* dump.c's own */
    struct bide__task *next, *previous; /* of the loop's tasks */
} bide__task;

bide__task *bide__task_of(bide_value v);
/* Its name, borrowed; it raises nothing. */
const char *bide__task_name(bide__task *self);
/* Sees to it that it has a number, to be named by. */
void bide__task_number(bide__task *self);
/* The task whose step is ready; NULL if something else is. */
bide__task *bide__task_of_ready(bide__ready *ready);
/* The two `run`s of a task's `step`: any step; and, since it was last set to that, one that sends
 * None and no more, as nearly all do. Nothing is to be thrown in then, and the context is its own.
 */
void bide__task_turn(bide__ready *ready, bide__loop *loop);
void bide__task_resume(bide__ready *ready, bide__loop *loop);
static inline bool bide__is_task_step(const bide__ready *ready)
{
    return ready->run == bide__task_resume || ready->run == bide__task_turn;
}
/* The next step throws in: `error` (moves in; BIDE_NONE: nothing), or that it is cancelled. */
static inline void bide__task_throw(bide__task *self, bide_value error)
{
    self->thrown = error;
    self->step.run = bide__task_turn;
}
static inline void bide__task_must_cancel(bide__task *self)
{
    self->must_cancel = true;
    self->step.run = bide__task_turn;
}
/* A task on a loop that need not be running. `coro`, a coroutine, and `context`, one or BIDE_NONE
 * for a copy of what is in force, move in. */
bide_value bide__task_new(bide__loop *loop, bide_value coro, const char *name, bide_value context);
/* One that takes its first step at once; the loop is running. */
bide_value bide__task_eager(bide__loop *loop, bide_value coro, const char *name);
/* Queues the next step of one that is suspended and not queued. */
static inline void bide__task_ready(bide__task *self)
{
    bide__loop_soon(self->future.loop, &self->step);
}
/* A list of the loop's tasks that are not done, oldest first. */
bide_value bide__all_tasks(const bide__loop *loop);
/* Cancels it from within a block inside `scope`: shields outside that do not hold it back. */
int bide__task_cancel_inside(bide__task *self, const struct bide__scope *scope,
                             const char *message);
/* Takes one of self->cancelling back: how many are left. */
int bide__task_uncancel(bide__task *self);
/* A detached task has failed. */
void bide__detached_failed(bide__task *self);
/* Forgets a task that is not done: its coroutine is closed. */
void bide__task_abandon(bide__task *self);
/* What a task of `loop` drives for `v` (moves in): itself, a coroutine, or a generator that steps
 * what is like one (coroutine_like.c). TypeError for anything else. */
bide_value bide__task_coro(bide__loop *loop, bide_value v);
/* Whether asyncio takes it for a coroutine, as collections.abc.Coroutine does. */
bool bide__is_like_coroutine(bide_value v);
/* The future of an awaitable: itself, or a task for a coroutine. Moves in; TypeError for anything
 * that cannot be awaited. */
bide_value bide__ensure_future(bide_value v);
/* bide_gather on a loop that need not be running. */
bide_value bide__gather_on(bide__loop *loop, bide_value awaitables, bool return_exceptions);

#endif
