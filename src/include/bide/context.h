/* bide/context.h - context variables: values that follow a task, not a thread.
 *
 * A task runs in a copy of the context in which it was made; callbacks run in the one in which they
 * were registered; coroutines that are awaited share the awaiting one's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_CONTEXT_H
#define BIDE_CONTEXT_H

#include <bide/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/* contextvars.ContextVar(name, default=fallback): `name` is borrowed for good (a literal);
 * `fallback` moves in, BIDE_FAILED-free; BIDE_NONE is a value like any other. */
bide_value bide_context_var(const char *name, bide_value fallback);
/* var.get(): yours to drop. All borrow `var`. */
bide_value bide_context_var_get(bide_value var);
/* var.set(value): value moves in. *token (may be NULL) is what reset takes. */
int bide_context_var_set(bide_value var, bide_value value, bide_value *token);
/* var.reset(token): the token moves in. RuntimeError if it was used, ValueError if it is another
 * variable's or of another context: a task cannot take back what another one set. */
int bide_context_var_reset(bide_value var, bide_value token);

/* contextvars.copy_context(). */
bide_value bide_copy_context(void);
/* context.run(fn, arg): `context` is borrowed, arg moves in. RuntimeError if it is entered already.
 */
int bide_context_run(bide_value context, bide_callback *fn, bide_value arg);
/* context[var], or the variable's fallback: yours to drop; both borrowed. */
bide_value bide_context_get(bide_value context, bide_value var);

#ifdef __cplusplus
}
#endif
#endif
