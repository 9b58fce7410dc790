/* loop_contexts.c - context variables, and the contexts in which they have values.
 *
 * SPDX-License-Identifier: MIT */
#include "loop.h"

#include "trace.h"

/* --- variables ---------------------------------------------------------------------------- */

/* What reset takes back: left by the last set of that variable. */
static bide_value *token_of(const char *variable)
{
    const char name[] = {'r', variable[1], '\0'};
    return thing(name);
}

int var_get(bide_value self, const char *const *words, bide_value *out)
{
    *out = bide_context_var_get(self);
    return bide_failed(*out) ? BIDE_RAISED : 0;
}

int var_set(bide_value self, const char *const *words, bide_value *out)
{
    bide_value token;
    BIDE_TRY(bide_context_var_set(self, value(words[0]), &token));
    bide_drop(*token_of(words[-1]));
    *token_of(words[-1]) = token;
    return 0;
}

int var_reset(bide_value self, const char *const *words, bide_value *out)
{
    bide_value token = *token_of(words[0]);
    return bide_is_none(token) ? 0 : bide_context_var_reset(self, bide_ref(token));
}

/* --- contexts ----------------------------------------------------------------------------- */

int context_get(bide_value self, const char *const *words, bide_value *out)
{
    *out = bide_context_get(self, *thing(words[0]));
    return bide_failed(*out) ? BIDE_RAISED : 0;
}

typedef struct {
    const char *const *words;
    bide_value *out;
} inner_call;

static int run_inside(bide_value arg)
{
    const inner_call *inner = arg.as.ptr;
    return call_now(inner->words, inner->out);
}

int context_run(bide_value self, const char *const *words, bide_value *out)
{
    inner_call inner = {words, out};
    return bide_context_run(self, run_inside, bide_ptr(&inner));
}

outcome do_context_copy(frame *f, const node *n)
{
    return got(n, set_thing(n->words[1], bide_copy_context()), BIDE_NONE);
}

outcome do_context_spawn(frame *f, const node *n)
{
    const char *function = n->words[3], *name = next_name(function);
    bide_value task = bide_task_in(named(n->words[1]), new_object(function), name);
    return got(n, set_thing(n->words[2], keep(task)), BIDE_NONE);
}
