/* request.h - what C asks of JavaScript: a queue in memory that JavaScript reads whenever C has
 * returned to it.
 *
 * A request that wants an answer has a future, in a slot with a serial number; the answer names
 * both, so that one that comes too late finds nobody.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_JS_REQUEST_H
#define BIDE_JS_REQUEST_H

#include "js/wire.h"

/* The kinds, and what follows: answered ones start with u32 slot, u32 serial. */
enum {
    BIDE__ASK_CALL = 1,  /* answered: text name, value args */
    BIDE__ASK_AWAIT,     /* answered: u32 id of a thenable */
    BIDE__ASK_NEXT,      /* answered: u32 iterator, u32 id of what it iterates, 0: stdin */
    BIDE__ASK_CLOSE,     /* answered: u32 iterator */
    BIDE__ASK_ABORT,     /* u32 slot, u32 serial: nobody waits for the answer any more */
    BIDE__ASK_RELEASE,   /* u32 id, u32 crossings of a handle that C gives up */
    BIDE__ASK_FORGET,    /* u32 iterator, u32 0 */
    BIDE__ASK_RESOLVE,   /* u32 slot, value: a promise that JavaScript was given is done */
    BIDE__ASK_REJECT,    /* u32 slot, value: an exception */
    BIDE__ASK_UNHANDLED, /* text message, value: an exception that nobody takes, or none */
};

extern bide__writer bide__js_outbox;

/* Begins any of them. */
void bide__js_open(uint32_t op);

/* Writes the head of a request: the future of its answer. The caller writes the rest and then calls
 * end with that future, which takes the request back if anything failed on the way. Between the two
 * nothing else may be asked. */
bide_value bide__js_ask_begin(uint32_t op);
bide_value bide__js_ask_end(bide_value future);
/* Writes a request without answer; false if there is no memory for it. */
bool bide__js_tell(uint32_t op, uint32_t first, uint32_t second);
/* Writes RESOLVE or REJECT; what cannot cross rejects with the exception that says why. Both move
 * in. */
void bide__js_tell_done(uint32_t slot, bide_value result, bide_value error);
/* Gives every request up whose future still waits: its loop is gone. */
void bide__js_forsake(void);

#endif
