/* error: calling function 'bide_yield' requires holding generator
 *
 * yield outside a generator function.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

int emit(int n)
{
    return bide_yield(bide_int(n), NULL);
}
