/* bide/queue.h - asyncio.Queue, PriorityQueue and LifoQueue, with shutdown.
 *
 * A queue is a value; the functions borrow it. As an async iterable it gives items until it is shut
 * down and empty.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_QUEUE_H
#define BIDE_QUEUE_H

#include <bide/park.h>
#include <bide/protocol.h>
#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A queue of at most `maxsize` items; 0: no limit. First in, first out; smallest first, as heapq
 * has it; last in, first out. Numbers have an order, str, bytes, and tuples and lists of them. A
 * put or get that has to compare others raises TypeError and leaves all items where they are. */
bide_value bide_queue(size_t maxsize);
bide_value bide_priority_queue(size_t maxsize);
bide_value bide_lifo_queue(size_t maxsize);

/* A queue, first in, first out, in which nobody is overtaken: room and items belong to those who
 * wait for them, in order, from the moment they are there. asyncio's queue wakes a putter when
 * there is room, and a put_nowait that comes before the putter runs takes the room; here it raises
 * QueueFull as long as a putter waits or has yet to put. A getter that waits is handed the item
 * itself. One that is cancelled after that gives it to the next who waits, or back to the front of
 * the queue, if need be beyond maxsize; a putter gives its slot to the next. */
bide_value bide_fair_queue(size_t maxsize);

/* Waits for room, then adds the item, which moves in. QueueShutDown. */
BIDE_ASYNC static inline int bide_queue_put(bide_value queue, bide_value item);
/* Waits for an item. QueueShutDown when there is none and will be none. */
BIDE_ASYNC static inline int bide_queue_get(bide_value queue, bide_value *item);
/* The same without waiting: QueueFull, QueueEmpty. */
int bide_queue_put_nowait(bide_value queue, bide_value item);
int bide_queue_get_nowait(bide_value queue, bide_value *item);

size_t bide_queue_size(bide_value queue);
size_t bide_queue_maxsize(bide_value queue);
bool bide_queue_empty(bide_value queue);
bool bide_queue_full(bide_value queue);

/* Says that an item that was got is dealt with. ValueError if more are than were put. */
int bide_queue_task_done(bide_value queue);
/* Waits until every item that was put is dealt with. */
BIDE_ASYNC int bide_queue_join(bide_value queue);
/* From now on puts fail, and gets once the queue is empty; `immediate` empties it at once. */
int bide_queue_shutdown(bide_value queue, bool immediate);

/* --- Bide's own: see bide/park.h ----------------------------------------------------- */

/* The queue is a value in two parts, the item self->item: on WebAssembly a value is passed through
 * memory. */
int bide__thin_queue_put(bide__waiter *self, unsigned kind, bide_object *queue);
int bide__thin_queue_put_on(int answer, bide__waiter *self);
int bide__thin_queue_get(bide__waiter *self, unsigned kind, bide_object *queue, bide_value *item);
int bide__thin_queue_get_on(int answer, bide__waiter *self, bide_value *item);

BIDE__UNCOLORED BIDE__INLINE int bide_queue_put(bide_value queue, bide_value item)
{
    bide__waiter self;
    self.item.kind = item.kind;
    self.item.unused = 0;
    self.item.as.i = item.as.i;
    int status = bide__thin_queue_put(&self, queue.kind, queue.as.object);
    while (status == BIDE__PARK)
        status = bide__thin_queue_put_on(bide__park_here(), &self);
    return status;
}

BIDE__UNCOLORED BIDE__INLINE int bide_queue_get(bide_value queue, bide_value *item)
{
    bide__waiter self;
    int status = bide__thin_queue_get(&self, queue.kind, queue.as.object, item);
    while (status == BIDE__PARK)
        status = bide__thin_queue_get_on(bide__park_here(), &self, item);
    return status;
}

#ifdef __cplusplus
}
#endif
#endif
