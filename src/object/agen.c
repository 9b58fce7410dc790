/* agen.c - async generators: the awaitables that anext, asend, athrow and aclose give.
 *
 * Each is an iterator that steps the async generator: what its body awaits surfaces as a yield, an
 * item is the iterator's return value, the end is StopAsyncIteration. An awaitable serves once, and
 * an async generator serves one at a time. States and messages are CPython's.
 *
 * SPDX-License-Identifier: MIT */
#include "object/agen.h"

#include <bide/protocol.h>

#include "object/error.h"
#include "object/exec.h"

BIDE__PART(agen);

enum call { ASEND, ATHROW, ATHROW_STRICT, ACLOSE };
enum { INIT, ITERATING, SPENT };

struct step {
    bide_object base;
    bide__coro *agen; /* owned */
    bide_value v;     /* owned; what asend sends, what athrow throws */
    uint8_t call;     /* enum call */
    uint8_t state;
};

static BIDE__THREAD_LOCAL bide_agen_hooks hooks;

bide_agen_hooks bide_set_agen_hooks(bide_agen_hooks new_hooks)
{
    bide_agen_hooks old = hooks;
    hooks = new_hooks;
    return old;
}

BIDE__BARRIER static int bide__barrier_yields(bide__coro *agen)
{
    bide__exec *exec = bide__bar();
    int status = hooks.yields(bide_object_value(agen));
    bide__unbar(exec);
    return status;
}

int bide__agen_may_yield(bide__coro *agen)
{
    return hooks.yields && !agen->manager ? bide__barrier_yields(agen) : 0;
}

/* --- an async generator's life ------------------------------------------------------- */

BIDE__BARRIER static void bide__barrier_hook(void (*hook)(bide_value agen), bide__coro *agen)
{
    bide__exec *exec = bide__bar();
    hook(bide_object_value(agen));
    bide__unbar(exec);
}

void bide__agen_ended(bide__coro *agen)
{
    void (*ended)(bide_value agen) = agen->ended;
    agen->ended = NULL;
    if (ended)
        bide__barrier_hook(ended, agen);
}

/* Who keeps it must close it; the next drop does not ask again. */
void bide__agen_dropped(bide__coro *agen)
{
    void (*finalizer)(bide_value agen) = agen->finalizer;
    agen->finalizer = NULL;
    if (finalizer && !agen->agen_closed)
        bide__barrier_hook(finalizer, agen);
}

int bide__agen_refuse_result(const bide__coro *agen)
{
    return bide__raise(BIDE_TypeError, "'return' with value in async generator '%s'",
                       agen->origin->name);
}

int bide__agen_stop(void)
{
    return bide__raise(BIDE_StopAsyncIteration, NULL);
}

const bide_error_type *bide__agen_stop_type(void)
{
    return BIDE_StopAsyncIteration;
}

const char *bide__agen_kind_name(void)
{
    return "async generator";
}

/* --- the awaitables ------------------------------------------------------------------- */

static void step_finalize(void *object)
{
    struct step *self = object;
    /* Dropped midway, it no longer holds the generator back. */
    if (self->state == ITERATING)
        self->agen->in_flight = false;
    bide_drop(self->v);
    bide_drop(bide_object_value(self->agen));
}

static int spend(struct step *self, int status)
{
    if (self->state == ITERATING)
        self->agen->in_flight = false;
    self->state = SPENT;
    return status;
}

static int refuse_reuse(const struct step *self)
{
    return bide__raise(BIDE_RuntimeError, "cannot reuse already awaited %s",
                       self->call == ASEND ? "__anext__()/asend()" : "aclose()/athrow()");
}

static int refuse_running(struct step *self)
{
    static const char *const names[] = {"anext", "athrow", "athrow", "aclose"};
    self->state = SPENT;
    return bide__raise(BIDE_RuntimeError, "%s(): asynchronous generator is already running",
                       names[self->call]);
}

static bool ended_quietly(void)
{
    return bide_error_matches(BIDE_StopAsyncIteration) || bide_error_matches(BIDE_GeneratorExit);
}

/* Makes an iterator's step of the generator's. */
static int answer(struct step *self, int status, bide_value *out)
{
    if (status == BIDE_YIELDED)
        return status;
    if (status == BIDE__ITEM && self->call != ACLOSE)
        return spend(self, BIDE_RETURNED);
    spend(self, status);
    if (status == BIDE__ITEM) {
        bide_clear(out);
        return bide__raise(BIDE_RuntimeError, "async generator ignored GeneratorExit");
    }
    if (status == BIDE_RETURNED) {
        bide_clear(out);
        bide__raise(BIDE_StopAsyncIteration, NULL);
    }
    if (ended_quietly()) {
        self->agen->agen_closed = true;
        if (self->call == ACLOSE) {
            bide_error_clear();
            return BIDE_RETURNED;
        }
    }
    return BIDE_RAISED;
}

/* The first step of athrow and aclose. */
static int begin_throw(struct step *self, bide_value sent, bide_value *out)
{
    bide__coro *agen = self->agen;
    if (agen->state == BIDE_CLOSED && self->call != ATHROW_STRICT) {
        spend(self, BIDE_RETURNED);
        return BIDE_RETURNED; /* athrow too: CPython drops the exception */
    }
    if (agen->in_flight)
        return refuse_running(self);
    if (agen->agen_closed && agen->state != BIDE_CLOSED) {
        spend(self, BIDE_RAISED);
        return bide__raise(BIDE_StopAsyncIteration, NULL);
    }
    if (!bide_is_none(sent))
        return bide__raise(BIDE_RuntimeError,
                           "can't send non-None value to a just-started coroutine");
    self->state = ITERATING;
    agen->in_flight = true;
    bide_value error = self->v;
    self->v = BIDE_NONE;
    if (self->call == ACLOSE) {
        agen->agen_closed = true;
        error = bide__generator_exit();
    }
    return answer(self, bide__coro_throw(agen, error, out), out);
}

static int step_send(void *object, bide_value v, bide_value *out)
{
    struct step *self = object;
    *out = BIDE_NONE;
    if (self->state == SPENT) {
        bide_drop(v);
        return refuse_reuse(self);
    }
    if (self->state == INIT && self->call != ASEND) {
        int status = begin_throw(self, v, out);
        bide_drop(v);
        return status;
    }
    if (self->state == INIT) {
        if (self->agen->in_flight) {
            bide_drop(v);
            return refuse_running(self);
        }
        if (bide_is_none(v)) {
            v = self->v;
            self->v = BIDE_NONE;
        }
        self->state = ITERATING;
        self->agen->in_flight = true;
    }
    return answer(self, bide__coro_send(self->agen, v, out), out);
}

static int step_next(void *object, bide_value *out)
{
    return step_send(object, BIDE_NONE, out);
}

static int step_throw(void *object, bide_value error, bide_value *out)
{
    struct step *self = object;
    *out = BIDE_NONE;
    if (self->state == SPENT || (self->state == INIT && self->agen->in_flight)) {
        bide_drop(error);
        return self->state == SPENT ? refuse_reuse(self) : refuse_running(self);
    }
    if (self->state == INIT) {
        self->state = ITERATING;
        self->agen->in_flight = true;
    }
    return answer(self, bide__coro_throw(self->agen, error, out), out);
}

static int step_close(void *object, bide_value *out)
{
    struct step *self = object;
    bide_value v;
    *out = BIDE_NONE;
    if (self->state == SPENT)
        return 0;
    int status = step_throw(object, bide__generator_exit(), &v);
    bide_drop(v);
    if (status == BIDE_YIELDED)
        return bide__raise(BIDE_RuntimeError, "coroutine ignored GeneratorExit");
    if (status < 0 && !bide_catch(BIDE_StopIteration, NULL) &&
        !bide_catch(BIDE_StopAsyncIteration, NULL) && !bide_catch(BIDE_GeneratorExit, NULL))
        return BIDE_RAISED;
    return 0;
}

#define STEP_SLOTS                                                                                 \
    .finalize = step_finalize, .await = bide_self, .iter = bide_self, .next = step_next,           \
    .send = step_send, .throw_ = step_throw, .close = step_close

static const bide_type asend_type = {.name = "async_generator_asend", STEP_SLOTS};
static const bide_type athrow_type = {.name = "async_generator_athrow", STEP_SLOTS};

bide_value bide__step_target(bide_value v)
{
    const bide_type *type = v.kind == BIDE_KIND_OBJECT ? v.as.object->type : NULL;
    if (type == &asend_type || type == &athrow_type)
        return bide_object_value(((struct step *)(void *)v.as.object)->agen);
    return bide__anext_target(v);
}

BIDE__BARRIER static int bide__barrier_firstiter(bide__coro *agen)
{
    bide__exec *exec = bide__bar();
    int status = hooks.firstiter(bide_object_value(agen));
    bide__unbar(exec);
    return status;
}

/* The hooks are looked up once per generator, when it is first asked for something. */
static int call_hooks(bide__coro *agen)
{
    if (agen->hooked)
        return 0;
    agen->hooked = true;
    agen->finalizer = hooks.finalizer;
    agen->ended = hooks.ended;
    return hooks.firstiter ? bide__barrier_firstiter(agen) : 0;
}

static bide_value make(bide_value v, enum call call, bide_value moved_in)
{
    bide__coro *agen = bide__coro_of(v);
    struct step *self = NULL;
    if (bide_failed(v) || bide_failed(moved_in))
        bide__propagate();
    else if (!agen || agen->kind != BIDE__ASYNC_GENERATOR)
        bide__raise(BIDE_TypeError, "an async generator is expected, got '%s'", bide_type_name(v));
    else if (call_hooks(agen) == 0)
        self = bide_object_new(call == ASEND ? &asend_type : &athrow_type, sizeof *self);
    if (!self) {
        bide_drop(moved_in);
        return BIDE_FAILED;
    }
    bide_ref(v);
    self->agen = agen;
    self->v = moved_in;
    self->call = (uint8_t)call;
    return bide_object_value(self);
}

bide_value bide_asend(bide_value agen, bide_value v)
{
    return make(agen, ASEND, v);
}

bide_value bide_athrow(bide_value agen, bide_value error)
{
    return make(agen, ATHROW, error);
}

bide_value bide_athrow_strict(bide_value agen, bide_value error)
{
    return make(agen, ATHROW_STRICT, error);
}

bide_value bide_aclose(bide_value agen)
{
    return make(agen, ACLOSE, BIDE_NONE);
}

/* --- the type ------------------------------------------------------------------------- */

static bide_value anext_slot(void *self)
{
    return make(bide_object_value(self), ASEND, BIDE_NONE);
}

static bide_value aclose_slot(void *self)
{
    return make(bide_object_value(self), ACLOSE, BIDE_NONE);
}

const bide_type bide__async_generator_type = {
    .name = "async_generator",
    .finalize = bide__coro_finalize,
    .aiter = bide_self,
    .anext = anext_slot,
    .aclose = aclose_slot,
};

bide_value bide_agen_at(const bide_origin *origin, bide_body *body, bide_value arg)
{
    return bide__coro_new(&bide__async_generator_type, BIDE__ASYNC_GENERATOR, origin, body, arg);
}
