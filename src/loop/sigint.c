/* sigint.c - what a SIGINT means for a loop, as in asyncio.Runner: the first cancels the main
 * task, and the run ends in KeyboardInterrupt if nothing else comes of that; the second ends the
 * run at once.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/sigint.h"

#include "host/interrupt.h"
#include "loop/task.h"
#include "object/error.h"
#include "object/exec.h"

void bide__interrupts_begin(bide__loop *loop, bide_value main_task)
{
    loop->main_task = bide_failed(main_task) ? NULL : bide__task_of(main_task);
    atomic_store(&loop->host->interrupts, 0);
    loop->interrupts = 0;
    bide__interrupt_begin(loop->host);
}

int bide__interrupts_end(bide__loop *loop, int status)
{
    bide_value task = loop->main_task ? bide_object_value(loop->main_task) : BIDE_FAILED;
    bide__interrupt_end(loop->host);
    loop->main_task = NULL;
    if (bide__is_interrupted(loop)) { /* one that came when the run had nearly ended */
        bide_value error = bide_error_take();
        loop->interrupts = atomic_load(&loop->host->interrupts);
        bide__raise(BIDE_KeyboardInterrupt, NULL);
        bide__error_set_context(error);
        return BIDE_RAISED;
    }
    bool interrupted = status < 0 && loop->interrupts > 0;
    if (interrupted && bide_error_matches(BIDE_CancelledError) && bide_task_uncancel(task) == 0)
        return bide__raise(BIDE_KeyboardInterrupt, NULL);
    return status;
}

int bide__loop_interrupted(bide__loop *loop)
{
    bide__task *task = loop->main_task;
    if (loop->interrupts++ == 0 && task && task->future.state == BIDE__PENDING) {
        bide_future_cancel(bide_object_value(task), NULL);
        return 0;
    }
    return bide__raise(BIDE_KeyboardInterrupt, NULL);
}
