/* switch.c - fibers by makecontext and swapcontext, which older POSIX had. A point's sp is the
 * address of the context that swapcontext filled in, on the stack of the side that is parked.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#include <stdlib.h>
#include <ucontext.h>

#include "fiber/native.h"

/* What native.c takes for the first instruction of a fiber: here, the mark of one that has yet to
 * run. */
void bide__fiber_start(void)
{
    bide__fiber_main(bide__fiber_running);
}

__attribute__((noinline)) static void begin(ucontext_t *here, const bide_fiber *fiber)
{
    ucontext_t first;
    if (getcontext(&first) != 0)
        abort();
    first.uc_link = NULL; /* bide__fiber_main does not return */
    first.uc_stack.ss_sp = fiber->stack;
    first.uc_stack.ss_size = fiber->stack_size - fiber->color;
    makecontext(&first, bide__fiber_start, 0);
    swapcontext(here, &first);
}

bide_fiber *bide__fiber_enter(bide_fiber *fiber, void *sp, const void *ip)
{
    ucontext_t here;
    fiber->here.sp = &here;
    fiber->here.ip = &here; /* anything but bide__fiber_start */
    if (ip == (const void *)bide__fiber_start)
        begin(&here, fiber);
    else
        swapcontext(&here, sp);
    return fiber;
}

void bide__fiber_leave(bide_fiber *fiber, void *sp, const void *ip)
{
    ucontext_t here;
    (void)ip;
    fiber->here.sp = (char *)&here + 1; /* the mark of the fiber's own side */
    fiber->here.ip = &here;
    swapcontext(&here, sp);
}

void bide__fiber_quit(const bide_fiber *fiber)
{
    setcontext(fiber->here.sp);
    abort(); /* it does not return */
}
