/* port.c - messages into a loop.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/port.h"

#include "object/exec.h"
#include "object/memory.h"

#include <errno.h>

static const bide_type remote_loop_type = {
    .name = "EventLoop of another thread",
    .finalize = bide__handle_finalize,
    .shared = bide__handle_shared,
};

static void drop(bide__shared *self)
{
    bide__threads_lock();
    bide__port_leave((bide__port *)self);
    bide__threads_unlock();
}

/* --- from a loop to its port -------------------------------------------------------- */

static bide__port *make(bide__loop *loop)
{
    if (!loop->host) {
        bide_raise(BIDE_RuntimeError, "Event loop is closed");
        return NULL;
    }
    int error = loop->host->open_wake ? loop->host->open_wake(loop->host) : ENOTSUP;
    if (!bide__threads_exist() || error == ENOTSUP) {
        bide_raise(BIDE_RuntimeError, "threads are not supported on this target");
        return NULL;
    }
    if (error) {
        bide_raise_errno(error, "the event loop cannot be woken by threads");
        return NULL;
    }
    bide__port *self = bide__alloc(sizeof *self);
    if (!self)
        return NULL;
    atomic_init(&self->shared.refs, 1);
    self->shared.type = &remote_loop_type;
    self->shared.drop = drop;
    self->thread = loop->thread;
    self->host = loop->host;
    self->end = &self->first;
    return self;
}

bide__port *bide__port_of(bide__loop *loop)
{
    if (!loop->port)
        loop->port = make(loop);
    return loop->port;
}

bide__shared *bide__port_shared(void *loop)
{
    bide__port *port = bide__loop_check_thread(loop) < 0 ? NULL : bide__port_of(loop);
    return port ? &port->shared : NULL;
}

bide__port *bide__port_behind(bide_value v)
{
    bide__loop *loop = bide__loop_peek(v);
    if (loop)
        return bide__loop_check_thread(loop) < 0 ? NULL : bide__port_of(loop);
    if (v.kind == BIDE_KIND_OBJECT && v.as.object->type == &remote_loop_type)
        return (bide__port *)((bide__handle *)v.as.object)->shared;
    if (bide_failed(v))
        bide__propagate();
    else
        bide_raise(BIDE_TypeError, "an event loop is expected, got '%s'", bide_type_name(v));
    return NULL;
}

int bide__loop_check_thread(const bide__loop *loop)
{
    if (loop->thread == bide__this_thread())
        return 0;
    return bide_raise(BIDE_RuntimeError, "Non-thread-safe operation invoked on an event loop other "
                                         "than the current one");
}

/* --- sending ------------------------------------------------------------------------ */

BIDE__BARRIER static void bide__barrier_wake(bide_host *host)
{
    host->wake(host);
}

void bide__port_wake(bide__port *self)
{
    if (self->host)
        bide__barrier_wake(self->host);
}

/* A loop that nobody else can reach any more has to ask again whether it is deadlocked. */
void bide__port_leave(bide__port *self)
{
    unsigned left = bide__shared_count_down(&self->shared);
    if (left == 0)
        bide__free(self);
    else if (left == 1)
        bide__port_wake(self);
}

bool bide__port_post(bide__port *self, bide__message *message)
{
    if (!self->host)
        return false;
    message->next = NULL;
    *self->end = message;
    self->end = &message->next;
    if (self->first == message)
        bide__barrier_wake(self->host);
    return true;
}

/* --- receiving ---------------------------------------------------------------------- */

BIDE__BARRIER static void bide__barrier_deliver(bide__message *message, bide__loop *loop)
{
    message->deliver(message, loop);
}

static void deliver(bide__message *message, bide__loop *loop)
{
    while (message) {
        bide__message *next = message->next; /* before it is delivered, which may free it */
        bide__barrier_deliver(message, loop);
        message = next;
    }
}

static bide__message *take_all(bide__port *self)
{
    bide__message *messages = self->first;
    self->first = NULL;
    self->end = &self->first;
    return messages;
}

void bide__port_deliver(bide__loop *loop)
{
    bide__port *self = loop->port;
    bide__message *messages = NULL;
    do {
        deliver(messages, loop);
        bide__threads_lock();
        messages = take_all(self);
        loop->host->owed = self->owed > 0;
        bide__threads_unlock();
    } while (messages);
}

/* A thread may have sent its last and left since the messages were delivered. */
bool bide__port_alive(const bide__loop *loop)
{
    const bide__port *self = loop->port;
    if (!self)
        return false;
    bool ending = loop->pool && loop->pool_shut; /* the last thread will say so */
    bide__threads_lock();
    bool alive = ending || self->first || self->owed || atomic_load(&self->shared.refs) > 1;
    bide__threads_unlock();
    return alive;
}

void bide__port_close(bide__loop *loop)
{
    bide__port *self = loop->port;
    if (!self)
        return;
    bide__threads_lock();
    self->host = NULL;
    bide__message *messages = take_all(self);
    bide__threads_unlock();
    deliver(messages, NULL);
    if (self->links)
        self->end_links(self);
    loop->port = NULL;
    bide__shared_drop(&self->shared);
}
