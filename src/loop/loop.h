/* loop.h - the scheduler: the ready queue, the timers, and what is inside a loop.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_LOOP_H
#define BIDE_LOOP_LOOP_H

#include <bide/loop.h>

#include "host/host.h"
#include "loop/timers.h"

struct bide__loop;

/* Something that is to run in the next iteration. Embedded in what is scheduled; queued at most
 * once at a time. */
typedef struct bide__ready {
    struct bide__ready *next;
    /* Called when its turn comes, or with loop NULL when the loop ends before that: then it only
     * lets go of what it holds. */
    void (*run)(struct bide__ready *self, struct bide__loop *loop);
} bide__ready;

/* Something that is to be made ready at a time. Embedded likewise. */
typedef struct bide__timer {
    bide__ready ready;
    int64_t when;   /* ns on the loop's clock */
    uint32_t block; /* where it stands among those that wait; 0: it does not */
    uint32_t index; /* in that block */
} bide__timer;

struct bide__task;
struct bide__coro;
struct bide__port;
struct bide__pool;

typedef struct bide__loop {
    bide_object base; /* futures keep their loop, though it may be closed */
    bide_host *host;  /* owned; NULL once it is closed */
    bide__ready *ready, **ready_end;
    bide__ready *batch; /* what is left of the iteration that runs */
    uint64_t sequence;
    int64_t now; /* as of this iteration, unless it is stale */
    bool stale;  /* nobody has asked in this iteration yet: see bide__loop_now */
    bool stopping;
    bool running;
    bool emptying;                        /* stop when no task is left */
    const void *until;                    /* borrowed; the future whose end ends the run */
    struct bide__task *current;           /* borrowed; whose step is running */
    struct bide__task *tasks, *last_task; /* owned: those that are not done, oldest first */
    size_t task_count;
    struct bide__follower *followers; /* borrowed; see follower.h */
    bool shuffled; /* what has no specified order runs in one that `random` gives */
    bool observed; /* somebody looks at each step: see observe.h */
    /* The `run` of steps that may be taken quickly (task_step.h); NULL while it is observed. */
    void (*resume)(bide__ready *ready, struct bide__loop *loop);
    bool debug;              /* asyncio's debug mode */
    bool circle;             /* a cancellation has come round to where it began */
    uint64_t random;         /* the state of the generator, see shuffle.h */
    int64_t slow_step;       /* ns; longer steps are reported; BIDE_NEVER: none is */
    const void *thread;      /* whose loop it is */
    struct bide__port *port; /* owned; NULL until another thread is to reach the loop */
    struct bide__pool *pool; /* owned; the threads of the default executor, NULL until needed */
    /* Ends the pool, which there is: `wait`s for its threads, or lets them go. */
    void (*end_pool)(struct bide__loop *loop, bool wait);
    /* Whether it steps what is like a coroutine (coroutine_like.c) and has not begun: it begins by
     * throwing `error` into that. NULL until there is one. */
    bool (*begin_thrown)(const struct bide__coro *coro, bide_value error);
    bool pool_shut;               /* the default executor is not to be used any more */
    bide_value exit;              /* owned; what ends this run, or BIDE_NONE: see exit.h */
    struct bide__task *main_task; /* borrowed; whom a SIGINT cancels; NULL: nobody */
    unsigned interrupts;          /* how many SIGINTs something was done about */
    bide__timers timers;          /* last, as it is large */
} bide__loop;

/* Now on its clock, as of this iteration. Looking at the clock takes longer than a step. */
int64_t bide__loop_now(bide__loop *loop);
/* The loop that runs on this thread, or NULL. */
BIDE__TLS_MODEL extern BIDE__THREAD_LOCAL bide__loop *bide__loop_running;
static inline bide__loop *bide__loop_current(void)
{
    return bide__loop_running;
}
/* The same, or RuntimeError "no running event loop". */
bide__loop *bide__loop_required(void);

/* A loop on `host`, which it owns; NULL with MemoryError (then the host is closed). */
bide__loop *bide__loop_new(bide_host *host);
/* The loop behind v; NULL, without an exception, for anything else. */
bide__loop *bide__loop_peek(bide_value v);
/* The same with TypeError. */
bide__loop *bide__loop_of(bide_value v);
/* Closes it: what is scheduled is told so, tasks that are left are let go. */
void bide__loop_close(bide__loop *loop);
/* call_soon on a loop that need not be running; NULL raises on. */
bide_value bide__call_soon_on(bide__loop *loop, bide_callback *fn, bide_value arg);
/* call_at likewise. */
bide_value bide__call_at_on(bide__loop *loop, int64_t deadline, bide_callback *fn, bide_value arg);
/* Runs one iteration and waits for the next, until `stopping` is set. 0; or BIDE_RAISED:
 * RuntimeError when nothing can wake it any more, OSError when the host cannot wait. */
int bide__loop_run(bide__loop *loop);
/* Runs the loop until the future (borrowed) is done. */
int bide__loop_run_until(bide__loop *loop, bide_value future);

/* What was queued on a closed loop: its turn will not come. */
void bide__loop_refuse(bide__ready *ready);
/* Whether it is a call_soon's, call_later's or call_at's. */
bool bide__ready_is_handle(const bide__ready *ready);
/* Queues for the next iteration of a loop that is not closed, */
static inline void bide__loop_queue(bide__loop *loop, bide__ready *ready)
{
    ready->next = NULL;
    *loop->ready_end = ready;
    loop->ready_end = &ready->next;
}
/* or may be. */
static inline void bide__loop_soon(bide__loop *loop, bide__ready *ready)
{
    if (loop->host)
        bide__loop_queue(loop, ready);
    else
        bide__loop_refuse(ready);
}
/* Takes it out again, if it is there. */
void bide__loop_forget(bide__loop *loop, const bide__ready *ready);
/* Starts a timer: 0 or MemoryError. */
int bide__timer_start(bide__loop *loop, bide__timer *timer, int64_t when);
/* Stops it, if it waits. */
void bide__timer_stop(bide__loop *loop, bide__timer *timer);
/* The earliest deadline; BIDE_NEVER without timers. */
int64_t bide__timers_next(const bide__loop *loop);
/* Makes everything ready that is due by loop->now. */
void bide__timers_expire(bide__loop *loop);
/* Lets their memory go, when nothing waits any more. */
void bide__timers_free(bide__loop *loop);

/* Hands an error to the exception handler. `error` moves in; BIDE_NONE: none. */
void bide__loop_report(const char *message, bide_value error);
/* RuntimeError that lists who waits for what. Returns BIDE_RAISED. */
int bide__raise_deadlock(bide__loop *loop);

#endif
