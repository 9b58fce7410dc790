/* loop_things.c - what the tasks of a program share, by name: locks, queues, each other.
 *
 * SPDX-License-Identifier: MIT */
#include "loop.h"

#include <stdio.h>

#include "trace.h"

enum { LETTERS = 26, DIGITS = 8, MAX_NAME = 32 };

static bide_value things[LETTERS][DIGITS];
static bide_value kept; /* a list of futures */
static int task_count;

static bool is_name(const char *word)
{
    return *word >= 'a' && *word <= 'z' && word[1] >= '0' && word[1] < '0' + DIGITS && !word[2];
}

bide_value *thing(const char *name)
{
    return &things[*name - 'a'][name[1] - '0'];
}

bide_value named(const char *name)
{
    return is(name, "me") ? bide_current_task() : bide_ref(*thing(name));
}

bool is_unset(const char *word)
{
    return is_name(word) && strchr("tgkaohxz", *word) && bide_is_none(*thing(word));
}

int set_thing(const char *name, bide_value v)
{
    if (bide_failed(v))
        return BIDE_RAISED;
    bide_value old = *thing(name);
    *thing(name) = v;
    bide_drop(old);
    return 0;
}

bide_value keep(bide_value future)
{
    if (quiet || bide_failed(future)) /* nothing is looked at in the end: it may go early */
        return future;
    if (bide_is_none(kept))
        kept = bide_list();
    bide_list_append(kept, bide_ref(future));
    return future;
}

const char *next_name(const char *function)
{
    static char name[MAX_NAME];
    snprintf(name, sizeof name, "%s.%d", function, ++task_count);
    return name;
}

int make_things(void)
{
    static const char *const names[] = {
        "u0", "u1", "u2", "l0", "l1", "e0", "e1", "c0", "s0", "s1",
        "s2", "q0", "q1", "q2", "q3", "b0", "b1", "v0", "v1",
    };
    const bide_value made[] = {
        keep(bide_future()),
        keep(bide_future()),
        keep(bide_future()),
        bide_lock(),
        bide_lock(),
        bide_event(),
        bide_event(),
        bide_condition(BIDE_NONE),
        bide_semaphore(1),
        bide_bounded_semaphore(2),
        bide_semaphore(0),
        bide_queue(1),
        bide_queue(0),
        bide_priority_queue(2),
        bide_lifo_queue(1),
        bide_barrier(2),
        bide_barrier(3),
        bide_context_var("v0", bide_int(7)),
        bide_context_var("v1", bide_int(7)),
    };
    int status = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (set_thing(names[i], made[i]) < 0)
            status = BIDE_RAISED;
    return status < 0 ? status : set_thing("c1", bide_condition(named("l1")));
}

/* --- the end ------------------------------------------------------------------------------ */

static void print_futures(void)
{
    for (size_t i = 0; i < (bide_is_none(kept) ? 0 : bide_size(kept)); i++) {
        bide_value future = bide_item(kept, i);
        const char *name = bide_task_name(future);
        say("%s %s", *name ? name : "-",
            bide_future_cancelled(future) ? "cancelled"
            : bide_future_done(future)    ? "finished"
                                          : "pending");
        end_line();
    }
}

static void print_locked(const char *name, bool (*locked)(bide_value v))
{
    say("%s %s", name, locked(*thing(name)) ? "True" : "False");
    end_line();
}

static void print_things(void)
{
    print_locked("l0", bide_lock_locked);
    print_locked("l1", bide_lock_locked);
    print_locked("c0", bide_condition_locked);
    print_locked("c1", bide_condition_locked);
    print_locked("s0", bide_semaphore_locked);
    print_locked("s1", bide_semaphore_locked);
    print_locked("s2", bide_semaphore_locked);
    print_locked("e0", bide_event_is_set);
    print_locked("e1", bide_event_is_set);
    for (int i = 0; i < 4; i++) {
        say("q%d %zu", i, bide_queue_size(things['q' - 'a'][i]));
        end_line();
    }
    for (int i = 0; i < 2; i++) {
        bide_value b = things['b' - 'a'][i];
        say("b%d %d %s", i, (int)bide_barrier_waiting(b),
            bide_barrier_broken(b) ? "True" : "False");
        end_line();
    }
}

void finish_things(void)
{
    print_futures();
    print_things();
    for (int i = 0; i < LETTERS; i++)
        for (int k = 0; k < DIGITS; k++)
            bide_clear(&things[i][k]);
    bide_clear(&kept);
    print_kept_lines();
    task_count = 0;
}
