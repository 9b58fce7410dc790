/* objects.c - the table of objects that JavaScript holds: free slots form a list inside it.
 *
 * SPDX-License-Identifier: MIT */
#include "js/objects.h"

#include "object/memory.h"

struct slot {
    bide_value value; /* owned; BIDE_NONE in a free slot */
    uint32_t stamp;   /* which keep filled it */
    uint32_t next;    /* the next free slot */
};

static struct slot *slots;
static uint32_t count, capacity, first_free, stamps;

static bool grow(void)
{
    uint32_t larger = capacity ? capacity * 2 : 16;
    struct slot *moved = bide__realloc(slots, larger * sizeof *slots);
    if (!moved)
        return false;
    slots = moved;
    capacity = larger;
    if (count == 0) /* slot 0 stands for failure */
        slots[count++] = (struct slot){.value = BIDE_NONE};
    return true;
}

uint32_t bide__js_keep(bide_value v)
{
    uint32_t at = first_free;
    if (at) {
        first_free = slots[at].next;
    } else {
        if (count == capacity && !grow()) {
            bide_drop(v);
            return 0;
        }
        at = count++;
    }
    slots[at] = (struct slot){.value = v, .stamp = ++stamps};
    return at;
}

bide_value bide__js_kept(uint32_t slot)
{
    return slot < count ? slots[slot].value : BIDE_NONE;
}

bide_value bide__js_take(uint32_t slot)
{
    bide_value v = bide__js_kept(slot);
    if (!bide_is_none(v)) {
        slots[slot] = (struct slot){.value = BIDE_NONE, .next = first_free};
        first_free = slot;
    }
    return v;
}

uint32_t bide__js_keep_mark(void)
{
    return stamps;
}

void bide__js_keep_rollback(uint32_t mark)
{
    for (uint32_t i = 1; i < count; i++) {
        if (!bide_is_none(slots[i].value) && (int32_t)(slots[i].stamp - mark) > 0)
            bide_drop(bide__js_take(i));
    }
}

void bide__js_keep_nothing(void)
{
    for (uint32_t i = 1; i < count; i++)
        bide_drop(bide__js_take(i));
}
