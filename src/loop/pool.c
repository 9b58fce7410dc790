/* pool.c - the threads of an executor, and what they do.
 *
 * A thread starts when something is submitted and none is idle. It runs one function after the
 * other, each in a context of its own, and ends when the pool is shut and the queue empty. Of a
 * host that has threads one is borrowed for each function.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/pool.h"

#include <errno.h>
#include <stdlib.h>

#include "loop/context.h"
#include "object/exec.h"
#include "object/memory.h"

typedef struct job {
    bide__concurrent future;
    struct job *next; /* in the queue, which holds a reference */
    bide_function *fn;
    bide_parcel *arg, *context; /* owned */
} job;

/* Guarded by the lock, but for `threads` and `started`, which are the submitting thread's. */
struct bide__pool {
    job *first, **end;
    size_t queued, idle;
    size_t running; /* threads that have not come to their end, or been given back */
    bool shut;
    bool abandoned; /* the last thread frees it */
    bide__signal changed;
    bide__message ended; /* sent to `told` when the last thread ends */
    bide__port *told;    /* borrowed; or NULL */
    bide_host *host;     /* borrowed; lends its threads; NULL: the pool has its own */
    unsigned limit, started;
    bide__thread *threads[];
};

/* --- a thread ----------------------------------------------------------------------- */

BIDE__BARRIER static int bide__barrier_call_function(const job *self, bide_value arg,
                                                     bide_value *result)
{
    return self->fn(arg, result);
}

static void run_job(job *self)
{
    bide__bindings *bindings = NULL;
    bide_value result = BIDE_NONE, arg = bide_parcel_open(self->arg);
    int status = bide_failed(arg) ? BIDE_RAISED : bide__context_open(&self->context, &bindings);
    self->arg = NULL;
    if (status == 0) {
        bide__bindings **before = bide__context_enter(&bindings);
        bide__job_here = &self->future;
        status = bide__barrier_call_function(self, arg, &result);
        bide__job_here = NULL;
        bide__context_enter(before);
    }
    bide__context_leave(&bindings);
    bide_drop(arg);
    bide__concurrent_settle(&self->future, status, result);
}

/* Takes the next job, NULL if there is none. With the lock held. */
static job *next_job(bide__pool *self)
{
    job *next = self->first;
    if (next) {
        self->first = next->next;
        if (!self->first)
            self->end = &self->first;
        self->queued--;
    }
    return next;
}

/* The same, waiting for it; NULL when there will be none. */
static job *wait_for_job(bide__pool *self)
{
    while (!self->first && !self->shut) {
        self->idle++;
        bide__signal_wait(&self->changed, BIDE_NEVER);
        self->idle--;
    }
    return next_job(self);
}

static size_t orphans; /* abandoned pools with threads that run; guarded by the lock */
static bide__signal no_orphans;

static void pool_free(bide__pool *self)
{
    bide__signal_destroy(&self->changed);
    bide__free(self);
}

/* Runs it, unless it was cancelled. The lock is held before and after. */
static void do_job(job *self)
{
    bool wanted = self->future.state == BIDE__WAITING;
    if (wanted)
        self->future.state = BIDE__BEGUN;
    bide__threads_unlock();
    if (wanted)
        run_job(self);
    bide__shared_drop(&self->future.shared);
    bide__threads_lock();
}

/* A thread ends, or is given back. Gives up the lock. */
static void depart(bide__pool *self)
{
    bool last = --self->running == 0;
    if (last && self->told)
        bide__port_post(self->told, &self->ended);
    bool orphan = last && self->abandoned;
    if (orphan && --orphans == 0)
        bide__signal_raise(&no_orphans);
    bide__threads_unlock();
    if (orphan)
        pool_free(self);
}

/* The thread of a pool that has its own. */
static void work(void *pool)
{
    job *next;
    bide__threads_lock();
    while ((next = wait_for_job(pool)))
        do_job(next);
    depart(pool);
}

/* On a thread that the host has lent for one job. */
static void work_once(void *pool)
{
    bide__threads_lock();
    job *next = next_job(pool);
    if (next)
        do_job(next);
    depart(pool);
}

/* --- the pool ----------------------------------------------------------------------- */

bide__pool *bide__pool_new(unsigned limit)
{
    enum { MORE_THAN_PROCESSORS = 4, MOST = 32 };
    if (!bide__threads_exist()) {
        bide_raise(BIDE_RuntimeError, "threads are not supported on this target");
        return NULL;
    }
    if (limit == 0) {
        limit = bide__processors() + MORE_THAN_PROCESSORS;
        limit = limit < MOST ? limit : MOST;
    }
    bide__pool *self = bide__alloc(sizeof *self + limit * sizeof self->threads[0]);
    if (!self)
        return NULL;
    self->end = &self->first;
    self->limit = limit;
    bide__signal_init(&self->changed);
    return self;
}

static void job_drop(bide__shared *shared)
{
    job *self = (job *)shared;
    if (bide__shared_count_down(shared) > 0)
        return;
    bide__concurrent_fini(&self->future);
    bide_parcel_drop(self->arg);
    bide_parcel_drop(self->context);
    bide__free(self);
}

static bool job_cancel(bide__concurrent *future)
{
    if (future->state != BIDE__WAITING)
        return false;
    bide__concurrent_end(future, BIDE__DROPPED); /* the queue passes over it */
    return true;
}

bide__pool *bide__pool_on(bide_host *host)
{
    bide__pool *self = bide__pool_new(host->lend_thread ? 1 : 0);
    if (self && host->lend_thread)
        self->host = host;
    return self;
}

static job *make_job(bide_function *fn, bide_value arg, bide_parcel *context)
{
    bide_parcel *packed = NULL;
    if (fn)
        packed = bide_parcel_pack(arg);
    else
        bide_drop(arg);
    job *self = packed ? bide__alloc(sizeof *self) : NULL;
    if (!self) {
        bide_parcel_drop(packed);
        bide_parcel_drop(context);
        if (!fn)
            bide__raise_no_function();
        return NULL;
    }
    bide__concurrent_init(&self->future, job_drop, job_cancel);
    self->fn = fn;
    self->arg = packed;
    self->context = context;
    return self;
}

/* Starts a thread if the job needs one: 0, or RuntimeError when there is no thread at all. */
static int have_thread(bide__pool *self, bool needed)
{
    if (!needed || self->started == self->limit)
        return 0;
    bide__threads_lock();
    self->running++;
    bide__threads_unlock();
    bide__thread **thread = &self->threads[self->started];
    int error = bide__allocation_fails() ? ENOMEM : bide__thread_start(thread, work, self);
    if (error == 0) {
        self->started++;
        return 0;
    }
    bide__threads_lock();
    self->running--;
    bide__threads_unlock();
    if (self->started)
        return 0;
    if (error == ENOMEM)
        return bide__raise_no_memory();
    return bide_raise(BIDE_RuntimeError, "can't start new thread");
}

static void enqueue(bide__pool *self, job *made)
{
    *self->end = made;
    self->end = &made->next;
    self->queued++;
}

/* Queues it for a thread of the pool's own. */
static int give_to_own(bide__pool *self, job *made)
{
    bide__threads_lock();
    bool needed = self->queued + 1 > self->idle;
    bide__threads_unlock();
    if (have_thread(self, needed) < 0)
        return BIDE_RAISED;
    bide__threads_lock();
    enqueue(self, made);
    bide__signal_raise(&self->changed);
    bide__threads_unlock();
    return 0;
}

/* Whether it was still in the queue. */
static bool dequeue(bide__pool *self, const job *made)
{
    job **at = &self->first;
    while (*at && *at != made)
        at = &(*at)->next;
    if (!*at)
        return false;
    *at = made->next;
    if (!*at)
        self->end = at;
    self->queued--;
    return true;
}

/* Queues it for a thread of the host's. */
static int give_to_host(bide__pool *self, job *made)
{
    bide__threads_lock();
    enqueue(self, made);
    self->running++;
    bide__threads_unlock();
    int error =
        bide__allocation_fails() ? ENOMEM : self->host->lend_thread(self->host, work_once, self);
    if (error == 0)
        return 0;
    bide__threads_lock();
    self->running--;
    bool refused = dequeue(self, made); /* otherwise a thread that was lent before has taken it */
    bide__threads_unlock();
    return refused ? bide_raise_errno(error, "no thread for a function") : 0;
}

bide__concurrent *bide__pool_submit(bide__pool *self, bide_function *fn, bide_value arg,
                                    bide_parcel *context)
{
    job *made = make_job(fn, arg, context);
    if (!made)
        return NULL;
    bide__shared_ref(&made->future.shared);
    int status = self->host ? give_to_host(self, made) : give_to_own(self, made);
    if (status == 0)
        return &made->future;
    bide__shared_drop(&made->future.shared);
    bide__shared_drop(&made->future.shared);
    return NULL;
}

void bide__pool_shut(bide__pool *self, bool cancel)
{
    job *dropped = NULL;
    bide__threads_lock();
    self->shut = true;
    if (cancel) {
        dropped = self->first;
        self->first = NULL;
        self->end = &self->first;
        self->queued = 0;
    }
    for (job *at = dropped; at; at = at->next)
        job_cancel(&at->future);
    bide__signal_raise(&self->changed);
    bide__threads_unlock();
    while (dropped) {
        job *next = dropped->next;
        bide__shared_drop(&dropped->future.shared);
        dropped = next;
    }
}

void bide__pool_join(bide__pool *self)
{
    while (self->started > 0)
        bide__thread_join(self->threads[--self->started]);
}

/* At the end of the program, unless one of the threads ends it. */
static void wait_for_orphans(void)
{
    bide__threads_lock();
    while (orphans > 0 && !bide__job_here)
        bide__signal_wait(&no_orphans, BIDE_NEVER);
    bide__threads_unlock();
}

void bide__pool_abandon(bide__pool *self)
{
    static bool prepared; /* guarded by the lock */
    if (!self)
        return;
    bide__pool_shut(self, false);
    bide__threads_lock();
    self->abandoned = self->running > 0;
    if (self->abandoned) {
        for (unsigned i = 0; i < self->started; i++)
            bide__thread_detach(self->threads[i]);
        orphans++;
    }
    bool orphan = self->abandoned, prepare = orphan && !prepared;
    if (prepare) {
        bide__signal_init(&no_orphans);
        prepared = true;
    }
    bide__threads_unlock();
    if (prepare)
        atexit(wait_for_orphans);
    if (!orphan) {
        bide__pool_join(self);
        pool_free(self);
    }
}

/* --- the default executor ----------------------------------------------------------- */

static void stop_loop(bide__message *message, bide__loop *loop)
{
    (void)message;
    if (loop)
        loop->stopping = true;
}

/* Whether threads still run; then the last one will send word to the port, if there is one. */
static bool still_running(bide__pool *self, bide__port *port)
{
    bide__threads_lock();
    bool running = self->running > 0;
    self->told = port;
    bide__threads_unlock();
    return running;
}

void bide__loop_end_pool(bide__loop *loop, bool wait)
{
    bide__pool *self = loop->pool;
    if (wait) {
        self->ended.deliver = stop_loop;
        bide__pool_shut(self, false);
        while (still_running(self, loop->port)) {
            if (bide__loop_run(loop) == 0)
                continue;
            bide__loop_report("the loop could not wait for its threads", bide_error_take());
            break;
        }
        bide__pool_join(self);
        still_running(self, NULL); /* from now on no word comes; */
        bide__port_deliver(loop);  /* it may have come late */
        loop->stopping = false;
    }
    loop->pool = NULL;
    bide__pool_abandon(self);
}
