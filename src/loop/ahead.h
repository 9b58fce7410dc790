/* ahead.h - having what the next steps touch fetched, where many are ready.
 *
 * What tasks touch that were long suspended is in no cache, and the processor cannot know it before
 * it gets there: a task leads to its coroutine, that to its fiber, and that to its stack. So while
 * one step runs, each link of that chain is asked for one step earlier than the next. It is looked
 * up anew each time, as a step may take others out of what is ready.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_AHEAD_H
#define BIDE_LOOP_AHEAD_H

#include "loop/task_step.h"

#if defined(BIDE__FIBER_FETCH)

enum { BIDE__CACHE_LINE = 64 };

/* Not a function: GCC takes one that only fetches for one that does nothing. */
#define BIDE__FETCH(object, size)                                                                  \
    do {                                                                                           \
        for (size_t at_ = 0; at_ < (size); at_ += BIDE__CACHE_LINE)                                \
            __builtin_prefetch((const char *)(object) + at_, 1);                                   \
    } while (0)

/* The coroutine whose next step is ready, or NULL. */
BIDE__INLINE const bide__coro *bide__stepped_by(const bide__ready *ready)
{
    const bide__task *task =
        (const bide__task *)(const void *)((const char *)ready - offsetof(bide__task, step));
    if (!bide__is_task_step(ready))
        return NULL;
    return (const bide__coro *)(const void *)task->coro.as.object;
}

/* What runs next, if anything, and after it. */
BIDE__INLINE void bide__look_ahead(const bide__ready *first)
{
    const bide__ready *second = first ? first->next : NULL;
    const bide__ready *third = second ? second->next : NULL;
    if (__builtin_expect(!third, 1))
        return;
    const bide__coro *coro = bide__stepped_by(first);
    if (coro && coro->state == BIDE_SUSPENDED && coro->own.fiber)
        BIDE__FIBER_FETCH(coro->own.fiber);
    coro = bide__stepped_by(second);
    if (coro && coro->state == BIDE_SUSPENDED)
        BIDE__FETCH(coro->own.fiber, BIDE__CACHE_LINE);
    else if (coro && coro->state == BIDE_CREATED)
        bide__fiber_expect();
    coro = bide__stepped_by(third);
    if (coro)
        BIDE__FETCH(coro, sizeof *coro);
    if (third->next)
        BIDE__FETCH((const char *)third->next - offsetof(bide__task, step), sizeof(bide__task));
}

#else

BIDE__INLINE void bide__look_ahead(const bide__ready *first)
{
    (void)first;
}

#endif
#endif
