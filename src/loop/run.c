/* run.c - asyncio.run: a loop from its beginning to its end, and main around it.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/debug.h>
#include <bide/js.h>

#include <stdio.h>

#include "loop/js_bridge.h"
#include "loop/run.h"
#include "loop/settings.h"
#include "loop/shutdown.h"
#include "loop/sigint.h"
#include "loop/task.h"
#include "object/exec.h"

/* --- running ------------------------------------------------------------------------ */

bide__loop *bide__loop_on_host(void)
{
    return bide__loop_with(bide__settings_host());
}

bide__loop *bide__loop_with(bide_host *host)
{
    bide__loop *loop = bide__loop_new(host);
    if (!loop || bide__settings_apply(loop) == 0)
        return loop;
    bide_value error = bide_error_take();
    bide_drop(bide_object_value(loop));
    bide_error_restore(error);
    return NULL;
}

int bide__check_main(bide_value coro, const char *who)
{
    if (bide_failed(coro))
        return bide__propagate();
    if (bide_loop_running())
        return bide_raise(BIDE_RuntimeError, "%s cannot be called from a running event loop", who);
    const bide__coro *self = bide__coro_of(coro);
    if (self && self->kind == BIDE__COROUTINE)
        return 0;
    bide_value text = bide_repr(coro);
    if (!bide_failed(text))
        bide_raise(BIDE_ValueError, "a coroutine was expected, got %s", bide_cstr(text));
    bide_drop(text);
    return BIDE_RAISED;
}

int bide__run_main(bide__loop *loop, bide_value coro, bide_value *result)
{
    bide_value task = bide__task_new(loop, coro, NULL, BIDE_NONE);
    if (bide_failed(task))
        return BIDE_RAISED;
    bide__interrupts_begin(loop, task);
    int status = bide__loop_run_until(loop, task);
    if (status == 0)
        status = bide_future_result(task, result);
    status = bide__interrupts_end(loop, status);
    if (status < 0)
        bide_clear(result); /* interrupted when it was there */
    bide_drop(task);
    return status;
}

int bide_run(bide_value coro, bide_value *result)
{
    bide_value v = BIDE_NONE;
    bide__loop *loop = NULL;
    int status = BIDE_RAISED;
    if (result)
        *result = BIDE_NONE;
    if (bide__check_main(coro, "asyncio.run()") == 0)
        loop = bide__loop_on_host();
    if (loop) {
        status = bide__run_main(loop, coro, &v);
        bide_value error = bide_error_take();
        bide__loop_shut_down(loop);
        bide_drop(bide_object_value(loop));
        if (status < 0)
            bide_error_restore(error);
    } else {
        bide_drop(coro);
    }
    if (result)
        *result = v;
    else
        bide_drop(v);
    return status;
}

/* --- main --------------------------------------------------------------------------- */

enum { EXIT_INTERRUPTED = 130 };

static int exit_status_of(bide_value v)
{
    return v.kind == BIDE_KIND_INT ? (int)(v.as.i & 0xff) : 0;
}

/* Prints an unhandled exception (moves in) and gives the exit status that it means. */
static int exit_status_of_error(bide_value error)
{
    int exit_status = bide_is_error(error, BIDE_KeyboardInterrupt) ? EXIT_INTERRUPTED : 1;
    if (bide_is_error(error, BIDE_SystemExit)) {
        exit_status = exit_status_of(bide_error_value(error));
    } else {
        bide_value text = bide_error_traceback(error);
        fflush(stdout);
        fputs(bide_failed(text) ? "MemoryError\n" : bide_cstr(text), stderr);
        if (bide__settings_seed() != BIDE_NO_SEED)
            fprintf(stderr, "The order was shuffled: BIDE_SEED=%lld repeats it.\n",
                    (long long)bide__settings_seed());
        bide_error_clear();
        bide_drop(text);
    }
    bide_drop(error);
    return exit_status;
}

int bide_main(bide_value coro)
{
    bide_value v;
    int exit_status;
    if (bide_run(coro, &v) == 0) {
        exit_status = exit_status_of(v);
        bide_drop(v);
    } else {
        exit_status = exit_status_of_error(bide_error_take());
    }
    if (!bide__js) /* JavaScript may hold some, and has stats() to tell */
        bide_debug_report();
    return exit_status;
}
