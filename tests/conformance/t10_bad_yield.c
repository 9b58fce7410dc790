/* What a task accepts from the bottom of the await stack: None, and futures of its own loop that
 * are awaited.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <stdio.h>
#include <string.h>

static BIDE_ASYNC int bad(bide_value v, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_await(suspend(bide_ref(v)), NULL) < 0) {
        BIDE_EXCEPT(BIDE_RuntimeError, &e);
        char text[64];
        snprintf(text, sizeof text, "%s", bide_error_message(e));
        char *end = strstr(text, " in task");
        if (end)
            *end = 0;
        log("thrown in:", text);
        return bide_return(result, "survived");
    }
    return 0;
}

static BIDE_ASYNC int foreign(bide_value g, bide_value *result)
{
    return bide_await(bide_ref(g), NULL);
}

static BIDE_ASYNC int await_foreign(bide_value other)
{
    BIDE_SCOPED bide_value g = bide_loop_future(other), e = BIDE_NONE;
    if (bide_await(spawn(bide_coro(foreign, bide_ref(g))), NULL) < 0) {
        BIDE_EXCEPT(BIDE_RuntimeError, &e);
        const char *message = bide_error_message(e);
        log((bool)(strstr(message, "attached to a different loop") != NULL));
    }
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value f = bide_future();
    attempt("int", spawn(bide_coro(bad, bide_int(42))));
    attempt("string", spawn(bide_coro(bad, bide_str("x"))));
    attempt("raw future", spawn(bide_coro(bad, bide_ref(f))));
    attempt("None reschedules", spawn(bide_coro(bad, BIDE_NONE)));
    BIDE_SCOPED bide_value other = bide_loop();
    BIDE_TRY(await_foreign(other));
    return bide_loop_close(other);
}

int t10_bad_yield(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
