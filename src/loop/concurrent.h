/* concurrent.h - what is inside a concurrent future: a result or an exception, packed, which any
 * thread may wait for.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_CONCURRENT_H
#define BIDE_LOOP_CONCURRENT_H

#include <bide/thread.h>

#include "loop/port.h"

enum bide__concurrent_state { BIDE__WAITING, BIDE__BEGUN, BIDE__DROPPED, BIDE__ENDED };

struct bide__blocked;

/* Guarded by the lock, but for what never changes. Embedded in what is run. */
typedef struct bide__concurrent {
    bide__shared shared;
    uint8_t state;        /* enum bide__concurrent_state */
    bool failed;          /* the outcome is an exception */
    bide_parcel *outcome; /* owned; NULL of an ended one: there was no memory for it */
    bide__port *home;     /* owned until it is done; of a coroutine, the loop that runs it */
    struct bide__blocked *blocked; /* threads that wait for it */
    struct bide__blocked *waits;   /* while the function that it stands for waits for another */
    struct bide__link *links;      /* loops that do */
    /* Cancels one that is not done, with the lock held: whether it did. */
    bool (*cancel)(struct bide__concurrent *self);
} bide__concurrent;

/* Sets up a zeroed one with one reference. */
void bide__concurrent_init(bide__concurrent *self, void (*drop)(bide__shared *self),
                           bool (*cancel)(bide__concurrent *self));
/* Frees what it holds. */
void bide__concurrent_fini(bide__concurrent *self);
/* The one behind v (borrowed); NULL with TypeError. */
bide__concurrent *bide__concurrent_of(bide_value v);

/* Ends it, unless it was cancelled: the outcome moves in. */
void bide__concurrent_finish(bide__concurrent *self, bide_parcel *outcome, bool failed);
/* Packs what a call came to, its status and result (which moves in) or the pending exception, and
 * ends it so. */
void bide__concurrent_settle(bide__concurrent *self, int status, bide_value result);
/* Cancels it, whatever it does. */
void bide__concurrent_drop(bide__concurrent *self);
/* It is done in that way: tells who waits. With the lock held. */
void bide__concurrent_end(bide__concurrent *self, enum bide__concurrent_state state);
/* Counts it among what is owed to the loop. With the lock held. */
void bide__concurrent_owe(bide__concurrent *self, bide__port *port);
/* What a done one came to: 0 with its result, or BIDE_RAISED. */
int bide__concurrent_take(const bide__concurrent *self, bide_value *out);

/* What this thread runs for an executor, or NULL; borrowed. */
extern BIDE__THREAD_LOCAL bide__concurrent *bide__job_here;

/* A future of the loop that follows `self`, whose reference moves in; NULL raises on. */
bide_value bide__link(bide__loop *loop, bide__concurrent *self);
/* Tells a link that what it follows is done. With the lock held. */
void bide__link_tell(struct bide__link *link);
struct bide__link *bide__link_next(const struct bide__link *link);
/* How many of these links, beginning with `first`, the loop counts among what is owed to it. */
size_t bide__links_owed(const struct bide__link *first, const bide__port *port);

#endif
