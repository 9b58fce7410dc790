/* bide/fiber_x86_64.h - what the switches for x86-64 share, whatever the system.
 *
 * sp, ip and bp are exchanged with those in the control block, and every other register is declared
 * clobbered, so that the compiler saves only what is live. Nothing is called and nothing returned
 * from, so that each side's return predictions stay its own.
 *
 * What limits resume and suspend is neither the jumps nor any latency, but most likely the stores:
 * a cache takes one in a cycle, or two in a row to the same line. So sp and rbp are stored one
 * behind the other, and ip only if it is not what it was the last time, which makes 6 cycles of 8
 * on Golden Cove. It costs up to 6 % where a fiber suspends in places that nobody can predict: the
 * jump there has then cost far more. To test rbp as well, in a control block that this makes
 * larger, takes longer than storing it. Measured, on Zen 3, and no better: the mark in ip instead
 * of sp, suspending without a store to bide__fiber_running, which in a round robin is 2 to 12 %
 * slower. Two words at a time through a vector register take three times as long, because then
 * latencies count.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_X86_64_H
#define BIDE_FIBER_X86_64_H

/* Clang knows these names also where a file is not compiled for AVX-512, and so looks after a
 * function in it that is (__attribute__((target("avx512f")))). GCC does not: such a function must
 * not resume or suspend itself, but call one that does. */
#if defined(__AVX512F__) || defined(__clang__)
#define BIDE__CLOBBER_AVX512                                                                       \
    "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",      \
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5",  \
        "k6", "k7",
#else
#define BIDE__CLOBBER_AVX512
#endif
#if defined(__APX_F__)
#define BIDE__CLOBBER_APX                                                                          \
    "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28",     \
        "r29", "r30", "r31",
#else
#define BIDE__CLOBBER_APX
#endif
#if defined(__CET__)
#define BIDE__LANDING "endbr64\n\t"
#else
#define BIDE__LANDING ""
#endif
/* Clang addresses the locals of a function that has both over-aligned and variable-length ones
 * through rbx, and does not heed that it is clobbered. What this side had there it keeps in a place
 * of its own, because the other may have been compiled by GCC, which does nothing about it. */
#if defined(__clang__)
#define BIDE__KEEP_BASE(side) "movq %%rbx, " side##_BASE "(%%rdi)\n\t"
#define BIDE__TAKE_BASE(side) "movq " side##_BASE "(%%rdi), %%rbx\n\t"
#define BIDE__CLOBBER_BASE
#else
#define BIDE__KEEP_BASE(side) ""
#define BIDE__TAKE_BASE(side) ""
#define BIDE__CLOBBER_BASE "rbx",
#endif

/* Each side keeps its ip in a place of its own, and writes it, out of the way, only if it is not
 * what it was the last time. */
#define BIDE__RESUMER_IP resumer_ip
#define BIDE__FIBER_SIDE_IP "8"
#define BIDE__RESUMER_SIDE_IP "56"
#define BIDE__CHECK_IP(side)                                                                       \
    "cmpq %%rax, " side##_IP "(%%rdi)\n\t"                                                         \
                             "jne 3f\n"                                                            \
                             "2:\n\t"
#define BIDE__WRITE_IP(side)                                                                       \
    "3:\n\t"                                                                                       \
    "movq %%rax, " side##_IP "(%%rdi)\n\t"                                                         \
                             "jmp 2b\n"

#define BIDE__PARK_SP "movq %%rsp, 0(%%rdi)\n\t"
#define BIDE__PARK_SP_MARKED                                                                       \
    "leaq 1(%%rsp), %%r9\n\t"                                                                      \
    "movq %%r9, 0(%%rdi)\n\t"

/* rbp is switched by hand because a clobber of it is not allowed where frame pointers are in use.
 * `before` runs while this side's stack is in use for the last time, `after` when it is again. A
 * new fiber finds itself in rdi. */
#define BIDE__X86_64_SWITCH(park_sp, side, before, after)                                          \
    register bide_fiber *rdi __asm__("rdi") = fiber;                                               \
    register void *rdx __asm__("rdx") = sp;                                                        \
    register void *rcx __asm__("rcx") = ip;                                                        \
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"                                                   \
                     "movq 16(%%rdi), %%r8\n\t" before park_sp                                     \
                         BIDE__CHECK_IP(side) "movq %%rbp, 16(%%rdi)\n\t" BIDE__KEEP_BASE(         \
                             side) "movq %%rdx, %%rsp\n\t"                                         \
                                   "movq %%r8, %%rbp\n\t"                                          \
                                   "jmp *%%rcx\n" BIDE__WRITE_IP(                                  \
                                       side) "1:\n\t" BIDE__LANDING BIDE__TAKE_BASE(side) after    \
                     : "+r"(rdi), "+r"(rdx), "+r"(rcx)                                             \
                     :                                                                             \
                     : "rax", BIDE__CLOBBER_BASE "rsi", "r8", "r9", "r10", "r11", "r12", "r13",    \
                       "r14", "r15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",   \
                       "st(7)", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",    \
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",       \
                       BIDE__CLOBBER_AVX512 BIDE__CLOBBER_APX "memory", "cc");                     \
    fiber = rdi

/* Continues the one who resumed the fiber, and leaves nothing behind. */
__attribute__((always_inline, noreturn)) static inline void bide__fiber_quit(bide_fiber *fiber)
{
    __asm__ volatile("movq 0(%%rdi), %%rsp\n\t"
                     "movq 16(%%rdi), %%rbp\n\t"
                     "jmp *" BIDE__RESUMER_SIDE_IP "(%%rdi)\n\t"
                     :
                     : "D"(fiber)
                     : "memory");
    __builtin_unreachable();
}

static inline char *bide__fiber_sp(void)
{
    char *sp;
    __asm__("movq %%rsp, %0" : "=r"(sp));
    return sp;
}

#endif
