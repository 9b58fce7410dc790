/* threadsafe.c - call_soon_threadsafe and run_coroutine_threadsafe: from any thread into a loop.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/concurrent.h"
#include "loop/context.h"
#include "loop/task.h"
#include "object/exec.h"
#include "object/memory.h"

bool bide_threads_available(void)
{
    return bide__threads_exist();
}

static int raise_closed(void)
{
    return bide_raise(BIDE_RuntimeError, "Event loop is closed");
}

/* The way to the loop, for one who has a function to be called there; or NULL. */
static bide__port *port_for(bide_value loop, bool has_function)
{
    if (!has_function)
        bide__raise_no_function();
    return has_function ? bide__port_behind(loop) : NULL;
}

/* --- call_soon_threadsafe ----------------------------------------------------------- */

struct call {
    bide__message message;
    bide_callback *fn;
    bide_parcel *arg, *context; /* owned */
};

static void call_free(struct call *self)
{
    bide_parcel_drop(self->arg);
    bide_parcel_drop(self->context);
    bide__free(self);
}

static void call_soon(bide__message *message, bide__loop *loop)
{
    struct call *self = (struct call *)message;
    bide__bindings *bindings = NULL;
    if (loop && bide__context_open(&self->context, &bindings) == 0) {
        bide__bindings **before = bide__context_enter(&bindings);
        bide_drop(bide__call_soon_on(loop, self->fn, bide_parcel_open(self->arg)));
        bide__context_enter(before);
        self->arg = NULL;
    }
    if (bide_error_pending())
        bide__loop_report("A call from another thread was lost", bide_error_take());
    bide__context_leave(&bindings);
    call_free(self);
}

/* Packs the arguments of a call, and the context: 0 or BIDE_RAISED. */
static int pack(bide_value arg, bide_parcel **packed, bide_parcel **context)
{
    *packed = bide_parcel_pack(arg);
    return *packed ? bide__context_pack(context) : BIDE_RAISED;
}

/* On the loop's own thread it is call_soon. */
static int call_soon_here(bide__loop *loop, bide_callback *fn, bide_value arg)
{
    if (bide__loop_check_thread(loop) < 0 || (!loop->host && raise_closed() < 0)) {
        bide_drop(arg);
        return BIDE_RAISED;
    }
    bide_value handle = bide__call_soon_on(loop, fn, arg);
    bide_drop(handle);
    return bide_failed(handle) ? BIDE_RAISED : 0;
}

int bide_call_soon_threadsafe(bide_value v, bide_callback *fn, bide_value arg)
{
    bide__loop *own = bide__loop_peek(v);
    if (own)
        return call_soon_here(own, fn, arg);
    bide__port *port = port_for(v, fn != NULL);
    struct call *self = port ? bide__alloc(sizeof *self) : NULL;
    if (!self) {
        bide_drop(arg);
        return BIDE_RAISED;
    }
    self->message.deliver = call_soon;
    self->fn = fn;
    bool sent = pack(arg, &self->arg, &self->context) == 0;
    if (sent) {
        bide__threads_lock();
        sent = bide__port_post(port, &self->message);
        bide__threads_unlock();
        if (!sent)
            raise_closed();
    }
    if (!sent)
        call_free(self);
    return sent ? 0 : BIDE_RAISED;
}

/* --- run_coroutine_threadsafe ------------------------------------------------------- */

/* A coroutine that was asked for on another thread. A message that is under way holds a reference
 * to it, as does the callback that waits for the task. */
struct request {
    bide__concurrent future;
    bide__message start, stop;
    const bide_origin *origin;
    bide_body *body;
    bide_parcel *arg, *context; /* owned */
    bide__callback done;        /* of the task */
};

static void drop_request(bide__shared *shared)
{
    struct request *self = (struct request *)shared;
    if (bide__shared_count_down(shared) > 0)
        return;
    bide__concurrent_fini(&self->future);
    bide_parcel_drop(self->arg);
    bide_parcel_drop(self->context);
    bide__free(self);
}

static void request_drop(struct request *self)
{
    drop_request(&self->future.shared);
}

static void task_done(bide__callback *callback, bide__future *task, bide__loop *loop)
{
    struct request *self = (struct request *)((char *)callback - offsetof(struct request, done));
    bide_value v = BIDE_NONE;
    if (!loop || task->state == BIDE__CANCELLED) {
        bide__concurrent_drop(&self->future);
    } else {
        int status = bide__future_take(task, &v);
        bide__concurrent_settle(&self->future, status, v);
    }
    request_drop(self);
}

static bide_value make_task(struct request *self, bide__loop *loop)
{
    bide__bindings *bindings = NULL;
    bide_value task = BIDE_FAILED;
    if (bide__context_open(&self->context, &bindings) == 0) {
        bide__bindings **before = bide__context_enter(&bindings);
        bide_value arg = bide_parcel_open(self->arg);
        task = bide__task_new(loop, bide_coro_at(self->origin, self->body, arg), NULL, BIDE_NONE);
        bide__context_enter(before);
        self->arg = NULL;
    }
    bide__context_leave(&bindings);
    return task;
}

static void start(bide__message *message, bide__loop *loop)
{
    struct request *self = (struct request *)((char *)message - offsetof(struct request, start));
    bide__threads_lock();
    bool wanted = self->future.state == BIDE__WAITING;
    if (wanted && loop)
        self->future.state = BIDE__BEGUN;
    bide__threads_unlock();
    if (!loop)
        bide__concurrent_drop(&self->future);
    if (!loop || !wanted) {
        request_drop(self);
        return;
    }
    bide_value task = make_task(self, loop);
    if (bide_failed(task)) {
        bide__concurrent_settle(&self->future, BIDE_RAISED, BIDE_NONE);
        request_drop(self);
        return;
    }
    self->done.done = task_done; /* to which the reference goes */
    bide__future_watch(bide__future_of(task), &self->done);
    bide_drop(task);
}

static void stop(bide__message *message, bide__loop *loop)
{
    struct request *self = (struct request *)((char *)message - offsetof(struct request, stop));
    if (loop && self->done.future)
        bide_future_cancel(bide_object_value(self->done.future), NULL);
    request_drop(self);
}

static bool request_cancel(bide__concurrent *future)
{
    struct request *self = (struct request *)future;
    bide__port *home = future->home;
    bool begun = future->state == BIDE__BEGUN;
    self->stop.deliver = stop;
    if (begun)
        bide__shared_ref(&future->shared);
    if (begun && !bide__port_post(home, &self->stop))
        bide__shared_count_down(&future->shared); /* not the last: the caller has one */
    bide__concurrent_end(future, BIDE__DROPPED);
    return true;
}

bide_value bide_run_coroutine_threadsafe_at(const bide_origin *origin, bide_value loop,
                                            bide_body *body, bide_value arg)
{
    bide__port *port = port_for(loop, body != NULL);
    struct request *self = port ? bide__alloc(sizeof *self) : NULL;
    if (!self) {
        bide_drop(arg);
        return BIDE_FAILED;
    }
    bide__concurrent_init(&self->future, drop_request, request_cancel);
    self->start.deliver = start;
    self->origin = origin;
    self->body = body;
    bool sent = pack(arg, &self->arg, &self->context) == 0;
    bide__shared_ref(&self->future.shared);
    bide_value future = sent ? bide__handle_new(&self->future.shared) : BIDE_FAILED;
    if (!sent)
        request_drop(self);
    if (!bide_failed(future)) {
        bide__threads_lock();
        self->future.home = (bide__port *)bide__shared_ref(&port->shared);
        sent = bide__port_post(port, &self->start);
        bide__threads_unlock();
        if (sent)
            return future;
        raise_closed();
        bide_drop(future);
    }
    request_drop(self);
    return BIDE_FAILED;
}
