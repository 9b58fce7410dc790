/* emscripten_fiber.c - Emscripten's fibers, where JavaScript drives Asyncify.
 *
 * SPDX-License-Identifier: MIT */
#include <emscripten/fiber.h>

#include "bench.h"

static emscripten_fiber_t inside, outside;
static _Alignas(16) char stack[64 * 1024];
static char inside_frames[16 * 1024], outside_frames[16 * 1024];
static long count;

__attribute__((noinline)) static int count_deep(int depth)
{
    volatile int kept = depth;
    if (depth > 1)
        return count_deep(depth - 1) + kept;
    for (;; ++count)
        emscripten_fiber_swap(&inside, &outside);
}

static void count_up(void *arg)
{
    for (;; ++count)
        emscripten_fiber_swap(&inside, &outside);
}

static void count_at_10(void *arg)
{
    count_deep(9);
}

static double round_trip(em_arg_callback_func entry)
{
    enum { ROUNDS = 50000 };
    emscripten_fiber_init_from_current_context(&outside, outside_frames, sizeof outside_frames);
    emscripten_fiber_init(&inside, entry, NULL, stack, sizeof stack, inside_frames,
                          sizeof inside_frames);
    emscripten_fiber_swap(&outside, &inside);
    count = 0;
    double start = bench_now();
    for (int i = 0; i < ROUNDS; i++)
        emscripten_fiber_swap(&outside, &inside);
    double time = bench_now() - start;
    bench_check(count == ROUNDS, "switches were lost");
    return time / ROUNDS;
}

static double swap(void)
{
    return round_trip(count_up);
}

static double swap_10(void)
{
    return round_trip(count_at_10);
}

int main(int argc, char **argv)
{
    static const bench benches[] = {{"swap", swap}, {"swap_10", swap_10}, {NULL, NULL}};
    return bench_main(argc, argv, benches);
}
