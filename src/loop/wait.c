/* wait.c - asyncio.wait: until the first, the first failure, or all of several futures.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task.h"

#include <bide/protocol.h>

#include "loop/futures.h"
#include "object/exec.h"
#include "object/list.h"

/* What the callbacks share, and keep: some may be due when the wait is over. */
struct waiting {
    bide_object base;
    bide_value waiter;  /* owned future; done when the wait is over */
    bide_value timeout; /* owned handle, or BIDE_NONE */
    size_t left;
    bide_return_when when;
};

static void finalize(void *object)
{
    struct waiting *self = object;
    bide_drop(self->waiter);
    bide_drop(self->timeout);
}

static const bide_type waiting_type = {.name = "waiting", .finalize = finalize};

static int over(const struct waiting *self)
{
    bide_handle_cancel(self->timeout);
    return bide_future_done(self->waiter) ? 0 : bide_future_set_result(self->waiter, BIDE_NONE);
}

static bool has_failed(bide_value future)
{
    bide_value error = BIDE_NONE;
    bool failed = !bide_future_cancelled(future) && bide_future_exception(future, &error) == 0 &&
                  !bide_is_none(error);
    bide_drop(error);
    return failed;
}

static int on_done(bide_value future, bide_value arg)
{
    struct waiting *self = (struct waiting *)arg.as.object;
    self->left--;
    /* An exception counts as seen only where it makes the difference. */
    bool enough = self->left == 0 || self->when == BIDE_FIRST_COMPLETED ||
                  (self->when == BIDE_FIRST_EXCEPTION && has_failed(future));
    return enough ? over(self) : 0;
}

static int on_timeout(bide_value arg)
{
    return over((const struct waiting *)arg.as.object);
}

static int check(bide_value futures, bide_return_when when)
{
    if (bide_failed(futures))
        return bide__propagate();
    if (futures.kind != BIDE_KIND_LIST && futures.kind != BIDE_KIND_TUPLE)
        return bide_raise(BIDE_TypeError, "expect a list of futures, not %s",
                          bide_type_name(futures));
    if (!bide_size(futures))
        return bide_raise(BIDE_ValueError, "Set of Tasks/Futures is empty.");
    if (when < BIDE_FIRST_COMPLETED || when > BIDE_ALL_COMPLETED)
        return bide_raise(BIDE_ValueError, "Invalid return_when value: %d", (int)when);
    for (size_t i = 0; i < bide_size(futures); i++)
        if (!bide__future_of(bide_item(futures, i)))
            return bide_raise(BIDE_TypeError,
                              "Passing coroutines is forbidden, use tasks explicitly.");
    return 0;
}

/* Registers with every future. */
static int watch_all(struct waiting *self, bide_value futures)
{
    for (size_t i = 0; i < bide_size(futures); i++) {
        BIDE_TRY(
            bide_future_add_done_callback(bide_item(futures, i), on_done, bide_object_ref(self)));
        self->left++;
    }
    return 0;
}

static void unwatch_all(struct waiting *self, bide_value futures)
{
    bide_value pending = bide_error_take();
    for (size_t i = 0; i < bide_size(futures); i++)
        bide_future_remove_done_callback(bide_item(futures, i), on_done, bide_object_ref(self));
    bide_handle_cancel(self->timeout);
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

static int sort_out(bide_value futures, bide_value done, bide_value pending)
{
    for (size_t i = 0; i < bide_size(futures); i++) {
        bide_value future = bide_item(futures, i);
        bide_value list = bide_future_done(future) ? done : pending;
        BIDE_TRY(bide_list_append(list, bide_ref(future)));
    }
    return 0;
}

/* The futures, each once, in order: an argument that gives one twice is a set all the same. */
static int each_once(bide_value futures, bide_value *out)
{
    struct bide__places places = {NULL, 0};
    size_t count = bide_size(futures);
    bide_value different = bide__list_for(count);
    int status = bide_failed(different) ? BIDE_RAISED : 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        size_t first = bide__first_place(&places, futures, i);
        if (first > i)
            status = BIDE_RAISED;
        else if (first == i)
            status = bide_list_append(different, bide_ref(bide_item(futures, i)));
    }
    bide__places_free(&places);
    *out = different;
    return status;
}

static BIDE_ASYNC int wait(bide_value futures, int64_t timeout, bide_return_when when)
{
    struct waiting *self = bide_object_new(&waiting_type, sizeof *self);
    BIDE_SCOPED bide_value keep = bide_object_value(self);
    if (!self)
        return BIDE_RAISED;
    self->when = when;
    self->waiter = bide__future_for("wait", futures);
    if (bide_failed(self->waiter))
        return BIDE_RAISED;
    if (timeout != BIDE_NEVER) {
        self->timeout = bide_call_later(timeout, on_timeout, bide_ref(keep));
        if (bide_failed(self->timeout))
            return BIDE_RAISED;
    }
    int status = watch_all(self, futures);
    if (status == 0)
        status = bide_await_at(NULL, bide_ref(self->waiter), NULL);
    unwatch_all(self, futures);
    return status;
}

BIDE__UNCOLORED int bide_wait(bide_value futures, int64_t timeout, bide_return_when when,
                              bide_value *done, bide_value *pending)
{
    BIDE_SCOPED bide_value given = futures, all = BIDE_NONE, unwanted_done = BIDE_NONE,
                           unwanted_pending = BIDE_NONE;
    done = done ? done : &unwanted_done;
    pending = pending ? pending : &unwanted_pending;
    *done = BIDE_NONE;
    *pending = BIDE_NONE;
    if (check(given, when) < 0 || each_once(given, &all) < 0 || wait(all, timeout, when) < 0)
        return BIDE_RAISED;
    *done = bide_list();
    *pending = bide_list();
    if (!bide_failed(*done) && !bide_failed(*pending) && sort_out(all, *done, *pending) == 0)
        return 0;
    bide_clear(done);
    bide_clear(pending);
    return bide__propagate();
}
