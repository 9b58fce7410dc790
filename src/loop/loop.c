/* loop.c - one iteration after the other: completions, expired timers, then exactly what was ready.
 *
 * The loop never blocks and knows no platform: it tells its host until when it has nothing to do,
 * and the host waits. What is scheduled while an iteration runs waits for the next one, so that
 * nothing that reschedules itself can starve the rest.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/loop.h"

#include "loop/ahead.h"
#include "loop/follower.h"
#include "loop/observe.h"
#include "loop/open_agens.h"
#include "loop/shuffle.h"
#include "loop/sigint.h"
#include "loop/port.h"
#include "loop/task_step.h"
#include "object/exec.h"
#include "object/memory.h"

BIDE__THREAD_LOCAL bide__loop *bide__loop_running;

bide__loop *bide__loop_required(void)
{
    if (!bide__loop_running)
        bide_raise(BIDE_RuntimeError, "no running event loop");
    return bide__loop_running;
}

bool bide_loop_running(void)
{
    return bide__loop_running != NULL;
}

int64_t bide__loop_now(bide__loop *loop)
{
    if (loop->stale && loop->host) {
        loop->now = loop->host->now(loop->host);
        loop->stale = false;
    }
    return loop->now;
}

int64_t bide_now(void)
{
    return bide__loop_running ? bide__loop_now(bide__loop_running) : 0;
}

/* What the loop runs comes to an end before the loop goes on: only the host's wait suspends it. */
BIDE__BARRIER static void bide__barrier_run(bide__ready *ready, bide__loop *loop)
{
    bide__exec *exec = bide__bar();
    ready->run(ready, loop);
    bide__unbar(exec);
}

BIDE__BARRIER static void bide__barrier_close_host(bide_host *host)
{
    host->close(host);
}

static void finalize(void *loop)
{
    bide__loop_close(loop);
}

static const bide_type loop_type = {
    .name = "EventLoop",
    .finalize = finalize,
    .shared = bide__port_shared,
};

bide__loop *bide__loop_peek(bide_value v)
{
    bool is = v.kind == BIDE_KIND_OBJECT && v.as.object->type == &loop_type;
    return is ? (bide__loop *)v.as.object : NULL;
}

bide__loop *bide__loop_of(bide_value v)
{
    return bide_object_of(v, &loop_type);
}

/* What a host may ask of its loop. */
static int64_t due(void *loop)
{
    const bide__loop *self = loop;
    return self->ready ? INT64_MIN : bide__timers_next(self);
}

static bool unfinished(void *loop)
{
    const bide__loop *self = loop;
    return self->ready || self->timers.count || self->tasks;
}

static void turn_once(void *loop);

bide__loop *bide__loop_new(bide_host *host)
{
    bide__loop *loop = host ? bide_object_new(&loop_type, sizeof *loop) : NULL;
    if (!loop) {
        bide__propagate();
        if (host)
            bide__barrier_close_host(host);
        return NULL;
    }
    loop->host = host;
    host->client = (bide_host_client){loop, due, unfinished, turn_once};
    loop->ready_end = &loop->ready;
    loop->now = host->now(host);
    loop->slow_step = BIDE_NEVER;
    bide__observe(loop);
    loop->thread = bide__this_thread();
    return loop;
}

/* From here to the switch all is inlined: see task_step.h. */
BIDE__INLINE void run_one(bide__ready *ready, bide__loop *loop, const bide__between *between)
{
#if defined(BIDE__FIBER_INLINED)
    bide__coro *coro = bide__resumed_by(ready, loop);
    if (__builtin_expect(coro != NULL, 1)) {
        bide__task_step_plainly(ready, coro, loop, between);
        return;
    }
#endif
    bide__between_steps(loop, between);
    if (loop->observed)
        bide__barrier_observe(ready, loop, bide__barrier_run);
    else
        bide__barrier_run(ready, loop);
}

/* What is ready becomes the batch, to be taken from one by one. */
BIDE__INLINE void take_batch(bide__loop *loop)
{
    loop->batch = loop->ready;
    loop->ready = NULL;
    loop->ready_end = &loop->ready;
}

/* There is one; before it runs, as that may free or requeue it. */
BIDE__INLINE bide__ready *take_one(bide__loop *loop)
{
    bide__ready *ready = loop->batch;
    loop->batch = ready->next;
    return ready;
}

/* Tells everything that is scheduled that its turn will not come. */
static void forget_all(bide__loop *loop)
{
    int64_t now = loop->now;
    loop->now = BIDE_NEVER;
    loop->stale = false;
    do {
        bide__timers_expire(loop);
        take_batch(loop);
        while (loop->batch)
            bide__barrier_run(take_one(loop), NULL);
    } while (loop->ready || loop->timers.count);
    loop->now = now;
}

void bide__loop_close(bide__loop *loop)
{
    if (!loop->host)
        return;
    forget_all(loop);
    while (loop->tasks)
        bide__task_abandon(loop->tasks);
    forget_all(loop);
    bide__followers_part(loop);
    if (loop->pool)
        loop->end_pool(loop, false);
    bide__port_close(loop);
    bide__barrier_close_host(loop->host);
    loop->host = NULL;
    bide__timers_free(loop);
}

void bide__loop_refuse(bide__ready *ready)
{
    bide__barrier_run(ready, NULL);
}

/* Whether it was in the list that starts at *at, whose end *end is kept true if there is one. */
static bool take_out(bide__ready **at, bide__ready ***end, const bide__ready *ready)
{
    while (*at && *at != ready)
        at = &(*at)->next;
    if (!*at)
        return false;
    *at = ready->next;
    if (end && !*at)
        *end = at;
    return true;
}

void bide__loop_forget(bide__loop *loop, const bide__ready *ready)
{
    if (!take_out(&loop->batch, NULL, ready))
        take_out(&loop->ready, &loop->ready_end, ready);
}

/* Runs what is due now: exactly that. */
BIDE__INLINE void turn(bide__loop *loop, const bide__between *between)
{
    if (loop->timers.count) {
        bide__loop_now(loop);
        bide__timers_expire(loop);
    }
    take_batch(loop);
    if (loop->shuffled)
        loop->batch = bide__shuffle(loop, loop->batch);
    while (loop->batch) {
        bide__ready *ready = take_one(loop);
        bide__look_ahead(loop->batch);
        run_one(ready, loop, between);
    }
}

/* Waits for what comes next, or looks at what has come while something is ready: 0, or BIDE_RAISED
 * if nothing can come. */
static int wait(bide__loop *loop)
{
    bide_host *host = loop->host;
    if (loop->port)
        bide__port_deliver(loop);
    if (loop->ready && !host->busy)
        return 0;
    int64_t deadline = loop->ready ? INT64_MIN : bide__timers_next(loop);
    if (deadline == BIDE_NEVER && !host->alive(host) && !bide__port_alive(loop))
        return bide__raise_deadlock(loop);
    int error = host->wait(host, deadline);
    if (loop->port)
        bide__port_deliver(loop);
    return error ? bide_raise_errno(error, "the event loop cannot wait") : 0;
}

struct outside {
    bide__loop *loop;
    bide_agen_hooks hooks;
};

/* Makes `loop` the running one, and leaves it again. */
static struct outside enter(bide__loop *loop)
{
    struct outside outside = {bide__loop_running, bide_set_agen_hooks(bide__loop_agen_hooks())};
    bide__loop_running = loop;
    loop->running = true;
    bide__observe(loop);
    return outside;
}

static void leave(bide__loop *loop, struct outside outside)
{
    loop->stopping = loop->running = false;
    bide__loop_running = outside.loop;
    bide_set_agen_hooks(outside.hooks);
}

static void turn_once(void *loop)
{
    bide__loop *self = loop;
    if (self->running || !self->host)
        return;
    bide_object_ref(self);
    struct outside outside = enter(self);
    self->stale = true;
    if (self->port)
        bide__port_deliver(self);
    bide__between between = bide__before_steps();
    turn(self, &between);
    bide__between_steps(self, &between);
    leave(self, outside);
    bide_drop(bide_object_value(self));
}

/* Whether the next iteration can follow without a wait. */
static inline bool goes_on(const bide__loop *loop)
{
    bide_host *host = loop->host;
    if (host->limit > 0 && --host->limit == 0)
        host->busy = true;
    return loop->ready && !host->busy && !loop->port;
}

/* Iterations for as long as each follows the last without a wait: whether one is due then. Apart
 * from what waits, which suspends, so that on WebAssembly nothing in here is rolled up. */
BIDE__BARRIER static bool bide__barrier_turns(bide__loop *loop)
{
    bide__between between = bide__before_steps();
    bool waits = false;
    do {
        turn(loop, &between);
        if (loop->stopping)
            break;
        loop->stale = true;
        waits = !goes_on(loop);
    } while (!waits && !bide__is_interrupted(loop));
    bide__between_steps(loop, &between);
    return waits;
}

int bide__loop_run(bide__loop *loop)
{
    struct outside outside = enter(loop);
    int status = 0;
    while (status == 0) {
        bool waits = bide__barrier_turns(loop);
        if (loop->stopping)
            break;
        if (waits)
            status = wait(loop);
        if (status == 0 && bide__is_interrupted(loop))
            status = bide__loop_interrupted(loop);
    }
    leave(loop, outside);
    bide_value exit = loop->exit;
    loop->exit = BIDE_NONE;
    if (!bide_is_none(exit) && status == 0)
        return bide_error_restore(exit);
    bide_drop(exit);
    return status;
}

/* The loop stops at the end of the iteration in which the future's callbacks run. That may be an
 * iteration of the next run, if this one was interrupted. */
static int stop(bide_value future, bide_value arg)
{
    bide__loop *loop = arg.as.ptr;
    if (loop->until == future.as.object)
        loop->stopping = true;
    return 0;
}

int bide__loop_run_until(bide__loop *loop, bide_value future)
{
    if (bide_future_add_done_callback(future, stop, bide_ptr(loop)) < 0)
        return BIDE_RAISED;
    loop->until = future.as.object;
    int status = bide__loop_run(loop);
    loop->until = NULL;
    bide_value error = bide_error_take();
    bide_future_remove_done_callback(future, stop, bide_ptr(loop)); /* it may have been stopped */
    return status < 0 ? bide_error_restore(error) : 0;
}
