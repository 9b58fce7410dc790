/* shared.h - state that several threads use, behind an object of each of them.
 *
 * An object whose type has the slot `shared` crosses to another thread as a handle of its shared
 * state. The count of references is all that is atomic: what the state holds is guarded by those
 * who use it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_SHARED_H
#define BIDE_OBJECT_SHARED_H

#include <bide/protocol.h>

#include <stdatomic.h>

#include "object/exec.h"

typedef struct bide__shared {
    atomic_uint refs;
    const bide_type *type; /* of the handles */
    /* Gives one reference up, and frees it with the last. */
    void (*drop)(struct bide__shared *self);
} bide__shared;

/* An object that holds a reference to shared state, and nothing else. */
typedef struct bide__handle {
    bide_object base;
    bide__shared *shared; /* owned */
} bide__handle;

/* One more reference. */
bide__shared *bide__shared_ref(bide__shared *self);
/* Counts one less: how many are left. Only for `drop`. */
unsigned bide__shared_count_down(bide__shared *self);
/* Gives one up; NULL is allowed. */
void bide__shared_drop(bide__shared *self);
/* A handle; the reference moves in. BIDE_FAILED with MemoryError. */
bide_value bide__handle_new(bide__shared *shared);
/* The slots `finalize` and `shared` of a type of handles. */
void bide__handle_finalize(void *self);
bide__shared *bide__handle_shared(void *self);

/* Which thread this is: different for all that run. */
static inline const void *bide__this_thread(void)
{
    return &bide__exec_current;
}

#endif
