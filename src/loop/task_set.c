/* task_set.c - a hash table of a loop's tasks.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task_set.h"

#include <stdlib.h>

#include "object/memory.h"

/* Where a task is looked for first: the upper bits of a product, which depend on all of it. */
static size_t home_of(const struct bide__task_set *self, const bide__task *task)
{
    uint64_t product = (uint64_t)(uintptr_t)task * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(product >> (64 - self->bits));
}

/* Where it is, or the empty slot where it would be. */
static const bide__task **slot_of(const struct bide__task_set *self, const bide__task *task)
{
    size_t last = ((size_t)1 << self->bits) - 1;
    size_t at = home_of(self, task);
    while (self->slots[at] && self->slots[at] != task)
        at = (at + 1) & last;
    return &self->slots[at];
}

bool bide__task_set_fill(struct bide__task_set *self, const bide__loop *loop)
{
    self->bits = 1;
    while ((size_t)1 << self->bits < 2 * loop->task_count)
        self->bits++;
    if (!bide__allocation_fails())
        self->slots = calloc((size_t)1 << self->bits, sizeof *self->slots);
    for (const bide__task *task = loop->tasks; task && self->slots; task = task->next)
        *slot_of(self, task) = task;
    return self->slots != NULL;
}

bool bide__task_set_has(const struct bide__task_set *self, const bide__task *task)
{
    return self->slots && *slot_of(self, task) != NULL;
}

void bide__task_set_free(struct bide__task_set *self)
{
    free(self->slots);
    *self = (struct bide__task_set){0};
}
