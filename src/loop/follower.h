/* follower.h - what follows futures that may never be done: gather, shield, as_completed.
 *
 * It and the futures refer to each other. A loop knows its followers, and parts them when it ends,
 * so that what nobody finished can go.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_FOLLOWER_H
#define BIDE_LOOP_FOLLOWER_H

#include "loop/loop.h"

/* Embedded in the follower. */
typedef struct bide__follower {
    struct bide__follower *next, *previous;
    bide__loop *loop;   /* borrowed; NULL while it is not among the loop's */
    bide_object *owner; /* borrowed; whose part this is */
    /* Takes its callbacks from the futures, and drops the references that these held. */
    void (*let_go)(bide_object *owner);
} bide__follower;

/* Makes it one of the loop's; ended by leave, which does nothing if it is none. */
void bide__follower_join(bide__follower *self, bide__loop *loop, void *owner,
                         void (*let_go)(bide_object *owner));
void bide__follower_leave(bide__follower *self);
/* The loop ends: parts all that are left. In debug mode those that are not done are reported. */
void bide__followers_part(bide__loop *loop);

#endif
