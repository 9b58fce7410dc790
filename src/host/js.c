/* js.c - waiting by returning to JavaScript, and not keeping it waiting.
 *
 * Descriptors are virtual files, which JavaScript holds in memory: one that is watched is readable.
 *
 * SPDX-License-Identifier: MIT */
#include "host/js.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct js_host {
    bide_host base;
    bool virtual_clock;
    int64_t virtual_now;
    bide_watch *watches;
    /* Asking for the time costs a call into JavaScript, as much as a few switches: while iterations
     * are short, as many as `stride` pass without. */
    unsigned stride;
    int64_t asked; /* the answer */
    bool fresh;    /* the answer is of now */
};

enum { LONGEST_STRIDE = 63, SHORT_NS = 100000 };

bide__js_port_state bide__js_port;

int64_t bide__js_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now(bide_host *host)
{
    struct js_host *self = (struct js_host *)host;
    if (self->virtual_clock)
        return self->virtual_now;
    if (!self->fresh)
        return bide__js_clock();
    self->fresh = false;
    return self->asked;
}

static bool budget_used_up(struct js_host *self)
{
    if (self->base.limit > 0)
        return false;
    int64_t time = bide__js_clock();
    bool brief = time - self->asked < SHORT_NS * (int64_t)(self->stride ? self->stride : 1);
    if (!brief)
        self->stride = 0;
    else if (self->stride < LONGEST_STRIDE)
        self->stride = self->stride * 2 + 1;
    self->base.limit = self->stride + 1;
    self->asked = time;
    return time >= bide__js_port.budget_end;
}

/* Calls back for every watched file; whether there was one. */
static bool look_at_files(struct js_host *self)
{
    bool any = false;
    for (bide_watch *watch = self->watches, *next; watch; watch = next) {
        next = watch->next; /* the callback may take the interest back */
        any = true;
        watch->ready(watch);
    }
    return any;
}

/* On the virtual clock: whether time may go on to the deadline. */
static bool jump(struct js_host *self, int64_t deadline)
{
    if (deadline == INT64_MAX || bide__js_port.outstanding > 0)
        return false;
    self->virtual_now = deadline;
    return true;
}

/* Nothing is to be done for some iterations. Only one host rests: the one whose loop runs. */
static void rest(struct js_host *self)
{
    bide__js_port_hurry();
    bide__js_port.resting = &self->base;
    self->base.busy = self->watches;
}

static int wait_until(bide_host *host, int64_t deadline)
{
    struct js_host *self = (struct js_host *)host;
    bool due = look_at_files(self) || deadline == INT64_MIN || deadline <= now(host);
    if (!due && self->virtual_clock && !(due = jump(self, deadline)))
        deadline = INT64_MAX;
    if (due && !bide__js_port.has_requests() && !budget_used_up(self)) {
        rest(self);
        return 0;
    }
    if (!bide__js_port.root || bide_fiber_current() != bide__js_port.root)
        return due ? 0 : EDEADLK; /* a loop of its own inside a generator or fiber */
    bide__js_port.deadline = due ? INT64_MIN : deadline;
    bide_fiber_suspend();
    self->asked = bide__js_port.entered;
    self->fresh = true;
    return 0;
}

static bool alive(bide_host *host)
{
    struct js_host *self = (struct js_host *)host;
    return self->watches || bide__js_port.outstanding > 0 || bide__js_port.serving;
}

static void watch(bide_host *host, bide_watch *watch)
{
    struct js_host *self = (struct js_host *)host;
    watch->previous = NULL;
    watch->next = self->watches;
    if (self->watches)
        self->watches->previous = watch;
    self->watches = watch;
    host->busy = true;
}

static void unwatch(bide_host *host, bide_watch *watch)
{
    struct js_host *self = (struct js_host *)host;
    if (watch->next)
        watch->next->previous = watch->previous;
    if (watch->previous)
        watch->previous->next = watch->next;
    else
        self->watches = watch->next;
}

static void close_host(bide_host *host)
{
    if (bide__js_port.resting == host)
        bide__js_port.resting = NULL;
    bide__js_port.closed();
    free(host);
}

static void advance(bide_host *host, int64_t now)
{
    ((struct js_host *)host)->virtual_now = now;
}

bide_host *bide__host_js(bool virtual_clock)
{
    struct js_host *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->virtual_clock = virtual_clock;
    self->base = (bide_host){
        .now = now,
        .wait = wait_until,
        .alive = alive,
        .watch = watch,
        .unwatch = unwatch,
        .close = close_host,
        .advance = virtual_clock ? advance : NULL,
        .busy = true,
    };
    return &self->base;
}
