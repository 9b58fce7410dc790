/* ucontext.c - the C library's swapcontext, which makes a system call in every switch.
 *
 * SPDX-License-Identifier: MIT */
#include <ucontext.h>

#include "bench.h"

static ucontext_t inside, outside;
static long count;

static void count_up(void)
{
    for (;; ++count)
        swapcontext(&inside, &outside);
}

static double swap(void)
{
    enum { ROUNDS = 100000 };
    static char stack[64 * 1024];
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = sizeof stack;
    makecontext(&inside, count_up, 0);
    swapcontext(&outside, &inside);
    count = 0;
    double start = bench_now();
    for (int i = 0; i < ROUNDS; i++)
        swapcontext(&outside, &inside);
    double time = bench_now() - start;
    bench_check(count == ROUNDS, "switches were lost");
    return time / ROUNDS;
}

int main(int argc, char **argv)
{
    static const bench benches[] = {{"swap", swap}, {NULL, NULL}};
    return bench_main(argc, argv, benches);
}
