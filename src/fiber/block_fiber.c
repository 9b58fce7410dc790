/* block_fiber.c - making fibers on WebAssembly, and looking at their C stacks, whichever way they
 * are switched.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/block_fiber.h"

#include "fiber/complain.h"

enum { DEFAULT_STACK = 32 * 1024, MINIMUM_STACK = 1024 };

bide_fiber *bide__fiber_running;
static size_t default_stack = DEFAULT_STACK;

bide_fiber *bide__fiber_make(bide_fiber_entry *entry, void *arg, size_t stack_size,
                             const char *name)
{
    size_t size = stack_size ? stack_size : default_stack;
    bide_fiber *fiber = bide__block_take(size < MINIMUM_STACK ? MINIMUM_STACK : size);
    if (!fiber)
        return NULL;
    fiber->here = (bide_fiber_point){.sp = fiber->stack + fiber->stack_size};
    fiber->resumer = NULL;
    fiber->state = BIDE_FIBER_SUSPENDED;
    fiber->barred = 0;
    fiber->entry = entry;
    fiber->arg = arg;
    fiber->name = name;
    return fiber;
}

/* The C stack has no guard page here; unless each step of it is checked (stack_check.c), the words
 * below it tell that it ran over. By then memory that is not the fiber's was written, so nothing
 * can be trusted to go on. */
void bide__cold_overflow(const bide_fiber *fiber, const char *how)
{
    char digits[BIDE__DIGITS];
    bide__complain("bide: stack overflow: '", fiber->name ? fiber->name : "a fiber", "' ", how,
                   " its stack of ", bide__decimal(digits, fiber->stack_size), BIDE__STACK_ADVICE,
                   "\n", NULL);
    __builtin_trap(); /* an abort() by Emscripten would be an exit */
}

size_t bide_fiber_room(void)
{
    const bide_fiber *self = bide__fiber_running;
    char *sp = bide__get_sp();
    if (!self)
        return SIZE_MAX;
    return sp > self->stack ? (size_t)(sp - self->stack) : 0;
}

void bide_fiber_set_default_stack(size_t bytes)
{
    default_stack = bytes ? bytes : DEFAULT_STACK;
}

size_t bide_fiber_default_stack(void)
{
    return default_stack;
}
