/* calls.c - a module for JavaScript, of which one coroutine runs out of stack without awaiting.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include <string.h>

static volatile int never;

__attribute__((noinline)) static int dive(int depth)
{
    volatile char block[64];
    memset((char *)block, depth, sizeof block);
    return never ? 0 : dive(depth + 1) + block[depth % 64];
}

static BIDE_ASYNC int fall(bide_value arg, bide_value *result)
{
    return bide_return(result, dive(0));
}
BIDE_EXPORT_COROUTINE(fall);

static BIDE_ASYNC int wait_long(bide_value arg, bide_value *result)
{
    return bide_sleep(BIDE_SECONDS(1000));
}
BIDE_EXPORT_COROUTINE(wait_long);
