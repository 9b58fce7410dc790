/* reentry.c - a module that JavaScript drives without the package, and that calls JavaScript
 * itself: what the package never lets happen.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))

__attribute__((import_module("javascript"), import_name("call"))) extern int call_javascript(void);
__attribute__((import_module("javascript"), import_name("other"))) extern int64_t
call_other(int64_t a, double b, int c);

static int answer;
static char text[300]; /* what JavaScript reads */

EXPORT(message) const char *message(void);
const char *message(void)
{
    return text;
}

/* --- with fibers alone ------------------------------------------------------------ */

static void body(void *arg)
{
    (void)arg;
    answer = call_javascript();
    bide_fiber_suspend();
    answer += 100;
}

static void body_through_a_pointer(void *arg)
{
    int (*volatile function)(void) = call_javascript;
    (void)arg;
    answer = function();
    bide_fiber_suspend();
    answer += (int)(call_other(3, 0.5, 2) & 1000);
}

static int run_to_its_end(bide_fiber_entry *entry)
{
    bide_fiber *fiber = bide_fiber_new(entry, 0, 0, "body");
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
        continue;
    bide_fiber_free(fiber);
    return answer;
}

/* What JavaScript answered, and a hundred more. */
EXPORT(run) int run(void);
int run(void)
{
    return run_to_its_end(body);
}

EXPORT(run_through_a_pointer) int run_through_a_pointer(void);
int run_through_a_pointer(void)
{
    return run_to_its_end(body_through_a_pointer);
}

static void body_through_the_table(void *arg)
{
    int (*function)(void) = *(int (**)(void))arg;
    answer = function();
    bide_fiber_suspend();
    answer += 100;
}

/* What JavaScript has put into the table at `place` answered, and a hundred more. */
EXPORT(run_from_the_table) int run_from_the_table(uintptr_t place);
int run_from_the_table(uintptr_t place)
{
    int (*function)(void) = (int (*)(void))place;
    bide_fiber *fiber = bide_fiber_new(body_through_the_table, &function, 0, "body");
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
        continue;
    bide_fiber_free(fiber);
    return answer;
}

/* Plain C that needs more than a fiber has. */
EXPORT(use_much_stack) int use_much_stack(void);
int use_much_stack(void)
{
    volatile char block[100000];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)i;
    return block[77];
}

/* Called by JavaScript while a fiber calls it. */
EXPORT(suspend) int suspend(void);
int suspend(void)
{
    int refused = bide_fiber_suspend();
    strncpy(text, bide_fiber_javascript(), sizeof text - 1);
    return refused;
}

static void three_times(void *arg)
{
    for (int i = 0; i < 3; i++) {
        ++*(int *)arg;
        bide_fiber_suspend();
    }
}

/* Another fiber, on top of JavaScript's frame, may be suspended there. */
EXPORT(run_another) int run_another(void);
int run_another(void)
{
    int times = 0;
    bide_fiber *fiber = bide_fiber_new(three_times, &times, 0, "another");
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
        continue;
    bide_fiber_free(fiber);
    return times;
}

/* --- with values ------------------------------------------------------------------ */

static BIDE_GENERATOR int generate(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    BIDE_TRY(bide_yield(bide_int(call_javascript()), NULL));
    return 0;
}

/* The sum of what the generator yields. */
EXPORT(sum) int sum(void);
int sum(void)
{
    int64_t total = 0;
    BIDE_FOR (n, bide_gen(generate, BIDE_NONE), return -1)
        total += n.as.i;
    return (int)total;
}

__attribute__((noinline)) static BIDE_GENERATOR int yield_here(void)
{
    return bide_yield(bide_int(1000), NULL);
}

/* Called by JavaScript while the generator calls it: yields for it. */
EXPORT(yield) BIDE_GENERATOR int yield(void);
BIDE_GENERATOR int yield(void)
{
    bide_value error = BIDE_NONE;
    int status = yield_here();
    if (bide_catch(BIDE_RuntimeError, &error))
        strncpy(text, bide_error_message(error), sizeof text - 1);
    bide_drop(error);
    return status;
}
