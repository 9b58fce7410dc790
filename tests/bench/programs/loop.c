/* loop.c - the event loop: switching between two tasks, starting and joining 100,000, as many
 * sleeps at once, as many awaits of a task, a queue between two.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include "bench.h"

enum { MANY = 100000 };

/* --- switching ------------------------------------------------------------------------------ */

static BIDE_ASYNC int yield_often(bide_value arg, bide_value *result)
{
    for (int64_t i = 0; i < arg.as.i; i++)
        BIDE_TRY(bide_sleep(0));
    return 0;
}

static BIDE_ASYNC int two_take_turns(bide_value arg, bide_value *result)
{
    return bide_await(bide_gather(bide_list(bide_coro(yield_often, bide_ref(arg)),
                                            bide_coro(yield_often, bide_ref(arg))),
                                  false),
                      NULL);
}

/* --- many at once --------------------------------------------------------------------------- */

static BIDE_ASYNC int sleep_for(bide_value arg, bide_value *result)
{
    return bide_sleep(arg.as.i);
}

/* Runs MANY coroutines of `body`; the argument of the i-th is step * (i % 100 + 1). */
static BIDE_ASYNC int gather_many(bide_body *body, int64_t step)
{
    bide_value all = bide_list();
    for (int i = 0; i < MANY; i++)
        BIDE_TRY(bide_list_append(all, bide_coro(body, bide_int(step * (i % 100 + 1)))));
    return bide_await(bide_gather(all, false), NULL);
}

static BIDE_ASYNC int join_many(bide_value arg, bide_value *result)
{
    return gather_many(sleep_for, 0);
}

static BIDE_ASYNC int sleep_many(bide_value arg, bide_value *result)
{
    return gather_many(sleep_for, BIDE_MS(1));
}

static BIDE_ASYNC int await_tasks(bide_value arg, bide_value *result)
{
    for (int i = 0; i < MANY; i++)
        BIDE_TRY(bide_await(bide_task(bide_coro(sleep_for, bide_int(0)), NULL), NULL));
    return 0;
}

/* --- handing over --------------------------------------------------------------------------- */

enum { MESSAGES = 200000 };

static BIDE_ASYNC int produce(bide_value queue, bide_value *result)
{
    for (int64_t i = 0; i < MESSAGES; i++)
        BIDE_TRY(bide_queue_put(queue, bide_int(i)));
    return 0;
}

static BIDE_ASYNC int consume(bide_value queue, bide_value *result)
{
    for (int64_t i = 0; i < MESSAGES; i++) {
        bide_value item;
        BIDE_TRY(bide_queue_get(queue, &item));
        bench_check(item.as.i == i, "an item came out of order");
    }
    return 0;
}

static BIDE_ASYNC int hand_over(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(1);
    return bide_await(bide_gather(bide_list(bide_coro(produce, bide_ref(queue)),
                                            bide_coro(consume, bide_ref(queue))),
                                  false),
                      NULL);
}

/* --- measuring ------------------------------------------------------------------------------ */

/* Time for running coro on a loop of its own. */
static double run(bide_value coro)
{
    double start = bench_now();
    bench_check(bide_run(coro, NULL) == 0, "it raised");
    return bench_now() - start;
}

static double take_turns(void)
{
    enum { TURNS = 200000 };
    return run(bide_coro(two_take_turns, bide_int(TURNS))) / (2 * TURNS);
}

static double queue(void)
{
    return run(bide_coro(hand_over, BIDE_NONE)) / MESSAGES;
}

static double join(void)
{
    return run(bide_coro(join_many, BIDE_NONE)) / MANY;
}

static double sleeps(void)
{
    return run(bide_coro(sleep_many, BIDE_NONE)) / 1e6;
}

static double await_task(void)
{
    return run(bide_coro(await_tasks, BIDE_NONE)) / MANY;
}

int main(int argc, char **argv)
{
    static const bench benches[] = {
        {"take_turns", take_turns}, {"queue", queue},           {"join", join},
        {"sleeps", sleeps},         {"await_task", await_task}, {NULL, NULL},
    };
    /* Tasks are many and their stacks shallow. */
    bide_fiber_set_default_stack(8192);
    return bench_main(argc, argv, benches);
}
