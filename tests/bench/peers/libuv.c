/* libuv.c - libuv's raw handles: as many timers as the loop's benchmark has sleeps, and two idle
 * handles that take turns. No coroutine is resumed: a callback counts.
 *
 * SPDX-License-Identifier: MIT */
#include <uv.h>

#include "bench.h"

enum { MANY = 100000, TURNS = 200000 };

static uv_loop_t loop;
static uv_timer_t timers[MANY];
static long count;

static void begin(void)
{
    bench_check(uv_loop_init(&loop) == 0, "no loop");
    count = 0;
}

/* Runs the loop until nothing is left in it. */
static void end(long wanted)
{
    bench_check(uv_run(&loop, UV_RUN_DEFAULT) == 0, "it stopped early");
    bench_check(count == wanted, "callbacks were lost");
    bench_check(uv_loop_close(&loop) == 0, "handles were left");
}

static void expired(uv_timer_t *timer)
{
    count++;
    uv_close((uv_handle_t *)timer, NULL);
}

static double sleeps(void)
{
    double start = bench_now();
    begin();
    for (int i = 0; i < MANY; i++) {
        uv_timer_init(&loop, &timers[i]);
        uv_timer_start(&timers[i], expired, (uint64_t)i % 100 + 1, 0);
    }
    end(MANY);
    return (bench_now() - start) / 1e6;
}

static void turn(uv_idle_t *idle)
{
    if (++count >= 2 * TURNS - 1)
        uv_close((uv_handle_t *)idle, NULL);
}

static double take_turns(void)
{
    uv_idle_t idles[2];
    begin();
    for (int i = 0; i < 2; i++) {
        uv_idle_init(&loop, &idles[i]);
        uv_idle_start(&idles[i], turn);
    }
    double start = bench_now();
    end(2 * TURNS);
    return (bench_now() - start) / (2 * TURNS);
}

int main(int argc, char **argv)
{
    static const bench benches[] = {{"sleeps", sleeps}, {"take_turns", take_turns}, {NULL, NULL}};
    return bench_main(argc, argv, benches);
}
