/* generator.c - the smallest program with a generator, to be weighed: it counts down and answers
 * with the number of steps.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

static BIDE_GENERATOR int countdown(bide_value arg, bide_value *result)
{
    for (int64_t n = arg.as.i; n > 0; n--)
        BIDE_TRY(bide_yield(bide_int(n), NULL));
    return 0;
}

int main(void)
{
    int steps = 0;
    BIDE_FOR (n, bide_gen(countdown, bide_int(3)), return 1)
        steps++;
    return steps == 3 ? 0 : 1;
}
