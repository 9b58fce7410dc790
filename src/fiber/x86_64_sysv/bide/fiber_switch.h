/* bide/fiber_switch.h - resume and suspend for x86-64 System V, inlined where they are called.
 *
 * The switch saves sp, ip and bp in the control block, declares every other register clobbered,
 * so that the compiler saves only what is live, and jumps. It pushes nothing (the red zone stays
 * untouched), calls nothing and returns nowhere, so that each side's return predictions stay its
 * own. The x87 control word and MXCSR are not switched: they belong to the thread.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SWITCH_H
#define BIDE_FIBER_SWITCH_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BIDE__FIBER_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BIDE__FIBER_SANITIZED 1
#endif
#endif

#ifdef __cplusplus
#define BIDE__THREAD_LOCAL thread_local
#else
#define BIDE__THREAD_LOCAL _Thread_local
#endif

extern BIDE__THREAD_LOCAL bide_fiber *bide__fiber_running
    __attribute__((tls_model("initial-exec")));

/* The refusals are out of line, and opaque to the optimizer for a second reason: GCC takes a
 * static function that contains only inline assembly for one that cannot change the file's static
 * variables. A call that it cannot see through, here on the cold path, keeps it from that. */
#if defined(__GNUC__) && !defined(__clang__)
#define BIDE__OPAQUE __attribute__((noipa, cold))
#else
#define BIDE__OPAQUE __attribute__((noinline, cold))
#endif
BIDE__OPAQUE int bide__fiber_refuse_resume(const bide_fiber *fiber);
BIDE__OPAQUE int bide__fiber_refuse_suspend(void);

#if defined(__AVX512F__)
#define BIDE__CLOBBER_AVX512                                                                       \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",    \
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5",  \
        "k6", "k7"
#else
#define BIDE__CLOBBER_AVX512
#endif
#if defined(__CET__)
#define BIDE__LANDING "endbr64\n\t"
#else
#define BIDE__LANDING ""
#endif

/* Parks this side in *from and continues *to. bp is saved by hand because a clobber of it is not
 * allowed where frame pointers are in use. */
__attribute__((always_inline)) static inline void bide__fiber_switch(bide_fiber_point *from,
                                                                     const bide_fiber_point *to)
{
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                     "movq %%rsp, 0(%%rdi)\n\t"
                     "movq %%rax, 8(%%rdi)\n\t"
                     "movq %%rbp, 16(%%rdi)\n\t"
                     "movq 0(%%rsi), %%rsp\n\t"
                     "movq 16(%%rsi), %%rbp\n\t"
                     "jmp *8(%%rsi)\n\t"
                     "1:\n\t" BIDE__LANDING
                     : "+D"(from), "+S"(to)
                     :
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)",
                       "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                       "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
                       "xmm15" BIDE__CLOBBER_AVX512, "memory", "cc");
}

#if defined(BIDE__FIBER_SANITIZED)
/* The sanitizers are told of every switch, out of line. */
int bide__fiber_resume_reported(bide_fiber *fiber);
int bide__fiber_suspend_reported(void);
#endif

static inline int bide_fiber_resume(bide_fiber *fiber)
{
#if defined(BIDE__FIBER_SANITIZED)
    return bide__fiber_resume_reported(fiber);
#else
    if (__builtin_expect(
            fiber->state != BIDE_FIBER_SUSPENDED || fiber->thread != &bide__fiber_running, 0))
        return bide__fiber_refuse_resume(fiber);
    fiber->resumer = bide__fiber_running;
    fiber->state = BIDE_FIBER_RUNNING;
    bide__fiber_running = fiber;
    bide__fiber_switch(&fiber->back, &fiber->here);
    return fiber->state;
#endif
}

static inline int bide_fiber_suspend(void)
{
#if defined(BIDE__FIBER_SANITIZED)
    return bide__fiber_suspend_reported();
#else
    bide_fiber *self = bide__fiber_running;
    if (__builtin_expect(!self, 0))
        return bide__fiber_refuse_suspend();
    self->state = BIDE_FIBER_SUSPENDED;
    bide__fiber_running = self->resumer;
    bide__fiber_switch(&self->here, &self->back);
    return 0;
#endif
}

static inline bide_fiber *bide_fiber_current(void)
{
    return bide__fiber_running;
}

#if !defined(BIDE__FIBER_SANITIZED)
/* The switch is inlined, and so is worth inlining what leads to it. */
#define BIDE__FIBER_INLINED 1

static inline char *bide__fiber_sp(void)
{
    char *sp;
    __asm__("movq %%rsp, %0" : "=r"(sp));
    return sp;
}
#endif

/* Only WebAssembly needs to know what can suspend. */
#define BIDE__BARRIER

static inline void bide__fiber_bar(void)
{
}

static inline void bide__fiber_unbar(void)
{
}

#endif
