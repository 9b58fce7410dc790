/* futures.c - long lists of futures.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/futures.h"

#include "loop/future.h"
#include "object/list.h"
#include "object/memory.h"

static bool make_slots(struct bide__places *self, size_t count)
{
    size_t size = 4;
    while (size < count * 2)
        size *= 2;
    self->mask = size - 1;
    self->slots = bide__alloc(size * sizeof *self->slots);
    return self->slots != NULL;
}

size_t bide__first_place(struct bide__places *self, bide_value list, size_t i)
{
    bide_value item = bide_item(list, i);
    if (bide__is_alone(item))
        return i;
    if (!self->slots && !make_slots(self, bide_size(list)))
        return bide_size(list);
    for (size_t at = (uintptr_t)item.as.object / sizeof(bide_object);; at++) {
        size_t *slot = &self->slots[at & self->mask];
        if (*slot == 0) {
            *slot = i + 1;
            return i;
        }
        if (bide_is(bide_item(list, *slot - 1), item))
            return *slot - 1;
    }
}

void bide__places_free(struct bide__places *self)
{
    bide__free(self->slots);
}

enum { ROOM = 8 }; /* for so many that are done, in any case */

void bide__forget_done(bide_value futures, size_t left)
{
    size_t size = bide_size(futures);
    if (size <= 2 * left + ROOM)
        return;
    bide_value pending = bide__list_for(left);
    for (size_t i = 0; i < size && !bide_failed(pending); i++) {
        bide_value future = bide_item(futures, i);
        if (bide_future_done(future) || bide_list_append(pending, bide_ref(future)) == 0)
            continue;
        bide_drop(pending);
        pending = BIDE_FAILED;
    }
    if (bide_failed(pending))
        bide_error_clear();
    else
        bide__list_swap(futures, pending);
    bide_drop(pending);
}
