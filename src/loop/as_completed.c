/* as_completed.c - several futures, one after the other as they are done.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "loop/follower.h"
#include "loop/task.h"
#include "loop/waiters.h"
#include "object/exec.h"
#include "object/list.h"

struct completing {
    bide_object base;
    bide_value todo;  /* owned list of futures that are not done */
    bide_value done;  /* owned list of those that are and were not taken yet; None: timed out */
    bide_value timer; /* owned handle, or BIDE_NONE */
    size_t left;      /* how many are still to be asked for */
    bide__waiters waiters;
    bide__follower follower;
};

static void finalize(void *object)
{
    struct completing *self = object;
    bide__follower_leave(&self->follower);
    bide_drop(self->todo);
    bide_drop(self->done);
    bide_drop(self->timer);
}

/* Puts what is done next at somebody's disposal. */
static int deliver(struct completing *self, bide_value v)
{
    BIDE_TRY(bide_list_append(self->done, v));
    bide__waiters_wake_next(&self->waiters);
    return 0;
}

static int on_done(bide_value future, bide_value arg)
{
    struct completing *self = (struct completing *)arg.as.object;
    if (!bide_size(self->todo))
        return 0; /* too late */
    bide__list_remove(self->todo, bide_ref(future));
    if (!bide_size(self->todo))
        bide_handle_cancel(self->timer);
    return deliver(self, bide_ref(future));
}

static int on_timeout(bide_value arg)
{
    struct completing *self = (struct completing *)arg.as.object;
    while (bide_size(self->todo)) {
        bide_value future = bide_ref(bide_item(self->todo, 0));
        bide_future_remove_done_callback(future, on_done, bide_ref(arg));
        bide__list_remove(self->todo, future);
        BIDE_TRY(deliver(self, BIDE_NONE));
    }
    return 0;
}

/* Waits for the next one: 0 with the future, or TimeoutError. */
static BIDE_ASYNC int take(struct completing *self, bide_value *future)
{
    while (!bide_size(self->done)) {
        bool chosen;
        int status = bide__waiters_wait(&self->waiters, "as_completed", self, &chosen);
        if (status < 0 && chosen && bide_size(self->done))
            bide__waiters_wake_next(&self->waiters);
        if (status < 0)
            return BIDE_RAISED;
    }
    bide_value first = bide_item(self->done, 0);
    *future = bide_ref(first);
    bide__list_remove(self->done, bide_ref(first));
    return bide_is_none(*future) ? bide_raise(BIDE_TimeoutError, NULL) : 0;
}

static BIDE_ASYNC int next_future(bide_value arg, bide_value *result)
{
    return take((struct completing *)arg.as.object, result);
}

static BIDE_ASYNC int next_result(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value future = BIDE_NONE;
    BIDE_TRY(take((struct completing *)arg.as.object, &future));
    return bide_future_result(future, result);
}

static int completing_next(void *object, bide_value *out)
{
    static const bide_origin origin = {"_wait_for_one", __FILE__, __LINE__};
    struct completing *self = object;
    *out = BIDE_NONE;
    if (self->left == 0)
        return BIDE_RETURNED;
    self->left--;
    *out = bide_coro_at(&origin, next_result, bide_object_ref(object));
    return BIDE_YIELDED;
}

static BIDE_ASYNC int stop(bide_value arg, bide_value *result)
{
    (void)arg;
    (void)result;
    return bide_raise(BIDE_StopAsyncIteration, NULL);
}

static bide_value completing_anext(void *object)
{
    static const bide_origin origin = {"__anext__", __FILE__, __LINE__};
    struct completing *self = object;
    if (self->left == 0)
        return bide_coro_at(&origin, stop, BIDE_NONE);
    self->left--;
    return bide_coro_at(&origin, next_future, bide_object_ref(object));
}

static const bide_type completing_type = {
    .name = "_AsCompletedIterator",
    .finalize = finalize,
    .iter = bide_self,
    .next = completing_next,
    .aiter = bide_self,
    .anext = completing_anext,
};

static void let_go(bide_object *owner)
{
    const struct completing *self = (const struct completing *)owner;
    for (size_t i = 0; i < bide_size(self->todo); i++)
        bide_future_remove_done_callback(bide_item(self->todo, i), on_done, bide_object_ref(owner));
}

/* Makes the futures and watches each different one. */
static int start(struct completing *self, bide_value awaitables, int64_t timeout)
{
    BIDE_FOR (awaitable, bide_ref(awaitables)) {
        BIDE_SCOPED bide_value future = bide__ensure_future(bide_ref(awaitable));
        bool again = false;
        for (size_t i = 0; i < bide_size(self->todo); i++)
            again |= bide_is(bide_item(self->todo, i), future);
        if (again)
            continue;
        BIDE_TRY(bide_list_append(self->todo, bide_ref(future)));
        BIDE_TRY(bide_future_add_done_callback(future, on_done, bide_object_ref(self)));
        self->left++;
    }
    if (self->left)
        bide__follower_join(&self->follower, bide__loop_required(), self, let_go);
    if (timeout == BIDE_NEVER || !self->left)
        return 0;
    self->timer = bide_call_later(timeout, on_timeout, bide_object_ref(self));
    return bide_failed(self->timer) ? BIDE_RAISED : 0;
}

bide_value bide_as_completed(bide_value awaitables, int64_t timeout)
{
    struct completing *self = NULL;
    if (bide_failed(awaitables))
        bide__propagate();
    else
        self = bide_object_new(&completing_type, sizeof *self);
    bide_value v = bide_object_value(self);
    if (self) {
        self->todo = bide_list();
        self->done = bide_list();
        if (bide_failed(self->todo) || bide_failed(self->done) ||
            start(self, awaitables, timeout) < 0) {
            bide_value pending = bide_error_take();
            for (size_t i = 0; i < bide_size(self->todo); i++)
                bide_future_remove_done_callback(bide_item(self->todo, i), on_done, bide_ref(v));
            bide_drop(v);
            bide_error_restore(pending);
            v = BIDE_FAILED;
        }
    }
    bide_drop(awaitables);
    return v;
}
