/* bide/parcel.h - how values get from one thread to another: as copies.
 *
 * A value belongs to the thread that made it: its reference count is not atomic, and no other
 * thread may so much as drop it. What goes to another thread is packed where it is, into memory
 * that belongs to no thread, and opened there as a new value of its own. The calls of bide/thread.h
 * do so with every argument, result and exception; parcels are for threads of your own.
 *
 *     args->name = bide_parcel_pack(bide_ref(name));         the one thread
 *     bide_value name = bide_parcel_open(args->name);        the other
 *
 * What crosses: None, bool, int, float, str, bytes; lists and tuples of what crosses; exceptions,
 * with their causes, contexts, members and places (a value of theirs that does not cross becomes
 * None); and a loop or a concurrent future (bide/thread.h), whose copy is the same loop or future
 * seen from elsewhere. A pointer (bide_ptr) crosses as it is: what it points to is yours to guard.
 * Anything else stays on its thread, and packing it is a TypeError: coroutines, futures, tasks,
 * locks, queues, JavaScript's values, objects of your own.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_PARCEL_H
#define BIDE_PARCEL_H

#include <bide/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A value on its way. It may be opened or dropped once, on any thread. */
typedef struct bide_parcel bide_parcel;

/* Copies v, which moves in. NULL with TypeError if it does not cross; with RecursionError if it is
 * nested more than 100 deep. */
bide_parcel *bide_parcel_pack(bide_value v);
/* The value, as one of this thread's; the parcel is gone. BIDE_FAILED with MemoryError. */
bide_value bide_parcel_open(bide_parcel *parcel);
/* For a parcel that nobody will open. NULL is allowed. */
void bide_parcel_drop(bide_parcel *parcel);

#ifdef __cplusplus
}
#endif
#endif
