/* stack_check.c - programs for WebAssembly that are linked for it: plain C that overflows the
 * program's own stack ends the program with a report; in others an access out of bounds does.
 *
 * Debug builds are linked for it, others when CMake is told -DBIDE_CHECK_STACKS=ON.
 * wasm/stacks.mjs makes the calls, before the stack pointer moves.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/block_fiber.h"
#include "fiber/complain.h"

enum {
    RED_ZONE = 128, /* as in block_fiber.c */
    RESERVE = 8192,
};

__attribute__((export_name("bide__stack_check"))) uintptr_t bide__stack_check(uintptr_t sp);

static _Alignas(16) char reserve[RESERVE]; /* the stack of the report */
static bool reporting;

__attribute__((noinline, noreturn)) static void report(const bide_fiber *fiber)
{
    char digits[BIDE__DIGITS];
    const char *name = fiber && fiber->name ? fiber->name : "a fiber";
    bide__complain("bide: stack overflow: ", fiber ? "'" : "the program", fiber ? name : "",
                   fiber ? "'" : "", " used up the program's own stack of ",
                   bide__decimal(digits, (uintptr_t)&__global_base),
                   " bytes, on which functions run that do not await. Make the recursion shallower "
                   "or move large arrays to the heap, or link with -Wl,-z,stack-size=BYTES (with "
                   "Emscripten -sSTACK_SIZE=BYTES or -sTOTAL_STACK=BYTES).\n",
                   NULL);
    __builtin_trap(); /* an abort() by Emscripten would be an exit */
}

/* Plain C sets the stack pointer to `sp`: returns that, if it may. */
uintptr_t bide__stack_check(uintptr_t sp)
{
    uintptr_t size = (uintptr_t)&__global_base;
    if (sp - RED_ZONE <= size - RED_ZONE || reporting)
        return sp;
    if (!bide__is_plain(bide__get_sp()))
        return sp; /* what bide__fits calls, if it is not optimised */
    reporting = true;
    bide__set_sp(reserve + RESERVE);
    report(bide__fiber_running);
}
