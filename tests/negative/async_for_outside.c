/* error: calling function 'bide_async_for_step' requires holding coroutine
 *
 * async for outside a coroutine function.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

int64_t sum(bide_value it)
{
    int64_t total = 0;
    BIDE_ASYNC_FOR (n, it)
        total += n.as.i;
    return total;
}
