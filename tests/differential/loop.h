/* loop.h - what the parts of the interpreter share that run programs in a loop (loop_program.py).
 *
 * SPDX-License-Identifier: MIT */
#ifndef LOOP_H
#define LOOP_H

#include "interpreter.h"

/* --- loop_run.c --- */

/* asyncio.run(amain()), and what is left of everything after it. */
void run_in_loop(const program *p);

/* --- loop_things.c --- */

/* Makes everything that is there from the start: 0 or BIDE_RAISED. */
int make_things(void);
/* Prints what has become of it all, and drops it. */
void finish_things(void);
/* The thing of that name, a letter and a digit. */
bide_value *thing(const char *name);
/* A new reference to it; `me` is the running task. */
bide_value named(const char *name);
/* Whether the word names something that is None yet. */
bool is_unset(const char *word);
/* Puts v (moves in) in the place of a thing: 0, or BIDE_RAISED if it is BIDE_FAILED. */
int set_thing(const char *name, bide_value v);
/* Keeps a future to the end; gives it back. */
bide_value keep(bide_value future);
/* The name of the next task, which runs that function. */
const char *next_name(const char *function);

/* --- loop_calls.c --- */

/* D in ns. */
int64_t delay(const char *word);
/* "pending", "cancelled", "result v", "exception e" are added to the line. */
void say_state(bide_value future);
/* What a callback may do, of which `words` is the first word: 0 with the result, or BIDE_RAISED. */
int call_now(const char *const *words, bide_value *out);
/* Whether it is one of those. */
bool is_call(const char *word);

/* `self` is the thing that the second word names, `words` start after it. */
typedef int call(bide_value self, const char *const *words, bide_value *out);

/* --- loop_callbacks.c --- */

call undone, handle_cancel, handle_cancelled;
statement do_on_done, do_callback;

/* --- loop_contexts.c --- */

call var_get, var_set, var_reset, context_get, context_run;
statement do_context_copy, do_context_spawn;

/* --- loop_iteration.c --- */

statement do_make, do_results, do_futures;

/* --- loop_stacks.c --- */

statement do_stack_enter, do_stack_push, do_stack_callback, do_stack_pop, do_stack_close;

/* --- loop_statements.c --- */

/* A list of N A...; *words becomes what is after it. */
bide_value several(const char *const **words);

/* The function for a statement that needs a loop; NULL if it is none. */
statement *loop_statement(const node *n);

#endif
