/* shield.c - a future that follows another, without passing its own cancellation on.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/follower.h"
#include "loop/task.h"
#include "object/exec.h"
#include "object/text.h"

struct shield {
    bide__future future;
    bide_value inner; /* borrowed, while this is pending: let_go's registration owns it */
    bide__follower follower;
};

static void shield_finalize(void *object)
{
    struct shield *self = object;
    bide__follower_leave(&self->follower);
    bide__future_fini(&self->future);
}

static void describe(const bide__future *self, struct bide__text *text)
{
    (void)self;
    bide__text_add(text, "shield");
}

static bide_value follows(const bide__future *self)
{
    return ((const struct shield *)self)->inner;
}

static const bide__future_kind shield_kind = {
    .never_retrieved = "Future exception was never retrieved",
    .describe = describe,
    .follows = follows,
};

static const bide_type shield_type = {
    .name = "Future",
    .finalize = shield_finalize,
    .repr = bide__future_repr,
    .await_here = bide__future_await,
};

/* The shielded one is done: arg is the outer future. */
static int follow(bide_value inner, bide_value outer)
{
    bide_value v = BIDE_NONE;
    if (bide_future_done(outer)) {
        if (!bide_future_cancelled(inner) && bide_future_exception(inner, &v) == 0)
            bide_drop(v); /* looked at */
        return 0;
    }
    if (bide_future_cancelled(inner))
        return bide_future_cancel(outer, NULL) < 0 ? BIDE_RAISED : 0;
    if (bide_future_result(inner, &v) < 0)
        return bide_future_set_exception(outer, bide_error_take());
    return bide_future_set_result(outer, v);
}

/* The outer one is done first: its failures are for the inner's other waiters to see. */
static int let_go(bide_value outer, bide_value inner)
{
    if (bide_future_done(inner))
        return 0;
    return bide_future_remove_done_callback(inner, follow, bide_ref(outer)) < 0 ? BIDE_RAISED : 0;
}

static void part(bide_object *owner)
{
    const struct shield *self = (const struct shield *)owner;
    if (self->future.state == BIDE__PENDING)
        bide_future_remove_done_callback(self->inner, follow, bide_object_ref(owner));
}

bide_value bide_shield(bide_value awaitable)
{
    bide_value inner = bide__ensure_future(awaitable);
    if (bide_failed(inner) || bide_future_done(inner))
        return inner;
    bide__loop *loop = bide__loop_required();
    struct shield *self = loop ? bide_object_new(&shield_type, sizeof *self) : NULL;
    if (!self) {
        bide_drop(inner);
        return BIDE_FAILED;
    }
    bide_value outer = bide_object_value(self);
    bide__future_init(&self->future, &shield_kind, loop);
    self->inner = inner;
    bide__follower_join(&self->follower, loop, self, part);
    if (bide_future_add_done_callback(inner, follow, bide_ref(outer)) < 0 ||
        bide_future_add_done_callback(outer, let_go, bide_ref(inner)) < 0) {
        bide_drop(outer);
        outer = BIDE_FAILED;
    }
    bide_drop(inner);
    return outer;
}
