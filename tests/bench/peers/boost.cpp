// boost.cpp - Boost.Context: its bare switch (jump_fcontext) and its class fiber.
//
// SPDX-License-Identifier: MIT
#include <boost/context/detail/fcontext.hpp>
#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>

#include <vector>

#include "bench.h"

namespace ctx = boost::context;
using ctx::detail::fcontext_t;
using ctx::detail::jump_fcontext;
using ctx::detail::make_fcontext;
using ctx::detail::transfer_t;

static constexpr std::size_t STACK = 64 * 1024, SMALLEST = 4096;

// --- jump_fcontext ---------------------------------------------------------------------------

static void count_up(transfer_t t)
{
    for (long *count = static_cast<long *>(t.data);; ++*count)
        t = jump_fcontext(t.fctx, nullptr);
}

__attribute__((noinline)) static int count_deep(transfer_t &t, long *count, int depth)
{
    volatile int kept = depth;
    if (depth > 1)
        return count_deep(t, count, depth - 1) + kept;
    for (;; ++*count)
        t = jump_fcontext(t.fctx, nullptr);
}

static void count_at_10(transfer_t t)
{
    count_deep(t, static_cast<long *>(t.data), 9);
}

struct context {
    std::vector<char> stack;
    transfer_t at;

    context(void (*entry)(transfer_t), long *count, std::size_t size) : stack(size)
    {
        at = jump_fcontext(make_fcontext(stack.data() + size, size, entry), count);
    }
};

static double round_trip(void (*entry)(transfer_t), long rounds)
{
    long count = 0;
    context c(entry, &count, STACK);
    transfer_t at = c.at;
    double start = bench_now();
    for (long i = 0; i < rounds; i++)
        at = jump_fcontext(at.fctx, nullptr);
    double time = bench_now() - start;
    bench_check(count == rounds, "switches were lost");
    return time / (double)rounds;
}

static double jump()
{
    return round_trip(count_up, 3000000);
}

static double jump_10()
{
    return round_trip(count_at_10, 1000000);
}

static double ring(long n, long total)
{
    long count = 0;
    std::vector<fcontext_t> at;
    std::vector<void *> stacks;
    for (long i = 0; i < n; i++) {
        char *stack = static_cast<char *>(malloc(SMALLEST));
        stacks.push_back(stack);
        at.push_back(
            jump_fcontext(make_fcontext(stack + SMALLEST, SMALLEST, count_up), &count).fctx);
    }
    double start = bench_now();
    for (long round = 0; round < total / n; round++)
        for (long i = 0; i < n; i++)
            at[i] = jump_fcontext(at[i], nullptr).fctx;
    double time = bench_now() - start;
    bench_check(count == total / n * n, "switches were lost");
    for (void *stack : stacks)
        free(stack);
    return time / (double)count;
}

static double ring_1k()
{
    return ring(1000, 3000000);
}

static double ring_100k()
{
    return ring(100000, 500000);
}

static double ring_1m()
{
    return ring(1000000, 3000000);
}

static double memory()
{
    constexpr int CONTEXTS = 100000;
    static void *stacks[CONTEXTS];
    long count = 0;
    memset(stacks, 1, sizeof stacks);
    double before = bench_resident();
    for (auto &stack : stacks) {
        stack = malloc(SMALLEST);
        jump_fcontext(make_fcontext(static_cast<char *>(stack) + SMALLEST, SMALLEST, count_up),
                      &count);
    }
    double bytes = bench_resident() - before;
    for (void *stack : stacks)
        free(stack);
    return bytes / CONTEXTS;
}

// --- class fiber ------------------------------------------------------------------------------

static double fiber()
{
    constexpr long ROUNDS = 3000000;
    long count = 0;
    bool stop = false;
    ctx::fiber f([&](ctx::fiber &&back) {
        for (; !stop; ++count)
            back = std::move(back).resume();
        return std::move(back);
    });
    f = std::move(f).resume();
    double start = bench_now();
    for (long i = 0; i < ROUNDS; i++)
        f = std::move(f).resume();
    double time = bench_now() - start;
    bench_check(count == ROUNDS, "switches were lost");
    stop = true;
    std::move(f).resume();
    return time / ROUNDS;
}

static double life()
{
    constexpr long LIVES = 500000;
    long count = 0;
    ctx::pooled_fixedsize_stack stacks(STACK);
    double start = bench_now();
    for (long i = 0; i < LIVES; i++) {
        ctx::fiber f(std::allocator_arg, stacks, [&](ctx::fiber &&back) {
            ++count;
            return std::move(back);
        });
        std::move(f).resume();
    }
    double time = bench_now() - start;
    bench_check(count == LIVES, "lives were lost");
    return time / LIVES;
}

int main(int argc, char **argv)
{
    static const bench benches[] = {
        {"jump", jump},           {"jump_10", jump_10}, {"fiber", fiber},   {"ring_1k", ring_1k},
        {"ring_100k", ring_100k}, {"ring_1m", ring_1m}, {"life", life},       {"memory", memory}, {nullptr, nullptr},
    };
    return bench_main(argc, argv, benches);
}
