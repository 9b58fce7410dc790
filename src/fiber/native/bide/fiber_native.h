/* bide/fiber_native.h - resume and suspend on native stacks, which every native backend's
 * bide/fiber_switch.h ends with. The backend supplies, before,
 *
 *     bide__fiber_switch(from, to)   parks this side in *from and continues *to
 *     BIDE__FIBER_SMALLEST_STACK     bytes, the least that the switch works on
 *
 * if its switch is inlined, BIDE__FIBER_SWITCH_INLINED and bide__fiber_sp(), and if the stack that
 * is kept for raising an exception should not be the usual, BIDE__FIBER_RESERVE. Control words of
 * the floating-point unit (x87 and MXCSR, FPCR, fcsr) are not switched: rounding modes and
 * exception masks belong to the thread.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_NATIVE_H
#define BIDE_FIBER_NATIVE_H

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

#if defined(__ELF__)
__attribute__((tls_model("initial-exec")))
#endif
extern BIDE__THREAD_LOCAL bide_fiber *bide__fiber_running;

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

#if defined(BIDE__FIBER_SANITIZED)
/* The sanitizers are told of every switch, out of line. */
int bide__fiber_resume_reported(bide_fiber *fiber);
int bide__fiber_suspend_reported(void);
#elif defined(BIDE__FIBER_SWITCH_INLINED)
/* The switch is inlined, and so is worth inlining what leads to it. */
#define BIDE__FIBER_INLINED 1
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

/* Only WebAssembly needs to know what can suspend. */
#define BIDE__BARRIER

static inline void bide__fiber_bar(void)
{
}

static inline void bide__fiber_unbar(void)
{
}

#define BIDE__FIBER_LIMIT SIZE_MAX /* the default; see bide_fiber_set_limit */

#endif
