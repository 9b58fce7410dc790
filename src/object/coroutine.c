/* coroutine.c - coroutine, generator and async generator objects: making, looking at, dropping. The
 * three types are in coroutine_type.c, generator.c and agen.c.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/error.h"
#include "object/memory.h"

/* --- those that have not ended ------------------------------------------------------ */

/* The last one made is kept apart, because most end before another is made. */
BIDE__THREAD_LOCAL bide__coro *bide__coro_last;
BIDE__THREAD_LOCAL bide__coro *bide__coro_newest;

__attribute__((noinline)) static void enlist(bide__coro *self)
{
    self->newer = NULL;
    self->older = bide__coro_newest;
    if (bide__coro_newest)
        bide__coro_newest->newer = self;
    bide__coro_newest = self;
}

__attribute__((noinline)) void bide__coro_delist(bide__coro *self)
{
    if (self->newer)
        self->newer->older = self->older;
    else
        bide__coro_newest = self->older;
    if (self->older)
        self->older->newer = self->newer;
}

/* --- making ------------------------------------------------------------------------- */

/* Sets every field but those of the list, `level` and `own`, which are set when it is enlisted and
 * when it starts. One by one, because what compilers make of clearing them all is slow to begin;
 * unless size counts, then they are zero. */
static inline void begin_life(bide__coro *self, enum bide__coro_kind kind,
                              const bide_origin *origin, bide_body *body, bide_value arg)
{
    self->kind = (uint8_t)kind;
    self->state = BIDE_CREATED;
    self->body = body;
    self->origin = origin;
    self->arg = arg;
    if (BIDE__SMALL)
        return;
    self->awaitable = false;
    self->inlined = false;
    self->refused = false;
    self->in_flight = false;
    self->hooked = false;
    self->agen_closed = false;
    self->manager = false;
    self->exec = NULL;
    self->outer = NULL;
    self->awaiting = BIDE_NONE;
    self->site = NULL;
    self->deferred = NULL;
    self->finalizer = NULL;
    self->ended = NULL;
    self->own.fiber = NULL;
}

static inline bide_value be_born(bide__coro *self, enum bide__coro_kind kind,
                                 const bide_origin *origin, bide_body *body, bide_value arg)
{
    begin_life(self, kind, origin, body, arg);
    if (BIDE__HAS(report)) {
        if (bide__coro_last)
            enlist(bide__coro_last);
        bide__coro_last = self;
    }
    return bide_object_value(self);
}

/* What calls nothing has nothing to save. */
#if BIDE__SMALL
#define APART
#else
#define APART __attribute__((noinline))
#endif

APART static bide_value new_in_new_memory(const bide_type *type, enum bide__coro_kind kind,
                                          const bide_origin *origin, bide_body *body,
                                          bide_value arg)
{
    bide__coro *self = NULL;
    if (bide_failed(arg))
        bide__propagate();
    else if (BIDE__SMALL)
        self = bide_object_new(type, sizeof *self);
    else
        self = bide__object_new_raw(type, sizeof *self);
    if (!self) {
        bide_drop(arg);
        return BIDE_FAILED;
    }
    return be_born(self, kind, origin, body, arg);
}

bide_value bide__coro_new(const bide_type *type, enum bide__coro_kind kind,
                          const bide_origin *origin, bide_body *body, bide_value arg)
{
    bide__coro *self = NULL;
    if (!BIDE__SMALL && !bide_failed(arg))
        self = bide__object_reuse(type, sizeof *self);
    if (__builtin_expect(!self, 0))
        return new_in_new_memory(type, kind, origin, body, arg);
    return be_born(self, kind, origin, body, arg);
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
            bide__bug(self->origin->file, self->origin->line,
                      "a dropped coroutine awaits or yields for ever: let it end when "
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

void bide__coro_finalize(void *object)
{
    bide__coro *self = object;
    bide__exec *exec = bide__exec_now();
    bide__exception *pending = exec->pending;
    exec->pending = NULL;

    if (bide__is_coroutine(self) && self->state == BIDE_CREATED)
        bide__warn_never_awaited(self);
    if (bide__is_agen(self))
        bide__agen_dropped(self);
    if (self->base.refs == 1) { /* nobody has kept it */
        close_for_good(self);
        bide__coro_finish(self);
    }
    if (pending)
        bide__set_pending(pending);
}

/* By what their types share: to name the types here would link all three in every program. */
bide__coro *bide__coro_of(bide_value v)
{
    if (v.kind != BIDE_KIND_OBJECT || v.as.object->type->finalize != bide__coro_finalize)
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
    if (!self)
        return BIDE_NONE;
    /* What waits without an awaitable has noted what for where its stack hands something out. */
    const bide__exec *exec = self->exec;
    bool parked = exec && exec->top == self && exec->signal == BIDE__PARKED &&
                  exec->owner->state == BIDE_SUSPENDED;
    if (!parked)
        return self->awaiting;
    return exec->mail.as.object ? bide_object_value(exec->mail.as.object) : BIDE_NONE;
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
