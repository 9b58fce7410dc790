/* bide/fiber_switch.h - the switch for 64-bit RISC-V (LP64), inlined where it is called.
 *
 * It saves sp, pc and s0 in the control block, declares every other register clobbered, so that
 * the compiler saves only what is live, and jumps through a2, which no processor takes for the
 * return of a function (it would if it were ra or t0). Shadow stacks (Zicfiss) are not switched.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SWITCH_H
#define BIDE_FIBER_SWITCH_H

#if defined(__riscv_flen)
#define BIDE__CLOBBER_FLOAT                                                                        \
    , "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "ft8", "ft9", "ft10", "ft11", "fs0", \
        "fs1", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "fa0",      \
        "fa1", "fa2", "fa3", "fa4", "fa5", "fa6", "fa7"
#else
#define BIDE__CLOBBER_FLOAT
#endif
#if defined(__riscv_vector)
#define BIDE__CLOBBER_VECTOR                                                                       \
    , "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",      \
        "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", \
        "v27", "v28", "v29", "v30", "v31", "vl", "vtype"
#else
#define BIDE__CLOBBER_VECTOR
#endif
/* Clang addresses the locals of a function that has both over-aligned and variable-length ones
 * through s1, and does not heed that it is clobbered. What this side had there it keeps in a place
 * of its own, because the other may have been compiled by GCC, which does nothing about it. */
#if defined(__clang__)
#define BIDE__KEEP_BASE(side) "sd s1, " side##_BASE "(a0)\n\t"
#define BIDE__TAKE_BASE(side) "ld s1, " side##_BASE "(a0)\n\t"
#define BIDE__CLOBBER_BASE
#else
#define BIDE__KEEP_BASE(side) ""
#define BIDE__TAKE_BASE(side) ""
#define BIDE__CLOBBER_BASE "s1",
#endif

#define BIDE__PARK_SP "sd sp, 0(a0)\n\t"
#define BIDE__PARK_SP_MARKED                                                                       \
    "addi t2, sp, 1\n\t"                                                                           \
    "sd t2, 0(a0)\n\t"

/* s0 is switched by hand because a clobber of it is not allowed where frame pointers are in use. A
 * new fiber finds itself in a0. */
#define BIDE__FIBER_SWITCH(park_sp, side)                                                          \
    register bide_fiber *a0 __asm__("a0") = fiber;                                                 \
    register void *a1 __asm__("a1") = sp;                                                          \
    register void *a2 __asm__("a2") = ip;                                                          \
    __asm__ volatile("lla t1, 1f\n\t"                                                              \
                     "ld t0, 16(a0)\n\t" park_sp "sd t1, 8(a0)\n\t"                                \
                     "sd s0, 16(a0)\n\t" BIDE__KEEP_BASE(side) "mv sp, a1\n\t"                     \
                                                               "mv s0, t0\n\t"                     \
                                                               "jr a2\n"                           \
                                                               "1:\n\t" BIDE__TAKE_BASE(side)      \
                     : "+r"(a0), "+r"(a1), "+r"(a2)                                                \
                     :                                                                             \
                     : "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a3", "a4", "a5", "a6",     \
                       "a7", BIDE__CLOBBER_BASE "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9",    \
                       "s10", "s11" BIDE__CLOBBER_FLOAT BIDE__CLOBBER_VECTOR, "memory");           \
    fiber = a0

/* Continues the one who resumed the fiber, and leaves nothing behind. */
__attribute__((always_inline, noreturn)) static inline void bide__fiber_quit(bide_fiber *fiber)
{
    register bide_fiber *a0 __asm__("a0") = fiber;
    __asm__ volatile("ld s0, 16(a0)\n\t"
                     "ld sp, 0(a0)\n\t"
                     "ld t1, 8(a0)\n\t"
                     "jr t1\n\t"
                     :
                     : "r"(a0)
                     : "t1", "memory");
    __builtin_unreachable();
}

static inline char *bide__fiber_sp(void)
{
    char *sp;
    __asm__("mv %0, sp" : "=r"(sp));
    return sp;
}

#define BIDE__FIBER_SMALLEST_STACK 4096
#define BIDE__FIBER_RESERVE 4096

#include <bide/fiber_native.h>

#endif
