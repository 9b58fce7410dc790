/* task.c - a future that drives a coroutine.
 *
 * A step sends to the coroutine, or throws into it, and looks at what comes out: a future to wait
 * for, None to be resumed in the next iteration, or its end. The loop owns every task until it is
 * done, so that none can vanish while it waits.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task.h"

#include "loop/exit.h"
#include "loop/observe.h"
#include "loop/scope.h"
#include "loop/task_step.h"
#include "object/exec.h"

static BIDE__THREAD_LOCAL unsigned long next_number;

static void step(bide__task *self, bide_value error);

bide__task *bide__task_of(bide_value v)
{
    bool is = v.kind == BIDE_KIND_OBJECT && v.as.object->type == &bide__task_type;
    return is ? (bide__task *)v.as.object : NULL;
}

/* Names are made when they are asked for, which for most tasks is never. */
const char *bide__task_name(bide__task *self)
{
    if (bide_is_none(self->name)) {
        bide_value pending = bide_error_take();
        bide_value name = bide_strf("Task-%lu", self->number);
        if (bide_failed(name))
            bide_error_clear();
        else
            self->name = name;
        if (!bide_is_none(pending))
            bide_error_restore(pending);
    }
    return bide_is_none(self->name) ? "Task" : bide_cstr(self->name);
}

void bide__task_number(bide__task *self)
{
    if (self->number == 0)
        self->number = ++next_number;
}

/* --- the loop's list ---------------------------------------------------------------- */

static void enlist(bide__loop *loop, bide__task *self)
{
    bide_object_ref(self);
    self->previous = loop->last_task;
    if (loop->last_task)
        loop->last_task->next = self;
    else
        loop->tasks = self;
    loop->last_task = self;
    loop->task_count++;
}

/* The task is done: drops what it ran on, and the loop's reference, which may be the last. */
static void retire(bide__task *self)
{
    bide__loop *loop = self->future.loop;
    if (self->next)
        self->next->previous = self->previous;
    else
        loop->last_task = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        loop->tasks = self->next;
    if (--loop->task_count == 0 && loop->emptying)
        loop->stopping = true;
    bide_clear(&self->coro);
    if (self->blocks)
        bide__blocks_end(self);
    bide_drop(bide_object_value(self));
}

/* --- stepping ----------------------------------------------------------------------- */

void bide__task_turn(bide__ready *ready, bide__loop *loop)
{
    bide__task *self = (bide__task *)((char *)ready - offsetof(bide__task, step));
    bide_value error = self->thrown;
    self->thrown = BIDE_NONE;
    if (bide_is_none(self->context))
        self->step.run = bide__task_resume;
    if (loop)
        step(self, error);
    else
        bide_drop(error);
}

void bide__task_resume(bide__ready *ready, bide__loop *loop)
{
    if (loop)
        step((bide__task *)((char *)ready - offsetof(bide__task, step)), BIDE_NONE);
}

/* The future it awaited is done. */
static void wake(bide__callback *callback, bide__future *future, bide__loop *loop)
{
    bide__task *self = (bide__task *)((char *)callback - offsetof(bide__task, wakeup));
    bide_value result, error = BIDE_NONE;
    if (!loop)
        return;
    /* A failure is thrown in where it awaits; a result is fetched by the await itself. */
    bool failed = future->state == BIDE__CANCELLED || !bide_is_none(future->error);
    if (failed && bide__future_take(future, &result) < 0) {
        error = bide_error_take();
        if (self->scope)
            error = bide__scopes_wake(self, error);
    }
    step(self, error);
}

bide__task *bide__task_of_ready(bide__ready *ready)
{
    const bide__callback *callback = bide__callback_of(ready);
    if (bide__is_task_step(ready))
        return (bide__task *)((char *)ready - offsetof(bide__task, step));
    if (callback && callback->done == wake)
        return (bide__task *)((char *)callback - offsetof(bide__task, wakeup));
    return NULL;
}

static int cancel_waited(bide__future *waited, const char *message)
{
    return bide_future_cancel(bide_object_value(waited), message);
}

static const char *message_of(const bide__task *self)
{
    bide_value message = self->future.cancel_message;
    return bide_is_none(message) ? NULL : bide_cstr(message);
}

/* It is to be cancelled, or is in a scope that may be. */
static void interrupt(bide__task *self, bide__future *waited)
{
    bool event = self->must_cancel && cancel_waited(waited, message_of(self)) > 0;
    if (event)
        self->must_cancel = false;
    if (self->scope)
        bide__scopes_wait(self, waited, event);
}

/* The coroutine awaits a future: waits for it. Answers an error to throw in, or BIDE_NONE. */
static bide_value wait_for(bide__task *self, bide__future *waited)
{
    if (waited->loop != self->future.loop)
        return bide_error_new(BIDE_RuntimeError,
                              "Task %s got Future <%s> attached to a different loop",
                              bide__task_name(self), waited->base.type->name);
    if (!waited->blocking)
        return bide_error_new(BIDE_RuntimeError,
                              "yield was used instead of yield from in task '%s' with <%s>",
                              bide__task_name(self), waited->base.type->name);
    waited->blocking = false;
    if (waited == &self->future)
        return bide_error_new(BIDE_RuntimeError, "Task cannot await on itself: '%s'",
                              bide__task_name(self));
    self->wakeup.done = wake;
    bide__future_watch(waited, &self->wakeup);
    if (self->must_cancel || self->scope)
        interrupt(self, waited);
    return BIDE_NONE;
}

static bide_value bad_yield(bide__task *self, bide_value v)
{
    const bide__coro *coro = bide__coro_of(v);
    if (coro && coro->kind == BIDE__GENERATOR)
        return bide_error_new(BIDE_RuntimeError,
                              "yield was used instead of yield from for generator in task '%s'",
                              bide__task_name(self));
    bide_value text = bide_repr(v);
    bide_value error =
        bide_failed(text)
            ? BIDE_FAILED
            : bide_error_new(BIDE_RuntimeError, "Task got bad yield: %s", bide_cstr(text));
    bide_drop(text);
    return error;
}

/* A cancellation ends the wait of one that is parked: whether there was one to end. It is thrown in
 * by the step that this makes ready. */
static bool cancel_parking(bide__task *self)
{
    if (!self->parking || self->parking->state != BIDE__PENDING)
        return false;
    self->parking->state = BIDE__CANCELLED;
    bide__task_must_cancel(self);
    bide__task_ready(self);
    return true;
}

static void parked(bide__task *self)
{
    if (self->must_cancel)
        cancel_parking(self);
    else if (self->scope)
        bide__scopes_interrupt(self);
}

static void suspended(bide__task *self, bide_value v)
{
    if (bide_is_none(v)) {
        if (self->scope)
            bide__task_throw(self, bide__scopes_pause(self));
        bide__task_ready(self);
        return;
    }
    bide__future *waited = bide__future_of(v);
    bide_value error = BIDE_NONE;
    if (waited)
        error = wait_for(self, waited);
    else
        error = bad_yield(self, v);
    if (bide_failed(error))
        error = bide_error_take(); /* MemoryError, thrown in like any other */
    if (!self->wakeup.future) {
        bide__task_throw(self, error);
        bide__task_ready(self);
    }
    bide_drop(v);
}

static void ended(bide__task *self, int status, bide_value v)
{
    if (status == BIDE_RETURNED && self->must_cancel) {
        /* Cancelled after its last await: the result is lost, as in asyncio. */
        bide_drop(v);
        self->must_cancel = false;
        bide__future_end_cancelled(&self->future, BIDE_NONE);
    } else if (status == BIDE_RETURNED) {
        bide__future_finish(&self->future, v);
    } else if (bide_error_matches(BIDE_CancelledError)) {
        bide_clear(&self->future.cancel_message);
        bide__future_end_cancelled(&self->future, bide_error_take());
    } else {
        bide_value error = bide_error_take();
        bide__future_fail(&self->future, error);
        if (bide__loop_exit(self->future.loop, error) && self == self->future.loop->main_task)
            self->future.unretrieved = false; /* the run raises it */
        if (self->detached)
            bide__detached_failed(self);
    }
    retire(self);
}

static void stepped(bide__task *self, int status, bide_value v)
{
    if (status == BIDE_YIELDED)
        suspended(self, v);
    else if (status == BIDE__PARKED)
        parked(self);
    else
        ended(self, status, v);
}

BIDE__BARRIER void bide__barrier_stepped(bide__task *self, int status, bide_value v)
{
    bide__exec *exec = bide__bar();
    stepped(self, status, v);
    bide__unbar(exec);
}

/* What is thrown in, in place of `error`, at a step for which a cancellation is due. */
static bide_value cancellation(bide__task *self, bide_value error)
{
    self->must_cancel = false;
    if (bide__scope_of(error))
        bide_clear(&error); /* it comes again with the next await */
    if (bide_is_error(error, BIDE_CancelledError))
        return error;
    if (!bide_is_none(error))
        bide_error_restore(error); /* the context of the cancellation */
    bide__future_raise_cancelled(&self->future);
    return bide_error_take();
}

/* Resumes the coroutine, which in a context object keeps others out of that. */
static int resume(bide__task *self, bide_value error, bide_value *v)
{
    bool own = bide_is_none(self->context);
    bide__bindings **before =
        bide__context_enter(own ? &self->bindings : bide__context_slot(self->context));
    bool entered = own || bide__context_set_entered(self->context, true);
    bide__coro *coro = bide__coro_of(self->coro);
    int status = bide_is_none(error) ? bide__coro_send(coro, BIDE_NONE, v)
                                     : bide__coro_throw(coro, error, v);
    if (!own)
        bide__context_set_entered(self->context, entered);
    bide__context_enter(before);
    return status;
}

/* Whether what drives a coroutine that has yet to begin takes `error`, to begin with it. Nothing
 * suspends there, but that cannot be seen: it has the type of a body. */
BIDE__BARRIER static bool bide__barrier_begins_thrown(const bide__task *self, bide_value error)
{
    const bide__loop *loop = self->future.loop;
    return loop->begin_thrown && loop->begin_thrown(bide__coro_of(self->coro), error);
}

static void step(bide__task *self, bide_value error)
{
    bide__loop *loop = self->future.loop;
    bide__task *outer = loop->current;
    bide_value v;

    if (self->must_cancel)
        error = cancellation(self, error);
    if (!bide_is_none(error) && bide__barrier_begins_thrown(self, error))
        error = BIDE_NONE;
    loop->current = self;
    int status = resume(self, error, &v);
    loop->current = outer;
    stepped(self, status, v);
}

/* --- making ------------------------------------------------------------------------- */

/* Cancels what the task waits for: whether it did. The last in a circle of tasks that wait for each
 * other waits no longer. */
static bool pass_cancel(bide__task *self, const char *message)
{
    bide__future *waited = self->wakeup.future;
    if (!waited || waited->state != BIDE__PENDING)
        return false;
    self->passing_cancel = true;
    bool passed = cancel_waited(waited, message) > 0;
    self->passing_cancel = false;
    if (!passed && self->future.loop->circle) {
        bide__future_unwatch(&self->wakeup);
        bide__task_ready(self);
    }
    self->future.loop->circle = false;
    return passed;
}

int bide__task_cancel_inside(bide__task *self, const bide__scope *scope, const char *message)
{
    bide__future *future = &self->future;
    future->unretrieved = false;
    if (future->state != BIDE__PENDING)
        return 0;
    if (self->passing_cancel) { /* tasks that wait for each other: it comes from itself */
        future->loop->circle = true;
        return 0;
    }
    if (self->scope && bide__scopes_hold(self, scope, message))
        return 1;
    self->cancelling++;
    if (future->loop->observed)
        bide__observe_cancelled(self);
    if (pass_cancel(self, message))
        return 1;
    if (self->must_cancel && bide__wait_is_cancelled(self))
        return 1; /* the first message is the one that is delivered */
    if (!cancel_parking(self))
        bide__task_must_cancel(self); /* if it is already, the last message is the one */
    bide_clear(&future->cancel_message);
    future->cancel_message = bide__cancel_message(message);
    return 1;
}

static int task_cancel(bide__future *future, const char *message)
{
    return bide__task_cancel_inside((bide__task *)future, NULL, message);
}

static const bide__future_kind task_kind = {
    .cancel = task_cancel,
    .never_retrieved = "Task exception was never retrieved",
    .no_result = "Task does not support set_result operation",
    .no_exception = "Task does not support set_exception operation",
};

static void task_finalize(void *object)
{
    bide__task *self = object;
    if (self->future.state == BIDE__PENDING)
        bide__loop_report("Task was destroyed but it is pending!", BIDE_NONE);
    bide__future_fini(&self->future);
    bide_drop(self->coro);
    bide_drop(self->name);
    bide_drop(self->thrown);
    bide_drop(self->context);
    bide__context_leave(&self->bindings);
}

static bide_value task_repr(void *object)
{
    static const char *const states[] = {"pending", "cancelled", "finished"};
    bide__task *self = object;
    return bide_strf("<Task %s name='%s'>", states[self->future.state], bide__task_name(self));
}

const bide_type bide__task_type = {
    .name = "Task",
    .finalize = task_finalize,
    .repr = task_repr,
    .await_here = bide__future_await,
};

/* A task that is not scheduled yet. `coro` and `context` move in. */
static bide__task *make(bide__loop *loop, bide_value coro, const char *name, bide_value context)
{
    bide_value text = BIDE_FAILED;
    if (!bide_failed(coro) && !bide_failed(context))
        text = name ? bide_str(name) : BIDE_NONE;
    bide__task *self = bide_failed(text) ? NULL : bide_object_new(&bide__task_type, sizeof *self);
    if (!self) {
        bide_drop(text);
        bide_drop(coro);
        bide_drop(context);
        bide__propagate();
        return NULL;
    }
    bide__future_init(&self->future, &task_kind, loop);
    self->coro = coro;
    self->origin = bide__coro_of(coro)->origin;
    self->name = text;
    self->step.run = bide__task_turn;
    if (!name)
        bide__task_number(self);
    self->context = context;
    if (bide_is_none(context))
        self->bindings = bide__context_capture();
    enlist(loop, self);
    if (loop->observed)
        bide__observe_created(self);
    return self;
}

bide_value bide__task_new(bide__loop *loop, bide_value coro, const char *name, bide_value context)
{
    bide__task *self = make(loop, coro, name, context);
    if (self)
        bide__task_ready(self);
    return bide_object_value(self);
}

bide_value bide__task_eager(bide__loop *loop, bide_value coro, const char *name)
{
    bide__task *self = make(loop, coro, name, BIDE_NONE);
    if (self && loop->observed)
        bide__observe_step(self, step);
    else if (self)
        step(self, BIDE_NONE);
    return bide_object_value(self);
}

/* It is not to be woken by what it awaits, which may be done already. */
static void forget_wakeup(bide__task *self)
{
    bide__future_unwatch(&self->wakeup);
    bide__future *done = self->wakeup.future;
    if (!done)
        return;
    bide__loop_forget(self->future.loop, &self->wakeup.ready);
    self->wakeup.future = NULL;
    bide_drop(bide_object_value(done));
}

void bide__task_abandon(bide__task *self)
{
    forget_wakeup(self);
    if (self->parking) {
        self->parking->state = BIDE__CANCELLED;
        self->parking->task = NULL;
        self->parking = NULL;
    }
    bide__loop_forget(self->future.loop, &self->step);
    bide__future_abandon(&self->future);
    retire(self);
}
