/* inline.c - awaiting a fresh coroutine on the stack of the one that awaits it: a function call.
 *
 * The rule that makes it exact: only a coroutine whose one reference is the await's own is inlined.
 * Where the stack is nearly used up the awaited coroutine gets a stack of its own, so that deep
 * chains of awaits never overflow.
 *
 * SPDX-License-Identifier: MIT */
#include "object/inline.h"

#include "object/error.h"

BIDE__PART(inline);

enum { PATIENCE = 1000 };

/* The coroutine at depth exec->closing has ended, `status` being how: raises in the one below it
 * what CPython's close would, having called this one's close first. */
static int end_of_closing(bide__exec *exec, bool refused, int status, bide_value *result)
{
    bide_drop(*result);
    *result = BIDE_NONE;
    exec->closing--;
    bide__set_limit(exec);
    bide_value passed_on = BIDE_NONE;
    if (exec->closing == 0) {
        passed_on = exec->close_error;
        exec->close_error = BIDE_NONE;
    }
    bool other = status < 0 && !bide_error_matches(BIDE_GeneratorExit);
    if (refused) {
        if (other)
            bide__report_unraisable(bide_error_take(), "a coroutine that ignored GeneratorExit");
        bide_error_clear();
        bide_drop(passed_on);
        return bide__raise(BIDE_RuntimeError, "coroutine ignored GeneratorExit");
    }
    if (other) {
        bide_drop(passed_on);
        return BIDE_RAISED;
    }
    bide_error_clear();
    return bide_error_restore(bide_is_none(passed_on) ? bide__generator_exit() : passed_on);
}

static int refuse_exit(bide__exec *exec)
{
    bide__coro *self = exec->top;
    for (unsigned depth = exec->depth; depth > exec->closing; depth--)
        self = self->outer;
    if (self->refused) {
        /* It refused before; CPython would have thrown its frame away by now. */
        if (self->level++ > PATIENCE * 2)
            bide__bug(self->origin->file, self->origin->line,
                      "a coroutine that is being closed awaits for ever: let it end when "
                      "GeneratorExit is raised in it");
        bide_value error = bide__error_new(BIDE_RuntimeError, "coroutine ignored GeneratorExit");
        if (bide_failed(error))
            error = bide_error_take();
        bide__report_unraisable(error, self->origin->name);
    }
    self->refused = true;
    return bide_error_restore(bide__generator_exit());
}

int bide__refuse_inlined(void)
{
    return bide__raise(BIDE_RuntimeError, "coroutine is being awaited already");
}

BIDE__UNCOLORED int bide__await_inline(bide__exec *exec, bide__coro *self, const bide_site *site,
                                       bide_value *out)
{
    bide__coro *outer = exec->top;
    bide_value ignored, *result = out ? out : &ignored;

    self->inlined = true;
    self->state = BIDE_RUNNING;
    self->exec = exec;
    self->outer = outer;
    self->level = outer->level + 1;
    outer->awaiting = bide_object_value(self);
    exec->top = self;
    exec->depth++;
    exec->refuse_exit = refuse_exit;
    *result = BIDE_NONE;

    int status = bide__check_level(self) < 0 ? BIDE_RAISED : bide__run(self, exec, result);

    exec->depth--;
    exec->top = outer;
    outer->awaiting = BIDE_NONE;
    bide__coro_closed(self);
    self->exec = NULL;
    if (__builtin_expect(exec->closing > exec->depth, 0))
        status = end_of_closing(exec, self->refused, status, result);
    bide_drop(self->arg);
    self->arg = BIDE_NONE;
    bide_drop(bide_object_value(self));
    if (!out)
        bide_drop(ignored);
    if (__builtin_expect(status < 0, 0)) {
        bide__error_passed(site);
        return BIDE_RAISED;
    }
    return 0;
}
