/* context.h - which context is in force, for those who switch it: tasks and callbacks.
 *
 * A context is a slot that points to its bindings. Bindings are shared until one of the sharers
 * sets a variable, which then gets its own; so taking a copy costs a reference, and nothing at all
 * while no variable was ever set.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_CONTEXT_H
#define BIDE_LOOP_CONTEXT_H

#include <bide/context.h>
#include <bide/fiber.h>

typedef struct bide__bindings bide__bindings;

/* The slot in force; NULL: the thread's own. */
extern BIDE__THREAD_LOCAL bide__bindings **bide__context_in_force;

/* The bindings in force, as an owned reference; NULL while there are none. */
bide__bindings *bide__context_capture(void);
/* Puts a slot in force; the answer, the slot before, is to be put back afterwards. */
static inline bide__bindings **bide__context_enter(bide__bindings **slot)
{
    bide__bindings **before = bide__context_in_force;
    bide__context_in_force = slot;
    return before;
}

/* Gives a reference back; NULL is allowed. */
void bide__bindings_drop(bide__bindings *bindings);
/* The slot of a context object, or NULL with TypeError. */
bide__bindings **bide__context_slot(bide_value context);

#endif
