/* sanitizer.h - tells AddressSanitizer, ThreadSanitizer and valgrind of stacks and switches. Every
 * function is empty where its tool is not in use.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SANITIZER_H
#define BIDE_FIBER_SANITIZER_H

#include <bide/fiber.h>

#if defined(__SANITIZE_ADDRESS__)
#define BIDE__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BIDE__ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define BIDE__TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BIDE__TSAN 1
#endif
#endif
#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define BIDE__VALGRIND 1
#endif
#endif

/* For what is entered on one stack and left on another, or never: TSan keeps the books of calls, in
 * clang's with no_sanitize_thread too; and clang's ASan would open the whole stack to what does not
 * return, which takes more of it than the smallest have. */
#if defined(__clang__) && (defined(BIDE__TSAN) || defined(BIDE__ASAN))
#define BIDE__ACROSS_STACKS __attribute__((disable_sanitizer_instrumentation, no_sanitize_address))
#elif defined(BIDE__TSAN)
#define BIDE__ACROSS_STACKS __attribute__((no_sanitize_thread))
#else
#define BIDE__ACROSS_STACKS
#endif

#if defined(BIDE__ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
extern BIDE__THREAD_LOCAL const void *bide__asan_thread_stack;
extern BIDE__THREAD_LOCAL size_t bide__asan_thread_size;
#endif
#if defined(BIDE__TSAN)
#include <sanitizer/tsan_interface.h>
/* tsan.c: a record of a new stack, and the switch to a record (NULL: the thread's own stack). */
void *bide__tsan_create(void);
void bide__tsan_switch(void *record);
#endif

static inline bool bide__sanitizer_has_fake_stack(void)
{
#if defined(BIDE__ASAN)
    return __asan_get_current_fake_stack() != NULL;
#else
    return false;
#endif
}

/* Once per fiber, before its first resume and after its last. TSan's record is dear to make: it
 * stays with the stack, unless frames were left on it. */
static inline void bide__sanitizer_create(bide_fiber *fiber)
{
#if defined(BIDE__TSAN)
    if (!fiber->sanitizer)
        fiber->sanitizer = bide__tsan_create();
#else
    (void)fiber;
#endif
}

/* Its stack goes. */
static inline void bide__sanitizer_forget(bide_fiber *fiber)
{
#if defined(BIDE__TSAN)
    if (fiber->sanitizer)
        __tsan_destroy_fiber(fiber->sanitizer);
    fiber->sanitizer = NULL;
#else
    (void)fiber;
#endif
}

static inline void bide__sanitizer_destroy(bide_fiber *fiber)
{
#if defined(BIDE__TSAN)
    if (fiber->state != BIDE_FIBER_DONE)
        bide__sanitizer_forget(fiber);
#elif defined(BIDE__ASAN)
    /* Frames that never returned leave their redzones poisoned. */
    __asan_unpoison_memory_region(fiber->stack, fiber->stack_size);
#else
    (void)fiber;
#endif
}

/* Just before a switch to `to`. The answer goes to finish. */
BIDE__ACROSS_STACKS static inline void *bide__sanitizer_start(bide_fiber *to)
{
    void *fake = NULL;
#if defined(BIDE__ASAN)
    if (!bide__fiber_is_thread(to))
        __sanitizer_start_switch_fiber(&fake, to->stack, to->stack_size);
    else
        __sanitizer_start_switch_fiber(&fake, bide__asan_thread_stack, bide__asan_thread_size);
#elif defined(BIDE__TSAN)
    bide__tsan_switch(bide__fiber_is_thread(to) ? NULL : to->sanitizer);
#else
    (void)to;
#endif
    return fake;
}

/* The last switch of a fiber that has ended: its fake frames go. */
BIDE__ACROSS_STACKS static inline void bide__sanitizer_leave_for_good(bide_fiber *to)
{
#if defined(BIDE__ASAN)
    if (!bide__fiber_is_thread(to))
        __sanitizer_start_switch_fiber(NULL, to->stack, to->stack_size);
    else
        __sanitizer_start_switch_fiber(NULL, bide__asan_thread_stack, bide__asan_thread_size);
#else
    bide__sanitizer_start(to);
#endif
}

/* Just after a switch, on the stack of `self` (NULL: the one that resumed). ASan tells where we
 * came from, which on a fiber's first frames is how the thread's own stack becomes known. */
BIDE__ACROSS_STACKS static inline void bide__sanitizer_finish(void *fake, const bide_fiber *self)
{
#if defined(BIDE__ASAN)
    const void *from = NULL;
    size_t size = 0;
    __sanitizer_finish_switch_fiber(fake, &from, &size);
    if (self && bide__fiber_is_thread(self->resumer)) {
        bide__asan_thread_stack = from;
        bide__asan_thread_size = size;
    }
#else
    (void)fake;
    (void)self;
#endif
}

static inline unsigned bide__valgrind_stack_register(char *low, char *high)
{
#if defined(BIDE__VALGRIND)
    return VALGRIND_STACK_REGISTER(low, high);
#else
    (void)low;
    (void)high;
    return 0;
#endif
}

static inline bool bide__on_valgrind(void)
{
#if defined(BIDE__VALGRIND)
    return RUNNING_ON_VALGRIND != 0;
#else
    return false;
#endif
}

/* Lets what lies between be read and written: the unused part of a stack. */
static inline void bide__valgrind_open(const char *low, const char *high)
{
#if defined(BIDE__VALGRIND)
    VALGRIND_MAKE_MEM_DEFINED(low, high - low);
#else
    (void)low;
    (void)high;
#endif
}

#endif
