/* interpreter.h - what the parts of the interpreter share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef INTERPRETER_H
#define INTERPRETER_H

#include <bide.h>

#include <string.h>

#include "program.h"

enum { SLOTS = 11 };
extern bide_value slots[SLOTS];
extern const program *running;

/* --- statements.c --- */

typedef enum { NORMAL, BREAK, CONTINUE, RETURN, RAISED } outcome;

/* One run of a body. */
typedef struct {
    bide_value result;
    bide_value handled; /* borrowed; the exception of the innermost except clause */
} frame;

/* Any function here may await and yield: the program decides. */
typedef outcome statement(frame *f, const node *n);
#define STATEMENT BIDE__UNCOLORED static outcome

/* Runs the statements of a block. */
outcome run_block(frame *f, const node *first);
/* Whether a loop ends whose body ended so; *how becomes what that is to those around the loop. */
static inline bool ends_loop(outcome *how)
{
    bool ends = *how == BREAK || *how == RETURN || *how == RAISED;
    if (*how == BREAK)
        *how = NORMAL;
    return ends;
}

/* Shows what was sent or returned (moves in), unless that failed. */
outcome got(const node *n, int status, bide_value v);
/* Puts v into a slot. */
void put(int slot, bide_value v);

/* --- objects.c --- */

/* E, of which `words` is the first word. */
bide_value evaluate(const char *const *words);
/* V: None or an int. */
bide_value value(const char *word);
const bide_error_type *error_type(const char *name);
/* T(V) */
bide_value error(const char *type, const char *argument);
/* The function of that name, what runs it, and a call of it. */
node *function_named(const char *name);
int function_body(bide_value function, bide_value *result);
bide_value new_object(const char *name);
/* An awaitable that yields v. */
bide_value suspended(bide_value v);
/* The manager of a `with`. */
bide_value new_manager(const node *with);

/* --- run.c --- */

/* Prints "LINE words v", without v if it is BIDE_FAILED; in a loop after the time and the task. */
void show(const node *n, const char *words, bide_value v);
/* Prints "LINE words error". */
void show_error(const node *n, const char *words, bide_value error);

static inline bool is(const char *word, const char *other)
{
    return strcmp(word, other) == 0;
}

#endif
