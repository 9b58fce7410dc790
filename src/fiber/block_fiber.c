/* block_fiber.c - making fibers on WebAssembly, and keeping to their C stacks, whichever way they
 * are switched.
 *
 * Only what can be suspended runs on a fiber's stack, plain C on the program's own: wasm/stacks.mjs
 * puts calls of what is exported here where they are needed. Whoever finds no room
 * cannot be unwound, because most functions can only return: that ends the program. Awaits and
 * yields, which can raise an exception, do so before (object/yield.c).
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/block_fiber.h"

#include "fiber/overflow.h"

enum {
    DEFAULT_STACK = 32 * 1024,
    MINIMUM_STACK = 1024,
    /* A function that calls none may write so far below the stack pointer without moving it. It is
     * also what those have that are called before the pointer moves. */
    RED_ZONE = 128,
};

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

#define EXPORT(name) __attribute__((export_name(#name)))

EXPORT(bide_fiber_plain_stack) char *bide__plain_stack(char *sp);
EXPORT(bide_fiber_is_plain) bool bide__may_stay(char *sp);
EXPORT(bide_fiber_fits) char *bide__fits(char *sp);

/* Plain C is called where the stack pointer is `sp`: returns where it is to be for that. */
char *bide__plain_stack(char *sp)
{
    bide_fiber *self = bide__fiber_running;
    if (bide__is_plain(sp))
        return sp;
    self->here.sp = sp; /* for bide_fiber_room */
    return self->plain;
}

/* Whether it can go on there: asked of callbacks where the table has no half for fibers. */
bool bide__may_stay(char *sp)
{
    return bide__is_plain(sp);
}

__attribute__((noinline)) static void bide__cold_check(const bide_fiber *self)
{
    if (!self || bide__is_plain(bide__get_sp()))
        return; /* it was called by plain C: outside of fibers, or where nothing may suspend */
    bide__set_sp(self->plain);
    bide__overflow_report(self);
    __builtin_trap(); /* an abort() by Emscripten would be an exit */
}

/* A function that can be suspended sets the stack pointer to `sp`: returns that, if it may. Outside
 * of fibers this reads the bottom of memory, and what it makes of that does not matter. */
char *bide__fits(char *sp)
{
    const bide_fiber *self = bide__fiber_running;
    if ((size_t)(sp - self->stack) - RED_ZONE > self->stack_size - RED_ZONE)
        bide__cold_check(self);
    return sp;
}

size_t bide_fiber_room(void)
{
    const bide_fiber *self = bide__fiber_running;
    const char *sp = bide__get_sp();
    if (!self)
        return SIZE_MAX;
    if (bide__is_plain(sp))
        sp = self->here.sp;
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
