/* error: calling function 'bide_yield' requires holding generator
 *
 * yield in a coroutine function; Python makes an async generator of it, Bide asks to be told.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

BIDE_ASYNC int numbers(bide_value arg, bide_value *result)
{
    return bide_yield(bide_int(1), result);
}
