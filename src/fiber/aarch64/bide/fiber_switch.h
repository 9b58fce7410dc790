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

/* Where the two points stand in a fiber; native.c checks it. */
#define BIDE__FIBER_HERE "0"
#define BIDE__FIBER_BACK "32"

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
 * through x19, and does not heed that it is clobbered. */
#if defined(__clang__)
#define BIDE__PARK_BASE(point) "str x19, [x0, #24+" point "]\n\t"
#define BIDE__CONTINUE_BASE(point) "ldr x19, [x0, #24+" point "]\n\t"
#define BIDE__CLOBBER_BASE
#else
#define BIDE__PARK_BASE(point) ""
#define BIDE__CONTINUE_BASE(point) ""
#define BIDE__CLOBBER_BASE "x19",
#endif

/* Parks this side in one point of the fiber at x0 and continues the other at ip. x29 is saved by
 * hand because a clobber of it is not allowed where frame pointers are in use. At the label x0 is
 * the fiber again, whichever side it was. */
#define BIDE__FIBER_SWITCH(from, to)                                                               \
    register bide_fiber *x0 __asm__("x0") = fiber;                                                 \
    register void *x1 __asm__("x1") = ip;                                                          \
    __asm__ volatile(BIDE__PARK_BASE(from) "adr x9, 1f\n\t"                                        \
                                           "mov x10, sp\n\t"                                       \
                                           "stp x10, x9, [x0, #" from "]\n\t"                      \
                                           "str x29, [x0, #16+" from "]\n\t"                       \
                                           "ldr x10, [x0, #" to "]\n\t"                            \
                                           "ldr x29, [x0, #16+" to "]\n\t"                         \
                                           "mov sp, x10\n\t"                                       \
                                           "br x1\n"                                               \
                                           "1:\n\t" BIDE__LANDING BIDE__CONTINUE_BASE(from)        \
                     : "+r"(x0), "+r"(x1)                                                          \
                     :                                                                             \
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", \
                       "x14", "x15", "x16", "x17", BIDE__CLOBBER_X18 BIDE__CLOBBER_BASE "x20",     \
                       "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30", "v0", "v1",  \
                       "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", \
                       "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23",       \
                       "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31" BIDE__CLOBBER_SVE,   \
                       "memory", "cc")

/* Continues the one who resumed the fiber, and leaves nothing behind. */
__attribute__((always_inline, noreturn)) static inline void bide__fiber_quit(bide_fiber *fiber)
{
    register bide_fiber *x0 __asm__("x0") = fiber;
    __asm__ volatile("ldp x10, x9, [x0, #" BIDE__FIBER_BACK "]\n\t"
                     "ldr x29, [x0, #16+" BIDE__FIBER_BACK "]\n\t"
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
