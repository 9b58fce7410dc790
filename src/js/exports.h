/* exports.h - the functions of a module that JavaScript calls, and the inbox that they read.
 *
 * JavaScript writes the values of a call into the inbox first. None of these functions may be
 * called while C is on the stack, below a function of JavaScript that C called; instance.js sees
 * to that. Those that answer a slot answer 0 after writing an exception to the reply.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_JS_EXPORTS_H
#define BIDE_JS_EXPORTS_H

#include <bide/coroutine.h>

#include "js/wire.h"

/* Changes with every change of this header, of request.h or of wire.h; js/instance.js knows it. */
enum { BIDE__JS_ABI = 2 };

/* How an answer ended. */
enum { BIDE__ANSWER_RESULT, BIDE__ANSWER_ERROR, BIDE__ANSWER_END };

/* What JavaScript reads; always at the same address. */
typedef struct bide__js_state {
    uint32_t waiting; /* a loop waits: resume it when `delay` is over or it was given work */
    int32_t status;   /* main's, after it ended */
    double delay;     /* milliseconds; infinity: not before something happens */
    uint32_t outbox;  /* address and size of the requests that were taken */
    uint32_t outbox_size;
    uint32_t reply; /* address and size of a synchronous answer */
    uint32_t reply_size;
    uint32_t handles; /* JavaScript values that C holds */
    uint32_t objects; /* bide_debug_live */
    uint32_t tasks;   /* that are not done */
} bide__js_state;

extern bide__js_state bide__js_shared;

bide_body *bide__js_body(bide_body *body); /* see bide/js.h */

#define BIDE__JS_EXPORT(name) __attribute__((export_name(#name), used))

BIDE__JS_EXPORT(bide_js_abi_version) uint32_t bide_js_abi_version(void);
/* Before anything else. `construct`: run the constructors, as a command's _start would. */
BIDE__JS_EXPORT(bide_js_init) void bide_js_init(uint32_t construct, uint32_t report_unhandled);
/* Counts what there is, and answers the address of the state. */
BIDE__JS_EXPORT(bide_js_look) bide__js_state *bide_js_look(void);
/* How many bytes of requests there are; they stay where the state says until the next call. */
BIDE__JS_EXPORT(bide_js_take_requests) uint32_t bide_js_take_requests(void);
/* How many bytes are left of the program's own stack: few or less than none if C trapped because it
 * was used up. INT32_MAX on a fiber's. */
BIDE__JS_EXPORT(bide_js_stack_left) int32_t bide_js_stack_left(void);
/* Room for `size` bytes of values; NULL if there is no memory. */
BIDE__JS_EXPORT(bide_js_inbox) void *bide_js_inbox(uint32_t size);

/* Runs main, or a loop for calls from outside, until it first waits; resume runs it on. `now` is
 * performance.now(), `budget` how many milliseconds it may take before it has to wait. */
BIDE__JS_EXPORT(bide_js_main) void bide_js_main(double now, double budget);
BIDE__JS_EXPORT(bide_js_serve) void bide_js_serve(double now, double budget);
BIDE__JS_EXPORT(bide_js_resume) void bide_js_resume(double now, double budget);
/* Asks the loop to end, by cancelling what bide_run runs. */
BIDE__JS_EXPORT(bide_js_stop) void bide_js_stop(void);
/* Drops what JavaScript holds and what it still owes. */
BIDE__JS_EXPORT(bide_js_close) void bide_js_close(void);

/* Inbox: name, argument. The slot of a task of body(argument), whose end is told as a promise's. */
BIDE__JS_EXPORT(bide_js_call) uint32_t bide_js_call(bide_body *body);
BIDE__JS_EXPORT(bide_js_cancel) void bide_js_cancel(uint32_t slot);
/* Inbox: name, argument. The slot of a generator or async generator of body(argument). */
BIDE__JS_EXPORT(bide_js_generator) uint32_t bide_js_generator(bide_body *body);
BIDE__JS_EXPORT(bide_js_stream) uint32_t bide_js_stream(bide_body *body);
/* Where the object in the slot is, by which JavaScript recognizes it. */
BIDE__JS_EXPORT(bide_js_address) const void *bide_js_address(uint32_t slot);
/* Inbox: value. One step of a generator: BIDE_YIELDED, BIDE_RETURNED or BIDE_RAISED, with the value
 * or the exception in the reply. */
BIDE__JS_EXPORT(bide_js_step) int bide_js_step(uint32_t slot, uint32_t verb);
/* Inbox: value. The slot of a promise of one step of an async generator: the tuple (done, item). */
BIDE__JS_EXPORT(bide_js_stream_step) uint32_t bide_js_stream_step(uint32_t slot, uint32_t verb);
enum { BIDE__VERB_SEND, BIDE__VERB_THROW, BIDE__VERB_CLOSE };
/* Inbox: value. The answer to a request; one that comes too late is dropped. */
BIDE__JS_EXPORT(bide_js_settle)
void bide_js_settle(uint32_t slot, uint32_t serial, uint32_t how);
/* JavaScript gives an object back. */
BIDE__JS_EXPORT(bide_js_release) void bide_js_release(uint32_t slot);

/* Reads the `count` values of the inbox: 0, or BIDE_RAISED and all of them are BIDE_NONE. */
int bide__js_read_inbox(bide_value *values, size_t count);

#endif
