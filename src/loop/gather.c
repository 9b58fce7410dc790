/* gather.c - awaiting several things at once: the future of all their results.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/task.h>

#include "loop/follower.h"
#include "loop/futures.h"
#include "loop/task.h"
#include "object/exec.h"
#include "object/list.h"
#include "object/memory.h"
#include "object/text.h"

struct child {
    bide__callback callback;
    struct gather *gather; /* owned while the callback waits or is ready */
    size_t place;          /* among the children */
};

struct gather {
    bide__future future;
    bide_value children;   /* owned list of futures, in the order of the arguments */
    struct child *waiting; /* owned; one for each different child */
    size_t room;           /* for how many that is */
    size_t count, finished;
    bide__follower follower;
    bool return_exceptions;
    bool cancel_requested;
};

static void gather_finalize(void *object)
{
    struct gather *self = object;
    bide__follower_leave(&self->follower);
    bide__future_fini(&self->future);
    bide_drop(self->children);
    bide__array_free(self->waiting, self->room * sizeof *self->waiting);
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

static void describe(const bide__future *self, struct bide__text *text)
{
    (void)self;
    bide__text_add(text, "gather");
}

static bide_value follows(const bide__future *self)
{
    return ((const struct gather *)self)->children;
}

static const bide__future_kind gather_kind = {
    .cancel = gather_cancel,
    .never_retrieved = "_GatheringFuture exception was never retrieved",
    .describe = describe,
    .follows = follows,
};

const bide_type bide__gather_type = {
    .name = "_GatheringFuture",
    .finalize = gather_finalize,
    .await_here = bide__future_await,
};

static void let_go(bide_object *owner)
{
    struct gather *self = (struct gather *)owner;
    for (size_t i = 0; i < self->count; i++) {
        bide__callback *callback = &self->waiting[i].callback;
        if (!callback->future || callback->future->state != BIDE__PENDING)
            continue;
        bide__future_unwatch(callback);
        bide_drop(bide_object_value(self));
    }
}

/* What a done future comes to: its result, or its exception as a value. */
static bide_value outcome(bide__future *child)
{
    bide_value v;
    return bide__future_take(child, &v) < 0 ? bide_error_take() : v;
}

/* The same for the list of results, where a cancelled child is a new CancelledError with the
 * message with which the child itself was cancelled. */
static bide_value listed(bide__future *child)
{
    if (child->state != BIDE__CANCELLED)
        return outcome(child);
    if (bide_is_none(child->cancel_message))
        return bide_error_new(BIDE_CancelledError, NULL);
    return bide_error_new(BIDE_CancelledError, "%s", bide_cstr(child->cancel_message));
}

/* Cancelled children are results like others with return_exceptions; the cancellation of the gather
 * itself must not be lost among them. Its message is the last child's. */
static void finish_cancelled(struct gather *self)
{
    bide__future *child = NULL;
    for (size_t i = 0; i < bide_size(self->children); i++) {
        child = bide__future_of(bide_item(self->children, i));
        child->unretrieved = false;
    }
    bide__future_raise_cancelled(child);
    bide__future_fail(&self->future, bide_error_take());
}

static void finish(struct gather *self)
{
    if (self->cancel_requested) {
        finish_cancelled(self);
        return;
    }
    bide_value results = bide__list_for(bide_size(self->children));
    for (size_t i = 0; i < bide_size(self->children) && !bide_failed(results); i++) {
        bide_value v = listed(bide__future_of(bide_item(self->children, i)));
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

static void count_in(struct gather *self, bide__future *child)
{
    self->finished++;
    bool failed = child->state == BIDE__CANCELLED || !bide_is_none(child->error);
    if (self->future.state != BIDE__PENDING) {
        child->unretrieved = false; /* the first failure was raised; the others are not reported */
    } else if (failed && !self->return_exceptions) {
        bide__future_fail(&self->future, outcome(child));
    } else if (self->finished == self->count) {
        finish(self);
    }
}

static void child_done(bide__callback *callback, bide__future *child, bide__loop *loop)
{
    struct gather *self = ((struct child *)callback)->gather;
    if (loop)
        count_in(self, child);
    else
        child->unretrieved = false;
    bide_drop(bide_object_value(self));
}

/* Waits for one more child: whether it is pending. */
static bool watch(struct gather *self, bide_value v, size_t place)
{
    struct child *waiting = &self->waiting[self->count++];
    bide__future *child = bide__future_of(v);
    *waiting = (struct child){.callback.done = child_done, .place = place};
    if (child->state != BIDE__PENDING)
        return false;
    waiting->gather = self;
    bide_object_ref(self);
    bide__future_watch(child, &waiting->callback);
    return true;
}

/* The item at i: out of the list if nobody will miss it there, as that saves a walk to drop them.
 */
static bide_value own(bide_value list, size_t i)
{
    bide_value item = bide_item(list, i);
    if (list.as.object->refs == 1 && bide__is_alone(item))
        return bide__list_take(list, i);
    return bide_ref(item);
}

/* Makes the children, a task or future for each argument, and waits for them: 0, 1 if some are
 * done already, or BIDE_RAISED. */
static int make_children(struct gather *self, bide_value awaitables, struct bide__places *places)
{
    int done = 0;
    for (size_t i = 0; i < bide_size(awaitables); i++) {
        size_t first = bide__first_place(places, awaitables, i);
        if (first > i)
            return BIDE_RAISED;
        bide_value child = first < i ? bide_ref(bide_item(self->children, first))
                                     : bide__ensure_future(own(awaitables, i));
        if (bide_list_append(self->children, child) < 0)
            return BIDE_RAISED;
        if (first == i && !watch(self, child, i))
            done = 1;
    }
    return done;
}

/* Those that are done already count at once, after all others are waited for: the gather may be
 * done before anybody has it. */
static void count_done(struct gather *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct child *waiting = &self->waiting[i];
        if (!waiting->gather)
            count_in(self, bide__future_of(bide_item(self->children, waiting->place)));
    }
}

/* Makes the children and waits for them: 0 or BIDE_RAISED; what was started then runs on. */
static int start(struct gather *self, bide_value awaitables)
{
    size_t size = bide_size(awaitables);
    struct bide__places places = {NULL, 0};
    if (size == 0)
        return 0;
    self->waiting = bide__array_grow(NULL, 0, size * sizeof *self->waiting);
    if (!self->waiting)
        return BIDE_RAISED;
    self->room = size;
    int status = make_children(self, awaitables, &places);
    bide__places_free(&places);
    if (status < 0) {
        let_go(&self->future.base);
        return BIDE_RAISED;
    }
    bide__follower_join(&self->follower, self->future.loop, self, let_go);
    if (status > 0)
        count_done(self);
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
    self->children = bide__list_for(bide_size(awaitables));
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
