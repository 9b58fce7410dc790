/* detach.c - tasks that nobody waits for: their failures are reported when they happen.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task.h"

#include "object/exec.h"

int bide_detach(bide_value coro, const char *name)
{
    bide_value task = bide_task(coro, name);
    if (bide_failed(task))
        return BIDE_RAISED;
    bide__task_of(task)->detached = true;
    bide_drop(task); /* the loop owns it */
    return 0;
}

void bide__detached_failed(bide__task *self)
{
    bide_value pending = bide_error_take();
    bide_value message = bide_strf("Detached task '%s' failed", bide__task_name(self));
    if (bide_failed(message))
        bide_error_clear();
    self->future.unretrieved = false;
    bide__loop_report(bide_failed(message) ? "A detached task failed" : bide_cstr(message),
                      bide_ref(self->future.error));
    bide_drop(message);
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}
