/* scope.h - what is inside a cancel scope, and what a task asks of the scopes it is in.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_SCOPE_H
#define BIDE_LOOP_SCOPE_H

#include <bide/scope.h>

#include "loop/block.h"
#include "loop/task.h"

typedef struct bide__scope bide__scope;

struct bide__scope {
    bide_object base;
    bide__block block;
    bide__scope *outer; /* of the same task, which owns those that it has entered */
    int64_t deadline;
    bide_value handle; /* owned; of the deadline, or BIDE_NONE */
    bide_value reason; /* owned str, or BIDE_NONE */
    bool shield;
    bool barrier; /* holds back the state of the scopes around, and nothing else (bide__hold) */
    bool used, cancelled, caught;
    /* Of the innermost one, while its task waits: */
    bide__scope *interrupting; /* borrowed; who has cancelled what the task waits for */
    bool event;                /* that was cancelled as an event too, which comes first */
    /* Of the outermost shield that holds cancellations of its task back: */
    int held;                /* how many, which count as the task's when it is left */
    bide_value held_message; /* owned str, or BIDE_NONE */
};

extern const bide_type bide__scope_type;

/* The scope whose cancellation an error is; NULL if it is another error. */
bide__scope *bide__scope_of(bide_value error);
/* Takes one out of its task's scopes, wherever it is; may free it. */
void bide__scope_forget(bide__scope *self);

/* --- what a task asks (interrupt.c) ------------------------------------------------- */

/* The outermost cancelled scope that is not shielded from a task in `innermost`, or NULL. */
bide__scope *bide__scope_in_force(bide__scope *innermost);
/* A new CancelledError of that scope. */
bide_value bide__scope_error(bide__scope *self);
/* A scope was cancelled: interrupts what its task awaits. */
void bide__scopes_interrupt(bide__task *task);
/* The task begins to wait for that future; `event`: it is cancelled already, as an event. */
void bide__scopes_wait(bide__task *task, bide__future *waited, bool event);
/* The task is to be resumed in the next iteration: with which error, or BIDE_NONE. */
bide_value bide__scopes_pause(bide__task *task);
/* What the task awaited has failed with `error` (moves in): what it is told. */
bide_value bide__scopes_wake(bide__task *task, bide_value error);
/* The task is cancelled, by a block inside `inside` or, with NULL, from anywhere: whether a shield
 * holds that back. */
bool bide__scopes_hold(bide__task *task, const bide__scope *inside, const char *message);
/* How many are held back; and one of them is taken back, if there is one. */
int bide__scopes_held(const bide__task *task);
void bide__scopes_release(bide__task *task);

/* --- waits that must not be interrupted --------------------------------------------- */

/* Between the two, scopes that are cancelled do not make the running task's awaits fail; events
 * do. For waits that go on after a cancellation: until a group's tasks have ended, a lock is had
 * again. *hold lies on the stack. */
void bide__hold_begin(bide__scope *hold);
void bide__hold_end(bide__scope *hold);

#endif
