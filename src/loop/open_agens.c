/* open_agens.c - closing async generators: a dropped one in a task of its own, the rest when the
 * loop ends.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/open_agens.h"

#include <bide/task.h>

#include <string.h>

#include "loop/block.h"
#include "loop/task.h"
#include "object/exec.h"
#include "object/memory.h"

/* Every async generator that was begun and has not ended, with the loop that ran when it was begun.
 * Per thread, not per loop: one may end while no loop runs. */
struct open {
    bide__coro *agen;       /* borrowed: its end takes it out */
    const bide__loop *loop; /* borrowed; only compared */
};

static BIDE__THREAD_LOCAL struct open *opened;
static BIDE__THREAD_LOCAL size_t count, room;

static int on_first(bide_value agen)
{
    const bide__loop *loop = bide__loop_current();
    if (!loop)
        return 0;
    if (count == room) {
        size_t larger_room = room ? room * 2 : 8;
        struct open *larger = bide__realloc(opened, larger_room * sizeof *larger);
        if (!larger)
            return BIDE_RAISED;
        opened = larger;
        room = larger_room;
    }
    opened[count++] = (struct open){bide__coro_of(agen), loop};
    return 0;
}

static void on_end(bide_value agen)
{
    size_t i = count;
    while (i > 0 && opened[i - 1].agen != bide__coro_of(agen))
        i--;
    if (i == 0)
        return;
    memmove(&opened[i - 1], &opened[i], (--count - (i - 1)) * sizeof *opened);
}

static int start_closing(bide_value closer)
{
    bide_value task = bide__ensure_future(bide_ref(closer));
    bide_drop(task);
    return bide_failed(task) ? BIDE_RAISED : 0;
}

/* Dropped while suspended: what is made here keeps it until it is closed. */
static void on_drop(bide_value agen)
{
    bide_value handle = bide_call_soon(start_closing, bide_aclose(agen));
    if (bide_failed(handle))
        bide__loop_report("an async generator was dropped and cannot be closed", bide_error_take());
    bide_drop(handle);
}

bide_agen_hooks bide__loop_agen_hooks(void)
{
    return (bide_agen_hooks){.firstiter = on_first,
                             .finalizer = on_drop,
                             .ended = on_end,
                             .yields = bide__blocks_allow_yield};
}

static bide_value close_all(const bide__loop *loop)
{
    bide_value closers = bide_list();
    for (size_t i = 0; i < count && !bide_failed(closers); i++) {
        if (opened[i].loop != loop)
            continue;
        if (bide_list_append(closers, bide_aclose(bide_object_value(opened[i].agen))) < 0) {
            bide_drop(closers);
            closers = BIDE_FAILED;
        }
    }
    return bide_gather(closers, true);
}

static BIDE_ASYNC int shut_down(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value outcomes = BIDE_NONE;
    BIDE_TRY(bide_await(close_all(arg.as.ptr), &outcomes));
    for (size_t i = 0; i < bide_size(outcomes); i++) {
        bide_value outcome = bide_item(outcomes, i);
        if (bide_is_error(outcome, BIDE_BaseException))
            bide__loop_report("an error occurred during closing of asynchronous generator",
                              bide_ref(outcome));
    }
    *result = BIDE_NONE;
    return 0;
}

void bide__loop_close_agens(bide__loop *loop)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= opened[i].loop == loop;
    if (!any)
        return;
    bide_value task = bide__task_new(loop, bide_coro(shut_down, bide_ptr(loop)), NULL, BIDE_NONE);
    if (bide_failed(task) || bide__loop_run_until(loop, task) < 0 ||
        bide_future_result(task, NULL) < 0)
        bide__loop_report("async generators could not be closed", bide_error_take());
    bide_drop(task);
}
