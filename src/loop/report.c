/* report.c - errors with nowhere to go, and the deadlock report with its chains of awaits.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include <stdio.h>

#include "loop/task.h"
#include "object/exec.h"
#include "object/text.h"

static BIDE__THREAD_LOCAL bide_exception_handler *handler;

void bide_set_exception_handler(bide_exception_handler *new_handler)
{
    handler = new_handler;
}

BIDE__BARRIER static void bide__barrier_handler(const char *message, bide_value error)
{
    bide__exec *exec = bide__bar();
    handler(message, error);
    bide__unbar(exec);
}

void bide__loop_report(const char *message, bide_value error)
{
    bide_value pending = bide_error_take();
    if (handler) {
        bide__barrier_handler(message, error);
    } else {
        bide_value text = bide_is_none(error) ? BIDE_NONE : bide_error_traceback(error);
        fprintf(stderr, "%s\n%s", message, text.kind == BIDE_KIND_STR ? bide_cstr(text) : "");
        bide_drop(text);
    }
    bide_drop(error);
    bide_error_clear();
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

/* One task: "  Task 'name': outer (file:line) > inner (file:line) > Future". */
static void add_chain(struct bide__text *text, bide__task *task)
{
    bide__text_addf(text, "\n  task '%s': ", bide__task_name(task));
    for (bide_value at = task->coro; !bide_is_none(at); at = bide_awaiting(at)) {
        const bide_site *site = bide_await_site(at);
        bide__text_addf(text, "%s%s", at.as.object == task->coro.as.object ? "" : " > ",
                        bide_name(at));
        if (site)
            bide__text_addf(text, " (%s:%d)", site->file, site->line);
    }
}

int bide__raise_deadlock(bide__loop *loop)
{
    struct bide__text text = {0};
    for (bide__task *task = loop->tasks; task; task = task->next)
        add_chain(&text, task);
    bide_value chains = bide__text_finish(&text);
    if (bide_failed(chains))
        return BIDE_RAISED;
    bide_raise(BIDE_RuntimeError,
               "deadlock: no timer, descriptor or promise can wake the loop, and every task "
               "waits:%s",
               bide_cstr(chains));
    bide_drop(chains);
    return BIDE_RAISED;
}
