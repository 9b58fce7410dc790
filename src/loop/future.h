/* future.h - what is inside a future, for those who build on it: tasks, gather, the bridge.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_FUTURE_H
#define BIDE_LOOP_FUTURE_H

#include <bide/future.h>
#include <bide/protocol.h>

#include "loop/loop.h"

typedef struct bide__future bide__future;
typedef struct bide__callback bide__callback;
struct bide__text;

/* Called in the iteration after a future is done. Embedded in whoever waits. */
struct bide__callback {
    bide__ready ready;
    bide__callback *next, *previous;
    bide__future
        *future; /* while it waits or is ready, else NULL; owned, unless weak and waiting */
    bool weak;   /* the future may go unfinished: then `done` is called without a loop */
    /* `loop` is NULL when the loop ends first. The future is borrowed. */
    void (*done)(bide__callback *self, bide__future *future, bide__loop *loop);
};

enum bide__future_state { BIDE__PENDING, BIDE__CANCELLED, BIDE__FINISHED };

/* What a kind of future does differently. */
typedef struct bide__future_kind {
    /* cancel(message): 1, or 0 if it is done. NULL: a plain future's. */
    int (*cancel)(bide__future *self, const char *message);
    const char *never_retrieved; /* what is reported of an exception that nobody looked at */
    const char *no_result;       /* set_result and set_exception are refused so; NULL: they work */
    const char *no_exception;
    /* For the dump of tasks: says what a pending one waits for ("sleep until 3.5 s"), and gives, on
     * loan, the list of futures that it follows. NULL: nothing to say. Neither may raise. */
    void (*describe)(const bide__future *self, struct bide__text *text);
    bide_value (*follows)(const bide__future *self);
} bide__future_kind;

struct bide__future {
    bide_object base;
    const bide__future_kind *kind;
    bide__loop *loop;  /* owned */
    uint8_t state;     /* enum bide__future_state */
    bool blocking;     /* being handed to a task by an await, as opposed to a bare yield */
    bool unretrieved;  /* its exception was not looked at yet */
    bide_value result; /* owned */
    bide_value error;  /* owned; of a cancelled one, the CancelledError it ended with, if any */
    bide_value cancel_message;    /* owned str, or BIDE_NONE */
    bide__callback *first, *last; /* who waits */
};

extern const bide_type bide__future_type, bide__task_type, bide__gather_type;

/* The future behind v, of any kind; NULL if it is none. */
bide__future *bide__future_of(bide_value v);
/* The same with TypeError. */
bide__future *bide__future_checked(bide_value v);
/* A plain future on a loop that need not be running; NULL raises on. */
bide_value bide__future_on(bide__loop *loop, const bide_site *made);
/* A plain future on the running loop of which the dump of tasks says `verb`, a literal such as
 * "wait", and which futures it follows: a list, or one future, borrowed while it is pending; or
 * BIDE_NONE. */
bide_value bide__future_for(const char *verb, bide_value follows);
/* What the callbacks of a future keep their order with, when the rest is shuffled: those of the
 * others who wait in the same line, or only each other. */
const void *bide__future_lane(const bide__future *self);
/* Sets up a zeroed object as a pending future of that kind. */
void bide__future_init(bide__future *self, const bide__future_kind *kind, bide__loop *loop);
void bide__future_fini(void *self);
/* Registers interest; `callback` is not registered anywhere. If the future is done already it is
 * called in the next iteration all the same. */
void bide__future_watch(bide__future *self, bide__callback *callback);
/* Tells the exception handler of an exception that nobody looked at. */
void bide__report_unretrieved(bide__future *self);
/* Takes the interest back, if it is still waiting for the future. */
void bide__future_unwatch(bide__callback *callback);
/* The callback that is ready; NULL if something else is. */
bide__callback *bide__callback_of(bide__ready *ready);
/* Tells who waits for a pending future that it will never be done: the loop ends. */
void bide__future_abandon(bide__future *self);
/* Ends a pending future, whatever its kind. The value moves in. */
void bide__future_finish(bide__future *self, bide_value result);
void bide__future_fail(bide__future *self, bide_value error);
/* Cancels a pending one; `error` (moves in; may be BIDE_NONE) is the CancelledError to raise. */
void bide__future_end_cancelled(bide__future *self, bide_value error);
/* Raises the CancelledError of a cancelled future. Returns BIDE_RAISED. */
int bide__future_raise_cancelled(bide__future *self);
/* Its result in *out, or its exception raised; the future is done. */
int bide__future_take(bide__future *self, bide_value *out);
/* The repr slot of plain ones. */
bide_value bide__future_repr(void *self);
/* The await_here slot of every kind. */
int bide__future_await(void *self, bide_value *out);
/* A str of the message, or BIDE_NONE; without memory for it none, which is reported. */
bide_value bide__cancel_message(const char *message);

#endif
