/* frames.c - a generator that yields below two helpers, for frames.test.mjs to leave one out.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

static int calls;

__attribute__((noinline)) static BIDE_GENERATOR int inner_helper(int64_t n)
{
    calls++;
    return bide_yield(bide_int(n), NULL);
}

__attribute__((noinline)) static BIDE_GENERATOR int outer_helper(int64_t n)
{
    int status = inner_helper(n);
    calls++;
    return status;
}

static BIDE_GENERATOR int count(bide_value arg, bide_value *result)
{
    for (int64_t n = 0; n < arg.as.i; n++)
        BIDE_TRY(outer_helper(n));
    return 0;
}

int main(void)
{
    int64_t sum = 0;
    BIDE_FOR (n, bide_gen(count, bide_int(4)), return 1)
        sum += n.as.i;
    return sum == 6 && calls == 8 ? 0 : 1;
}
