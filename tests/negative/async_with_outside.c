/* error: calling function 'bide_async_with_enter' requires holding coroutine
 *
 * async with outside a coroutine function.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

int64_t use(bide_value manager)
{
    int64_t n = 0;
    BIDE_ASYNC_WITH (entered, manager) {
        n = entered.as.i;
    }
    BIDE_END_WITH(entered);
    return n;
}
