/* bide.h - everything Bide offers, one header per subject.
 *
 * Five conventions hold throughout; each header states only what it adds.
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
 *   NULL       Only where a call says what it means. As a text or a function it is a TypeError; the
 *              body of a coroutine or generator is not looked at and must not be NULL.
 *   Time       int64_t nanoseconds on the loop's clock; BIDE_NEVER is INT64_MAX.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_H
#define BIDE_H

#include <bide/value.h>     /* None, bool, int, float, str, bytes, list, tuple; repr, format */
#include <bide/error.h>     /* raise, try, except; types, causes, groups, tracebacks */
#include <bide/color.h>     /* async def: who may await and yield, checked by clang */
#include <bide/fiber.h>     /* stacks to leave and enter again: the lowest layer */
#include <bide/coroutine.h> /* coroutines and generators: making, await, yield, send, throw, close */
#include <bide/protocol.h>  /* for, async for, async with; types of your own; exit stacks */
#include <bide/loop.h>      /* asyncio.run, sleep, call_soon, call_later; hosts, seeds */
#include <bide/future.h>    /* futures; of tasks too: result, cancel, done callbacks */
#include <bide/task.h>      /* create_task, gather, wait, as_completed, shield */
#include <bide/timeout.h>   /* timeout, wait_for */
#include <bide/group.h>     /* TaskGroup */
#include <bide/scope.h>     /* cancel scopes, which asyncio has not */
#include <bide/sync.h>      /* Lock, Event, Condition, Semaphore, Barrier */
#include <bide/queue.h>     /* Queue, PriorityQueue, LifoQueue */
#include <bide/context.h>   /* contextvars */
#include <bide/parcel.h>    /* values from one thread to another */
#include <bide/runner.h>    /* Runner; a loop in steps */
#include <bide/stream.h>    /* bytes from a descriptor, as an async iterable */
#include <bide/thread.h>    /* to_thread, executors, call_soon_threadsafe */
#include <bide/js.h>        /* JavaScript: exports, imports, promises */
#include <bide/trace.h>     /* what tasks do, for a hook or Perfetto */
#include <bide/debug.h>     /* dumps of tasks, counts, allocations that fail */
#include <bide/here.h>      /* last: where the verbs were called */

/* Checked against package.json by a test. */
#define BIDE_VERSION "0.1.0"

#endif
