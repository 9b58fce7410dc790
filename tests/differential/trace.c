/* trace.c - the lines that the programs print. They never raise.
 *
 * SPDX-License-Identifier: MIT */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINE = 4096, MAX_KEPT = 256 };

bool quiet;

static char line[MAX_LINE];
static size_t length;
static char *kept[MAX_KEPT];
static size_t kept_count;
static long first_task;

/* --- lines -------------------------------------------------------------------------------- */

void say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line + length, MAX_LINE - length, format, args);
    va_end(args);
    length = n < 0 || length + (size_t)n >= MAX_LINE ? MAX_LINE - 1 : length + (size_t)n;
}

void end_line(void)
{
    if (!quiet)
        puts(line);
    length = 0;
    line[0] = '\0';
}

void keep_line(void)
{
    if (!quiet && kept_count < MAX_KEPT)
        kept[kept_count++] = strdup(line);
    length = 0;
    line[0] = '\0';
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void print_kept_lines(void)
{
    qsort(kept, kept_count, sizeof *kept, by_text);
    for (size_t i = 0; i < kept_count; i++) {
        puts(kept[i]);
        free(kept[i]);
    }
    kept_count = 0;
}

/* --- what is in them ---------------------------------------------------------------------- */

/* The number of a task that has no name of its own; -1 for any other. */
static long number_of(const char *name)
{
    return strncmp(name, "Task-", 5) == 0 ? atol(name + 5) : -1;
}

void name_tasks_from(bide_value first)
{
    first_task = number_of(bide_task_name(first));
}

void say_name(bide_value task)
{
    const char *name = bide_task_name(task);
    long number = number_of(name);
    if (number >= 0)
        say("T%ld", number - first_task);
    else
        say("%s", *name ? name : "-");
}

void say_stamp(void)
{
    if (!bide_loop_running())
        return;
    BIDE_SCOPED bide_value task = bide_current_task();
    say("[%g] ", (double)bide_now() / 1e9);
    say_name(task);
    say(" ");
}

static void say_all(bide_value items, void (*each)(bide_value item))
{
    say("[");
    for (size_t i = 0; i < bide_size(items); i++) {
        say("%s", i > 0 ? ", " : "");
        each(bide_item(items, i));
    }
    say("]");
}

void say_error(bide_value error)
{
    /* What comes after these names objects. */
    static const char *const starts[] = {"Task cannot await on itself", "invalid state"};
    const char *message = bide_error_message(error);
    say("%s", bide_error_type_of(error)->name);
    if (bide_is_error(error, BIDE_BaseExceptionGroup)) {
        say("(%s)", message);
        say_all(bide_error_members(error), say_error);
        return;
    }
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(message, starts[i], strlen(starts[i])) == 0)
            message = starts[i];
    say("%s%s", *message ? ": " : "", message);
    bide_value cause = bide_error_cause(error);
    if (!bide_is_none(cause)) {
        say(" <- ");
        say_error(cause);
    }
}

void say_value(bide_value v)
{
    if (v.kind == BIDE_KIND_LIST) {
        say_all(v, say_value);
    } else if (bide_is_error(v, BIDE_BaseException)) {
        say_error(v);
    } else {
        BIDE_SCOPED bide_value text = bide_text(v);
        say("%s", bide_failed(text) ? "MemoryError" : bide_cstr(text));
        if (bide_failed(text))
            bide_error_clear(); /* no memory: the trace is not looked at */
    }
}
