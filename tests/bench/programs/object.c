/* object.c - the object layer: stepping generators and coroutines with values, awaiting a coroutine
 * that ends at once, an object's whole life.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include "bench.h"

static BIDE_GENERATOR int accumulate(bide_value arg, bide_value *result)
{
    int64_t sum = 0;
    for (;;) {
        bide_value in;
        BIDE_TRY(bide_yield(bide_int(sum), &in));
        sum += in.as.i;
    }
}
BIDE_EXPORT_GENERATOR(accumulate);

static BIDE_ASYNC int accumulate_sent(bide_value arg, bide_value *result)
{
    int64_t sum = 0;
    for (;;) {
        bide_value in;
        BIDE_TRY(bide_suspend(bide_int(sum), &in));
        sum += in.as.i;
    }
}

/* Sends 1 again and again; every answer is one more than the last. */
static double send_round_trip(bide_value it)
{
    enum { ROUNDS = 2000000 };
    bide_value out;
    bide_send(it, BIDE_NONE, &out);
    double start = bench_now();
    for (int i = 0; i < ROUNDS; i++)
        bide_send(it, bide_int(1), &out);
    double time = bench_now() - start;
    bench_check(out.as.i == ROUNDS, "values were lost");
    bide_drop(it);
    return time / ROUNDS;
}

static double send_generator(void)
{
    return send_round_trip(bide_gen(accumulate, BIDE_NONE));
}

static double send_coroutine(void)
{
    return send_round_trip(bide_coro(accumulate_sent, BIDE_NONE));
}

static BIDE_GENERATOR int count_to(bide_value arg, bide_value *result)
{
    for (int64_t i = 0; i < arg.as.i; i++)
        BIDE_TRY(bide_yield(bide_int(i), NULL));
    return 0;
}

/* An item of a for loop over a generator. */
static double for_item_sum(int64_t items, int64_t *sum)
{
    double start = bench_now();
    BIDE_FOR (item, bide_gen(count_to, bide_int(items)), return 0)
        *sum += item.as.i;
    return (bench_now() - start) / (double)items;
}

static double for_item(void)
{
    int64_t items = 2000000, sum = 0;
    double time = for_item_sum(items, &sum);
    bench_check(sum == items * (items - 1) / 2, "items were lost");
    return time;
}

static BIDE_ASYNC int plus_one(bide_value arg, bide_value *result)
{
    return bide_return(result, arg.as.i + 1);
}

static BIDE_ASYNC int await_many(bide_value arg, bide_value *result)
{
    bide_value v = BIDE_NONE;
    for (int64_t i = 0; i < arg.as.i; i++)
        BIDE_TRY(bide_await(bide_coro(plus_one, v.kind ? v : bide_int(0)), &v));
    return bide_return(result, v);
}

/* An await of a new coroutine that ends without suspending. */
static double await_done(void)
{
    enum { AWAITS = 2000000 };
    bide_value out, coro = bide_coro(await_many, bide_int(AWAITS));
    double start = bench_now();
    bide_send(coro, BIDE_NONE, &out);
    double time = bench_now() - start;
    bench_check(out.as.i == AWAITS, "awaits were lost");
    bide_drop(coro);
    return time / AWAITS;
}

static BIDE_ASYNC int suspend_many(bide_value arg, bide_value *result)
{
    for (;;)
        BIDE_TRY(bide_suspend(BIDE_NONE, NULL));
}

static BIDE_ASYNC int await_suspending(bide_value arg, bide_value *result)
{
    if (arg.as.i == 0)
        return suspend_many(arg, result);
    return bide_await(bide_coro(await_suspending, bide_int(arg.as.i - 1)), result);
}

/* A send that goes through ten coroutines, each awaiting the next. */
static double send_10(void)
{
    enum { ROUNDS = 500000 };
    bide_value out, coro = bide_coro(await_suspending, bide_int(9));
    bide_send(coro, BIDE_NONE, &out);
    double start = bench_now();
    for (int i = 0; i < ROUNDS; i++)
        bide_send(coro, BIDE_NONE, &out);
    double time = bench_now() - start;
    bench_check(bide_state_of(coro) == BIDE_SUSPENDED, "it ended");
    bide_drop(coro);
    return time / ROUNDS;
}

/* Made, run to its end on a stack of its own, dropped. */
static double life(void)
{
    enum { LIVES = 1000000 };
    int64_t sum = 0;
    double start = bench_now();
    for (int i = 0; i < LIVES; i++) {
        bide_value out, coro = bide_coro(plus_one, bide_int(0));
        bide_send(coro, BIDE_NONE, &out);
        sum += out.as.i;
        bide_drop(coro);
    }
    double time = bench_now() - start;
    bench_check(sum == LIVES, "lives were lost");
    return time / LIVES;
}

int main(int argc, char **argv)
{
    static const bench benches[] = {
        {"send_generator", send_generator},
        {"send_coroutine", send_coroutine},
        {"for_item", for_item},
        {"await_done", await_done},
        {"send_10", send_10},
        {"life", life},
        {NULL, NULL},
    };
    return bench_main(argc, argv, benches);
}
