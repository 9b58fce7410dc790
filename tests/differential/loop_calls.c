/* loop_calls.c - statements that take no time: a task does them, or a callback of the loop.
 *
 * SPDX-License-Identifier: MIT */
#include "loop.h"

#include <stdlib.h>

#include "trace.h"

int64_t delay(const char *word)
{
    return is(word, "never") ? BIDE_NEVER : BIDE_SECONDS(atoi(word));
}

void say_state(bide_value future)
{
    BIDE_SCOPED bide_value v = BIDE_NONE;
    if (!bide_future_done(future)) {
        say("pending");
    } else if (bide_future_cancelled(future)) {
        say("cancelled");
    } else if (bide_future_exception(future, &v) == 0 && !bide_is_none(v)) {
        say("exception ");
        say_error(v);
    } else if (bide_future_result(future, &v) == 0) {
        say("result ");
        say_value(v);
    }
}

/* --- each one ----------------------------------------------------------------------------- */

static int release(bide_value self, const char *const *words, bide_value *out)
{
    switch (words[-1][0]) {
    case 'l':
        return bide_lock_release(self);
    case 's':
        return bide_semaphore_release(self);
    default:
        return bide_condition_release(self);
    }
}

static int event_set(bide_value self, const char *const *words, bide_value *out)
{
    return bide_event_set(self);
}

static int event_clear(bide_value self, const char *const *words, bide_value *out)
{
    return bide_event_clear(self);
}

static int notify(bide_value self, const char *const *words, bide_value *out)
{
    return bide_condition_notify(self, (size_t)atoi(words[0]));
}

static int notify_all(bide_value self, const char *const *words, bide_value *out)
{
    return bide_condition_notify_all(self);
}

static int put_now(bide_value self, const char *const *words, bide_value *out)
{
    return bide_queue_put_nowait(self, value(words[0]));
}

static int get_now(bide_value self, const char *const *words, bide_value *out)
{
    return bide_queue_get_nowait(self, out);
}

static int task_done(bide_value self, const char *const *words, bide_value *out)
{
    return bide_queue_task_done(self);
}

static int shut_down(bide_value self, const char *const *words, bide_value *out)
{
    return bide_queue_shutdown(self, is(words[0], "1"));
}

static int cancel(bide_value self, const char *const *words, bide_value *out)
{
    int status = bide_future_cancel(self, *words[0] ? words[0] : NULL);
    if (status >= 0)
        *out = bide_bool(status > 0);
    return status < 0 ? BIDE_RAISED : 0;
}

static int uncancel(bide_value self, const char *const *words, bide_value *out)
{
    *out = bide_int(bide_task_uncancel(self));
    return 0;
}

static int set_result(bide_value self, const char *const *words, bide_value *out)
{
    return bide_future_set_result(self, value(words[0]));
}

static int set_exception(bide_value self, const char *const *words, bide_value *out)
{
    return bide_future_set_exception(self, error(words[0], words[1]));
}

static int reschedule(bide_value self, const char *const *words, bide_value *out)
{
    int64_t after = delay(words[0]);
    return bide_timeout_reschedule(self, after == BIDE_NEVER ? after : bide_now() + after);
}

static int result_of(bide_value self, const char *const *words, bide_value *out)
{
    return bide_future_result(self, out);
}

static int exception_of(bide_value self, const char *const *words, bide_value *out)
{
    return bide_future_exception(self, out);
}

/* --- all of them -------------------------------------------------------------------------- */

static const struct {
    const char *word;
    call *make;
} calls[] = {
    {"release", release},
    {"evset", event_set},
    {"evclear", event_clear},
    {"notify", notify},
    {"notifyall", notify_all},
    {"putnow", put_now},
    {"getnow", get_now},
    {"taskdone", task_done},
    {"shutdown", shut_down},
    {"cancel", cancel},
    {"uncancel", uncancel},
    {"setres", set_result},
    {"setexc", set_exception},
    {"resched", reschedule},
    {"result", result_of},
    {"exc", exception_of},
    {"undone", undone},
    {"hcancel", handle_cancel},
    {"hcancelled", handle_cancelled},
    {"varget", var_get},
    {"varset", var_set},
    {"varreset", var_reset},
    {"ctxget", context_get},
    {"ctxrun", context_run},
};

static call *find(const char *word)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (is(calls[i].word, word))
            return calls[i].make;
    return NULL;
}

bool is_call(const char *word)
{
    return find(word) != NULL;
}

int call_now(const char *const *words, bide_value *out)
{
    BIDE_SCOPED bide_value self = named(words[1]);
    *out = BIDE_NONE;
    return find(words[0])(self, words + 2, out);
}
