/* thread.h - what the loop needs of threads: starting and joining them, one lock, signals to wait
 * for, and a way to end another thread's poll.
 *
 * One lock guards everything that threads share. It is held for a few instructions at a time, never
 * while a user's function runs or anything is waited for but a signal.
 *
 * One file is linked per target: threads_posix.c, or threads_none.c where there are none. There
 * bide__threads_exist is false, starting answers ENOTSUP, and the rest does nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HOST_THREAD_H
#define BIDE_HOST_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bide__thread bide__thread;

bool bide__threads_exist(void);
/* Processors that can run threads; at least 1. */
unsigned bide__processors(void);

/* Runs fn(arg) on a new thread: 0, or an errno's value. *out is to be joined or detached. */
int bide__thread_start(bide__thread **out, void (*fn)(void *arg), void *arg);
/* Waits for its end. */
void bide__thread_join(bide__thread *thread);
/* Lets it end by itself. */
void bide__thread_detach(bide__thread *thread);

void bide__threads_lock(void);
void bide__threads_unlock(void);

/* Something that threads wait for with the lock held. */
typedef struct bide__signal {
    uint64_t storage[8];
} bide__signal;

void bide__signal_init(bide__signal *signal);
void bide__signal_destroy(bide__signal *signal);
/* Gives the lock up until the signal is raised, or now and then without a reason. False once the
 * deadline on bide__threads_clock (INT64_MAX: none) has passed. */
bool bide__signal_wait(bide__signal *signal, int64_t deadline);
/* Real nanoseconds, never going back. */
int64_t bide__threads_clock(void);
/* Wakes everyone who waits for it. */
void bide__signal_raise(bide__signal *signal);

/* Two descriptors (which may be one): fds[0] becomes readable when fds[1] was written to. 0, or an
 * errno's value. */
int bide__wakeup_open(int fds[2]);
/* From any thread. */
void bide__wakeup_write(int fd);
/* Makes fds[0] unreadable again. */
void bide__wakeup_clear(int fd);
void bide__wakeup_close(const int fds[2]);

#endif
