/* timeout.c - asyncio.timeout and wait_for: a cancellation at a deadline, told from any other.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/timeout.h>

#include "loop/checked.h"
#include "loop/dump.h"
#include "loop/scope.h"

enum state { CREATED, ENTERED, EXPIRING, EXPIRED, EXITED };

struct timeout {
    bide_object base;
    bide__block block;
    int64_t when; /* BIDE_NEVER: no limit */
    enum state state;
    bide_value task;   /* owned; whose block it is */
    bide_value handle; /* owned; BIDE_NONE while nothing is scheduled */
    int cancelling;    /* of the task when the block began */
};

static const char block_name[] = "timeout"; /* by which its blocks are known */

static void finalize(void *object)
{
    struct timeout *self = object;
    bide__block_leave(&self->block);
    bide_drop(self->task);
    bide_drop(self->handle);
}

static bide_value timeout_aenter(void *self);
static bide_value timeout_aexit(void *self, bide_value error);

static const bide_type timeout_type = {
    .name = "Timeout",
    .finalize = finalize,
    .aenter = timeout_aenter,
    .aexit = timeout_aexit,
};

bide_value bide_timeout_at(int64_t deadline)
{
    struct timeout *self = bide_object_new(&timeout_type, sizeof *self);
    if (self)
        self->when = deadline;
    return bide_object_value(self);
}

bide_value bide_timeout(int64_t delay)
{
    int64_t now = bide_now();
    return bide_timeout_at(delay > BIDE_NEVER - now ? BIDE_NEVER : now + delay);
}

int64_t bide_timeout_when(bide_value v)
{
    const struct timeout *self = bide__peek(v, &timeout_type);
    return self ? self->when : BIDE_NEVER;
}

bool bide_timeout_expired(bide_value v)
{
    const struct timeout *self = bide__peek(v, &timeout_type);
    return self && (self->state == EXPIRING || self->state == EXPIRED);
}

static void unschedule(struct timeout *self)
{
    bide_handle_cancel(self->handle);
    bide_clear(&self->handle);
}

static int on_timeout(bide_value arg)
{
    struct timeout *self = (struct timeout *)arg.as.object;
    bide_clear(&self->handle);
    self->state = EXPIRING;
    return bide__block_cancel(&self->block) < 0 ? BIDE_RAISED : 0;
}

int64_t bide__timeout_of(const bide__task *task)
{
    int64_t earliest = BIDE_NEVER;
    for (bide__block *block = task->blocks; block; block = block->outer) {
        const struct timeout *self =
            (const struct timeout *)((char *)block - offsetof(struct timeout, block));
        if (block->name == block_name && !bide_is_none(self->handle) && self->when < earliest)
            earliest = self->when;
    }
    return earliest;
}

static int schedule(struct timeout *self, int64_t when)
{
    unschedule(self);
    self->when = when;
    if (when == BIDE_NEVER)
        return 0;
    bide_value me = bide_object_ref(self);
    bide_value handle =
        when <= bide_now() ? bide_call_soon(on_timeout, me) : bide_call_at(when, on_timeout, me);
    if (bide_failed(handle))
        return BIDE_RAISED;
    self->handle = handle;
    return 0;
}

int bide_timeout_reschedule(bide_value v, int64_t deadline)
{
    static const char *const names[] = {"created", "active", "expiring", "expired", "finished"};
    struct timeout *self = bide__checked(v, &timeout_type);
    if (!self)
        return BIDE_RAISED;
    if (self->state == CREATED)
        return bide_raise(BIDE_RuntimeError, "Timeout has not been entered");
    if (self->state != ENTERED)
        return bide_raise(BIDE_RuntimeError, "Cannot change state of %s Timeout",
                          names[self->state]);
    return schedule(self, deadline);
}

static BIDE_ASYNC int enter(bide_value arg, bide_value *result)
{
    struct timeout *self = (struct timeout *)arg.as.object;
    if (self->state != CREATED)
        return bide_raise(BIDE_RuntimeError, "Timeout has already been entered");
    bide_value task = bide_current_task();
    if (bide_is_none(task))
        return bide_raise(BIDE_RuntimeError, "Timeout should be used inside a task");
    self->state = ENTERED;
    self->task = task;
    self->cancelling = bide__task_of(task)->cancelling;
    bide__block_enter(&self->block, bide__task_of(task));
    BIDE_TRY(schedule(self, self->when));
    *result = bide_ref(arg);
    return 0;
}

/* arg: the timeout and what the block raised. */
static BIDE_ASYNC int leave(bide_value arg, bide_value *result)
{
    struct timeout *self = (struct timeout *)bide_item(arg, 0).as.object;
    bide_value error = bide_item(arg, 1);
    (void)result;
    unschedule(self);
    bide__block_leave(&self->block);
    if (self->state == ENTERED) {
        self->state = EXITED;
        return 0;
    }
    self->state = EXPIRED;
    /* More requests than there were before: somebody else has cancelled the task too. */
    if (bide__task_uncancel(bide__task_of(self->task)) > self->cancelling ||
        !bide_is_error(error, BIDE_CancelledError) || bide__scope_of(error))
        return 0;
    return bide_raise_error(
        bide_error_from(bide_error_new(BIDE_TimeoutError, NULL), bide_ref(error)));
}

static bide_value timeout_aenter(void *object)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    struct timeout *self = object;
    if (self->state == CREATED)
        bide__block_prepare(&self->block, block_name);
    return bide_coro_at(&origin, enter, bide_object_ref(self));
}

static bide_value timeout_aexit(void *self, bide_value error)
{
    static const bide_origin origin = {"__aexit__", __FILE__, __LINE__};
    return bide_coro_at(&origin, leave, bide_tuple(bide_object_ref(self), bide_ref(error)));
}

/* --- wait_for ----------------------------------------------------------------------- */

static int set_done(bide_value future, bide_value waiter)
{
    (void)future;
    return bide_future_done(waiter) ? 0 : bide_future_set_result(waiter, BIDE_NONE);
}

/* Cancels the future and waits until it is done, however that ends. */
BIDE__UNCOLORED static int cancel_and_wait(bide_value future)
{
    BIDE_SCOPED bide_value waiter = bide__future_for("wait_for", future);
    if (bide_future_add_done_callback(future, set_done, bide_ref(waiter)) < 0)
        return BIDE_RAISED;
    bide_future_cancel(future, NULL);
    int status = bide_await_at(NULL, bide_ref(waiter), NULL);
    bide_value pending = bide_error_take();
    bide_future_remove_done_callback(future, set_done, bide_ref(waiter));
    return bide_is_none(pending) ? status : bide_error_restore(pending);
}

/* No time is left: what is not done already is not waited for. */
BIDE__UNCOLORED static int try_now(bide_value awaitable, bide_value *out)
{
    BIDE_SCOPED bide_value future = bide__ensure_future(awaitable);
    if (bide_failed(future))
        return BIDE_RAISED;
    bool was_done = bide_future_done(future);
    if (!was_done && cancel_and_wait(future) < 0)
        return BIDE_RAISED;
    if (bide_future_result(future, out) == 0 || was_done)
        return bide_error_pending() ? BIDE_RAISED : 0;
    bide_value cancelled;
    BIDE_EXCEPT(BIDE_CancelledError, &cancelled);
    return bide_raise_error(bide_error_from(bide_error_new(BIDE_TimeoutError, NULL), cancelled));
}

BIDE__UNCOLORED int bide_wait_until(bide_value awaitable, int64_t deadline, bide_value *out)
{
    bide_with_block block;
    bide_value timeout, v = BIDE_NONE;
    if (out)
        *out = BIDE_NONE;
    if (deadline <= bide_now())
        return try_now(awaitable, out);
    int status = bide_async_with_enter(&block, bide_timeout_at(deadline), &timeout);
    if (status == 0) {
        bide_await_at(NULL, awaitable, &v);
        status = bide_async_with_leave(&block);
    } else {
        bide_drop(awaitable);
    }
    bide_drop(timeout);
    bide_async_with_abandon(&block);
    if (status == 0 && out)
        *out = v;
    else
        bide_drop(v);
    return status;
}

BIDE__UNCOLORED int bide_wait_for(bide_value awaitable, int64_t delay, bide_value *out)
{
    int64_t now = bide_now();
    return bide_wait_until(awaitable, delay > BIDE_NEVER - now ? BIDE_NEVER : now + delay, out);
}
