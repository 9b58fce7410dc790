/* port.h - where other threads leave messages for a loop.
 *
 * A loop has a port from when the first thread needs one. Threads hold it, not the loop: it stays
 * when the loop has gone, and then takes no more messages.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_PORT_H
#define BIDE_LOOP_PORT_H

#include "host/thread.h"
#include "loop/loop.h"
#include "object/shared.h"

/* Embedded in what is sent. */
typedef struct bide__message {
    struct bide__message *next;
    /* Called on the loop's thread, with loop NULL when the loop ends before that. */
    void (*deliver)(struct bide__message *self, struct bide__loop *loop);
} bide__message;

struct bide__link;

typedef struct bide__port {
    bide__shared shared; /* one reference is the loop's */
    const void *thread;  /* the loop's; never changes */
    /* Used on the loop's thread only. */
    struct bide__link *links; /* owned: its futures that wait for other threads */
    /* The loop ends: they wait no more. Set with the first of them. */
    void (*end_links)(struct bide__port *self);
    /* Guarded by the lock. */
    bide_host *host; /* borrowed; NULL once the loop is closed */
    bide__message *first, **end;
    size_t owed; /* what other threads work on for this loop */
} bide__port;

/* The loop's port (borrowed), on its own thread; NULL raises on. */
bide__port *bide__port_of(bide__loop *loop);
/* The slot `shared` of a loop. */
bide__shared *bide__port_shared(void *loop);
/* The port (borrowed) of a loop or of a copy of one; NULL with TypeError, or with RuntimeError for
 * a loop of another thread. */
bide__port *bide__port_behind(bide_value loop);

/* Sends: false if the loop has ended. With the lock held. */
bool bide__port_post(bide__port *self, bide__message *message);
/* Gives a reference up. With the lock held; bide__shared_drop is for where it is not. */
void bide__port_leave(bide__port *self);
/* Ends the wait of the loop, so that it looks at `owed` again. With the lock held. */
void bide__port_wake(bide__port *self);

/* --- for the loop ------------------------------------------------------------------- */

/* Delivers what has come, and tells the host whether anything is owed. */
void bide__port_deliver(bide__loop *loop);
/* Whether something is there that has not been delivered, or a thread could still send it. */
bool bide__port_alive(const bide__loop *loop);
/* The loop ends. */
void bide__port_close(bide__loop *loop);
/* RuntimeError unless this is the thread of the loop: 0 or BIDE_RAISED. */
int bide__loop_check_thread(const bide__loop *loop);

#endif
