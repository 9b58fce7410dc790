/* interleave.h - exercises that pause: each must compute the same whether it is suspended there or
 * not, and whatever else runs meanwhile.
 *
 * SPDX-License-Identifier: MIT */
#ifndef INTERLEAVE_H
#define INTERLEAVE_H

#include "check.h"

typedef int64_t exercise(int64_t seed);

static bool interleave__on;
static int interleave__pauses;

/* v, after the stack it is called on was left and entered again. */
__attribute__((noinline, unused)) static int64_t paused(int64_t v)
{
    if (interleave__on) {
        interleave__pauses++;
        CHECK_INT(bide_fiber_suspend(), 0);
    }
    return v;
}

struct interleave__work {
    exercise *run;
    int64_t seed, result;
};

static inline void interleave__enter(void *arg)
{
    struct interleave__work *work = arg;
    work->result = work->run(work->seed);
}

/* A fiber that runs another to its end, one step for each of its own. */
static inline void interleave__nest(void *arg)
{
    bide_fiber *inner = bide_fiber_new(interleave__enter, arg, 0, "inner");
    while (bide_fiber_resume(inner) == BIDE_FIBER_SUSPENDED)
        CHECK_INT(bide_fiber_suspend(), 0);
    bide_fiber_free(inner);
}

enum { INTERLEAVED = 4 };

/* Runs it to its end without a pause, and then several times at once. */
static inline void check_interleaved(const char *name, exercise *run)
{
    struct interleave__work works[INTERLEAVED];
    bide_fiber *fibers[INTERLEAVED];
    int64_t expected[INTERLEAVED];
    int more = INTERLEAVED;

    interleave__on = false;
    for (int i = 0; i < INTERLEAVED; i++)
        expected[i] = run(i * 7 + 1);
    interleave__on = true;
    interleave__pauses = 0;
    for (int i = 0; i < INTERLEAVED; i++) {
        works[i] = (struct interleave__work){.run = run, .seed = i * 7 + 1};
        fibers[i] =
            bide_fiber_new(i % 2 ? interleave__nest : interleave__enter, &works[i], 0, name);
    }
    while (more > 0) {
        more = 0;
        for (int i = 0; i < INTERLEAVED; i++)
            for (int step = 0; step <= i && bide_fiber_state_of(fibers[i]) == BIDE_FIBER_SUSPENDED;
                 step++)
                more += bide_fiber_resume(fibers[i]) == BIDE_FIBER_SUSPENDED;
    }
    for (int i = 0; i < INTERLEAVED; i++) {
        if (works[i].result != expected[i])
            check__fail(__FILE__, __LINE__, "%s(%d) is %lld, not %lld", name, i * 7 + 1,
                        (long long)works[i].result, (long long)expected[i]);
        bide_fiber_free(fibers[i]);
    }
    if (interleave__pauses < INTERLEAVED)
        check__fail(__FILE__, __LINE__, "%s has not paused", name);
    interleave__on = false;
}
#define INTERLEAVE(exercise) check_interleaved(#exercise, exercise)

#endif
