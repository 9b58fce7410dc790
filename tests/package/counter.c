/* counter.c - a module for JavaScript: a generator, and no main.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

static BIDE_GENERATOR int count_to(bide_value limit, bide_value *result)
{
    for (int64_t i = 1; i <= limit.as.i; i++)
        BIDE_TRY(bide_yield(bide_int(i), NULL));
    return 0;
}
BIDE_EXPORT_GENERATOR(count_to);
