/* reentry.c - a module that JavaScript drives without the package, and that calls JavaScript
 * itself: what the package never lets happen (tests/stack_switching.test.mjs).
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#define EXPORT(name) __attribute__((export_name(#name)))

__attribute__((import_module("javascript"), import_name("call"))) extern int call_javascript(void);

static int answer;

static void body(void *arg)
{
    (void)arg;
    answer = call_javascript();
    bide_fiber_suspend();
    answer += 100;
}

/* Called by JavaScript while a fiber calls it. */
EXPORT(suspend) int suspend(void);
int suspend(void)
{
    return bide_fiber_suspend();
}

/* Runs a fiber to its end: what JavaScript answered, and a hundred more. */
EXPORT(run) int run(void);
int run(void)
{
    bide_fiber *fiber = bide_fiber_new(body, 0, 0, "body");
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED) {
    }
    bide_fiber_free(fiber);
    return answer;
}
