/* endless.c - a loop that never awaits: what coroutines cannot help with, and how it is stopped.
 *
 * Coroutines take turns of their own free will. This program starts a task that says a word every
 * second, and then looks for an odd perfect number (one that is the sum of its divisors; 28 is an
 * even one) in a loop that never awaits. The task gets a word in before it and none while it runs,
 * which without a limit is for ever: in two thousand years of looking nobody has found one.
 *
 * A program like this has to be stopped from outside. In the playground it runs in a Worker, and
 * Stop ends the Worker; in a terminal it is Ctrl-C. The polite way is to await now and then in a
 * long loop: bide_sleep(0) lets the others have a turn.
 *
 *     endless [LIMIT]     odd numbers below LIMIT only; without, for ever
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_perfect(uint64_t n)
{
    uint64_t sum = 1;
    for (uint64_t d = 3; d * d <= n; d += 2) {
        if (n % d == 0)
            sum += d * d == n ? d : d + n / d;
    }
    return sum == n;
}

static BIDE_ASYNC int speak(bide_value arg, bide_value *result)
{
    for (;;) {
        puts("task: I am having a turn");
        BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    }
}

static BIDE_ASYNC int search(bide_value limit, bide_value *result)
{
    /* The loop keeps the task, and it has one turn ... */
    bide_drop(bide_task(bide_coro(speak, BIDE_NONE), "speaker"));
    BIDE_TRY(bide_sleep(0));
    puts("search: looking for an odd perfect number");
    fflush(stdout);

    /* ... and none from here on. */
    for (uint64_t n = 3; limit.as.i == 0 || n < (uint64_t)limit.as.i; n += 2) {
        if (is_perfect(n)) {
            printf("search: %llu is perfect\n", (unsigned long long)n);
            return 0;
        }
    }
    printf("search: none below %lld\n", (long long)limit.as.i);
    return 0;
}

int main(int argc, char **argv)
{
    int64_t limit = argc > 1 ? strtoll(argv[1], NULL, 10) : 0;
    return bide_main(bide_coro(search, bide_int(limit)));
}
