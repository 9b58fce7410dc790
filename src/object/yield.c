/* yield.c - what a generator's body does, and where a body may not suspend.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/complain.h"
#include "object/inline.h"

int bide__check_room(const bide__exec *exec)
{
    char digits[BIDE__DIGITS];
    if (bide_fiber_room() >= (size_t)(exec->floor - exec->fiber->stack))
        return 0;
    return bide__raise(BIDE_RecursionError, "'%s' has nearly used up its stack of %s%s",
                       exec->owner->origin->name, bide__decimal(digits, exec->fiber->stack_size),
                       BIDE__STACK_ADVICE);
}

int bide__check_barred(const bide__exec *exec, const char *what)
{
    if (!exec->await_barred)
        return 0;
    return bide__raise(BIDE_RuntimeError, "%s inside a finalizer or callback", what);
}

/* What the running body's yield of v is to its resumer; BIDE_RAISED if it may not, then v was
 * dropped. Apart from what suspends, which Asyncify rewrites. */
BIDE__ONE_COPY static int bide__cold_check_yield(bide__exec *exec, bide_value v)
{
    bide__coro *self = exec->top;
    int status = BIDE_RAISED;
    if (!self || self->kind == BIDE__COROUTINE)
        bide__raise(self ? BIDE_TypeError : BIDE_RuntimeError, "yield outside a generator");
    else if (bide__check_barred(exec, "yield") == 0 && bide__check_room(exec) == 0 &&
             !(bide__is_agen(self) && bide__agen_may_yield(self) < 0))
        status = self->kind == BIDE__GENERATOR ? BIDE_YIELDED : BIDE__ITEM;
    if (status < 0)
        bide_drop(v);
    return status;
}

BIDE__UNCOLORED int bide__yield(bide_value v, bide_value *in)
{
    bide__exec *exec = bide__exec_now();
    if (in)
        *in = BIDE_NONE;
    int signal = bide__cold_check_yield(exec, v);
    return signal < 0 ? BIDE_RAISED : bide__exec_suspend(exec, signal, v, in);
}
