/* uv.c - waiting in libuv's loop.
 *
 * Everything that wakes Bide comes as a callback of libuv and makes something ready in Bide's loop.
 * libuv calls back at several points before it waits, so a prepare handle, the last thing before
 * the wait, asks the loop when it has something to do. On a loop of the application's a check
 * handle, the first thing after the wait, then runs an iteration.
 *
 * No handle here or in src/uv keeps libuv's loop alive unless somebody waits for it: "alive" means
 * that something outside can still wake a task.
 *
 * SPDX-License-Identifier: MIT */
#include "host/uv.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "host/uv_watch.h"

static int64_t now(bide_host *host)
{
    (void)host;
    return (int64_t)uv_hrtime();
}

/* --- until when to wait --------------------------------------------------------------- */

static void nothing(uv_idle_t *idle)
{
    (void)idle;
}

static void timer_expired(uv_timer_t *timer)
{
    (void)timer;
}

static void disarm(bide__uv_host *self)
{
    uv_idle_stop(&self->idle);
    uv_timer_stop(&self->timer);
}

/* Lets libuv wait until the loop has something to do. */
static void arm(bide__uv_host *self)
{
    int64_t due = self->base.client.due(self->base.client.loop);
    disarm(self);
    if (due <= (int64_t)uv_hrtime() || self->refused) {
        uv_idle_start(&self->idle, nothing);
    } else if (due != INT64_MAX) {
        /* Rounded up: the deadline has passed when the timer expires. */
        uint64_t ms = (uint64_t)due / 1000000 + (due % 1000000 != 0);
        uint64_t time = uv_now(self->uv);
        uv_timer_start(&self->timer, timer_expired, ms > time ? ms - time : 0, 0);
    }
}

/* An application's loop goes on while Bide's has anything to do. */
static void stay_alive(bide__uv_host *self, bool stay)
{
    if (stay)
        uv_ref((uv_handle_t *)&self->prepare);
    else
        uv_unref((uv_handle_t *)&self->prepare);
}

static void before_wait(uv_prepare_t *prepare)
{
    bide__uv_host *self = prepare->data;
    arm(self);
    if (!self->owned)
        stay_alive(self, self->base.client.unfinished(self->base.client.loop));
}

static void after_wait(uv_check_t *check)
{
    bide__uv_host *self = check->data;
    bide__uv_call_refused(self);
    self->base.client.turn(self->base.client.loop);
    if (!self->closing)
        stay_alive(self, self->base.client.unfinished(self->base.client.loop));
}

static bool alive(bide_host *host)
{
    bide__uv_host *self = (bide__uv_host *)host;
    disarm(self);
    stay_alive(self, false);
    return self->refused || uv_loop_alive(self->uv);
}

static int wait_until(bide_host *host, int64_t deadline)
{
    bide__uv_host *self = (bide__uv_host *)host;
    (void)deadline; /* what the loop says when it is asked, right before the wait */
    arm(self);
    if (self->wakeable)
        uv_ref((uv_handle_t *)&self->wakeup); /* or libuv would not wait for threads alone */
    uv_run(self->uv, UV_RUN_ONCE);
    if (self->wakeable)
        uv_unref((uv_handle_t *)&self->wakeup);
    bide__uv_call_refused(self);
    disarm(self);
    host->busy = self->exposed || self->refused || uv_loop_alive(self->uv);
    return 0;
}

static void scheduled(bide_host *host)
{
    bide__uv_host *self = (bide__uv_host *)host;
    if (!self->owned)
        stay_alive(self, true);
}

/* --- waking from other threads -------------------------------------------------------- */

static void woken(uv_async_t *wakeup)
{
    (void)wakeup; /* the wait has ended, which is all */
}

static int open_wake(bide_host *host)
{
    bide__uv_host *self = (bide__uv_host *)host;
    int error = self->wakeable ? 0 : uv_async_init(self->uv, &self->wakeup, woken);
    if (error || self->wakeable)
        return -error;
    self->wakeable = true;
    self->wakeup.data = self;
    uv_unref((uv_handle_t *)&self->wakeup);
    bide__uv_host_hold(self);
    return 0;
}

static void wake(bide_host *host)
{
    uv_async_send(&((bide__uv_host *)host)->wakeup);
}

/* --- libuv's threads ------------------------------------------------------------------ */

struct work {
    uv_work_t uv;
    bide__uv_host *host; /* held */
    void (*fn)(void *arg);
    void *arg;
};

static void work(uv_work_t *uv)
{
    struct work *self = uv->data;
    self->fn(self->arg);
}

static void worked(uv_work_t *uv, int status)
{
    struct work *self = uv->data;
    (void)status; /* nobody cancels it */
    bide__uv_host_release(self->host);
    free(self);
}

static int lend_thread(bide_host *host, void (*fn)(void *arg), void *arg)
{
    bide__uv_host *held = (bide__uv_host *)host;
    struct work *self = malloc(sizeof *self);
    if (!self)
        return ENOMEM;
    *self = (struct work){.uv.data = self, .host = held, .fn = fn, .arg = arg};
    int error = uv_queue_work(held->uv, &self->uv, work, worked);
    if (error < 0) {
        free(self);
        return -error;
    }
    bide__uv_host_hold(held);
    return 0;
}

/* --- handles ------------------------------------------------------------------------ */

void bide__uv_host_hold(bide__uv_host *self)
{
    self->holds++;
    self->base.busy = true;
}

void bide__uv_host_release(bide__uv_host *self)
{
    if (--self->holds == 0 && !self->owned)
        free(self);
}

void bide__uv_opened(bide__uv_host *host, bide__uv_handle *self)
{
    self->host = host;
    self->previous = NULL;
    self->next = host->handles;
    if (host->handles)
        host->handles->previous = self;
    host->handles = self;
    uv_unref(&self->uv.handle);
    bide__uv_host_hold(host);
}

static void handle_closed(uv_handle_t *uv)
{
    bide__uv_handle *self = (bide__uv_handle *)((char *)uv - offsetof(bide__uv_handle, uv));
    bide__uv_host *host = self->host;
    self->free(self);
    bide__uv_host_release(host);
}

void bide__uv_close(bide__uv_handle *self)
{
    if (self->next)
        self->next->previous = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        self->host->handles = self->next;
    self->owner = NULL;
    uv_close(&self->uv.handle, handle_closed);
}

/* --- the beginning and the end -------------------------------------------------------- */

static void part_closed(uv_handle_t *part)
{
    bide__uv_host_release(part->data);
}

static void close_host(bide_host *host)
{
    bide__uv_host *self = (bide__uv_host *)host;
    uv_handle_t *parts[] = {(uv_handle_t *)&self->prepare, (uv_handle_t *)&self->check,
                            (uv_handle_t *)&self->idle, (uv_handle_t *)&self->timer};
    self->closing = true;
    while (self->handles) {
        bide__uv_handle *handle = self->handles;
        handle->lost(handle);
        if (self->handles == handle)
            bide__uv_close(handle);
    }
    if (self->wakeable)
        uv_close((uv_handle_t *)&self->wakeup, part_closed);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        uv_close(parts[i], part_closed);
    if (!self->owned) {
        bide__uv_host_release(self);
        return; /* the application's loop calls back for the rest */
    }
    while (self->holds > 1 && uv_loop_alive(self->uv))
        uv_run(self->uv, UV_RUN_ONCE);
    if (uv_loop_close(self->uv) == 0) /* otherwise the program left handles of its own on it */
        free(self);
}

/* Writing to a peer that is gone is an error for the writer, not the end of the process. */
static void ignore_broken_pipes(void)
{
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

static void start(bide__uv_host *self)
{
    uv_prepare_init(self->uv, &self->prepare);
    uv_check_init(self->uv, &self->check);
    uv_idle_init(self->uv, &self->idle);
    uv_timer_init(self->uv, &self->timer);
    self->prepare.data = self->check.data = self->idle.data = self->timer.data = self;
    uv_prepare_start(&self->prepare, before_wait);
    uv_unref((uv_handle_t *)&self->prepare);
    if (!self->owned)
        uv_check_start(&self->check, after_wait);
    uv_unref((uv_handle_t *)&self->check);
    self->holds = 5; /* the four, and the loop */
}

bide_host *bide__host_uv(uv_loop_t *application)
{
    bide__uv_host *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->owned = !application;
    self->uv = application ? application : &self->own;
    if (self->owned && uv_loop_init(self->uv) < 0) {
        free(self);
        return NULL;
    }
    self->base = (bide_host){
        .now = now,
        .wait = wait_until,
        .alive = alive,
        .watch = bide__uv_watch,
        .unwatch = bide__uv_unwatch,
        .close = close_host,
        .scheduled = scheduled,
        .open_wake = open_wake,
        .wake = wake,
        .lend_thread = lend_thread,
        .busy = !self->owned,
    };
    self->exposed = !self->owned;
    if (self->owned)
        ignore_broken_pipes();
    start(self);
    return &self->base;
}

bide__uv_host *bide__uv_host_of(bide_host *host)
{
    return host->wait == wait_until ? (bide__uv_host *)host : NULL;
}
