/* bide/fiber_switch.h - the switch for x86-64 Windows (GCC and clang), inlined where it is called.
 *
 * As on System V, but for what Windows wants to know of the running stack: its bounds stand in the
 * thread's information block, where stack probes and exceptions look for them. This side's are
 * pushed (there is no red zone) before it is parked, and popped when it continues; start.S sets
 * those of a new fiber.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SWITCH_H
#define BIDE_FIBER_SWITCH_H

#if defined(__AVX512F__) || defined(__clang__)
#define BIDE__CLOBBER_AVX512                                                                       \
    "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",      \
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5",  \
        "k6", "k7",
#else
#define BIDE__CLOBBER_AVX512
#endif
/* Clang's base pointer, whose clobber it does not heed. */
#if defined(__clang__)
#define BIDE__SWITCH_BASE                                                                          \
    "movq 24(%%rdi), %%r9\n\t"                                                                     \
    "movq %%rbx, 24(%%rdi)\n\t"                                                                    \
    "movq %%r9, %%rbx\n\t"
#define BIDE__QUIT_BASE "movq 24(%%rdi), %%rbx\n\t"
#define BIDE__CLOBBER_BASE
#else
#define BIDE__SWITCH_BASE ""
#define BIDE__QUIT_BASE ""
#define BIDE__CLOBBER_BASE "rbx",
#endif

#define BIDE__PARK_SP "movq %%rsp, 0(%%rdi)\n\t"
#define BIDE__PARK_SP_MARKED                                                                       \
    "leaq 1(%%rsp), %%r9\n\t"                                                                      \
    "movq %%r9, 0(%%rdi)\n\t"

/* rbp is switched by hand because a clobber of it is not allowed where frame pointers are in use.
 * A new fiber finds itself in rdi. */
#define BIDE__FIBER_SWITCH(park_sp)                                                                \
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"                                                   \
                     "movq 16(%%rdi), %%r8\n\t"                                                    \
                     "pushq %%gs:0x08\n\t"   /* StackBase */                                       \
                     "pushq %%gs:0x10\n\t"   /* StackLimit */                                      \
                     "pushq %%gs:0x1478\n\t" /* DeallocationStack */                               \
                     park_sp "movq %%rax, 8(%%rdi)\n\t"                                            \
                     "movq %%rbp, 16(%%rdi)\n\t" BIDE__SWITCH_BASE "movq %%rdx, %%rsp\n\t"         \
                     "movq %%r8, %%rbp\n\t"                                                        \
                     "jmp *%%rcx\n"                                                                \
                     "1:\n\t"                                                                      \
                     "popq %%gs:0x1478\n\t"                                                        \
                     "popq %%gs:0x10\n\t"                                                          \
                     "popq %%gs:0x08\n\t"                                                          \
                     : "+D"(fiber), "+d"(sp), "+c"(ip)                                             \
                     :                                                                             \
                     : "rax", BIDE__CLOBBER_BASE "rsi", "r8", "r9", "r10", "r11", "r12", "r13",    \
                       "r14", "r15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",   \
                       "st(7)", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",    \
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",       \
                       BIDE__CLOBBER_AVX512 "memory", "cc")

/* Continues the one who resumed the fiber, and leaves nothing behind. */
__attribute__((always_inline, noreturn)) static inline void bide__fiber_quit(bide_fiber *fiber)
{
    __asm__ volatile("movq 0(%%rdi), %%rsp\n\t"
                     "movq 16(%%rdi), %%rbp\n\t" BIDE__QUIT_BASE "jmp *8(%%rdi)\n\t"
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

#define BIDE__FIBER_SMALLEST_STACK 8192 /* exceptions are delivered on the stack itself */
#define BIDE__FIBER_RESERVE 4096

#include <bide/fiber_native.h>

#endif
