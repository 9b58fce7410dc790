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
#include <bide/parcel.h>

typedef struct bide__bindings bide__bindings;

typedef struct bide__binding {
    bide_value var;   /* owned; on a thread that it does not belong to, a pointer to it */
    bide_value value; /* owned */
} bide__binding;

struct bide__bindings {
    size_t refs, count;
    bide__bindings **home; /* the slot for which they were made, while it has them */
    uint64_t context;      /* which context that slot is, of all of the thread */
    bide__binding items[];
};

/* The slot in force; NULL: the thread's own, which bide__context_slot_now gives then. */
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

/* Empties a slot, whose context ends. */
void bide__context_leave(bide__bindings **slot);
bide__bindings **bide__context_slot_now(void);
/* A variable as a key: it belongs to one thread, though others may read it. */
bide_value bide__context_key(bide_value var);
/* A pointer to this is bound to what did not cross. */
extern const char bide__context_stayed;
/* A copy of the context in force, for another thread: 0 or MemoryError. NULL of an empty one. A
 * value that does not cross leaves word of it: reading the variable there raises TypeError. */
int bide__context_pack(bide_parcel **out);
/* The bindings in such a copy, which is used up (*parcel is NULL then): 0 or MemoryError. */
int bide__context_open(bide_parcel **parcel, bide__bindings **out);
/* The slot of a context object, or NULL with TypeError. */
bide__bindings **bide__context_slot(bide_value context);
/* Notes whether something runs in a context object: what it was. */
bool bide__context_set_entered(bide_value context, bool entered);

#endif
