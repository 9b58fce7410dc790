/* promise.h - awaitables of C as promises of JavaScript.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_JS_PROMISE_H
#define BIDE_JS_PROMISE_H

#include <bide/value.h>

/* What JavaScript makes of an object: one of the classes in objects.h. */
uint32_t bide__js_class_of(bide_value v);
/* Keeps a future, task or coroutine (moves in; a coroutine becomes a task) in a slot until it is
 * done, then sends its result to JavaScript under the number of the slot, which is free again.
 * 0 with an exception pending. */
uint32_t bide__js_promise(bide_value v);

#endif
