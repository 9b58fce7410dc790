/* traceback.c - exceptions as text: the one-line form, the traceback, and the hooks for errors and
 * warnings that nobody can be given.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/complain.h"
#include "object/error.h"
#include "object/format.h"

static void add_text(struct bide__text *text, const bide__exception *e)
{
    bide__text_add(text, e->type->name);
    if (bide_is_none(e->members)) {
        const char *message = bide_error_message(bide_object_value((void *)e));
        if (*message) {
            bide__text_add(text, ": ");
            bide__text_add(text, message);
        }
        return;
    }
    bide__text_add_plain(text, "(%s)[", bide_cstr(e->message));
    for (size_t i = 0; i < bide_size(e->members); i++) {
        bide__text_add(text, i ? ", " : "");
        add_text(text, bide__exception_of(bide_item(e->members, i)));
    }
    bide__text_add(text, "]");
}

bide_value bide_error_text(bide_value error)
{
    struct bide__text text = {0};
    const bide__exception *e = bide__exception_of(error);
    if (e)
        add_text(&text, e);
    return bide__text_finish(&text);
}

/* Causes and contexts first, then the places, innermost last as in Python. */
static void add_traceback(struct bide__text *text, const bide__exception *e)
{
    const bide__exception *cause = bide__exception_of(e->cause);
    const bide__exception *context = bide__exception_of(e->context);
    if (cause) {
        add_traceback(text, cause);
        bide__text_add(text, "\nThe above exception was the direct cause of the following "
                             "exception:\n\n");
    } else if (context) {
        add_traceback(text, context);
        bide__text_add(text, "\nDuring handling of the above exception, another exception "
                             "occurred:\n\n");
    }
    if (e->site_count)
        bide__text_add(text, "Traceback (most recent await last):\n");
    if (e->site_count > BIDE__SITES)
        bide__text_add_plain(text, "  [%u more]\n", e->site_count - BIDE__SITES);
    for (unsigned i = e->site_count < BIDE__SITES ? e->site_count : BIDE__SITES; i-- > 0;)
        bide__text_add_plain(text, "  File \"%s\", line %d, in %s\n", e->sites[i]->file,
                             e->sites[i]->line, e->sites[i]->function);
    add_text(text, e);
    bide__text_add(text, "\n");
}

bide_value bide_error_traceback(bide_value error)
{
    struct bide__text text = {0};
    const bide__exception *e = bide__exception_of(error);
    if (e)
        add_traceback(&text, e);
    return bide__text_finish(&text);
}

/* --- hooks -------------------------------------------------------------------------- */

static BIDE__THREAD_LOCAL bide_unraisable_fn *unraisable_hook;
static BIDE__THREAD_LOCAL bide_warning_fn *warning_hook;

void bide_set_unraisable_hook(bide_unraisable_fn *hook)
{
    unraisable_hook = hook;
}

void bide_set_warning_hook(bide_warning_fn *hook)
{
    warning_hook = hook;
}

/* Hooks may not suspend: they are called from wherever an object happens to be dropped. */
BIDE__BARRIER static void bide__barrier_unraisable(bide_value error, const char *where)
{
    bide__exec *exec = bide__bar();
    unraisable_hook(error, where);
    bide__unbar(exec);
}

BIDE__BARRIER static void bide__barrier_warning(const char *category, const char *message,
                                                const bide_origin *origin)
{
    bide__exec *exec = bide__bar();
    warning_hook(category, message, origin);
    bide__unbar(exec);
}

void bide__report_unraisable(bide_value error, const char *where)
{
    bide_value pending = bide_error_take();
    if (unraisable_hook) {
        bide__barrier_unraisable(error, where);
    } else {
        bide_value traceback = bide_error_traceback(error);
        bide__complain("Exception ignored in ", where, ":\n",
                       bide_failed(traceback) ? "MemoryError\n" : bide_cstr(traceback), NULL);
        bide_drop(traceback);
    }
    bide_drop(error);
    bide_error_clear();
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

void bide__warn(const char *category, const bide_origin *origin, const char *format, ...)
{
    char small[256], digits[BIDE__DIGITS];
    struct bide__text text = {.bytes = small, .room = sizeof small, .borrowed = true};
    va_list arguments;
    va_start(arguments, format);
    bide__text_addv(&text, format, arguments, NULL);
    va_end(arguments);
    text.bytes[text.size] = '\0';
    if (warning_hook)
        bide__barrier_warning(category, text.bytes, origin);
    else
        bide__complain(origin->file, ":", bide__decimal(digits, (size_t)origin->line), ": ",
                       category, ": ", text.bytes, "\n", NULL);
    bide__text_free(&text);
}
