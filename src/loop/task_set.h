/* task_set.h - which pointers are tasks of a loop: asked of those that may be gone.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_TASK_SET_H
#define BIDE_LOOP_TASK_SET_H

#include "loop/task.h"

/* Zeroed to start with: empty. */
struct bide__task_set {
    const bide__task **slots; /* owned; a hash table, NULL where nothing is */
    unsigned bits;            /* of the number of slots */
};

/* Makes it the set of the loop's tasks. False if there is no memory; raises nothing. */
bool bide__task_set_fill(struct bide__task_set *self, const bide__loop *loop);
/* Whether it is one of them; nothing is read through `task`. */
bool bide__task_set_has(const struct bide__task_set *self, const bide__task *task);
void bide__task_set_free(struct bide__task_set *self);

#endif
