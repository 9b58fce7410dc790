/* coroutine.c - coroutine, generator and async generator objects: making, looking at, dropping.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/debug.h>
#include <bide/protocol.h>

#include "object/agen.h"
#include "object/exec.h"
#include "object/memory.h"

/* --- those that have not ended ------------------------------------------------------ */

/* The last one made is kept apart, because most end before another is made. */
BIDE__THREAD_LOCAL bide__coro *bide__coro_last;
static BIDE__THREAD_LOCAL bide__coro *newest;

__attribute__((noinline)) static void enlist(bide__coro *self)
{
    self->newer = NULL;
    self->older = newest;
    if (newest)
        newest->newer = self;
    newest = self;
}

__attribute__((noinline)) void bide__coro_delist(bide__coro *self)
{
    if (self->newer)
        self->newer->older = self->older;
    else
        newest = self->older;
    if (self->older)
        self->older->newer = self->newer;
}

static void warn_not_ended(const bide__coro *self)
{
    bide__warn("ResourceWarning", self->origin,
               "%s '%s' has not ended: something still refers to it, perhaps itself",
               self->base.type->name, self->origin->name);
}

size_t bide_debug_report(void)
{
    size_t count = 0;
    if (bide__coro_last) {
        warn_not_ended(bide__coro_last);
        count++;
    }
    for (const bide__coro *at = newest; at; at = at->older, count++)
        warn_not_ended(at);
    return count;
}

/* --- making ------------------------------------------------------------------------- */

/* Sets every field; those of `own` are set when it starts. One by one, because what compilers make
 * of clearing them all is slow to begin. */
static inline void begin_life(bide__coro *self, enum bide__coro_kind kind,
                              const bide_origin *origin, bide_body *body, bide_value arg)
{
    self->kind = (uint8_t)kind;
    self->state = BIDE_CREATED;
    self->awaitable = false;
    self->inlined = false;
    self->refused = false;
    self->in_flight = false;
    self->hooked = false;
    self->agen_closed = false;
    self->manager = false;
    self->level = 0;
    self->body = body;
    self->origin = origin;
    self->arg = arg;
    self->exec = NULL;
    self->outer = NULL;
    self->awaiting = BIDE_NONE;
    self->site = NULL;
    self->deferred = NULL;
    self->finalizer = NULL;
    self->ended = NULL;
    self->newer = NULL;
    self->older = NULL;
    self->own.fiber = NULL;
}

static bide_value make(const bide_type *type, enum bide__coro_kind kind, const bide_origin *origin,
                       bide_body *body, bide_value arg)
{
    bide__coro *self = NULL;
    if (bide_failed(arg))
        bide__propagate();
    else
        self = bide__object_new_raw(type, sizeof *self);
    if (!self) {
        bide_drop(arg);
        return BIDE_FAILED;
    }
    begin_life(self, kind, origin, body, arg);
    if (bide__coro_last)
        enlist(bide__coro_last);
    bide__coro_last = self;
    return bide_object_value(self);
}

bide_value bide_coro_at(const bide_origin *origin, bide_body *body, bide_value arg)
{
    return make(&bide__coroutine_type, BIDE__COROUTINE, origin, body, arg);
}

bide_value bide_gen_at(const bide_origin *origin, bide_body *body, bide_value arg)
{
    return make(&bide__generator_type, BIDE__GENERATOR, origin, body, arg);
}

bide_value bide_agen_at(const bide_origin *origin, bide_body *body, bide_value arg)
{
    return make(&bide__async_generator_type, BIDE__ASYNC_GENERATOR, origin, body, arg);
}

bide_value bide_awaitable_gen_at(const bide_origin *origin, bide_body *body, bide_value arg)
{
    bide_value v = bide_gen_at(origin, body, arg);
    bide__coro *self = bide__coro_of(v);
    if (self)
        self->awaitable = true;
    return v;
}

/* --- dropping ----------------------------------------------------------------------- */

enum { PATIENCE = 1000 };

/* Runs the cleanup of one that is suspended. CPython throws away the frame of a generator that
 * yields instead of ending; a C stack holds what only its own code can release, so it is asked
 * again until it ends. */
static void close_for_good(bide__coro *self)
{
    for (int i = 0; self->state == BIDE_SUSPENDED; i++) {
        if (i == PATIENCE)
            bide__bug(
                self->origin->file, self->origin->line,
                "a coroutine that is being dropped awaits or yields for ever: let it end when "
                "GeneratorExit is raised in it");
        bide_value dropped = BIDE_NONE;
        int status = bide__coro_close(self, &dropped);
        bide_drop(dropped);
        if (status < 0 && (i == 0 || self->state == BIDE_CLOSED))
            bide__report_unraisable(bide_error_take(), self->origin->name);
        else if (status < 0)
            bide_error_clear();
    }
}

BIDE__BARRIER static void bide__barrier_finalizer(void (*finalizer)(bide_value agen),
                                                  bide__coro *self)
{
    finalizer(bide_object_value(self));
}

static void finalize(void *object)
{
    bide__coro *self = object;
    void (*finalizer)(bide_value agen) = self->finalizer;
    bide_value pending = bide_error_take();

    if (self->state == BIDE_CREATED && self->kind == BIDE__COROUTINE)
        bide__warn("RuntimeWarning", self->origin, "coroutine '%s' was never awaited",
                   self->origin->name);
    self->finalizer = NULL; /* who keeps it must close it; the next drop does not ask again */
    if (self->state == BIDE_SUSPENDED && finalizer && !self->agen_closed)
        bide__barrier_finalizer(finalizer, self);
    if (self->base.refs == 1) { /* nobody has kept it */
        close_for_good(self);
        bide__coro_finish(self);
    }
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

/* By what their types share: to name the types here would link all three in every program. */
bide__coro *bide__coro_of(bide_value v)
{
    if (v.kind != BIDE_KIND_OBJECT || v.as.object->type->finalize != finalize)
        return NULL;
    return (bide__coro *)v.as.object;
}

/* --- introspection ------------------------------------------------------------------ */

bide_state bide_state_of(bide_value v)
{
    const bide__coro *self = bide__coro_of(v);
    return self ? bide__coro_state(self) : BIDE_CLOSED;
}

const char *bide_state_name(bide_value v)
{
    static const char *const names[][4] = {
        [BIDE__COROUTINE] = {"CORO_CREATED", "CORO_RUNNING", "CORO_SUSPENDED", "CORO_CLOSED"},
        [BIDE__GENERATOR] = {"GEN_CREATED", "GEN_RUNNING", "GEN_SUSPENDED", "GEN_CLOSED"},
        [BIDE__ASYNC_GENERATOR] = {"AGEN_CREATED", "AGEN_RUNNING", "AGEN_SUSPENDED", "AGEN_CLOSED"},
    };
    const bide__coro *self = bide__coro_of(v);
    return self ? names[self->kind][bide_state_of(v)] : "";
}

bide_value bide_awaiting(bide_value v)
{
    const bide__coro *self = bide__coro_of(v);
    return self ? self->awaiting : BIDE_NONE;
}

const char *bide_name(bide_value v)
{
    const bide__coro *self = bide__coro_of(v);
    return self ? self->origin->name : bide_type_name(v);
}

const bide_site *bide_await_site(bide_value v)
{
    const bide__coro *self = bide__coro_of(v);
    return self ? self->site : NULL;
}

static bide_value repr(void *object)
{
    const bide__coro *self = object;
    return bide__strf("<%s object %s>", self->base.type->name, self->origin->name);
}

/* --- the three types ---------------------------------------------------------------- */

/* A generator runs to its next yield. What the step functions answer for a coroutine is the same.
 */
static int slot_send(void *object, bide_value v, bide_value *out)
{
    return bide__coro_send(object, v, out);
}

static int slot_next(void *object, bide_value *out)
{
    return bide__coro_send(object, BIDE_NONE, out);
}

static int slot_throw(void *object, bide_value error, bide_value *out)
{
    return bide__coro_throw(object, error, out);
}

static int slot_close(void *object, bide_value *out)
{
    return bide__coro_close(object, out);
}

const bide_type bide__coroutine_type = {
    .name = "coroutine",
    .finalize = finalize,
    .repr = repr,
    .await = bide__coroutine_await_slot,
    .send = slot_send,
    .throw_ = slot_throw,
    .close = slot_close,
};

const bide_type bide__generator_type = {
    .name = "generator",
    .finalize = finalize,
    .repr = repr,
    .iter = bide_self,
    .next = slot_next,
    .send = slot_send,
    .throw_ = slot_throw,
    .close = slot_close,
};

const bide_type bide__async_generator_type = {
    .name = "async_generator",
    .finalize = finalize,
    .repr = repr,
    .aiter = bide_self,
    .anext = bide__agen_anext_slot,
    .aclose = bide__agen_aclose_slot,
};
