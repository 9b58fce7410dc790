/* tsan.c - ThreadSanitizer's records of stacks, changed while no signal can come.
 *
 * It puts a signal off until the code that was interrupted next calls a function that it knows, and
 * keeps it with the record of that code's stack: what comes just before a switch would wait for the
 * fiber that is left. And it makes the place for that when a stack first needs one, in GCC 12 in
 * such a way that a signal that comes meanwhile is lost.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/sanitizer.h"

#if defined(BIDE__TSAN)

#include <poll.h>
#include <pthread.h>
#include <signal.h>

/* The thread's own stack; NULL: no fiber has run on this thread. */
static BIDE__THREAD_LOCAL void *own_stack;

/* What was put off is handled as this returns. */
BIDE__ACROSS_STACKS static void hold_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
}

BIDE__ACROSS_STACKS static void release_signals(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

BIDE__ACROSS_STACKS void *bide__tsan_create(void)
{
    sigset_t before;
    void *here = __tsan_get_current_fiber();
    void *record = __tsan_create_fiber(0);
    hold_signals(&before);
    __tsan_switch_to_fiber(record, __tsan_switch_to_fiber_no_sync);
    poll(NULL, 0, 0); /* the first that may block makes the place for signals */
    __tsan_switch_to_fiber(here, __tsan_switch_to_fiber_no_sync);
    release_signals(&before);
    return record;
}

BIDE__ACROSS_STACKS void bide__tsan_switch(void *record)
{
    sigset_t before;
    if (!own_stack)
        own_stack = __tsan_get_current_fiber();
    hold_signals(&before);
    __tsan_switch_to_fiber(record ? record : own_stack, 0);
    release_signals(&before);
}

#endif
