/* stack_check.c - programs for WebAssembly that are linked for it: ends the program before a
 * function writes below its stack. wasm/stacks.mjs makes the calls, before the stack pointer moves.
 *
 * Debug builds are linked for it, others when CMake is told -DBIDE_CHECK_STACKS=ON. What calls it
 * may be any C, on a fiber or not, and cannot be unwound; so this ends in a trap.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/block_fiber.h"
#include "fiber/complain.h"

enum {
    /* A function that calls none may write so far below the stack pointer without moving it. It is
     * also what the frame of bide__stack_check has. */
    RED_ZONE = 128,
    RESERVE = 8192,
};

__attribute__((export_name("bide__stack_check"))) void bide__stack_check(uintptr_t sp);

extern char __global_base; /* the linker's: a program's own stack begins at 0 and ends here */

static _Alignas(16) char reserve[RESERVE]; /* the stack of the report */
static bool reporting;

__attribute__((noinline, noreturn)) static void report(const bide_fiber *fiber)
{
    char digits[BIDE__DIGITS];
    if (fiber)
        bide__cold_overflow(fiber, "used up");
    bide__complain("bide: stack overflow: the program used up its own stack of ",
                   bide__decimal(digits, (uintptr_t)&__global_base),
                   " bytes, outside of any coroutine. Make the recursion shallower or move large "
                   "arrays to the heap, or link it with -Wl,-z,stack-size=BYTES (with Emscripten "
                   "-sSTACK_SIZE=BYTES or -sTOTAL_STACK=BYTES).\n",
                   NULL);
    __builtin_trap(); /* an abort() by Emscripten would be an exit */
}

/* Returns if the stack pointer may become `sp`. */
void bide__stack_check(uintptr_t sp)
{
    const bide_fiber *self = bide__fiber_running;
    uintptr_t low = self ? (uintptr_t)self->stack : 0;
    uintptr_t size = self ? self->stack_size : (uintptr_t)&__global_base;
    if (sp - low - RED_ZONE <= size - RED_ZONE || reporting)
        return;
    reporting = true;
    bide__set_sp(reserve + RESERVE);
    report(self);
}
