/* report.c - errors with nowhere to go, and the deadlock report with its chains of awaits.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include <stdio.h>

#include "loop/dump.h"
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

static void print(const char *message, bide_value error)
{
    bide_value text = bide_is_none(error) ? BIDE_NONE : bide_error_traceback(error);
    fprintf(stderr, "%s\n%s", message, text.kind == BIDE_KIND_STR ? bide_cstr(text) : "");
    bide_drop(text);
    bide_error_clear();
}

void bide__loop_report(const char *message, bide_value error)
{
    bide_value pending = bide_error_take();
    if (handler)
        bide__barrier_handler(message, error);
    else
        print(message, error);
    bide_drop(error);
    bide_value own = bide_error_take(); /* the handler's */
    if (!bide_is_none(own))
        print("Unhandled error in exception handler", own);
    bide_drop(own);
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

/* In debug mode also which future it was: "Task exception was never retrieved\ntask 'x' of body,
 * made at app.c:20". */
void bide__report_unretrieved(bide__future *self)
{
    struct bide__text text = {0};
    const bide__task *task = bide__task_of(bide_object_value(self));
    bide_value message = BIDE_NONE;
    if (self->loop->debug) {
        bide_value pending = bide_error_take();
        bide__text_addf(&text, "%s\n", self->kind->never_retrieved);
        bide__text_add_future(&text, self);
        if (task)
            bide__text_addf(&text, " of %s, made at %s:%d", task->origin->name, task->origin->file,
                            task->origin->line);
        message = bide__text_finish(&text);
        bide_error_clear();
        if (!bide_is_none(pending))
            bide_error_restore(pending);
    }
    bide__loop_report(message.kind == BIDE_KIND_STR ? bide_cstr(message)
                                                    : self->kind->never_retrieved,
                      bide_ref(self->error));
    bide_drop(message);
}

int bide__raise_deadlock(bide__loop *loop)
{
    struct bide__text text = {0};
    bide__dump(&text, loop);
    bide_value chains = bide__text_finish(&text);
    if (bide_failed(chains))
        return BIDE_RAISED;
    bide__raise(BIDE_RuntimeError,
                "deadlock: no timer, descriptor or promise can wake the loop, and every task "
                "waits:%s",
                bide_cstr(chains));
    bide_drop(chains);
    return BIDE_RAISED;
}
