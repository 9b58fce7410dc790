/* host.h - how time passes and events arrive: what a loop needs of the world.
 *
 * The loop never blocks; it hands its next deadline to the host, which waits in its own way and
 * calls back for what happened meanwhile. A host knows nothing of tasks or values.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HOST_HOST_H
#define BIDE_HOST_HOST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bide_host bide_host;

/* Interest in a descriptor; the storage is the watcher's, and must stay until unwatch. `ready` is
 * called from wait, once for each time that the descriptor is readable while it is watched. */
typedef struct bide_watch {
    int fd;
    void (*ready)(struct bide_watch *watch);
    struct bide_watch *next, *previous; /* the host's, as is what follows */
    void *poller;
} bide_watch;

/* What a host may ask of the loop that owns it, for one whose events come in between: when it has
 * something to do (INT64_MIN: now, INT64_MAX: not before an event); whether it has tasks or
 * anything that is scheduled; and one iteration, if it is not running already. */
typedef struct bide_host_client {
    void *loop;
    int64_t (*due)(void *loop);
    bool (*unfinished)(void *loop);
    void (*turn)(void *loop);
} bide_host_client;

struct bide_host {
    bide_host_client client; /* the loop's; set before anything else is called */
    /* Nanoseconds on the host's clock, never going back. */
    int64_t (*now)(bide_host *self);
    /* Waits until `deadline` (INT64_MAX: no limit) or until something happened, and calls back for
     * it. A deadline that has passed makes it look without waiting. 0, or an errno's value. */
    int (*wait)(bide_host *self, int64_t deadline);
    /* Whether anything but time could still wake the loop. */
    bool (*alive)(bide_host *self);
    void (*watch)(bide_host *self, bide_watch *watch);
    void (*unwatch)(bide_host *self, bide_watch *watch);
    void (*close)(bide_host *self);
    /* Sets a virtual clock forward; NULL: it is a real one. */
    void (*advance)(bide_host *self, int64_t now);
    /* Told when something is scheduled while the loop does not run; may be NULL. */
    void (*scheduled)(bide_host *self);
    /* Ends a wait that goes on, or the next one, from any thread between open_wake, which answers 0
     * or an errno's value, and close. NULL, both: nothing outside the loop's thread can wake it. */
    int (*open_wake)(bide_host *self);
    void (*wake)(bide_host *self);
    /* Runs fn(arg) on a thread of the host's own, as soon as one is free: 0, or an errno's value.
     * NULL: it has none. */
    int (*lend_thread)(bide_host *self, void (*fn)(void *arg), void *arg);
    /* Whether wait must be called although the loop has work: something is watched, or the host has
     * something else to do. */
    bool busy;
    /* After how many iterations it is busy again, for a host that limits how long the loop may run:
     * the loop counts it down. 0: it does not. */
    unsigned limit;
    /* Set before a wait: other threads work for this loop, and will wake it. What they do takes no
     * time on a virtual clock, which stands still meanwhile. */
    bool owed;
    /* How many SIGINTs came; see interrupt.h. */
    atomic_uint interrupts;
};

/* NULL if there is no memory. The virtual one jumps to the deadline while nothing is watched. */
bide_host *bide__host_posix(void);
bide_host *bide__host_virtual(void);

/* Reads what is there, at most `size` bytes: how many, 0 at the end, or a negated errno value. */
long bide__host_read(int fd, void *buffer, size_t size);
/* A new or emptied file to write: its descriptor, or a negated errno value. */
int bide__host_create(const char *path);
/* Writes as much as goes at once: how many bytes, or a negated errno value. */
long bide__host_write(int fd, const void *data, size_t size);
void bide__host_close_file(int fd);
/* Whether a descriptor never makes a reader wait, so that there is no need to watch it: a file or a
 * directory, which some hosts refuse to poll. */
bool bide__host_always_readable(int fd);

#endif
