/* error: calling function 'bide_await_at' requires holding coroutine
 *
 * await in a generator function.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

BIDE_GENERATOR int each(bide_value job, bide_value *result)
{
    return bide_await(bide_ref(job), result);
}
