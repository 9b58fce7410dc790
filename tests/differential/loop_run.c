/* loop_run.c - runs a program's amain in a loop on the virtual clock.
 *
 * SPDX-License-Identifier: MIT */
#include "loop.h"

#include <string.h>

#include "trace.h"

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* The loop's exception handler. A failure that nobody saw is reported when the last of what knows
 * of it has gone, which in Python is a matter of chance: those lines come last, in order. */
static void report(const char *message, bide_value error)
{
    if (starts_with(message, "Exception in callback"))
        message = "Exception in callback";
    if (strstr(message, "has errored out but"))
        message = "Task has errored out";
    say("[loop] %s | ", message);
    if (bide_is_none(error))
        say("-");
    else
        say_error(error);
    if (strstr(message, "was never retrieved"))
        keep_line();
    else
        end_line();
}

static int amain(bide_value arg, bide_value *result)
{
    const node *n = arg.as.ptr;
    frame f = {BIDE_NONE, BIDE_NONE};
    BIDE_SCOPED bide_value me = bide_current_task();
    name_tasks_from(me);
    BIDE_TRY(make_things());
    outcome how = run_block(&f, n->parts[0]);
    *result = f.result;
    return how == RAISED ? BIDE_RAISED : 0;
}

void run_in_loop(const program *p)
{
    static const bide_origin origin = {"amain", "program", 1};
    BIDE_SCOPED bide_value result = BIDE_NONE, error = BIDE_NONE;
    bide_use_host(BIDE_HOST_VIRTUAL);
    bide_set_exception_handler(report);
    int status = bide_run(bide_coro_at(&origin, amain, bide_ptr(p->main)), &result);
    if (status < 0)
        error = bide_error_take();
    say("run %s ", status < 0 ? "!!" : "->");
    if (status == 0)
        say_value(result);
    else if (starts_with(bide_error_message(error), "deadlock: "))
        say("deadlock");
    else
        say_error(error);
    end_line();
    finish_things();
    bide_set_exception_handler(NULL);
}
