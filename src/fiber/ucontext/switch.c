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
    bide__fiber_main();
}

__attribute__((noinline)) static void enter(ucontext_t *here, const bide_fiber *fiber)
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

void bide__fiber_switch(bide_fiber_point *from, const bide_fiber_point *to)
{
    ucontext_t here;
    from->sp = &here;
    from->ip = NULL;
    if (to->ip)
        enter(&here, (const bide_fiber *)(const void *)to); /* it is the fiber's first field */
    else
        swapcontext(&here, to->sp);
}
