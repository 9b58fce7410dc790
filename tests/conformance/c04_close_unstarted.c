/* close ends a coroutine that never started: its body does not run, and no one is warned that it
 * was not awaited.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static int warnings;

static void count(const char *category, const char *message, const bide_origin *origin)
{
    warnings++;
}

static BIDE_ASYNC int foo(bide_value arg, bide_value *result)
{
    print("never printed");
    return 0;
}

int c04_close_unstarted(void)
{
    BIDE_SCOPED bide_value c = bide_coro(foo, BIDE_NONE);
    warnings = 0;
    bide_set_warning_hook(count);
    step("close", bide_close, c);
    step("close", bide_close, c);
    step("send", bide_send, c, BIDE_NONE);
    step("throw", bide_throw, c, bide_error_new(BIDE_ValueError, "x"));
    bide_clear(&c);
    print("warnings", warnings);
    return 0;
}
