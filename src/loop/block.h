/* block.h - the blocks that a task is in: scopes, timeouts and task groups.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_BLOCK_H
#define BIDE_LOOP_BLOCK_H

#include <bide/step.h>

struct bide__task;
struct bide__scope;

/* Embedded in what has a block. */
typedef struct bide__block {
    const char *name; /* static; "timeout" */
    struct bide__block *outer;
    struct bide__task *task;         /* borrowed; NULL while it is not entered */
    const bide__coro *body;          /* borrowed, only compared; whose block it is */
    const struct bide__scope *scope; /* borrowed, only compared; the innermost one around it */
} bide__block;

/* Notes that the running body is to enter it. */
void bide__block_prepare(bide__block *self, const char *name);
void bide__block_enter(bide__block *self, struct bide__task *task);
/* Nothing if it is not entered. */
void bide__block_leave(bide__block *self);
/* Cancels what the block awaits, as an event. Shields around the block do not hold that back. */
int bide__block_cancel(bide__block *self);
/* The task has ended: none of its blocks is entered any more. */
void bide__blocks_end(struct bide__task *task);
/* The `yields` hook of async generators: 0, or RuntimeError inside a block of `agen`. */
int bide__blocks_allow_yield(bide_value agen);

#endif
