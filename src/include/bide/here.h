/* bide/here.h - the verbs that suspend note where they are called, for the dump of tasks, reports
 * of slow steps and traces, as bide_await does on its own. Include it after what it wraps; bide.h
 * does.
 *
 * A macro here is the function of the same name, which can still be called: (bide_sleep)(ns).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HERE_H
#define BIDE_HERE_H

#include <bide/step.h>

/* Notes where the running coroutine is about to await. */
static inline void bide__at(const bide_site *site)
{
    bide__exec *exec = bide__exec_current;
#if !defined(BIDE__FIBER_ONE_THREAD)
    if (!exec)
        return;
#endif
    if (exec->top)
        exec->top->site = site;
}

#define BIDE__AT(call) (bide__at(BIDE_HERE), call)

#define bide_async_for_step(...) BIDE__AT(bide_async_for_step(__VA_ARGS__))
#define bide_async_with_enter(...) BIDE__AT(bide_async_with_enter(__VA_ARGS__))
#define bide_async_with_leave(...) BIDE__AT(bide_async_with_leave(__VA_ARGS__))
#define bide_barrier_abort(...) BIDE__AT(bide_barrier_abort(__VA_ARGS__))
#define bide_barrier_reset(...) BIDE__AT(bide_barrier_reset(__VA_ARGS__))
#define bide_barrier_wait(...) BIDE__AT(bide_barrier_wait(__VA_ARGS__))
#define bide_condition_acquire(...) BIDE__AT(bide_condition_acquire(__VA_ARGS__))
#define bide_condition_wait(...) BIDE__AT(bide_condition_wait(__VA_ARGS__))
#define bide_condition_wait_for(...) BIDE__AT(bide_condition_wait_for(__VA_ARGS__))
#define bide_event_wait(...) BIDE__AT(bide_event_wait(__VA_ARGS__))
#define bide_exit_stack_enter(...) BIDE__AT(bide_exit_stack_enter(__VA_ARGS__))
#define bide_lock_acquire(...) BIDE__AT(bide_lock_acquire(__VA_ARGS__))
#define bide_queue_get(...) BIDE__AT(bide_queue_get(__VA_ARGS__))
#define bide_queue_join(...) BIDE__AT(bide_queue_join(__VA_ARGS__))
#define bide_queue_put(...) BIDE__AT(bide_queue_put(__VA_ARGS__))
#define bide_semaphore_acquire(...) BIDE__AT(bide_semaphore_acquire(__VA_ARGS__))
#define bide_sleep(...) BIDE__AT(bide_sleep(__VA_ARGS__))
#define bide_sleep_until(...) BIDE__AT(bide_sleep_until(__VA_ARGS__))
#define bide_stream_read(...) BIDE__AT(bide_stream_read(__VA_ARGS__))
#define bide_suspend(...) BIDE__AT(bide_suspend(__VA_ARGS__))
#define bide_wait(...) BIDE__AT(bide_wait(__VA_ARGS__))
#define bide_wait_for(...) BIDE__AT(bide_wait_for(__VA_ARGS__))
#define bide_wait_until(...) BIDE__AT(bide_wait_until(__VA_ARGS__))

#endif
