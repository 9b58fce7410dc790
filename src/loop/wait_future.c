/* wait_future.c - futures that say what they are for: those that locks, queues, groups and the like
 * make for who waits, told apart from a user's own in the dump of tasks and when shuffling.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/dump.h"

struct wait_future {
    bide__future future;
    const char *verb;             /* or NULL, and */
    const bide__parking *parking; /* borrowed, while it is pending */
    bide_value follows;           /* likewise */
    const void *line;             /* the object in whose line it waits; NULL: in none */
};

static void describe(const bide__future *future, struct bide__text *text)
{
    const struct wait_future *self = (const struct wait_future *)future;
    if (self->parking)
        bide__text_add_parking(text, self->parking);
    else
        bide__text_add(text, self->verb);
}

static bide_value follows(const bide__future *future)
{
    return ((const struct wait_future *)future)->follows;
}

static const bide__future_kind wait_kind = {
    .never_retrieved = "Future exception was never retrieved",
    .describe = describe,
    .follows = follows,
};

const void *bide__future_lane(const bide__future *future)
{
    const struct wait_future *self = (const struct wait_future *)future;
    bool in_line = future->kind == &wait_kind && self->line;
    return in_line ? self->line : (const void *)future;
}

static struct wait_future *make(void)
{
    bide__loop *loop = bide__loop_required();
    struct wait_future *self = loop ? bide_object_new(&bide__future_type, sizeof *self) : NULL;
    if (self)
        bide__future_init(&self->future, &wait_kind, loop);
    return self;
}

bide_value bide__future_for(const char *verb, bide_value followed)
{
    struct wait_future *self = make();
    if (!self)
        return BIDE_FAILED;
    self->verb = verb;
    self->follows = followed;
    return bide_object_value(self);
}

bide_value bide__future_of_parking(const bide__parking *parking)
{
    struct wait_future *self = make();
    if (!self)
        return BIDE_FAILED;
    self->parking = parking;
    self->line = parking->on;
    return bide_object_value(self);
}
