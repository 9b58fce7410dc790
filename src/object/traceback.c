/* traceback.c - exceptions as text: the one-line form, the traceback, and the hooks for errors and
 * warnings that nobody can be given.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/complain.h"
#include "object/error.h"
#include "object/format.h"

void bide__error_add_text(const bide__exception *e, bide__sink *add, void *to)
{
    add(to, e->type->name);
    if (BIDE__HAS(groups) && e->add_members) {
        e->add_members(e, add, to);
        return;
    }
    const char *message = bide_error_message(bide_object_value((void *)e));
    if (*message) {
        add(to, ": ");
        add(to, message);
    }
}

static void add_site(const bide_site *site, bide__sink *add, void *to)
{
    char digits[BIDE__DIGITS];
    add(to, "  File \"");
    add(to, site->file);
    add(to, "\", line ");
    add(to, bide__decimal(digits, (size_t)site->line));
    add(to, ", in ");
    add(to, site->function);
    add(to, "\n");
}

/* Causes and contexts first, then the places, innermost last as in Python. */
static void add_traceback(const bide__exception *e, bide__sink *add, void *to)
{
    char digits[BIDE__DIGITS];
    const bide__exception *cause = bide__exception_of(e->cause);
    const bide__exception *before = cause ? cause : bide__exception_of(e->context);
    unsigned sites = e->site_count;
    if (before) {
        add_traceback(before, add, to);
        add(to, cause ? "\nThe above exception was the direct cause of the following exception:\n\n"
                      : "\nDuring handling of the above exception, another exception "
                        "occurred:\n\n");
    }
    if (sites)
        add(to, "Traceback (most recent await last):\n");
    if (sites > BIDE__SITES) {
        add(to, "  [");
        add(to, bide__decimal(digits, sites - BIDE__SITES));
        add(to, " more]\n");
        sites = BIDE__SITES;
    }
    while (sites-- > 0)
        add_site(e->sites[sites], add, to);
    bide__error_add_text(e, add, to);
    add(to, "\n");
}

static void add_to_text(void *text, const char *piece)
{
    bide__text_add(text, piece);
}

bide_value bide_error_text(bide_value error)
{
    struct bide__text text = {0};
    const bide__exception *e = bide__exception_of(error);
    if (e)
        bide__error_add_text(e, add_to_text, &text);
    return bide__text_finish(&text);
}

bide_value bide_error_traceback(bide_value error)
{
    struct bide__text text = {0};
    const bide__exception *e = bide__exception_of(error);
    if (e)
        add_traceback(e, add_to_text, &text);
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

static void add_to_complaint(void *complaint, const char *piece)
{
    bide__complain_add(complaint, piece);
}

/* Without a str: nothing need be linked to make one, nor is there always memory. */
static void complain(const bide__exception *e, const char *where)
{
    struct bide__complaint complaint;
    complaint.used = 0;
    bide__complain_add(&complaint, "Exception ignored in ");
    bide__complain_add(&complaint, where);
    bide__complain_add(&complaint, ":\n");
    if (e)
        add_traceback(e, add_to_complaint, &complaint);
    bide__complain_end(&complaint);
}

void bide__report_unraisable(bide_value error, const char *where)
{
    bide__exec *exec = bide__exec_now();
    bide__exception *pending = exec->pending;
    exec->pending = NULL;
    if (unraisable_hook)
        bide__barrier_unraisable(error, where);
    else
        complain(bide__exception_of(error), where);
    bide_drop(error);
    bide__set_pending(pending);
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
