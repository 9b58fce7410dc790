/* bodies.c - bodies of generators that are something else besides, for bodies.test.mjs: each is
 * called in another way, too, and suspends there.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include <stdlib.h>

enum { COUNT = 12 };

static volatile int zero;

static BIDE_GENERATOR __attribute__((noinline)) int pause_for(int64_t n)
{
    return bide_yield(bide_int(n), NULL);
}

/* --- bodies ------------------------------------------------------------------------- */

static BIDE_GENERATOR int only_a_body(bide_value arg, bide_value *result)
{
    return pause_for(arg.as.i);
}

static BIDE_GENERATOR int chosen(bide_value arg, bide_value *result)
{
    return pause_for(arg.as.i);
}

static BIDE_GENERATOR int not_chosen(bide_value arg, bide_value *result)
{
    return pause_for(-arg.as.i);
}

static BIDE_GENERATOR int in_a_table(bide_value arg, bide_value *result)
{
    return pause_for(arg.as.i);
}

static BIDE_GENERATOR int called_by_pointer(bide_value arg, bide_value *result)
{
    BIDE_TRY(pause_for(arg.as.i));
    return bide_return(result, 7);
}

static BIDE_GENERATOR int handed_on(bide_value arg, bide_value *result)
{
    return pause_for(arg.as.i);
}

/* As qsort calls it, of two values. */
static BIDE_GENERATOR int sorts(bide_value arg, bide_value *result)
{
    if (pause_for(arg.as.i) < 0)
        abort();
    return result->kind == BIDE_KIND_INT ? (int)(arg.as.i - result->as.i) : 0;
}

/* --- how they are called ------------------------------------------------------------- */

static bide_body *const table[] = {not_chosen, in_a_table};

__attribute__((noinline)) static bide_value make(bide_body *body, int64_t n)
{
    return bide_gen(body, bide_int(n));
}

/* The sum of what a generator yields. */
static int64_t sum_of(bide_value gen)
{
    int64_t sum = 0;
    BIDE_FOR (n, gen, abort())
        sum += n.as.i;
    return sum;
}

typedef int comparison(const void *a, const void *b);

/* Yields for every comparison that qsort makes. */
static BIDE_GENERATOR int sort(bide_value arg, bide_value *result)
{
    bide_value numbers[COUNT];
    for (int i = 0; i < COUNT; i++)
        numbers[i] = bide_int(i * 7 % COUNT);
    qsort(numbers, COUNT, sizeof *numbers, (comparison *)(void (*)(void))sorts);
    for (int i = 0; i < COUNT; i++)
        if (numbers[i].as.i != i)
            abort();
    return 0;
}

static BIDE_GENERATOR int call_by_pointer(bide_value arg, bide_value *result)
{
    bide_body *volatile function = called_by_pointer;
    bide_value got = BIDE_NONE;
    BIDE_TRY(function(arg, &got));
    return got.as.i == 7 ? 0 : 1;
}

int main(void)
{
    if (sum_of(bide_gen(only_a_body, bide_int(1))) != 1)
        return 1;
    if (sum_of(bide_gen(zero ? not_chosen : chosen, bide_int(2))) != 2)
        return 2;
    if (sum_of(bide_gen(table[zero + 1], bide_int(3))) != 3)
        return 3;
    if (sum_of(bide_gen(call_by_pointer, bide_int(4))) != 4)
        return 4;
    if (sum_of(bide_gen(called_by_pointer, bide_int(5))) != 5)
        return 5;
    if (sum_of(make(zero ? only_a_body : handed_on, 6)) != 6)
        return 6;
    if (sum_of(bide_gen(sorts, bide_int(7))) != 7)
        return 7;
    return sum_of(bide_gen(sort, BIDE_NONE)) > COUNT ? 0 : 8;
}
