/* refused.c - suspends where it cannot be done, for refused.test.mjs:
 *
 *     refused mismatch    through a pointer to a function of another type
 *     refused barrier     through a function that says of itself that nothing suspends through it
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#include <string.h>

static volatile int calls;

static int suspends(int value)
{
    bide_fiber_suspend();
    return value + 1;
}

typedef int64_t other_type(int64_t value, double unused);

static void through_another_type(void *arg)
{
    other_type *volatile wrong = (other_type *)(void *)suspends;
    *(int64_t *)arg = wrong(1, 2);
}

/* Its name is one of those that only the library may give, and it does not bar suspending. */
__attribute__((noinline)) static int bide__barrier_evil(int value)
{
    calls++;
    value = suspends(value);
    calls++;
    return value;
}

static void through_a_barrier(void *arg)
{
    *(int64_t *)arg = bide__barrier_evil(1);
}

int main(int argc, char **argv)
{
    int64_t result = 0;
    bool barrier = argc > 1 && strcmp(argv[1], "barrier") == 0;
    bide_fiber_entry *entry = barrier ? through_a_barrier : through_another_type;
    bide_fiber *fiber = bide_fiber_new(entry, &result, 0, "fiber");
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
        continue;
    return 2;
}
