/* as_completed.c - several futures, one after the other as they are done.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "loop/follower.h"
#include "loop/futures.h"
#include "loop/queue_order.h"
#include "loop/task.h"
#include "loop/waiters.h"
#include "object/exec.h"

struct completing {
    bide_object base;
    bide_value futures;      /* owned list, each once; some of them may be done, not most */
    size_t todo;             /* how many of them are not done, as far as was heard */
    struct bide__items done; /* those that are and were not taken yet; None: timed out */
    bide_value timer;        /* owned handle, or BIDE_NONE */
    size_t left;             /* how many are still to be asked for */
    bide__waiters waiters;
    bide__follower follower;
};

static void finalize(void *object)
{
    struct completing *self = object;
    bide__follower_leave(&self->follower);
    bide_drop(self->futures);
    bide__items_clear(&self->done);
    bide_drop(self->timer);
}

/* Puts what is done next at somebody's disposal; there is room for each. */
static void deliver(struct completing *self, bide_value v)
{
    bide__items_put(&self->done, &v);
    bide__waiters_wake_next(&self->waiters);
}

static int on_done(bide_value future, bide_value arg)
{
    struct completing *self = (struct completing *)arg.as.object;
    if (self->todo == 0)
        return 0; /* too late */
    if (--self->todo == 0)
        bide_handle_cancel(self->timer);
    bide__forget_done(self->futures, self->todo);
    deliver(self, bide_ref(future));
    return 0;
}

static void unwatch(const struct completing *self)
{
    for (size_t i = 0; i < bide_size(self->futures); i++)
        bide_future_remove_done_callback(bide_item(self->futures, i), on_done,
                                         bide_object_ref((void *)self));
}

static int on_timeout(bide_value arg)
{
    struct completing *self = (struct completing *)arg.as.object;
    unwatch(self);
    for (; self->todo; self->todo--)
        deliver(self, BIDE_NONE);
    return 0;
}

/* Waits for the next one: 0 with the future, or TimeoutError. */
static BIDE_ASYNC int take(struct completing *self, bide_value *future)
{
    while (!self->done.count) {
        bool chosen;
        int status = bide__waiters_wait(&self->waiters, "as_completed", self, &chosen);
        if (status < 0 && chosen && self->done.count)
            bide__waiters_wake_next(&self->waiters);
        if (status < 0)
            return BIDE_RAISED;
    }
    bide__items_take(&self->done, future);
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
    unwatch((const struct completing *)owner);
}

/* list(iterable); one that is a list or tuple itself. */
static bide_value listed(bide_value iterable)
{
    if (iterable.kind == BIDE_KIND_LIST || iterable.kind == BIDE_KIND_TUPLE)
        return bide_ref(iterable);
    BIDE_SCOPED bide_value list = bide_list();
    BIDE_FOR (item, bide_ref(iterable), return BIDE_FAILED)
        BIDE_TRY(bide_list_append(list, bide_ref(item)), return BIDE_FAILED);
    return bide_ref(list);
}

/* Makes a future of each different awaitable. */
static int make_futures(struct completing *self, bide_value iterable)
{
    BIDE_SCOPED bide_value awaitables = listed(iterable);
    struct bide__places places = {NULL, 0};
    int status = bide_failed(awaitables) ? BIDE_RAISED : 0;
    for (size_t i = 0; i < bide_size(awaitables) && status == 0; i++) {
        size_t first = bide__first_place(&places, awaitables, i);
        if (first > i)
            status = BIDE_RAISED;
        else if (first == i)
            status = bide_list_append(self->futures,
                                      bide__ensure_future(bide_ref(bide_item(awaitables, i))));
    }
    bide__places_free(&places);
    return status;
}

static int start(struct completing *self, bide_value awaitables, int64_t timeout)
{
    BIDE_TRY(make_futures(self, awaitables));
    BIDE_TRY(bide__items_reserve(&self->done, bide_size(self->futures)));
    for (size_t i = 0; i < bide_size(self->futures); i++) {
        BIDE_TRY(bide_future_add_done_callback(bide_item(self->futures, i), on_done,
                                               bide_object_ref(self)));
        self->todo = ++self->left;
    }
    if (self->left) {
        bide__loop *loop = bide__loop_required();
        if (!loop)
            return BIDE_RAISED;
        bide__follower_join(&self->follower, loop, self, let_go);
    }
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
        self->futures = bide_list();
        if (bide_failed(self->futures) || start(self, awaitables, timeout) < 0) {
            bide_value pending = bide_error_take();
            if (!bide_failed(self->futures))
                unwatch(self);
            bide_drop(v);
            bide_error_restore(pending);
            v = BIDE_FAILED;
        }
    }
    bide_drop(awaitables);
    return v;
}
