/* loop_callbacks.c - callbacks: of the loop, and of futures that are done.
 *
 * SPDX-License-Identifier: MIT */
#include "loop.h"

#include <stdlib.h>

#include "trace.h"

/* --- that say so -------------------------------------------------------------------------- */

static int ended(bide_value future, bide_value arg)
{
    say_stamp();
    say("d%d ended ", (int)arg.as.i);
    say_state(future);
    end_line();
    return 0;
}

outcome do_on_done(frame *f, const node *n)
{
    BIDE_SCOPED bide_value future = named(n->words[1]);
    return got(n, bide_future_add_done_callback(future, ended, value(n->words[2])), BIDE_NONE);
}

int undone(bide_value self, const char *const *words, bide_value *out)
{
    int count = bide_future_remove_done_callback(self, ended, value(words[0]));
    *out = bide_int(count);
    return count < 0 ? BIDE_RAISED : 0;
}

/* --- that do a call ----------------------------------------------------------------------- */

static int called(bide_value arg)
{
    const node *n = arg.as.ptr;
    BIDE_SCOPED bide_value v = BIDE_NONE;
    BIDE_TRY(call_now(n->words + (is(n->words[0], "after") ? 3 : 2), &v));
    show(n, "called", v);
    return 0;
}

static int called_when_done(bide_value future, bide_value arg)
{
    return called(arg);
}

/* The handle of a callback, after as many seconds as the word says. */
static bide_value schedule(const node *n, const char *word)
{
    int64_t after = delay(word);
    bide_value what = bide_ptr((void *)n);
    return after ? bide_call_later(after, called, what) : bide_call_soon(called, what);
}

outcome do_callback(frame *f, const node *n)
{
    BIDE_SCOPED bide_value thing = BIDE_NONE;
    int status = 0;
    if (is(n->words[0], "after")) {
        status = set_thing(n->words[1], schedule(n, n->words[2]));
    } else if (is(n->words[0], "later")) {
        thing = schedule(n, n->words[1]);
        status = bide_failed(thing) ? BIDE_RAISED : 0;
    } else {
        thing = named(n->words[1]);
        status = bide_future_add_done_callback(thing, called_when_done, bide_ptr((void *)n));
    }
    return got(n, status, BIDE_NONE);
}

/* --- handles ------------------------------------------------------------------------------ */

int handle_cancel(bide_value self, const char *const *words, bide_value *out)
{
    bide_handle_cancel(self);
    return 0;
}

int handle_cancelled(bide_value self, const char *const *words, bide_value *out)
{
    *out = bide_bool(bide_handle_cancelled(self));
    return 0;
}
