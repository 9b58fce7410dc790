/* shared.c - counting who uses what threads share.
 *
 * SPDX-License-Identifier: MIT */
#include "object/shared.h"

bide__shared *bide__shared_ref(bide__shared *self)
{
    atomic_fetch_add_explicit(&self->refs, 1, memory_order_relaxed);
    return self;
}

unsigned bide__shared_count_down(bide__shared *self)
{
    return atomic_fetch_sub_explicit(&self->refs, 1, memory_order_acq_rel) - 1;
}

void bide__shared_drop(bide__shared *self)
{
    if (self)
        self->drop(self);
}

bide_value bide__handle_new(bide__shared *shared)
{
    bide__handle *self = bide_object_new(shared->type, sizeof *self);
    if (self)
        self->shared = shared;
    else
        bide__shared_drop(shared);
    return bide_object_value(self);
}

void bide__handle_finalize(void *self)
{
    bide__shared_drop(((bide__handle *)self)->shared);
}

bide__shared *bide__handle_shared(void *self)
{
    return ((bide__handle *)self)->shared;
}
