/* fiber.c - the fiber layer through its public calls: a round trip of resume and suspend, also with
 * frames between them, round robins over many fibers, a fiber's whole life, its memory.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#include "bench.h"

enum { SMALLEST = 1 }; /* a stack size: rounded up to the least that the target can do */

static void count_up(void *arg)
{
    for (long *count = arg;; ++*count)
        bide_fiber_suspend();
}

/* `depth` frames between the entry and the loop that suspends, each with something to keep. */
__attribute__((noinline)) static int count_deep(long *count, int depth)
{
    volatile int kept = depth;
    if (depth > 1)
        return count_deep(count, depth - 1) + kept;
    for (;; ++*count)
        bide_fiber_suspend();
}

static void count_at_10(void *arg)
{
    count_deep(arg, 9);
}

static void count_at_100(void *arg)
{
    count_deep(arg, 99);
}

static bide_fiber *make(bide_fiber_entry *entry, void *arg, size_t size)
{
    bide_fiber *fiber = bide_fiber_new(entry, arg, size, "bench");
    bench_check(fiber != NULL, "no memory for a fiber");
    return fiber;
}

static double round_trip(bide_fiber_entry *entry, long rounds)
{
    long count = 0;
    bide_fiber *fiber = make(entry, &count, 0);
    bide_fiber_resume(fiber);
    double start = bench_now();
    for (long left = rounds; left > 0; left--) /* what compilers make of a constant number */
        bide_fiber_resume(fiber);
    double time = bench_now() - start;
    bench_check(count == rounds, "suspensions were lost");
    bide_fiber_free(fiber);
    return time / (double)rounds;
}

static double switch_1(void)
{
    return round_trip(count_up, 5000000);
}

static double switch_10(void)
{
    return round_trip(count_at_10, 1000000);
}

static double switch_100(void)
{
    return round_trip(count_at_100, 200000);
}

/* Resumes `n` fibers in turn, as often as makes `total` round trips. */
static double ring(long n, long total)
{
    long count = 0;
    bide_fiber **fibers = malloc((size_t)n * sizeof *fibers);
    bench_check(fibers != NULL, "no memory");
    for (long i = 0; i < n; i++) {
        fibers[i] = make(count_up, &count, SMALLEST);
        bide_fiber_resume(fibers[i]);
    }
    double start = bench_now();
    for (long round = 0; round < total / n; round++)
        for (long i = 0; i < n; i++)
            bide_fiber_resume(fibers[i]);
    double time = bench_now() - start;
    bench_check(count == total / n * n, "suspensions were lost");
    for (long i = 0; i < n; i++)
        bide_fiber_free(fibers[i]);
    free(fibers);
    return time / (double)(total / n * n);
}

static double ring_1k(void)
{
    return ring(1000, 5000000);
}

static double ring_100k(void)
{
    return ring(100000, 500000);
}

static double ring_1m(void)
{
    return ring(1000000, 3000000);
}

static void count_once(void *arg)
{
    ++*(long *)arg;
}

static double life(void)
{
    enum { LIVES = 1000000 };
    long count = 0;
    double start = bench_now();
    for (int i = 0; i < LIVES; i++) {
        bide_fiber *fiber = make(count_once, &count, 0);
        bide_fiber_resume(fiber);
        bide_fiber_free(fiber);
    }
    double time = bench_now() - start;
    bench_check(count == LIVES, "lives were lost");
    return time / LIVES;
}

/* Bytes for each of 100,000 suspended fibers. */
static double memory(void)
{
    enum { FIBERS = 100000 };
    static bide_fiber *fibers[FIBERS];
    long count = 0;
    memset(fibers, 1, sizeof fibers); /* not to be counted */
    double before = bench_resident();
    size_t reserved = bide_fiber_get_stats().reserved;
    for (int i = 0; i < FIBERS; i++) {
        fibers[i] = make(count_up, &count, SMALLEST);
        bide_fiber_resume(fibers[i]);
    }
    double bytes = bench_resident() - before;
    if (before == 0) /* WebAssembly: what is reserved is used */
        bytes = (double)(bide_fiber_get_stats().reserved - reserved);
    for (int i = 0; i < FIBERS; i++)
        bide_fiber_free(fibers[i]);
    return bytes / FIBERS;
}

int main(int argc, char **argv)
{
    static const bench benches[] = {
        {"switch", switch_1}, {"switch_10", switch_10}, {"switch_100", switch_100},
        {"ring_1k", ring_1k}, {"ring_100k", ring_100k}, {"ring_1m", ring_1m},
        {"life", life},       {"memory", memory},       {NULL, NULL},
    };
    return bench_main(argc, argv, benches);
}
