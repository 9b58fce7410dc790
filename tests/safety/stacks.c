/* stacks.c - runs out of C stack without ever awaiting, for stacks.test.mjs:
 *
 *     stacks recursion | small | leap | around | leaves | nested | plain | later | main |
 *            fits
 *
 * Before it does, it tells where the stack is that it will overflow: "stack ADDRESS SIZE".
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMALL = 1024, NEIGHBOURS = 3 };

static volatile int never;

static char line[80];

static void describe(const void *low, size_t size)
{
    snprintf(line, sizeof line, "stack %lu %lu\n", (unsigned long)(uintptr_t)low,
             (unsigned long)size);
}

/* The last that is done before: what the test then reads of memory is what is to stay. */
static void tell(void)
{
    if (write(1, line, strlen(line)) < 0)
        abort();
}

/* --- ways to overflow a fiber's stack: functions that could suspend ------------------- */

__attribute__((noinline)) static int dive(int depth)
{
    volatile char block[64];
    memset((char *)block, depth, sizeof block);
    if (never)
        bide_fiber_suspend();
    return never ? 0 : dive(depth + 1) + block[depth % 64];
}

static void recurse(void *arg)
{
    (void)arg;
    tell();
    dive(0);
}

/* One frame, larger than all the stack and its neighbours. */
__attribute__((noinline)) static int leap(size_t size)
{
    char block[size];
    memset(block, 1, size);
    __asm__ volatile("" : : "r"(block) : "memory");
    if (never)
        bide_fiber_suspend();
    return block[0];
}

static void leap_over(void *arg)
{
    tell();
    leap(*(size_t *)arg);
}

/* Functions that call none do not move the stack pointer for so little. */
__attribute__((noinline)) static int leaf(int depth)
{
    volatile char block[112];
    for (int i = 0; i < 112; i++)
        block[i] = (char)depth;
    return block[depth & 63];
}

__attribute__((noinline)) static int dive_to_leaves(int depth)
{
    volatile char block[16];
    block[0] = (char)leaf(depth);
    if (never)
        bide_fiber_suspend();
    return never ? 0 : dive_to_leaves(depth + 1) + block[0];
}

static void recurse_to_leaves(void *arg)
{
    (void)arg;
    tell();
    dive_to_leaves(0);
}

/* Another stack is used and left before, from which the limit must come back. */
static void resumes_first(void *arg)
{
    bide_fiber *inner = arg;
    while (bide_fiber_resume(inner) == BIDE_FIBER_SUSPENDED)
        continue;
    tell();
    dive(0);
}

static void suspends(void *arg)
{
    for (int i = 0; i < *(int *)arg; i++)
        bide_fiber_suspend();
}

/* --- ways to overflow the program's own: plain C, on a fiber and not ------------------- */

__attribute__((noinline)) static int sink(int depth)
{
    volatile char block[64];
    memset((char *)block, depth, sizeof block);
    return never ? 0 : sink(depth + 1) + block[depth % 64];
}

/* The first function of a fiber is plain C itself, and called through a table. */
static void sink_at_once(void *arg)
{
    (void)arg;
    tell();
    sink(0);
}

static void sink_later(void *arg)
{
    bide_fiber *inner = arg;
    bide_fiber_suspend();
    bide_fiber_resume(inner);
    tell();
    sink(0);
}

/* --- between neighbours ------------------------------------------------------------- */

/* A fiber of `size` whose stack lies between those of two others. */
static bide_fiber *between_others(bide_fiber_entry *entry, void *arg, size_t size)
{
    bide_fiber *fibers[NEIGHBOURS];
    for (int i = 0; i < NEIGHBOURS; i++) {
        fibers[i] = bide_fiber_new(suspends, NULL, size, "neighbour");
        memset(fibers[i]->stack, 0xa5, fibers[i]->stack_size);
    }
    describe(fibers[1]->stack, fibers[1]->stack_size);
    bide_fiber_free(fibers[1]);
    return bide_fiber_new(entry, arg, size, "victim");
}

/* Uses nearly all of a stack, and no more than it has. */
__attribute__((noinline)) static int dive_to(int depth)
{
    volatile char block[64];
    memset((char *)block, depth, sizeof block);
    if (never)
        bide_fiber_suspend();
    if (bide_fiber_room() < 400)
        return depth;
    return dive_to(depth + 1) + block[0] * 0;
}

/* Plain C that needs far more than the fiber has, and gets it: the frames of the fiber stay. */
__attribute__((noinline)) static int sink_to(int depth)
{
    volatile char block[1024];
    memset((char *)block, depth, sizeof block);
    return depth == 0 ? 0 : sink_to(depth - 1) + block[depth];
}

static void sinks_between(void *arg)
{
    volatile int seen[4] = {1, 2, 3, 4};
    size_t room = bide_fiber_room();
    for (int i = 0; i < 3; i++) {
        *(int *)arg += sink_to(50) == 50 * 51 / 2 && bide_fiber_room() == room;
        bide_fiber_suspend();
    }
    *(int *)arg += seen[0] + seen[1] + seen[2] + seen[3];
}

static void recurse_nearly(void *arg)
{
    bide_fiber_suspend();
    *(int *)arg = dive_to(1);
    bide_fiber_suspend();
    *(int *)arg = dive_to(1);
}

static int fits(void)
{
    int depth = 0, first;
    bide_fiber *fiber = between_others(recurse_nearly, &depth, 4096);
    bide_fiber_resume(fiber);
    bide_fiber_resume(fiber);
    first = depth;
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
        continue;
    bide_fiber_free(fiber);
    int sunk = 0;
    fiber = between_others(sinks_between, &sunk, SMALL);
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
        continue;
    bide_fiber_free(fiber);
    return first > 20 && depth == first && sunk == 3 + 10 ? 0 : 1;
}

/* What plain C overflows, on whichever fiber. */
static void describe_own(void)
{
    describe(NULL, (uintptr_t)&__global_base);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    size_t far = 40000, around = 3u << 30;
    int times = 3;
    if (strcmp(how, "fits") == 0)
        return fits();
    if (strcmp(how, "main") == 0) {
        describe_own();
        tell();
        return sink(0);
    }
    if (strcmp(how, "recursion") == 0)
        bide_fiber_resume(between_others(recurse, NULL, 4096));
    if (strcmp(how, "small") == 0)
        bide_fiber_resume(between_others(recurse, NULL, SMALL));
    if (strcmp(how, "leap") == 0)
        bide_fiber_resume(between_others(leap_over, &far, 4096));
    if (strcmp(how, "around") == 0) /* from the stack down to above it */
        bide_fiber_resume(between_others(leap_over, &around, 4096));
    if (strcmp(how, "leaves") == 0)
        bide_fiber_resume(between_others(recurse_to_leaves, NULL, 4096));
    if (strcmp(how, "nested") == 0) {
        bide_fiber *inner = bide_fiber_new(suspends, &times, 0, "inner");
        bide_fiber_resume(between_others(resumes_first, inner, 4096));
    }
    bide_fiber *plain = between_others(sink_at_once, NULL, SMALL);
    bide_fiber *later = between_others(sink_later, between_others(suspends, &times, 0), SMALL);
    describe_own();
    if (strcmp(how, "plain") == 0)
        bide_fiber_resume(plain);
    if (strcmp(how, "later") == 0)
        while (bide_fiber_resume(later) == BIDE_FIBER_SUSPENDED)
            continue;
    return 2;
}
