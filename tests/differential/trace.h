/* trace.h - the lines that the programs print, made piece by piece.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TRACE_H
#define TRACE_H

#include <bide.h>

/* Nothing is printed. */
extern bool quiet;

/* Adds to the line: text, the time and the running task if a loop runs, the name of a task, a
 * value, an exception with its causes. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_stamp(void);
void say_name(bide_value task);
void say_value(bide_value v);
void say_error(bide_value error);
/* Prints the line. */
void end_line(void);
/* Keeps it, for all that were kept to be printed in order. */
void keep_line(void);
void print_kept_lines(void);

/* Tasks without a name are called T0, T1 and so on, of which this is the first. */
void name_tasks_from(bide_value first);

#endif
