/* error: cannot call function 'bide_yield_from' while coroutine 'bide__coroutine' is held
 *
 * yield from in a coroutine function.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

BIDE_ASYNC int all(bide_value it, bide_value *result)
{
    return bide_yield_from(bide_ref(it), result);
}
