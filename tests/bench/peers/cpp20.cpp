// cpp20.cpp - C++20's stackless coroutines: a bare resume, a generator that is sent values, an
// awaited task, frames from a free list.
//
// SPDX-License-Identifier: MIT
#include <coroutine>
#include <cstddef>
#include <utility>
#include <vector>

#include "bench.h"

// Frames of one size come back as they went: what a program that cares would do.
struct pooled {
    static inline void *free_frame = nullptr;

    void *operator new(std::size_t size)
    {
        void *frame = free_frame ? free_frame : ::operator new(size < 256 ? 256 : size);
        if (free_frame)
            free_frame = *static_cast<void **>(frame);
        return frame;
    }

    void operator delete(void *frame)
    {
        *static_cast<void **>(frame) = free_frame;
        free_frame = frame;
    }
};

// --- a bare coroutine ---------------------------------------------------------------------------

struct bare {
    struct promise_type : pooled {
        bare get_return_object()
        {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept
        {
            return {};
        }
        std::suspend_always final_suspend() noexcept
        {
            return {};
        }
        void return_void()
        {
        }
        void unhandled_exception()
        {
        }
    };
    std::coroutine_handle<promise_type> handle;
};

static bare count_up(long *count)
{
    for (;; ++*count)
        co_await std::suspend_always{};
}

static bare count_once(long *count)
{
    ++*count;
    co_return;
}

static double resume()
{
    constexpr long ROUNDS = 5000000;
    long count = 0;
    bare c = count_up(&count);
    c.handle.resume();
    double start = bench_now();
    for (long i = 0; i < ROUNDS; i++)
        c.handle.resume();
    double time = bench_now() - start;
    bench_check(count == ROUNDS, "suspensions were lost");
    c.handle.destroy();
    return time / ROUNDS;
}

static double ring(long n, long total)
{
    long count = 0;
    std::vector<bare> all;
    for (long i = 0; i < n; i++) {
        all.push_back(count_up(&count));
        all.back().handle.resume();
    }
    double start = bench_now();
    for (long round = 0; round < total / n; round++)
        for (bare &c : all)
            c.handle.resume();
    double time = bench_now() - start;
    for (bare &c : all)
        c.handle.destroy();
    return time / (double)(total / n * n);
}

static double ring_1k()
{
    return ring(1000, 5000000);
}

static double ring_100k()
{
    return ring(100000, 500000);
}

static double ring_1m()
{
    return ring(1000000, 3000000);
}

static double life()
{
    constexpr long LIVES = 1000000;
    long count = 0;
    double start = bench_now();
    for (long i = 0; i < LIVES; i++) {
        bare c = count_once(&count);
        c.handle.resume();
        c.handle.destroy();
    }
    double time = bench_now() - start;
    bench_check(count == LIVES, "lives were lost");
    return time / LIVES;
}

// --- values both ways
// ------------------------------------------------------------------------------

struct generator {
    struct promise_type : pooled {
        long out = 0, in = 0;
        generator get_return_object()
        {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept
        {
            return {};
        }
        std::suspend_always final_suspend() noexcept
        {
            return {};
        }
        void return_void()
        {
        }
        void unhandled_exception()
        {
        }
        auto yield_value(long v)
        {
            struct awaiter {
                promise_type &promise;
                bool await_ready()
                {
                    return false;
                }
                void await_suspend(std::coroutine_handle<>)
                {
                }
                long await_resume()
                {
                    return promise.in;
                }
            };
            out = v;
            return awaiter{*this};
        }
    };
    std::coroutine_handle<promise_type> handle;

    long send(long v)
    {
        handle.promise().in = v;
        handle.resume();
        return handle.promise().out;
    }
};

static generator accumulate()
{
    for (long sum = 0;;)
        sum += co_yield sum;
}

static double send()
{
    constexpr long ROUNDS = 5000000;
    long last = 0;
    generator g = accumulate();
    g.send(0);
    double start = bench_now();
    for (long i = 0; i < ROUNDS; i++)
        last = g.send(1);
    double time = bench_now() - start;
    bench_check(last == ROUNDS, "values were lost");
    g.handle.destroy();
    return time / ROUNDS;
}

// --- a task that is awaited
// ---------------------------------------------------------------------------

struct task {
    struct promise_type : pooled {
        long result = 0;
        std::coroutine_handle<> awaiting = std::noop_coroutine();
        task get_return_object()
        {
            return task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept
        {
            return {};
        }
        struct resume_awaiting {
            bool await_ready() noexcept { return false; }
            auto await_suspend(std::coroutine_handle<promise_type> h) noexcept
            {
                return h.promise().awaiting;
            }
            void await_resume() noexcept {}
        };
        resume_awaiting final_suspend() noexcept { return {}; }
        void return_value(long v)
        {
            result = v;
        }
        void unhandled_exception()
        {
        }
    };

    explicit task(std::coroutine_handle<promise_type> h) : handle(h)
    {
    }
    task(task &&other) : handle(std::exchange(other.handle, nullptr))
    {
    }
    ~task()
    {
        if (handle)
            handle.destroy();
    }
    bool await_ready()
    {
        return false;
    }
    auto await_suspend(std::coroutine_handle<> h)
    {
        handle.promise().awaiting = h;
        return handle;
    }
    long await_resume()
    {
        return handle.promise().result;
    }

    std::coroutine_handle<promise_type> handle;
};

__attribute__((noinline)) static task plus_one(long n)
{
    co_return n + 1;
}

static task await_many(long n)
{
    long sum = 0;
    for (long i = 0; i < n; i++)
        sum = co_await plus_one(sum);
    co_return sum;
}

static double await_done()
{
    constexpr long AWAITS = 2000000;
    task all = await_many(AWAITS);
    double start = bench_now();
    all.handle.resume();
    double time = bench_now() - start;
    bench_check(all.await_resume() == AWAITS, "awaits were lost");
    return time / AWAITS;
}

int main(int argc, char **argv)
{
    static const bench benches[] = {
        {"resume", resume}, {"ring_1k", ring_1k},       {"ring_100k", ring_100k}, {"ring_1m", ring_1m}, {"life", life},
        {"send", send},     {"await_done", await_done}, {nullptr, nullptr},
    };
    return bench_main(argc, argv, benches);
}
