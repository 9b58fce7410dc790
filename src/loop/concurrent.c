/* concurrent.c - concurrent futures: ending, cancelling, and blocking until they are done.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/concurrent.h"

#include "object/exec.h"
#include "object/parcel.h"

/* A thread that waits; on its stack. While it waits for the very loop that its own function is owed
 * to, it owes nothing: the loop must go on, and its clock with it. */
struct bide__blocked {
    struct bide__blocked *next;
    bide__signal done;
    const bide__port *home; /* borrowed; of what it waits for */
    size_t lent;            /* counts of what is owed to it again afterwards */
};

BIDE__THREAD_LOCAL bide__concurrent *bide__job_here;

static const bide_type concurrent_type = {
    .name = "concurrent.futures.Future",
    .finalize = bide__handle_finalize,
    .shared = bide__handle_shared,
};

void bide__concurrent_init(bide__concurrent *self, void (*drop)(bide__shared *self),
                           bool (*cancel)(bide__concurrent *self))
{
    atomic_init(&self->shared.refs, 1);
    self->shared.type = &concurrent_type;
    self->shared.drop = drop;
    self->cancel = cancel;
}

/* With the lock held. */
static void forget_port(bide__port **port)
{
    bide__port *old = *port;
    *port = NULL;
    if (old)
        bide__port_leave(old);
}

void bide__concurrent_fini(bide__concurrent *self)
{
    bide_parcel_drop(self->outcome);
    bide__threads_lock();
    forget_port(&self->home);
    bide__threads_unlock();
}

bide__concurrent *bide__concurrent_of(bide_value v)
{
    bide__handle *handle = bide_failed(v) ? NULL : bide_object_of(v, &concurrent_type);
    if (!handle)
        bide__propagate();
    return handle ? (bide__concurrent *)handle->shared : NULL;
}

/* --- ending ------------------------------------------------------------------------- */

static bool is_done(const bide__concurrent *self)
{
    return self->state == BIDE__DROPPED || self->state == BIDE__ENDED;
}

void bide__concurrent_end(bide__concurrent *self, enum bide__concurrent_state state)
{
    self->state = (uint8_t)state;
    for (struct bide__blocked *at = self->blocked; at; at = at->next) {
        if (at->lent)
            self->home->owed += at->lent;
        at->lent = 0;
        at->home = NULL;
        bide__signal_raise(&at->done);
    }
    for (struct bide__link *link = self->links, *next; link; link = next) {
        next = bide__link_next(link); /* before it is told, which may free it */
        bide__link_tell(link);
    }
    self->links = NULL;
    forget_port(&self->home);
}

void bide__concurrent_finish(bide__concurrent *self, bide_parcel *outcome, bool failed)
{
    bide__threads_lock();
    bool late = is_done(self);
    if (!late) {
        self->outcome = outcome;
        self->failed = failed;
        bide__concurrent_end(self, BIDE__ENDED);
    }
    bide__threads_unlock();
    if (late)
        bide_parcel_drop(outcome);
}

void bide__concurrent_settle(bide__concurrent *self, int status, bide_value result)
{
    bide_parcel *outcome = NULL;
    bool failed = status < 0 || bide_error_pending();
    if (!failed)
        outcome = bide_parcel_pack(result);
    else
        bide_drop(result);
    if (!outcome) {
        bide__propagate();
        outcome = bide_parcel_pack(bide_error_take());
        failed = true;
    }
    bide_error_clear();
    bide__concurrent_finish(self, outcome, failed);
}

void bide__concurrent_drop(bide__concurrent *self)
{
    bide__threads_lock();
    if (!is_done(self))
        bide__concurrent_end(self, BIDE__DROPPED);
    bide__threads_unlock();
}

/* --- waiting ------------------------------------------------------------------------ */

int bide__concurrent_take(const bide__concurrent *self, bide_value *out)
{
    *out = BIDE_NONE;
    if (self->state == BIDE__DROPPED)
        return bide_raise(BIDE_CancelledError, NULL);
    if (!self->outcome)
        return bide__raise_no_memory();
    bide_value v = bide__parcel_copy(self->outcome);
    if (self->failed || bide_failed(v))
        return bide_error_restore(v);
    *out = v;
    return 0;
}

void bide__concurrent_owe(bide__concurrent *self, bide__port *port)
{
    if (self->waits && self->waits->home == port)
        self->waits->lent++;
    else
        port->owed++;
}

/* With the lock held: whether it is done before the deadline. */
static bool block(bide__concurrent *self, int64_t deadline)
{
    struct bide__blocked here = {.next = self->blocked, .home = self->home};
    bide__concurrent *job = bide__job_here;
    bool in_time = true;
    bide__signal_init(&here.done);
    self->blocked = &here;
    if (job)
        job->waits = &here;
    if (job && self->home && (here.lent = bide__links_owed(job->links, self->home)) > 0) {
        self->home->owed -= here.lent;
        bide__port_wake(self->home);
    }
    while (!is_done(self) && in_time)
        in_time = bide__signal_wait(&here.done, deadline);
    struct bide__blocked **at = &self->blocked;
    while (*at != &here)
        at = &(*at)->next;
    *at = here.next;
    if (job)
        job->waits = NULL;
    if (here.lent) /* it is not done: it has a home still */
        self->home->owed += here.lent;
    bide__signal_destroy(&here.done);
    return is_done(self);
}

static int64_t deadline_after(int64_t timeout)
{
    int64_t now = bide__threads_clock();
    return timeout > BIDE_NEVER - now ? BIDE_NEVER : now + (timeout > 0 ? timeout : 0);
}

int bide_concurrent_result(bide_value future, int64_t timeout, bide_value *out)
{
    bide__concurrent *self = bide__concurrent_of(future);
    bide_value v = BIDE_NONE;
    if (out)
        *out = BIDE_NONE;
    if (!self)
        return BIDE_RAISED;
    bide__threads_lock();
    bool done = is_done(self);
    bool own = !done && self->home && self->home->thread == bide__this_thread();
    if (!done && !own)
        done = block(self, deadline_after(timeout));
    bide__threads_unlock();
    if (own)
        return bide_raise(BIDE_RuntimeError, "this thread runs the loop that it would wait for: "
                                             "await bide_wrap_future(future) instead");
    if (!done)
        return bide_raise(BIDE_TimeoutError, NULL);
    int status = bide__concurrent_take(self, &v);
    if (out)
        *out = v;
    else
        bide_drop(v);
    return status;
}

int bide_concurrent_cancel(bide_value future)
{
    bide__concurrent *self = bide__concurrent_of(future);
    if (!self)
        return BIDE_RAISED;
    bide__threads_lock();
    bool cancelled = self->state == BIDE__DROPPED || (!is_done(self) && self->cancel(self));
    bide__threads_unlock();
    return cancelled;
}

/* --- looking ------------------------------------------------------------------------ */

static int state_of(bide_value future)
{
    bool is = future.kind == BIDE_KIND_OBJECT && future.as.object->type == &concurrent_type;
    if (!is)
        return -1;
    bide__threads_lock();
    int state = bide__concurrent_of(future)->state;
    bide__threads_unlock();
    return state;
}

bool bide_concurrent_done(bide_value future)
{
    return state_of(future) >= BIDE__DROPPED;
}

bool bide_concurrent_cancelled(bide_value future)
{
    return state_of(future) == BIDE__DROPPED;
}

bool bide_concurrent_running(bide_value future)
{
    return state_of(future) == BIDE__BEGUN;
}
