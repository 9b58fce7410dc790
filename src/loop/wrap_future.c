/* wrap_future.c - a loop's own future that follows a concurrent one.
 *
 * What is shared with other threads is the message, in which the end of the followed one arrives;
 * everything else of a link is used on the loop's thread alone, and freed there.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/concurrent.h"
#include "loop/future.h"
#include "object/exec.h"
#include "object/memory.h"

struct bide__link {
    bide__message message;
    bide__callback watching;            /* of `to` */
    bide__concurrent *from;             /* owned */
    bide__future *to;                   /* owned until `from` has ended, or the loop */
    bide__port *port;                   /* borrowed; the loop's, which outlives the link */
    bool owed;                          /* counted among what is owed to the loop */
    bool ended, watched;                /* both have to come to an end */
    struct bide__link *next, *previous; /* of the port's */
    struct bide__link *follower;        /* the next of from's; guarded by the lock */
};

static void release_if_over(struct bide__link *self)
{
    if (!self->ended || self->watched)
        return;
    bide__shared_drop(&self->from->shared);
    bide__free(self);
}

/* --- the loop's future is done ------------------------------------------------------ */

static void to_done(bide__callback *callback, bide__future *to, bide__loop *loop)
{
    struct bide__link *self =
        (struct bide__link *)((char *)callback - offsetof(struct bide__link, watching));
    bide__concurrent *from = self->from;
    self->watched = false;
    if (loop && to->state == BIDE__CANCELLED) {
        bide__threads_lock();
        if (from->state == BIDE__WAITING || from->state == BIDE__BEGUN)
            from->cancel(from);
        bide__threads_unlock();
    }
    release_if_over(self);
}

/* --- the concurrent future is done -------------------------------------------------- */

static void settle(bide__future *to, const bide__concurrent *from)
{
    bide_value v, future = bide_object_value(to);
    if (from->state == BIDE__DROPPED)
        bide_future_cancel(future, NULL);
    else if (bide__concurrent_take(from, &v) == 0)
        bide__future_finish(to, v);
    else if (bide_future_set_exception(future, bide_error_take()) < 0)
        bide__future_fail(to, bide_error_take());
}

static void end(struct bide__link *self)
{
    bide__future *to = self->to;
    if (self->next)
        self->next->previous = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        self->port->links = self->next;
    self->to = NULL;
    bide_drop(bide_object_value(to));
    self->ended = true;
    release_if_over(self);
}

static void from_done(bide__message *message, bide__loop *loop)
{
    struct bide__link *self = (struct bide__link *)message;
    bide__threads_lock();
    self->port->owed -= self->owed;
    bide__threads_unlock();
    if (loop && self->to->state == BIDE__PENDING)
        settle(self->to, self->from);
    end(self);
}

void bide__link_tell(struct bide__link *self)
{
    bide__port_post(self->port, &self->message);
}

struct bide__link *bide__link_next(const struct bide__link *self)
{
    return self->follower;
}

size_t bide__links_owed(const struct bide__link *first, const bide__port *port)
{
    size_t count = 0;
    for (const struct bide__link *at = first; at; at = at->follower)
        count += at->owed && at->port == port;
    return count;
}

static void unfollow(struct bide__link *self)
{
    bide__threads_lock();
    struct bide__link **at = &self->from->links;
    while (*at && *at != self)
        at = &(*at)->follower;
    if (*at)
        *at = self->follower;
    bide__threads_unlock();
}

static void abandon_all(bide__port *port)
{
    while (port->links) {
        unfollow(port->links);
        end(port->links);
    }
}

/* --- making ------------------------------------------------------------------------- */

/* With the lock held. */
static void follow(struct bide__link *self)
{
    bide__concurrent *from = self->from;
    if (from->state == BIDE__DROPPED || from->state == BIDE__ENDED) {
        bide__link_tell(self);
        return;
    }
    self->follower = from->links;
    from->links = self;
    self->owed = from->home != self->port;
    if (self->owed)
        bide__concurrent_owe(from, self->port);
}

bide_value bide__link(bide__loop *loop, bide__concurrent *from)
{
    bide__port *port = loop && from ? bide__port_of(loop) : NULL;
    bide_value future = port ? bide__future_on(loop, NULL) : BIDE_FAILED;
    struct bide__link *self = bide_failed(future) ? NULL : bide__alloc(sizeof *self);
    if (!self) {
        bide_drop(future);
        if (from)
            bide__shared_drop(&from->shared);
        return BIDE_FAILED;
    }
    self->message.deliver = from_done;
    self->from = from;
    self->to = bide__future_of(bide_ref(future));
    self->port = port;
    self->next = port->links;
    if (port->links)
        port->links->previous = self;
    port->links = self;
    port->end_links = abandon_all;
    self->watching.weak = true;
    self->watching.done = to_done;
    self->watched = true;
    bide__future_watch(self->to, &self->watching);
    bide__threads_lock();
    follow(self);
    bide__threads_unlock();
    return future;
}

bide_value bide_wrap_future(bide_value v)
{
    bide__concurrent *self = bide__concurrent_of(v);
    bide__loop *loop = self ? bide__loop_required() : NULL;
    if (loop)
        bide__shared_ref(&self->shared);
    return loop ? bide__link(loop, self) : BIDE_FAILED;
}
