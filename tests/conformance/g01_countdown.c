/* A generator is the source of a for loop; its body does not run before the first next.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_GENERATOR int countdown(bide_value from, bide_value *result)
{
    print("Counting down from", from);
    for (int64_t n = from.as.i; n > 0; n--)
        BIDE_TRY(bide_yield(bide_int(n), NULL));
    return 0;
}

int g01_countdown(void)
{
    BIDE_SCOPED bide_value g = bide_gen(countdown, bide_int(3));
    print("created");
    BIDE_FOR (x, bide_ref(g))
        print("T-minus", x);
    step("next after end", bide_next, g);
    return 0;
}
