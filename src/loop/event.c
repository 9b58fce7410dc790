/* event.c - Event: a flag that wakes everyone who waits for it.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/sync.h>

#include "loop/checked.h"
#include "loop/waiters.h"

struct event {
    bide_object base;
    bool set;
    bide__waiters waiters;
};

static const bide_type event_type = {.name = "Event"};

bide_value bide_event(void)
{
    return bide_object_value(bide_object_new(&event_type, sizeof(struct event)));
}

int bide_event_set(bide_value v)
{
    struct event *self = bide__checked(v, &event_type);
    if (!self)
        return BIDE_RAISED;
    if (self->set)
        return 0;
    self->set = true;
    while (bide__waiters_wake_next(&self->waiters))
        continue;
    return 0;
}

int bide_event_clear(bide_value v)
{
    struct event *self = bide__checked(v, &event_type);
    if (!self)
        return BIDE_RAISED;
    self->set = false;
    return 0;
}

bool bide_event_is_set(bide_value v)
{
    const struct event *self = bide__peek(v, &event_type);
    return self && self->set;
}

BIDE__UNCOLORED int bide__event_wait(bide_value v, const char *verb, void *on)
{
    struct event *self = (struct event *)v.as.object;
    if (self->set)
        return 0;
    bide_ref(v);
    int status = bide__waiters_wait(&self->waiters, verb, on, NULL);
    bide_drop(v);
    return status;
}

BIDE__UNCOLORED int bide_event_wait(bide_value v)
{
    struct event *self = bide__checked(v, &event_type);
    return self ? bide__event_wait(v, "Event.wait", self) : BIDE_RAISED;
}
