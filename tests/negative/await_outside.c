/* error: calling function 'bide_await_at' requires holding coroutine
 *
 * await outside a coroutine function.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

int total(bide_value job)
{
    bide_value n;
    BIDE_TRY(bide_await(job, &n));
    return (int)n.as.i;
}
