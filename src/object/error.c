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

#include "object/list.h"
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

static bide_value exception_repr(void *self)
{
    bide__exception *e = self;
    bool quoted = !bide_is_none(e->message);
    return bide__strf("%s(%s%s%s)", e->type->name, quoted ? "'" : "",
                      quoted ? bide_cstr(e->message) : "", quoted ? "'" : "");
}

const bide_type bide__exception_type = {
    .name = "exception",
    .finalize = exception_finalize,
    .repr = exception_repr,
};

enum { IMMORTAL = 1 << 30 };

/* The two that are needed when there is no memory to make one. */
static bide__exception *shared(const bide_error_type *type)
{
    static BIDE__THREAD_LOCAL bide__exception memory, generator_exit;
    bide__exception *e = type == BIDE_MemoryError ? &memory : &generator_exit;
    e->base = (bide_object){.type = &bide__exception_type, .refs = IMMORTAL};
    e->type = type;
    e->shared = true;
    return e;
}

bide__exception *bide__exception_of(bide_value v)
{
    if (v.kind != BIDE_KIND_OBJECT || v.as.object->type != &bide__exception_type)
        return NULL;
    return (bide__exception *)v.as.object;
}

bool bide__error_type_is(const bide_error_type *type, const bide_error_type *base)
{
    for (; type; type = type->parent)
        if (type == base || (type == BIDE_ExceptionGroup && base == BIDE_Exception))
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
    bide__exception *e = shared(BIDE_MemoryError);
    e->base.refs++;
    bide__set_pending(e);
    return BIDE_RAISED;
}

/* A poisoned value may be used again after its exception was caught. */
int bide__propagate(void)
{
    return bide_error_pending() ? BIDE_RAISED : bide__raise_no_memory();
}

/* --- making ------------------------------------------------------------------------- */

static bide_value make(const bide_error_type *type, bide_value message, bide_value value)
{
    bide__exception *e = NULL;
    if (!bide_failed(message) && !bide_failed(value))
        e = bide_object_new(&bide__exception_type, sizeof *e);
    if (!e) {
        bide_drop(message);
        bide_drop(value);
        return BIDE_FAILED;
    }
    e->type = type;
    e->message = message;
    e->value = value;
    return bide_object_value(e);
}

bide_value bide__generator_exit(void)
{
    bide_value e = make(BIDE_GeneratorExit, BIDE_NONE, BIDE_NONE);
    if (!bide_failed(e))
        return e;
    bide_error_clear();
    return bide_object_ref(shared(BIDE_GeneratorExit));
}

typedef bide_value formatter(const char *format, va_list arguments);

static bide_value make_formatted(formatter *with, const bide_error_type *type, const char *format,
                                 va_list arguments)
{
    return make(type, format ? with(format, arguments) : BIDE_NONE, BIDE_NONE);
}

bide_value bide_error_new(const bide_error_type *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value e = make_formatted(bide__vformat_any, type, format, arguments);
    va_end(arguments);
    return e;
}

bide_value bide__error_new(const bide_error_type *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value e = make_formatted(bide__vformat, type, format, arguments);
    va_end(arguments);
    return e;
}

bide_value bide_error_with(const bide_error_type *type, bide_value value)
{
    bide_value message = bide_is_none(value) ? BIDE_NONE : bide_text(value);
    return make(type, message, value);
}

/* Raises what ExceptionGroup() does of members that are none. */
static int check_members(bide_value members)
{
    if (bide_failed(members))
        return bide__propagate();
    if (members.kind != BIDE_KIND_LIST && members.kind != BIDE_KIND_TUPLE)
        return bide__raise(BIDE_TypeError, "second argument (exceptions) must be a sequence");
    if (bide_size(members) == 0)
        return bide__raise(BIDE_ValueError,
                           "second argument (exceptions) must be a non-empty sequence");
    for (size_t i = 0; i < bide_size(members); i++)
        if (!bide__exception_of(bide_item(members, i)))
            return bide__raise(BIDE_ValueError,
                               "Item %zu of second argument (exceptions) is not an exception", i);
    return 0;
}

bide_value bide_error_group(const char *message, bide_value members)
{
    bide_value e = BIDE_FAILED, own = BIDE_FAILED;
    if (check_members(members) == 0)
        own = bide__tuple_copy(members);
    if (!bide_failed(own))
        e = make(BIDE_ExceptionGroup, bide_str(message), BIDE_NONE);
    bide_drop(members);
    if (bide_failed(e)) {
        bide_drop(own);
        return BIDE_FAILED;
    }
    for (size_t i = 0; i < bide_size(own); i++)
        if (!bide_is_error(bide_item(own, i), BIDE_Exception))
            bide__exception_of(e)->type = BIDE_BaseExceptionGroup;
    bide__exception_of(e)->members = own;
    return e;
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

int bide_raise_at(const bide_site *site, const bide_error_type *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value e = make_formatted(bide__vformat_any, type, format, arguments);
    va_end(arguments);
    return bide_raise_error_at(site, e);
}

int bide__raise(const bide_error_type *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value e = make_formatted(bide__vformat, type, format, arguments);
    va_end(arguments);
    return bide_raise_error_at(NULL, e);
}

/* What was pending becomes the context of what is raised. */
int bide_raise_error_at(const bide_site *site, bide_value error)
{
    if (bide_failed(error))
        return bide__propagate();
    bide_value handled = bide_error_take();
    bide_error_restore(error);
    bide__error_passed(site);
    bide__exception *e = bide__exec_now()->pending;
    if (!bide_is_none(handled) && e != bide__exception_of(handled))
        bide_clear(&e->context);
    bide__error_set_context(handled);
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
    return bide__raise(BIDE_TypeError, "exceptions must derive from BaseException");
}

/* Whether `e` is `chain` or one of its contexts. */
static bool in_chain(bide__exception *chain, const bide__exception *e)
{
    while (chain && chain != e)
        chain = bide__exception_of(chain->context);
    return chain != NULL;
}

void bide__error_set_context(bide_value context)
{
    bide__exception *e = bide__exec_now()->pending;
    bide__exception *handled = bide__exception_of(context), *last = e;
    if (!e || e->shared || !handled || in_chain(e, handled)) {
        bide_drop(context);
        return;
    }
    while (!bide_is_none(last->context))
        last = bide__exception_of(last->context);
    if (last->shared) {
        bide_drop(context);
        return;
    }
    /* A chain must not lead back into itself: as CPython, cut it there. */
    for (bide__exception *h = handled; h; h = bide__exception_of(h->context))
        if (in_chain(e, bide__exception_of(h->context)))
            bide_clear(&h->context);
    last->context = context;
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
    bide_value stop;
    if (!bide_catch(BIDE_StopIteration, &stop))
        return BIDE_RAISED;
    *out = bide_ref(bide_error_value(stop));
    bide_drop(stop);
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
