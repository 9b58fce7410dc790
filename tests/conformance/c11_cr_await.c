/* A suspended coroutine knows what it waits for, down to the leaf.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <string.h>

static BIDE_ASYNC int a(bide_value arg, bide_value *result)
{
    return bide_await(suspend("leaf"), NULL);
}

static BIDE_ASYNC int b(bide_value arg, bide_value *result)
{
    return bide_await(bide_coro(a, BIDE_NONE), NULL);
}

static BIDE_ASYNC int c(bide_value arg, bide_value *result)
{
    return bide_await(bide_coro(b, BIDE_NONE), NULL);
}

static void print_chain(bide_value x)
{
    char out[64];
    strcpy(out, bide_name(x));
    for (x = bide_awaiting(x); !bide_is_none(x); x = bide_awaiting(x))
        strcat(strcat(out, " > "), bide_name(x));
    print(out);
}

int c11_cr_await(void)
{
    BIDE_SCOPED bide_value co = bide_coro(c, BIDE_NONE);
    print_chain(co);
    BIDE_TRY(bide_send(co, BIDE_NONE, NULL));
    print_chain(co);
    step("finish", bide_send, co, BIDE_NONE);
    print_chain(co);
    return 0;
}
