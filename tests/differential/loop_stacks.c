/* loop_stacks.c - exit stacks, which hold locks and what is to be called in the end.
 *
 * SPDX-License-Identifier: MIT */
#include "loop.h"

BIDE__UNCOLORED outcome do_stack_enter(frame *f, const node *n)
{
    BIDE_SCOPED bide_value stack = named(n->words[1]);
    bide_value v;
    int status = bide_exit_stack_enter(stack, named(n->words[2]), &v);
    return got(n, status, v);
}

outcome do_stack_push(frame *f, const node *n)
{
    return got(n, bide_exit_stack_push(*thing(n->words[1]), named(n->words[2])), BIDE_NONE);
}

outcome do_stack_callback(frame *f, const node *n)
{
    bide_value function = bide_ptr(function_named(n->words[2]));
    int status = bide_exit_stack_callback(*thing(n->words[1]), function_body, function);
    return got(n, status, BIDE_NONE);
}

outcome do_stack_pop(frame *f, const node *n)
{
    return got(n, set_thing(n->words[1], bide_exit_stack_pop_all(*thing(n->words[2]))), BIDE_NONE);
}

BIDE__UNCOLORED outcome do_stack_close(frame *f, const node *n)
{
    bide_value v;
    int status = bide_await(bide_exit_stack_aclose(*thing(n->words[1])), &v);
    return got(n, status, v);
}
