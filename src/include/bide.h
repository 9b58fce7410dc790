/* bide.h - everything Bide offers, one header per subject.
 *
 * Four conventions hold throughout; each header states only what it adds.
 *
 *   Ownership  Arguments move in: a bide_value passed to a call belongs to the call, also when
 *              it fails; keep one with bide_ref(v). The receiver, the first argument of a call
 *              that acts on an object (bide_send(gen, ...), bide_cstr(text)), is borrowed.
 *              Whatever a call writes through an out-parameter is yours to bide_drop; on
 *              failure it is BIDE_NONE. An out-parameter may be NULL: the value is dropped.
 *   Errors     A call that can fail returns a negative number, BIDE_RAISED, with an exception
 *              pending on the running stack. A call that returns a bide_value instead returns
 *              BIDE_FAILED; passing BIDE_FAILED on to another call propagates the exception,
 *              so nested constructors need no checks of their own.
 *   Steps      A step of a coroutine or iterator answers BIDE_YIELDED, BIDE_RETURNED or
 *              BIDE_RAISED.
 *   Time       int64_t nanoseconds on the loop's clock; BIDE_NEVER is INT64_MAX.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_H
#define BIDE_H

#include <bide/value.h>
#include <bide/error.h>
#include <bide/color.h>
#include <bide/fiber.h>
#include <bide/coroutine.h>
#include <bide/protocol.h>
#include <bide/loop.h>
#include <bide/future.h>
#include <bide/task.h>
#include <bide/timeout.h>
#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <bide/queue.h>
#include <bide/context.h>
#include <bide/parcel.h>
#include <bide/runner.h>
#include <bide/stream.h>
#include <bide/thread.h>
#include <bide/js.h>
#include <bide/trace.h>
#include <bide/debug.h>
#include <bide/here.h>

/* Checked against package.json by a test. */
#define BIDE_VERSION "0.1.0"

#endif
