/* native.c - fibers on native stacks: creation, the first function, and what resume and suspend
 * (bide/fiber_native.h) leave to cold code. Stacks come from stack_pool.c.
 *
 * A fiber's first resume jumps to bide__fiber_start with sp at the top of its stack; the frame
 * chain ends there, so that debuggers and backtraces stop cleanly.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#include <stdlib.h>

#include "fiber/complain.h"
#include "fiber/high_water.h"
#include "fiber/native.h"
#include "fiber/sanitizer.h"
#include "fiber/stack_pool.h"

/* Stands for the own stacks of threads that have made no fiber. The others have one each
 * (stack_pool.c), so that no fiber was ever resumed from here. */
static bide_fiber outside;
BIDE__THREAD_LOCAL bide_fiber *bide__fiber_running = &outside;

enum { DEFAULT_SHIFT = 16 /* 64 KiB, the largest of pages */ };
static _Atomic size_t default_stack = (size_t)1 << DEFAULT_SHIFT;
static _Atomic unsigned default_class = DEFAULT_SHIFT - BIDE__STACK_MIN_SHIFT;

_Static_assert(offsetof(bide_fiber, here) == 0, "what the switch takes for granted");
#if defined(BIDE__FIBER_SWITCH)
_Static_assert(offsetof(bide_fiber, resumer_ip) == 56, "BIDE__RESUMER_SIDE_IP");
_Static_assert(offsetof(bide_fiber_point, base) == 24 && offsetof(bide_fiber, resumer_base) == 48,
               "BIDE__FIBER_SIDE_BASE and BIDE__RESUMER_SIDE_BASE");
#endif

__attribute__((used)) BIDE__ACROSS_STACKS void bide__fiber_main(bide_fiber *self)
{
    bide__sanitizer_finish(NULL, self);
    self->entry(self->arg);
    bide_fiber *resumer = bide__fiber_running = self->resumer;
    self->state = BIDE_FIBER_DONE;
    self->resumer = NULL;
    bide__sanitizer_leave_for_good(resumer);
    bide__fiber_quit(self);
}

/* What the pool has not set. */
static inline bide_fiber *prepare(bide_fiber *fiber, bide_fiber_entry *entry, void *arg,
                                  const char *name)
{
    /* Aligned as after the call instruction that a compiled function expects to follow. */
    fiber->here.sp = fiber->stack + fiber->stack_size - fiber->color + 1; /* it is suspended */
    fiber->here.ip = (void *)bide__fiber_start;
    fiber->state = BIDE_FIBER_RUNNING; /* as soon as it is not suspended */
    fiber->painted = false;
    fiber->resumer = bide__fiber_running; /* most likely */
    fiber->entry = entry;
    fiber->arg = arg;
    fiber->name = name;
    bide__sanitizer_create(fiber);
    return fiber;
}

__attribute__((noinline, cold)) static bide_fiber *new_cold(bide_fiber_entry *entry, void *arg,
                                                            unsigned class, const char *name)
{
    bide_fiber *fiber = bide__stack_take(class);
    if (!fiber)
        return NULL;
    prepare(fiber, entry, arg, name);
    if (bide__stacks_measured)
        bide__stack_paint(fiber);
    return fiber;
}

static inline bide_fiber *new_in_class(bide_fiber_entry *entry, void *arg, unsigned class,
                                       const char *name)
{
    bide_fiber *fiber = bide__stacks_measured ? NULL : bide__stack_reuse(class);
    if (__builtin_expect(!fiber, 0))
        return new_cold(entry, arg, class, name);
    return prepare(fiber, entry, arg, name);
}

__attribute__((noinline)) static bide_fiber *new_sized(bide_fiber_entry *entry, void *arg,
                                                       size_t size, const char *name)
{
    return new_in_class(entry, arg, bide__stack_class(size), name);
}

bide_fiber *bide_fiber_new(bide_fiber_entry *entry, void *arg, size_t stack_size, const char *name)
{
    if (__builtin_expect(stack_size != 0, 0))
        return new_sized(entry, arg, stack_size, name);
    return new_in_class(entry, arg, default_class, name);
}

__attribute__((noinline)) static int give_sized(bide_fiber *fiber)
{
    bide__stack_give(fiber, bide__stack_class_of(fiber));
    return 0;
}

/* What has ended is marked so already. */
__attribute__((noinline)) static int free_unended(bide_fiber *fiber)
{
    if (bide_fiber_state_of(fiber) == BIDE_FIBER_RUNNING)
        return BIDE_FIBER_EBUSY;
    if (fiber->thread != &bide__fiber_running)
        return BIDE_FIBER_ETHREAD;
    bide__sanitizer_destroy(fiber);
    fiber->here.sp = NULL;
    fiber->state = BIDE_FIBER_DONE;
    return give_sized(fiber);
}

int bide_fiber_free(bide_fiber *fiber)
{
    if (__builtin_expect(fiber->state != BIDE_FIBER_DONE, 0))
        return free_unended(fiber);
    if (__builtin_expect(fiber->thread != &bide__fiber_running, 0))
        return BIDE_FIBER_ETHREAD;
    bide__sanitizer_destroy(fiber);
    /* A stack as most are goes to a list that is known before anything of the fiber has been read:
     * what is taken there next need not wait for that. */
    const unsigned class = default_class;
    if (__builtin_expect(!bide__stack_is_of(fiber, class), 0))
        return give_sized(fiber);
    bide__stack_give(fiber, class);
    return 0;
}

size_t bide_fiber_room(void)
{
    const bide_fiber *self = bide_fiber_current();
    char here;
    if (!self)
        return SIZE_MAX;
    return bide__sanitizer_has_fake_stack() ? self->stack_size : (size_t)(&here - self->stack);
}

void bide_fiber_set_default_stack(size_t bytes)
{
    default_stack = bytes ? bytes : (size_t)1 << DEFAULT_SHIFT;
    default_class = bide__stack_class(default_stack);
}

size_t bide_fiber_default_stack(void)
{
    return default_stack;
}

int bide__fiber_refuse_resume(const bide_fiber *fiber)
{
    if (fiber->thread != &bide__fiber_running)
        return BIDE_FIBER_ETHREAD;
    return fiber->state == BIDE_FIBER_DONE ? BIDE_FIBER_EDONE : BIDE_FIBER_EBUSY;
}

int bide__fiber_refuse_suspend(void)
{
    return BIDE_FIBER_EOUTSIDE;
}

#if defined(BIDE__ASAN)
BIDE__THREAD_LOCAL const void *bide__asan_thread_stack;
BIDE__THREAD_LOCAL size_t bide__asan_thread_size;
#endif

#if defined(__ELF__)
/* The C++ runtime's, of the calling thread; NULL in a program without one. The first is the list of
 * the exceptions that have been caught, whose handlers have not ended. */
__attribute__((weak)) void **__cxa_get_globals(void);

static const void *caught(void)
{
    return __cxa_get_globals ? *__cxa_get_globals() : NULL;
}
#else
static const void *caught(void)
{
    return NULL;
}
#endif

/* The next handler that ends, on whatever stack, would end its exception. */
__attribute__((noinline, cold, noreturn)) static void report_handler(const bide_fiber *fiber)
{
    bide__complain("bide: '", fiber->name ? fiber->name : "a fiber",
                   "' was suspended inside a catch handler, but the C++ runtime keeps one list of "
                   "caught exceptions for a thread: take std::current_exception() along, and "
                   "suspend behind the handler.\n",
                   NULL);
    abort();
}

BIDE__ACROSS_STACKS int bide__fiber_resume_reported(bide_fiber *fiber)
{
    if (!bide__fiber_may_resume(fiber))
        return bide__fiber_refuse_resume(fiber);
    const void *before = caught();
    fiber->resumer = bide__fiber_running;
    bide__fiber_running = fiber;
    void *fake = bide__sanitizer_start(fiber);
    bide__fiber_enter(fiber, (char *)fiber->here.sp - 1, fiber->here.ip);
    bide__sanitizer_finish(fake, NULL);
    int state = (int)bide_fiber_state_of(fiber);
    if (state == BIDE_FIBER_SUSPENDED && caught() != before)
        report_handler(fiber);
    return state;
}

#if defined(BIDE__FIBER_SANITIZED)
BIDE__ACROSS_STACKS int bide__fiber_suspend_reported(void)
{
    bide_fiber *self = bide__fiber_running;
    if (bide__fiber_is_thread(self))
        return bide__fiber_refuse_suspend();
    bide__fiber_running = self->resumer;
    void *fake = bide__sanitizer_start(self->resumer);
    bide__fiber_leave(self, self->here.sp, self->BIDE__RESUMER_IP);
    bide__sanitizer_finish(fake, self);
    return 0;
}
#endif

void bide__fiber_expect(void)
{
    bide__stack_expect(default_class);
}

/* There is none to be in the way. */
const char *bide_fiber_javascript(void)
{
    return "";
}
