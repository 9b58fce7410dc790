/* Many stacks at once: how many there can be, what they take, that they are used again, and that
 * what overflows one of them leaves its neighbours alone.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#if defined(BIDE__FIBER_ASYNCIFY)
enum { MANY = 100000, STACK = 1024 };
#elif defined(__wasm__) /* the engine has no room for so many */
enum { MANY = 8000, STACK = 1024 };
#else
enum { MANY = CHECK_FIBERS(10000), STACK = 4096 };
#endif

static int64_t steps;

static void two_steps(void *arg)
{
    int *own = arg;
    *own = 1;
    CHECK_INT(bide_fiber_suspend(), 0);
    *own = 2;
    steps++;
}

/* Starts them all, then resumes them all; how many were alive at once. */
static size_t run_many(bide_fiber **fibers, int *states)
{
    size_t before = bide_fiber_get_stats().live, made = 0;
    while (made < MANY && (fibers[made] = bide_fiber_new(two_steps, &states[made], STACK, "one")))
        CHECK_INT(bide_fiber_resume(fibers[made++]), BIDE_FIBER_SUSPENDED);
    size_t live = bide_fiber_get_stats().live - before;
    for (size_t i = 0; i < made; i++) {
        CHECK_INT(states[i], 1);
        CHECK_INT(bide_fiber_resume(fibers[i]), BIDE_FIBER_DONE);
        CHECK_INT(bide_fiber_free(fibers[i]), 0);
        CHECK_INT(states[i], 2);
    }
    CHECK_INT(bide_fiber_get_stats().live, before);
    return live;
}

static void test_many_live_fibers(void)
{
    bide_fiber **fibers = malloc(MANY * sizeof *fibers);
    int *states = calloc(MANY, sizeof *states);
    steps = 0;
    CHECK_INT(run_many(fibers, states), MANY);
    bide_fiber_stats first = bide_fiber_get_stats();
    CHECK(first.reserved >= (size_t)MANY * STACK);
#if defined(__wasm__)
    CHECK(first.reserved <= (size_t)MANY * 1100);
    size_t pages = __builtin_wasm_memory_size(0);
#endif
    CHECK_INT(run_many(fibers, states), MANY);
    CHECK_INT(bide_fiber_get_stats().reserved, first.reserved);
#if defined(__wasm__)
    CHECK_INT(__builtin_wasm_memory_size(0), pages);
#endif
    CHECK_INT(steps, 2 * MANY);
    free(fibers);
    free(states);
}

/* --- neighbours ----------------------------------------------------------------------- */

enum { PATTERN = 0xa5, NEIGHBOURS = 3, WHOLE = sizeof(void *) * 8 * 1024 };

static void never_runs(void *arg)
{
    (void)arg;
}

/* Calls `overflow` when the stack that it will be given lies between two that hold a pattern, and
 * checks that they still do. */
static void check_neighbours(void (*overflow)(void))
{
    bide_fiber *fibers[NEIGHBOURS];
    if (getenv("BIDE_UNDER_VALGRIND")) {
        puts("patterns on stacks are not for valgrind, which knows that no frame is there");
        return;
    }
    for (int i = 0; i < NEIGHBOURS; i++) {
        fibers[i] = bide_fiber_new(never_runs, NULL, WHOLE, "neighbour");
        memset(fibers[i]->stack, PATTERN, fibers[i]->stack_size);
    }
    bide_fiber_free(fibers[1]);
    bide_fiber_set_default_stack(WHOLE);
    overflow();
    bide_fiber_set_default_stack(0);
    for (int i = 0; i < NEIGHBOURS; i += 2) {
        size_t intact = 0;
        while (intact < fibers[i]->stack_size && (unsigned char)fibers[i]->stack[intact] == PATTERN)
            intact++;
        CHECK_INT(intact, fibers[i]->stack_size);
        bide_fiber_free(fibers[i]);
    }
}

static BIDE_GENERATOR __attribute__((noinline)) int recurse(int depth)
{
    volatile char local[64];
    local[0] = (char)depth;
    BIDE_TRY(bide_yield(bide_int(depth), NULL));
    int status = recurse(depth + 1);
    return status + local[0] * 0;
}

static BIDE_GENERATOR int recurse_body(bide_value arg, bide_value *result)
{
    return recurse(0);
}

static void overflow_the_stack(void)
{
    bide_value gen = bide_gen(recurse_body, BIDE_NONE);
    int status, depth = 0;
    while ((status = bide_next(gen, NULL)) == BIDE_YIELDED)
        depth++;
    CHECK_INT(status, BIDE_RAISED);
    CHECK(bide_catch(BIDE_RecursionError, NULL));
    CHECK(depth > 50);
    bide_drop(gen);
}

/* Live values that need no stack on WebAssembly: saved locals outgrow the block. */
static volatile int64_t one = 1;

__attribute__((noinline)) static void check_sum(int64_t sum, int64_t wanted)
{
    CHECK_INT(sum, wanted);
}

static BIDE_GENERATOR __attribute__((noinline)) int yield_here(void)
{
    return bide_yield(BIDE_NONE, NULL);
}

static BIDE_GENERATOR __attribute__((noinline)) int hold(int depth)
{
    int64_t a = one, b = one * 2, c = one * 3, d = one * 4, e = one * 5, f = one * 6;
    int status = depth > 0 ? hold(depth - 1) : yield_here();
    check_sum(a + b * one + c * one + d * one + e * one + f * one, 21);
    return status;
}

/* More in one frame than is kept free between locals and stack; where they meet depends on `few`.
 */
static BIDE_GENERATOR __attribute__((noinline)) int hold_much(int depth, int few)
{
    int64_t held[24], sum = 0;
    for (int i = 0; i < 24; i++)
        held[i] = one * i;
    int status = depth > 0 ? hold_much(depth - 1, few) : hold(few);
    for (int i = 0; i < 24; i++)
        sum += held[i] * one;
    check_sum(sum, 276);
    return status;
}

#if defined(__OPTIMIZE_SIZE__)
enum { FEWER = 32 }; /* the array stays in memory */
#else
enum { FEWER = 4 };
#endif

/* Saved locals come as near to what is in use of the stack as they may. */
static BIDE_GENERATOR int hold_body(bide_value arg, bide_value *result)
{
    volatile char used[300];
    for (size_t i = 0; i < sizeof used; i++)
        used[i] = (char)(i ^ 0x5c);
    int depth = (int)arg.as.i;
    int status = hold(depth) < 0 || hold_much(depth / FEWER, depth % 8) < 0 ? BIDE_RAISED : 0;
    for (size_t i = 0; i < sizeof used; i++)
        CHECK_INT(used[i], (char)(i ^ 0x5c));
    return status;
}

static void hold_to(int depth)
{
    bide_value gen = bide_gen(hold_body, bide_int(depth));
    CHECK_INT(bide_next(gen, NULL), BIDE_YIELDED);
    CHECK_INT(bide_next(gen, NULL), BIDE_YIELDED);
    CHECK_INT(bide_next(gen, NULL), BIDE_RETURNED);
    bide_drop(gen);
}

#if defined(__wasm__)
enum { OUTGROWN = 1000 };
#else
enum { OUTGROWN = 140 };
#endif

static void outgrow_the_block(void)
{
    hold_to(OUTGROWN);
    for (int depth = OUTGROWN / 2; depth < OUTGROWN; depth += 3)
        hold_to(depth);
}

static void test_an_overflow_leaves_neighbours_alone(void)
{
    check_neighbours(overflow_the_stack);
}

static void test_saved_locals_leave_neighbours_alone(void)
{
    check_neighbours(outgrow_the_block);
}

int main(void)
{
    RUN(test_many_live_fibers);
    RUN(test_an_overflow_leaves_neighbours_alone);
    RUN(test_saved_locals_leave_neighbours_alone);
    return check_end();
}
