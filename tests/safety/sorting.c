/* sorting.c - a generator that sorts, and yields only before it does, for bodies.test.mjs.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include <stdlib.h>

enum { COUNT = 100 };

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

__attribute__((noinline)) static void sort(int *numbers)
{
    for (int i = 0; i < COUNT; i++)
        numbers[i] = i * 37 % COUNT;
    qsort(numbers, COUNT, sizeof *numbers, compare);
}

static BIDE_GENERATOR int body(bide_value arg, bide_value *result)
{
    int numbers[COUNT];
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    sort(numbers);
    return bide_return(result, numbers[COUNT - 1]);
}

int main(void)
{
    int64_t sum = 0;
    BIDE_FOR (n, bide_gen(body, BIDE_NONE), return 1)
        sum += n.as.i;
    return sum == 1 ? 0 : 1;
}
