/* error: calling function 'nap' requires holding coroutine
 *
 * A function that calls one that awaits, awaits itself, and must say so.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

static BIDE_ASYNC int nap(void)
{
    return bide_sleep(BIDE_MS(1));
}

int work(void)
{
    return nap();
}
