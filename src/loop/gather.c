/* gather.c - awaiting several things at once: the future of all their results.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/task.h>

#include "loop/task.h"
#include "object/exec.h"
#include "object/memory.h"

struct child {
    bide__callback callback;
    struct gather *gather; /* owned while the callback waits or is ready */
};

struct gather {
    bide__future future;
    bide_value children;   /* owned list of futures, in the order of the arguments */
    struct child *waiting; /* owned; one for each different child */
    size_t count, finished;
    bool return_exceptions;
    bool cancel_requested;
};

static void gather_finalize(void *object)
{
    struct gather *self = object;
    bide__future_fini(&self->future);
    bide_drop(self->children);
    bide__free(self->waiting);
}

/* Cancels every child that is not done; the gathering future ends when they have. */
static int gather_cancel(bide__future *future, const char *message)
{
    struct gather *self = (struct gather *)future;
    if (future->state != BIDE__PENDING)
        return 0;
    bool any = false;
    for (size_t i = 0; i < bide_size(self->children); i++)
        any |= bide_future_cancel(bide_item(self->children, i), message) > 0;
    if (any)
        self->cancel_requested = true;
    return any;
}

static const bide__future_kind gather_kind = {
    .cancel = gather_cancel,
    .never_retrieved = "_GatheringFuture exception was never retrieved",
};

const bide_type bide__gather_type = {
    .name = "_GatheringFuture",
    .finalize = gather_finalize,
    .await_here = bide__future_await,
};

/* What a done future comes to: its result, or its exception as a value. */
static bide_value outcome(bide__future *child)
{
    bide_value v;
    return bide__future_take(child, &v) < 0 ? bide_error_take() : v;
}

static void finish(struct gather *self, bide__future *last)
{
    if (self->cancel_requested) {
        /* Cancelled children are results like others with return_exceptions; the cancellation of
         * the gather itself must not be lost among them. */
        bide__future_raise_cancelled(last->state == BIDE__CANCELLED ? last : &self->future);
        bide__future_fail(&self->future, bide_error_take());
        return;
    }
    bide_value results = bide_list();
    for (size_t i = 0; i < bide_size(self->children) && !bide_failed(results); i++) {
        bide_value v = outcome(bide__future_of(bide_item(self->children, i)));
        if (bide_list_append(results, v) < 0) {
            bide_drop(results);
            results = BIDE_FAILED;
        }
    }
    if (bide_failed(results))
        bide__future_fail(&self->future, bide_error_take());
    else
        bide__future_finish(&self->future, results);
}

static void child_done(bide__callback *callback, bide__future *child, bide__loop *loop)
{
    struct gather *self = ((struct child *)callback)->gather;
    self->finished++;
    bool failed = child->state == BIDE__CANCELLED || !bide_is_none(child->error);
    if (!loop || self->future.state != BIDE__PENDING) {
        child->unretrieved = false; /* the first failure was raised; the others are not reported */
    } else if (failed && !self->return_exceptions) {
        bide__future_fail(&self->future, outcome(child));
    } else if (self->finished == self->count) {
        finish(self, child);
    }
    bide_drop(bide_object_value(self));
}

static BIDE_ASYNC int await_it(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}

/* The future of an awaitable: itself, or a task for a coroutine. Moves in. */
static bide_value ensure_future(bide_value v)
{
    static const bide_origin origin = {"awaitable", __FILE__, __LINE__};
    const bide_type *type = bide__type_of(v);
    const bide__coro *coro = bide__coro_of(v);
    if (bide__future_of(v))
        return v;
    if (!coro && (type->await || type->await_here))
        return bide_task(bide_coro_at(&origin, await_it, v), NULL);
    if (coro && (coro->kind == BIDE__COROUTINE || coro->awaitable))
        return bide_task(v, NULL);
    bide_raise(BIDE_TypeError,
               "An asyncio.Future, a coroutine or an awaitable is required, not '%s'", type->name);
    bide_drop(v);
    return BIDE_FAILED;
}

/* Whether argument i stands earlier in the list too; a coroutine given twice is one child. */
static size_t first_place(bide_value list, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (bide_is(bide_item(list, k), bide_item(list, i)))
            return k;
    return i;
}

/* Makes the children and waits for them: 0 or BIDE_RAISED; what was started then runs on. */
static int start(struct gather *self, bide_value awaitables)
{
    size_t size = bide_size(awaitables);
    self->waiting = size ? bide__alloc(size * sizeof *self->waiting) : NULL;
    if (size && !self->waiting)
        return BIDE_RAISED;
    for (size_t i = 0; i < size; i++) {
        size_t first = first_place(awaitables, i);
        bide_value child = first < i ? bide_ref(bide_item(self->children, first))
                                     : ensure_future(bide_ref(bide_item(awaitables, i)));
        if (bide_list_append(self->children, child) < 0)
            return BIDE_RAISED;
        if (first == i)
            self->count++;
    }
    size_t next = 0;
    for (size_t i = 0; i < size; i++) {
        if (first_place(self->children, i) < i)
            continue;
        struct child *waiting = &self->waiting[next++];
        waiting->callback.done = child_done;
        waiting->gather = self;
        bide_object_ref(self);
        bide__future_watch(bide__future_of(bide_item(self->children, i)), &waiting->callback);
    }
    self->count = next;
    return 0;
}

bide_value bide__gather_on(bide__loop *loop, bide_value awaitables, bool return_exceptions)
{
    struct gather *self = NULL;
    if (bide_failed(awaitables))
        bide__propagate();
    else if (awaitables.kind != BIDE_KIND_LIST && awaitables.kind != BIDE_KIND_TUPLE)
        bide_raise(BIDE_TypeError, "bide_gather needs a list or tuple, got '%s'",
                   bide_type_name(awaitables));
    else
        self = bide_object_new(&bide__gather_type, sizeof *self);
    if (!self) {
        bide_drop(awaitables);
        return BIDE_FAILED;
    }
    bide__future_init(&self->future, &gather_kind, loop);
    self->return_exceptions = return_exceptions;
    self->children = bide_list();
    bool failed = bide_failed(self->children) || start(self, awaitables) < 0;
    bide_drop(awaitables);
    if (failed) {
        if (bide_failed(self->children))
            self->children = BIDE_NONE;
        bide_drop(bide_object_value(self));
        return BIDE_FAILED;
    }
    if (self->count == 0) {
        bide_value none = bide_ref(self->children);
        bide__future_finish(&self->future, none);
    }
    return bide_object_value(self);
}

bide_value bide_gather(bide_value awaitables, bool return_exceptions)
{
    bide__loop *loop = bide_failed(awaitables) ? NULL : bide__loop_required();
    if (loop)
        return bide__gather_on(loop, awaitables, return_exceptions);
    bide_drop(awaitables);
    bide__propagate();
    return BIDE_FAILED;
}
