/* error.c - exceptions: making, raising, catching and looking at them.
 *
 * The pending exception belongs to the running stack (exec.h). Raising needs memory; when there is
 * none, a MemoryError that exists already is raised instead, so that no call is ever left without
 * an exception to report.
 *
 * SPDX-License-Identifier: MIT */
#include "object/error.h"

#include <bide/protocol.h>

#include <string.h>

#include "object/memory.h"

static void exception_finalize(void *self)
{
    bide__exception *e = self;
    bide_drop(e->message);
    bide_drop(e->value);
    bide_drop(e->cause);
    bide_drop(e->context);
    bide_drop(e->members);
}

const bide_type bide__exception_type = {
    .name = "exception",
    .finalize = exception_finalize,
};

enum { IMMORTAL = 1 << 30 };

/* The two that are needed when there is no memory to make one. */
#define SHARED(of)                                                                                 \
    {.base = {.type = &bide__exception_type, .refs = IMMORTAL}, .type = of, .shared = true}
static BIDE__THREAD_LOCAL bide__exception shared_memory_error = SHARED(BIDE_MemoryError);
static BIDE__THREAD_LOCAL bide__exception shared_generator_exit = SHARED(BIDE_GeneratorExit);

bide__exception *bide__exception_of(bide_value v)
{
    if (v.kind != BIDE_KIND_OBJECT || v.as.object->type != &bide__exception_type)
        return NULL;
    return (bide__exception *)v.as.object;
}

bool bide__error_type_is(const bide_error_type *type, const bide_error_type *base)
{
    for (; type; type = type->parent)
        if (type == base ||
            (BIDE__HAS(groups) && type == BIDE_ExceptionGroup && base == BIDE_Exception))
            return true; /* ExceptionGroup alone has two parents */
    return false;
}

void bide__set_pending(bide__exception *error)
{
    bide__exec *exec = bide__exec_now();
    bide__exception *old = exec->pending;
    exec->pending = error;
    if (old)
        bide_drop(bide_object_value(old));
}

int bide__raise_no_memory(void)
{
    shared_memory_error.base.refs++;
    bide__set_pending(&shared_memory_error);
    return BIDE_RAISED;
}

/* A poisoned value may be used again after its exception was caught. */
int bide__propagate(void)
{
    return bide_error_pending() ? BIDE_RAISED : bide__raise_no_memory();
}

/* --- making ------------------------------------------------------------------------- */

bide__exception *bide__error_make(const bide_error_type *type, bide_value message)
{
    bide__exception *e = NULL;
    if (!bide_failed(message))
        e = bide_object_new(&bide__exception_type, sizeof *e);
    if (!e) {
        bide_drop(message);
        return NULL;
    }
    e->type = type;
    e->message = message;
    return e;
}

bide_value bide__generator_exit(void)
{
    bide__exception *e = bide__error_make(BIDE_GeneratorExit, BIDE_NONE);
    if (e)
        return bide_object_value(e);
    bide_error_clear();
    return bide_object_ref(&shared_generator_exit);
}

typedef bide_value formatter(const char *format, va_list arguments);

static bide__exception *make_formatted(formatter *with, const bide_error_type *type,
                                       const char *format, va_list arguments)
{
    return bide__error_make(type, format ? with(format, arguments) : BIDE_NONE);
}

static int raise_no_exception(void)
{
    return bide__raise(BIDE_TypeError, "exceptions must derive from BaseException");
}

/* For users, who may give no type. */
static bide__exception *make_any(const bide_error_type *type, const char *format, va_list arguments)
{
    if (type)
        return make_formatted(bide__vformat_any, type, format, arguments);
    raise_no_exception();
    return NULL;
}

bide_value bide_error_new(const bide_error_type *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide__exception *e = make_any(type, format, arguments);
    va_end(arguments);
    return bide_object_value(e);
}

bide_value bide__error_new(const bide_error_type *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide__exception *e = make_formatted(bide__vformat, type, format, arguments);
    va_end(arguments);
    return bide_object_value(e);
}

bide_value bide_error_with(const bide_error_type *type, bide_value value)
{
    bide__exception *e = NULL;
    if (type)
        e = bide__error_make(type, bide_is_none(value) ? BIDE_NONE : bide_text(value));
    else
        raise_no_exception();
    if (e)
        e->value = value;
    else
        bide_drop(value);
    return bide_object_value(e);
}

bide_value bide_error_from(bide_value error, bide_value cause)
{
    bide__exception *e = bide__exception_of(error);
    if (!e || e->shared || bide_failed(cause)) {
        bide_drop(cause);
        return error;
    }
    bide_drop(e->cause);
    e->cause = cause;
    return error;
}

/* --- raising ------------------------------------------------------------------------ */

void bide__error_passed(const bide_site *site)
{
    bide__exception *e = bide__exec_now()->pending;
    if (!e || e->shared || !site)
        return;
    if (e->site_count < BIDE__SITES)
        e->sites[e->site_count] = site;
    e->site_count++;
}

/* Adds `handled` (owned, or NULL) to the end of the pending exception's contexts. */
static void add_context(bide__exception *handled);

/* What was pending becomes the context of what is raised, `e`; NULL: making it has failed. */
static int raise_made(const bide_site *site, bide__exception *e)
{
    bide__exec *exec = bide__exec_now();
    bide__exception *handled = exec->pending;
    if (!e)
        return bide__propagate();
    exec->pending = e;
    bide__error_passed(site);
    if (handled && handled != e)
        bide_clear(&e->context);
    add_context(handled);
    return BIDE_RAISED;
}

int bide_raise_at(const bide_site *site, const bide_error_type *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide__exception *e = make_any(type, format, arguments);
    va_end(arguments);
    return raise_made(site, e);
}

int bide__raise(const bide_error_type *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide__exception *e = make_formatted(bide__vformat, type, format, arguments);
    va_end(arguments);
    return raise_made(NULL, e);
}

int bide__raise_no_function(void)
{
    return bide__raise(BIDE_TypeError, "a function is expected, got NULL");
}

int bide_raise_error_at(const bide_site *site, bide_value error)
{
    bide__exception *e = bide__exception_of(error);
    if (e || bide_failed(error))
        return raise_made(site, e);
    bide_error_restore(error);
    bide__error_passed(site);
    return BIDE_RAISED;
}

int bide_error_restore(bide_value error)
{
    bide__exception *e = bide__exception_of(error);
    if (e) {
        bide__set_pending(e);
        return BIDE_RAISED;
    }
    if (bide_failed(error))
        return bide__propagate();
    bide_drop(error);
    return raise_no_exception();
}

static bide__exception *context_of(const bide__exception *e)
{
    return bide_is_none(e->context) ? NULL : (bide__exception *)(void *)e->context.as.object;
}

static void add_context(bide__exception *handled)
{
    bide__exception *first = bide__exec_now()->pending, *last = first;
    if (!handled)
        return;
    while (last && last != handled && !last->shared && context_of(last))
        last = context_of(last);
    if (!last || last == handled || last->shared) {
        bide_drop(bide_object_value(handled));
        return;
    }
    /* A chain must not lead back into itself: as CPython, cut it there. */
    for (bide__exception *h = handled; h; h = context_of(h))
        for (bide__exception *e = first; e; e = context_of(e))
            if (context_of(h) == e)
                bide_clear(&h->context);
    last->context = bide_object_value(handled);
}

void bide__error_set_context(bide_value context)
{
    bide__exception *handled = bide__exception_of(context);
    if (handled)
        add_context(handled);
    else
        bide_drop(context);
}

/* --- catching ----------------------------------------------------------------------- */

bool bide_error_matches(const bide_error_type *type)
{
    const bide__exception *e = bide__exec_now()->pending;
    return e && bide__error_type_is(e->type, type);
}

bide_value bide_error_take(void)
{
    bide__exec *exec = bide__exec_now();
    bide__exception *e = exec->pending;
    exec->pending = NULL;
    return e ? bide_object_value(e) : BIDE_NONE;
}

bool bide_catch(const bide_error_type *type, bide_value *out)
{
    bool matches = bide_error_matches(type);
    if (out)
        *out = BIDE_NONE;
    if (!matches)
        return false;
    bide_value e = bide_error_take();
    if (out)
        *out = e;
    else
        bide_drop(e);
    return true;
}

int bide__stop_is_end(bide_value *out)
{
    if (!bide_error_matches(BIDE_StopIteration))
        return BIDE_RAISED;
    *out = bide_ref(bide__exec_now()->pending->value);
    bide_error_clear();
    return BIDE_RETURNED;
}

void bide_error_clear(void)
{
    bide_drop(bide_error_take());
}

/* --- looking at one ----------------------------------------------------------------- */

bool bide_is_error(bide_value v, const bide_error_type *type)
{
    const bide__exception *e = bide__exception_of(v);
    return e && bide__error_type_is(e->type, type);
}

const bide_error_type *bide_error_type_of(bide_value error)
{
    const bide__exception *e = bide__exception_of(error);
    return e ? e->type : NULL;
}

const char *bide_error_message(bide_value error)
{
    const bide__exception *e = bide__exception_of(error);
    return e && e->message.kind == BIDE_KIND_STR ? bide_cstr(e->message) : "";
}

bide_value bide_error_value(bide_value error)
{
    const bide__exception *e = bide__exception_of(error);
    return e ? e->value : BIDE_NONE;
}

bide_value bide_error_cause(bide_value error)
{
    const bide__exception *e = bide__exception_of(error);
    return e ? e->cause : BIDE_NONE;
}

bide_value bide_error_context(bide_value error)
{
    const bide__exception *e = bide__exception_of(error);
    return e ? e->context : BIDE_NONE;
}

bide_value bide_error_members(bide_value error)
{
    const bide__exception *e = bide__exception_of(error);
    return e ? e->members : BIDE_NONE;
}
