/* stack_switching.c - fibers on WebAssembly engines that have the stack-switching proposal: the
 * engine keeps a fiber's frames as a continuation, and memory holds its C stack alone.
 *
 * The instructions are in wasm/switch.wat, which finish.mjs joins to the program. An
 * engine allocates the stack of a continuation when it starts, outside of the module's memory, and
 * ends the program if it cannot: hence the limit of live fibers (block_pool.c).
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/block_fiber.h"
#include "fiber/block_pool.h"

#define SWITCH(name) __attribute__((import_module("stack_switching"), import_name(#name)))
SWITCH(bide_fibers_grow) extern int bide_fibers_grow(unsigned count);
SWITCH(bide_fiber_start) extern int bide_fiber_start(unsigned number, bide_fiber *fiber);
SWITCH(bide_fiber_continue) extern int bide_fiber_continue(unsigned number);
SWITCH(bide_fiber_leave) extern void bide_fiber_leave(void);
SWITCH(bide_fiber_discard) extern void bide_fiber_discard(unsigned number);

static unsigned room; /* for continuations, in the table */

/* The first function on a fiber's stack. It is exported for switch.wat to find; finish.mjs removes
 * the export. */
__attribute__((export_name("bide_fiber_body"))) void bide__fiber_body(bide_fiber *fiber)
{
    fiber->entry(fiber->arg);
}

bide_fiber *bide_fiber_new(bide_fiber_entry *entry, void *arg, size_t stack_size, const char *name)
{
    bide_fiber *fiber = bide__fiber_make(entry, arg, stack_size, name);
    if (!fiber || bide__block_number(fiber) < room)
        return fiber;
    unsigned more = room / 2 + 64;
    if (bide_fibers_grow(more) < 0) {
        bide__block_give(fiber);
        return NULL;
    }
    room += more;
    return fiber;
}

/* here.ip says whether it has started. */
int bide_fiber_free(bide_fiber *fiber)
{
    if (fiber->state == BIDE_FIBER_RUNNING)
        return BIDE_FIBER_EBUSY;
    if (fiber->state == BIDE_FIBER_SUSPENDED && fiber->here.ip)
        bide_fiber_discard(bide__block_number(fiber));
    bide__block_give(fiber);
    return 0;
}

int bide__fiber_resume(bide_fiber *fiber)
{
    if (fiber->state != BIDE_FIBER_SUSPENDED)
        return bide__refuse_resume(fiber);
    unsigned number = bide__block_number(fiber);
    char *sp = bide__get_sp();
    fiber->plain = sp;
    fiber->resumer = bide__fiber_running;
    fiber->state = BIDE_FIBER_RUNNING;
    bide__fiber_running = fiber;
    bide__set_sp(fiber->here.sp);
    int suspended = fiber->here.ip ? bide_fiber_continue(number) : bide_fiber_start(number, fiber);
    bide__fiber_running = fiber->resumer;
    bide__set_sp(sp);
    fiber->state = suspended ? BIDE_FIBER_SUSPENDED : BIDE_FIBER_DONE;
    return fiber->state;
}

int bide__fiber_suspend(void)
{
    bide_fiber *self = bide__fiber_running;
    if (!self)
        return BIDE_FIBER_EOUTSIDE;
    if (self->barred)
        return bide__cold_barred(self);
    self->here.sp = bide__get_sp();
    self->here.ip = self;
    bide_fiber_leave();
    return 0;
}
