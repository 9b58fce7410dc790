/* follower.c - a loop's followers, which it parts from what they follow when it ends.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/follower.h"

#include "loop/dump.h"
#include "object/exec.h"

void bide__follower_join(bide__follower *self, bide__loop *loop, void *owner,
                         void (*let_go)(bide_object *owner))
{
    self->loop = loop;
    self->owner = owner;
    self->let_go = let_go;
    self->previous = NULL;
    self->next = loop->followers;
    if (self->next)
        self->next->previous = self;
    loop->followers = self;
}

void bide__follower_leave(bide__follower *self)
{
    if (!self->loop)
        return;
    if (self->next)
        self->next->previous = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        self->loop->followers = self->next;
    self->loop = NULL;
}

/* "Future was destroyed but it is pending!", and what it was. */
static void report(const bide__future *future)
{
    struct bide__text text = {0};
    bide__text_add(&text, "Future was destroyed but it is pending!\n");
    bide__text_add_tree(&text, future);
    bide_value message = bide__text_finish(&text);
    if (!bide_failed(message))
        bide__loop_report(bide_cstr(message), BIDE_NONE);
    bide_error_clear();
    bide_drop(message);
}

void bide__followers_part(bide__loop *loop)
{
    bide_value pending = bide_error_take();
    while (loop->followers) {
        bide__follower *self = loop->followers;
        bide_value owner = bide_object_ref(self->owner);
        const bide__future *future = bide__future_of(owner);
        if (loop->debug && future && future->state == BIDE__PENDING)
            report(future);
        bide__follower_leave(self);
        self->let_go(owner.as.object);
        bide_drop(owner);
    }
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}
