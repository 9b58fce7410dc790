/* main.c - a program outside Bide: a coroutine that awaits another, and says so.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <stdio.h>

static BIDE_ASYNC int answer(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    *result = bide_int(42);
    return 0;
}

static BIDE_ASYNC int ask(bide_value arg, bide_value *result)
{
    bide_value number;
    BIDE_TRY(bide_await(bide_coro(answer, BIDE_NONE), &number));
    printf("the answer is %lld\n", (long long)number.as.i);
    bide_drop(number);
    return 0;
}

int main(void)
{
    return bide_main(bide_coro(ask, BIDE_NONE));
}
