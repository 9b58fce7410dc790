/* A coroutine dropped before it started warns that it was never awaited; one dropped while it is
 * suspended is closed, without a warning.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <stdio.h>

static int warnings;
static char last_category[32], last_message[64];

static void record(const char *category, const char *message, const bide_origin *origin)
{
    warnings++;
    snprintf(last_category, sizeof last_category, "%s", category);
    snprintf(last_message, sizeof last_message, "%s", message);
}

static BIDE_ASYNC int foo(bide_value arg, bide_value *result)
{
    return 0;
}

static BIDE_ASYNC int susp(bide_value arg, bide_value *result)
{
    int status = bide_await(suspend(1), NULL);
    print("finally on destroy");
    return status;
}

static BIDE_ASYNC int caller(bide_value arg, bide_value *result)
{
    bide_drop(bide_coro(foo, BIDE_NONE)); /* forgot await */
    return bide_return(result, "caller done");
}

int c10_never_awaited(void)
{
    warnings = 0;
    bide_set_warning_hook(record);
    bide_drop(bide_coro(foo, BIDE_NONE));
    print(warnings, last_category, last_message);

    BIDE_SCOPED bide_value c = bide_coro(susp, BIDE_NONE);
    BIDE_TRY(bide_send(c, BIDE_NONE, NULL));
    print("drop suspended");
    bide_clear(&c);
    print(warnings);

    once("caller", bide_coro(caller, BIDE_NONE));
    print(warnings, last_message);
    return 0;
}
