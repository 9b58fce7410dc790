/* bide/fiber_native.h - resume and suspend on native stacks, which every native backend's
 * bide/fiber_switch.h ends with. The backend supplies, before,
 *
 *     BIDE__FIBER_SWITCH(park_sp, side)
 *                                    if its switch is inlined: parks this side in fiber->here and
 *                                    continues the other, which was parked there, at sp and ip.
 *                                    park_sp is BIDE__PARK_SP or, for the fiber's own side,
 *                                    BIDE__PARK_SP_MARKED, which parks sp + 1. side is
 *                                    BIDE__RESUMER_SIDE or BIDE__FIBER_SIDE: each keeps its base
 *                                    pointer at side##_BASE, if the compiler does not keep it
 *     bide__fiber_enter, _leave      else: functions that do so
 *     bide__fiber_quit(fiber)        continues the resumer for good
 *     BIDE__FIBER_SMALLEST_STACK     bytes, the least that the switch works on
 *
 * if its switch is inlined, bide__fiber_sp(), and BIDE__RESUMER_IP, the field where the resumer's
 * ip is kept, if that is not here.ip; and if the stack that is kept for raising an exception should
 * not be the usual, BIDE__FIBER_RESERVE. Control words of the floating-point unit (x87 and MXCSR,
 * FPCR, fcsr) are not switched: rounding modes and exception masks belong to the thread.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_NATIVE_H
#define BIDE_FIBER_NATIVE_H

#ifdef __cplusplus
#define BIDE__THREAD_LOCAL thread_local
#else
#define BIDE__THREAD_LOCAL _Thread_local
#endif

/* Code that can only become part of a program, not of a shared library, has the thread's variables
 * at a fixed distance. Where they are in a shared library all the same, the linker says that the
 * program must be compiled with -fPIC. */
#if defined(__ELF__) && (!defined(__PIC__) || defined(__PIE__))
#define BIDE__TLS_MODEL __attribute__((tls_model("local-exec")))
#elif defined(__ELF__)
#define BIDE__TLS_MODEL __attribute__((tls_model("initial-exec")))
#else
#define BIDE__TLS_MODEL
#endif

/* Never NULL: outside of fibers it is one that stands for the thread's own stack, the only one
 * without a resumer. */
BIDE__TLS_MODEL extern BIDE__THREAD_LOCAL bide_fiber *bide__fiber_running;

static inline bool bide__fiber_is_thread(const bide_fiber *fiber)
{
    return !fiber->resumer;
}

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

/* For who is told of every switch, or looks after it, out of line: the sanitizers, and code that is
 * not optimised. */
int bide__fiber_resume_reported(bide_fiber *fiber);
#if defined(BIDE__FIBER_SANITIZED)
int bide__fiber_suspend_reported(void);
#elif defined(BIDE__FIBER_SWITCH)
/* The switch is inlined, and so is worth inlining what leads to it. */
#define BIDE__FIBER_INLINED 1
#endif

#if !defined(BIDE__RESUMER_IP)
#define BIDE__RESUMER_IP here.ip
#endif

#if defined(BIDE__FIBER_SWITCH)
/* The offsets of here.base and resumer_base, for assembly. */
#define BIDE__FIBER_SIDE_BASE "24"
#define BIDE__RESUMER_SIDE_BASE "48"

/* Answers the fiber, which need not be kept meanwhile. */
__attribute__((always_inline)) static inline bide_fiber *bide__fiber_enter(bide_fiber *fiber,
                                                                           void *sp, void *ip)
{
    BIDE__FIBER_SWITCH(BIDE__PARK_SP, BIDE__RESUMER_SIDE);
    return fiber;
}

__attribute__((always_inline)) static inline void bide__fiber_leave(bide_fiber *fiber, void *sp,
                                                                    void *ip)
{
    BIDE__FIBER_SWITCH(BIDE__PARK_SP_MARKED, BIDE__FIBER_SIDE);
}
#endif

/* Of the two sides the one that does not run is parked in fiber->here: while it is the fiber's own,
 * the lowest bit of sp is set. So a switch needs one cache line, and no store to say so. */
static inline bool bide__fiber_is_suspended(const bide_fiber *fiber)
{
    return (uintptr_t)fiber->here.sp & 1;
}

static inline bide_fiber_state bide_fiber_state_of(const bide_fiber *fiber)
{
    return bide__fiber_is_suspended(fiber) ? BIDE_FIBER_SUSPENDED : (bide_fiber_state)fiber->state;
}

static inline bool bide__fiber_may_resume(const bide_fiber *fiber)
{
    return bide__fiber_is_suspended(fiber) && fiber->thread == &bide__fiber_running;
}

static inline int bide_fiber_resume(bide_fiber *fiber)
{
#if defined(BIDE__FIBER_SANITIZED) || !defined(__OPTIMIZE__)
    return bide__fiber_resume_reported(fiber);
#else
    /* Nearly always it was resumed from here before, and then nothing else needs a look: who runs
     * here was not resumed by it, so it does not run; it has not ended, which would have made it
     * forget; and whoever runs here is of the thread that made it. */
    if (__builtin_expect(fiber->resumer != bide__fiber_running, 0)) {
        if (__builtin_expect(!bide__fiber_may_resume(fiber), 0))
            return bide__fiber_refuse_resume(fiber);
        fiber->resumer = bide__fiber_running;
    }
    bide__fiber_running = fiber;
    fiber = bide__fiber_enter(fiber, (char *)fiber->here.sp - 1, fiber->here.ip);
    return bide__fiber_is_suspended(fiber) ? BIDE_FIBER_SUSPENDED : BIDE_FIBER_DONE;
#endif
}

static inline int bide_fiber_suspend(void)
{
#if defined(BIDE__FIBER_SANITIZED)
    return bide__fiber_suspend_reported();
#else
    bide_fiber *self = bide__fiber_running, *resumer = self->resumer;
    if (__builtin_expect(!resumer, 0))
        return bide__fiber_refuse_suspend();
    bide__fiber_running = resumer;
    bide__fiber_leave(self, self->here.sp, self->BIDE__RESUMER_IP);
    return 0;
#endif
}

static inline bide_fiber *bide_fiber_current(void)
{
    return bide__fiber_is_thread(bide__fiber_running) ? NULL : bide__fiber_running;
}

/* Fetches what the innermost frames of a suspended fiber will touch. */
#define BIDE__FIBER_FETCH(fiber)                                                                   \
    do {                                                                                           \
        const char *sp_ = (const char *)(fiber)->here.sp;                                          \
        __builtin_prefetch(sp_, 1);                                                                \
        __builtin_prefetch(sp_ + 64, 1);                                                           \
        __builtin_prefetch(sp_ + 128, 1);                                                          \
        __builtin_prefetch(sp_ + 192, 1);                                                          \
        __builtin_prefetch(sp_ + 256, 1);                                                          \
    } while (0)
/* The same for the fiber that will be made after the next one. */
void bide__fiber_expect(void);

/* Only WebAssembly needs to know what can suspend. */
#define BIDE__BARRIER

static inline void bide__fiber_bar(void)
{
}

static inline void bide__fiber_unbar(void)
{
}

#define BIDE__MEMORY_GOES_BACK 1   /* what is freed may go back to the system */
#define BIDE__FIBER_LIMIT SIZE_MAX /* the default; see bide_fiber_set_limit */

#endif
