/* bide/fiber_switch.h - the switch for AArch64 (AAPCS64), inlined where it is called.
 *
 * It saves sp, pc and x29 in the control block, declares every other register clobbered, so that
 * the compiler saves only what is live, and branches. It calls nothing and returns nowhere, so that
 * each side's return predictions stay its own. x18 is the platform's: where it holds a shadow call
 * stack (-fsanitize=shadow-call-stack) fibers cannot be used. SME's ZA must be off over a switch.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SWITCH_H
#define BIDE_FIBER_SWITCH_H

#if defined(__ARM_FEATURE_SVE)
#define BIDE__CLOBBER_SVE                                                                          \
    , "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13",      \
        "p14", "p15", "ffr"
#else
#define BIDE__CLOBBER_SVE
#endif
#if defined(__APPLE__) || defined(_WIN32)
#define BIDE__CLOBBER_X18
#else
#define BIDE__CLOBBER_X18 "x18",
#endif
#if defined(__ARM_FEATURE_BTI_DEFAULT)
#define BIDE__LANDING "hint #36\n\t" /* bti j */
#else
#define BIDE__LANDING ""
#endif
/* Clang addresses the locals of a function that has both over-aligned and variable-length ones
 * through x19, and does not heed that it is clobbered. What this side had there it keeps in a place
 * of its own, because the other may have been compiled by GCC, which does nothing about it. */
#if defined(__clang__)
#define BIDE__KEEP_BASE(side) "str x19, [x0, #" side##_BASE "]\n\t"
#define BIDE__TAKE_BASE(side) "ldr x19, [x0, #" side##_BASE "]\n\t"
#define BIDE__CLOBBER_BASE
#else
#define BIDE__KEEP_BASE(side) ""
#define BIDE__TAKE_BASE(side) ""
#define BIDE__CLOBBER_BASE "x19",
#endif

#define BIDE__PARK_SP "mov x10, sp\n\t"
#define BIDE__PARK_SP_MARKED "add x10, sp, #1\n\t"

/* x29 is switched by hand because a clobber of it is not allowed where frame pointers are in use. A
 * new fiber finds itself in x0. */
#define BIDE__FIBER_SWITCH(park_sp, side)                                                          \
    register bide_fiber *x0 __asm__("x0") = fiber;                                                 \
    register void *x1 __asm__("x1") = sp;                                                          \
    register void *x2 __asm__("x2") = ip;                                                          \
    __asm__ volatile("adr x9, 1f\n\t"                                                              \
                     "ldr x11, [x0, #16]\n\t" park_sp "stp x10, x9, [x0]\n\t"                      \
                     "str x29, [x0, #16]\n\t" BIDE__KEEP_BASE(                                     \
                         side) "mov sp, x1\n\t"                                                    \
                               "mov x29, x11\n\t"                                                  \
                               "br x2\n"                                                           \
                               "1:\n\t" BIDE__LANDING BIDE__TAKE_BASE(side)                        \
                     : "+r"(x0), "+r"(x1), "+r"(x2)                                                \
                     :                                                                             \
                     : "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",       \
                       "x14", "x15", "x16", "x17", BIDE__CLOBBER_X18 BIDE__CLOBBER_BASE "x20",     \
                       "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30", "v0", "v1",  \
                       "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", \
                       "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23",       \
                       "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31" BIDE__CLOBBER_SVE,   \
                       "memory", "cc");                                                            \
    fiber = x0

/* Continues the one who resumed the fiber, and leaves nothing behind. */
__attribute__((always_inline, noreturn)) static inline void bide__fiber_quit(bide_fiber *fiber)
{
    register bide_fiber *x0 __asm__("x0") = fiber;
    __asm__ volatile("ldp x10, x9, [x0]\n\t"
                     "ldr x29, [x0, #16]\n\t"
                     "mov sp, x10\n\t"
                     "br x9\n\t"
                     :
                     : "r"(x0)
                     : "x9", "x10", "memory");
    __builtin_unreachable();
}

static inline char *bide__fiber_sp(void)
{
    char *sp;
    __asm__("mov %0, sp" : "=r"(sp));
    return sp;
}

#define BIDE__FIBER_SMALLEST_STACK 4096
#define BIDE__FIBER_RESERVE 4096

#include <bide/fiber_native.h>

#endif
