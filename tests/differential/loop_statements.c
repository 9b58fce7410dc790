/* loop_statements.c - statements that need a loop.
 *
 * SPDX-License-Identifier: MIT */
#include "loop.h"

#include <stdlib.h>

#include "trace.h"

/* --- waiting for one thing ---------------------------------------------------------------- */

STATEMENT do_sleep(frame *f, const node *n)
{
    return got(n, bide_sleep(delay(n->words[1])), BIDE_NONE);
}

BIDE__UNCOLORED static int acquire(bide_value v, const char *name)
{
    switch (*name) {
    case 'l':
        return bide_lock_acquire(v);
    case 's':
        return bide_semaphore_acquire(v);
    default:
        return bide_condition_acquire(v);
    }
}

STATEMENT do_acquire(frame *f, const node *n)
{
    return got(n, acquire(*thing(n->words[1]), n->words[1]), BIDE_NONE);
}

STATEMENT do_event_wait(frame *f, const node *n)
{
    return got(n, bide_event_wait(*thing(n->words[1])), BIDE_NONE);
}

STATEMENT do_condition_wait(frame *f, const node *n)
{
    return got(n, bide_condition_wait(*thing(n->words[1])), BIDE_NONE);
}

static bool has_items(void *queue)
{
    return !bide_queue_empty(*(bide_value *)queue);
}

STATEMENT do_condition_wait_for(frame *f, const node *n)
{
    bide_value c = *thing(n->words[1]);
    return got(n, bide_condition_wait_for(c, has_items, thing(n->words[2])), BIDE_NONE);
}

STATEMENT do_put(frame *f, const node *n)
{
    return got(n, bide_queue_put(*thing(n->words[1]), value(n->words[2])), BIDE_NONE);
}

STATEMENT do_get(frame *f, const node *n)
{
    bide_value item;
    int status = bide_queue_get(*thing(n->words[1]), &item);
    return got(n, status, item);
}

STATEMENT do_join(frame *f, const node *n)
{
    return got(n, bide_queue_join(*thing(n->words[1])), BIDE_NONE);
}

STATEMENT do_barrier_wait(frame *f, const node *n)
{
    int64_t index;
    int status = bide_barrier_wait(*thing(n->words[1]), &index);
    return got(n, status, bide_int(index));
}

STATEMENT do_barrier_reset(frame *f, const node *n)
{
    return got(n, bide_barrier_reset(*thing(n->words[1])), BIDE_NONE);
}

STATEMENT do_barrier_abort(frame *f, const node *n)
{
    return got(n, bide_barrier_abort(*thing(n->words[1])), BIDE_NONE);
}

/* --- waiting for tasks and futures -------------------------------------------------------- */

static bide_value awaitable(const char *const **words);

bide_value several(const char *const **words)
{
    bide_value items = bide_list();
    for (int count = atoi(*(*words)++); count > 0 && !bide_failed(items); count--)
        if (bide_list_append(items, awaitable(words)) < 0) {
            bide_drop(items);
            items = BIDE_FAILED;
        }
    return items;
}

/* What an async generator gives. */
static bide_value of_agen(const char *kind, const char *const **words)
{
    BIDE_SCOPED bide_value agen = named(*(*words)++);
    if (is(kind, "anext"))
        return bide_anext(agen);
    if (is(kind, "aclose"))
        return bide_aclose(agen);
    const char *first = *(*words)++;
    if (is(kind, "anextor"))
        return bide_anext_or(agen, value(first));
    if (is(kind, "asend"))
        return bide_asend(agen, value(first));
    return bide_athrow(agen, error(first, *(*words)++));
}

/* A, of which *words is the first word. */
static bide_value awaitable(const char *const **words)
{
    const char *kind = *(*words)++;
    if (is(kind, "new"))
        return new_object(*(*words)++);
    if (is(kind, "shield"))
        return keep(bide_shield(awaitable(words)));
    if (is(kind, "gather")) {
        bool return_exceptions = is(*(*words)++, "1");
        return keep(bide_gather(several(words), return_exceptions));
    }
    if (is(kind, "anext") || is(kind, "anextor") || is(kind, "asend") || is(kind, "athrow") ||
        is(kind, "aclose"))
        return of_agen(kind, words);
    return named(kind);
}

STATEMENT do_finish(frame *f, const node *n)
{
    const char *const *words = n->words + 1;
    bide_value v;
    int status = bide_await(awaitable(&words), &v);
    return got(n, status, v);
}

STATEMENT do_wait_for(frame *f, const node *n)
{
    const char *const *words = n->words + 2;
    bide_value v;
    int status = bide_wait_for(awaitable(&words), delay(n->words[1]), &v);
    return got(n, status, v);
}

static bool holds(bide_value list, bide_value v)
{
    for (size_t i = 0; i < bide_size(list); i++)
        if (bide_is(bide_item(list, i), v))
            return true;
    return false;
}

STATEMENT do_wait(frame *f, const node *n)
{
    static const char *const whens[] = {"FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"};
    const char *const *words = n->words + 3;
    BIDE_SCOPED bide_value futures = several(&words), done = BIDE_NONE, pending = BIDE_NONE;
    char text[MAX_WORDS + 1] = "";
    int when = 0;
    while (!is(whens[when], n->words[1]))
        when++;
    int status =
        bide_wait(bide_ref(futures), delay(n->words[2]), (bide_return_when)when, &done, &pending);
    for (size_t i = 0; status == 0 && i < bide_size(futures); i++) {
        bide_value future = bide_item(futures, i);
        text[i] = holds(done, future) ? 'D' : holds(pending, future) ? 'P' : '?';
    }
    return status < 0 ? RAISED : got(n, 0, bide_str(text));
}

/* --- tasks -------------------------------------------------------------------------------- */

STATEMENT do_spawn(frame *f, const node *n)
{
    const char *function = n->words[2], *name = next_name(function);
    bide_value coro = new_object(function);
    bide_value task =
        is(n->words[0], "eager") ? bide_task_eager(coro, name) : bide_task(coro, name);
    return got(n, set_thing(n->words[1], keep(task)), BIDE_NONE);
}

STATEMENT do_group_spawn(frame *f, const node *n)
{
    const char *function = n->words[3], *name = next_name(function);
    bide_value task = bide_group_task(*thing(n->words[1]), new_object(function), name);
    return got(n, set_thing(n->words[2], keep(task)), BIDE_NONE);
}

STATEMENT do_new_future(frame *f, const node *n)
{
    return got(n, set_thing(n->words[1], keep(bide_future())), BIDE_NONE);
}

STATEMENT do_state(frame *f, const node *n)
{
    BIDE_SCOPED bide_value future = named(n->words[1]);
    say_stamp();
    say("%d got ", n->line);
    say_state(future);
    end_line();
    return NORMAL;
}

STATEMENT do_names(frame *f, const node *n)
{
    BIDE_SCOPED bide_value tasks = bide_all_tasks();
    say_stamp();
    say("%d got [", n->line);
    for (size_t i = 0; i < (bide_failed(tasks) ? 0 : bide_size(tasks)); i++) {
        say("%s", i > 0 ? ", " : "");
        say_name(bide_item(tasks, i));
    }
    say("]");
    end_line();
    return bide_failed(tasks) ? RAISED : NORMAL;
}

STATEMENT do_cancelling(frame *f, const node *n)
{
    BIDE_SCOPED bide_value task = named(n->words[1]);
    return got(n, 0, bide_int(bide_task_cancelling(task)));
}

STATEMENT do_call(frame *f, const node *n)
{
    bide_value v;
    int status = call_now(n->words, &v);
    return got(n, status, v);
}

/* --- blocks ------------------------------------------------------------------------------- */

/* Runs the block in a manager, which moves in. */
BIDE__UNCOLORED static outcome run_with(frame *f, const node *n, bide_value manager)
{
    BIDE_ASYNC_WITH (m, manager, goto raised) {
        show(n, "entered", BIDE_FAILED);
        outcome how = run_block(f, n->parts[0]);
        if (how == RAISED)
            BIDE_LEAVE(m);
        if (how != NORMAL)
            return how;
    }
    BIDE_END_WITH(m, goto raised);
    return NORMAL;
raised:
    return RAISED;
}

STATEMENT do_hold(frame *f, const node *n)
{
    outcome how = run_with(f, n, named(n->words[1]));
    if (how == NORMAL)
        show(n, "left", BIDE_FAILED);
    return how;
}

STATEMENT do_group(frame *f, const node *n)
{
    if (set_thing(n->words[1], bide_group()) < 0)
        return RAISED;
    return do_hold(f, n);
}

STATEMENT do_stack(frame *f, const node *n)
{
    if (set_thing(n->words[1], bide_exit_stack()) < 0)
        return RAISED;
    return do_hold(f, n);
}

STATEMENT do_timeout(frame *f, const node *n)
{
    BIDE_SCOPED bide_value timeout = bide_timeout(delay(n->words[2]));
    if (set_thing(n->words[1], bide_ref(timeout)) < 0)
        return RAISED;
    outcome how = run_with(f, n, bide_ref(timeout));
    if (how == NORMAL)
        show(n, "left", bide_bool(bide_timeout_expired(timeout)));
    return how;
}

/* --- all of them -------------------------------------------------------------------------- */

static const struct {
    const char *word;
    statement *run;
} statements[] = {
    {"sleep", do_sleep},
    {"acquire", do_acquire},
    {"evwait", do_event_wait},
    {"cwait", do_condition_wait},
    {"cwaitfor", do_condition_wait_for},
    {"put", do_put},
    {"get", do_get},
    {"join", do_join},
    {"bwait", do_barrier_wait},
    {"breset", do_barrier_reset},
    {"babort", do_barrier_abort},
    {"finish", do_finish},
    {"waitfor", do_wait_for},
    {"wait", do_wait},
    {"spawn", do_spawn},
    {"eager", do_spawn},
    {"gspawn", do_group_spawn},
    {"newfut", do_new_future},
    {"state", do_state},
    {"cancelling", do_cancelling},
    {"ondone", do_on_done},
    {"later", do_callback},
    {"after", do_callback},
    {"ondo", do_callback},
    {"names", do_names},
    {"make", do_make},
    {"drop", do_make},
    {"ctxcopy", do_context_copy},
    {"ctxspawn", do_context_spawn},
    {"zenter", do_stack_enter},
    {"zpush", do_stack_push},
    {"zcall", do_stack_callback},
    {"zpop", do_stack_pop},
    {"zclose", do_stack_close},
    {"results", do_results},
    {"futures", do_futures},
    {"stack", do_stack},
    {"timeout", do_timeout},
    {"group", do_group},
    {"hold", do_hold},
};

/* Whether it is about something that is None yet. */
static bool is_idle(const node *n)
{
    static const char *const setting[] = {"spawn", "eager", "timeout", "group", "stack",
                                          "make",  "drop",  "ctxcopy", "after", "zpop"};
    const char *op = n->words[0];
    bool sets = false;
    for (size_t i = 0; i < sizeof setting / sizeof *setting; i++)
        sets |= is(op, setting[i]);
    bool idle = !sets && is_unset(n->words[1]);
    for (int i = 2; i < MAX_WORDS && !is(op, "gspawn") && !is(op, "ctxspawn"); i++)
        idle |= is_unset(n->words[i]);
    return idle;
}

STATEMENT do_nothing(frame *f, const node *n)
{
    show(n, "none", BIDE_FAILED);
    return NORMAL;
}

statement *loop_statement(const node *n)
{
    statement *run = is_call(n->words[0]) ? do_call : NULL;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (is(statements[i].word, n->words[0]))
            run = statements[i].run;
    bool about_things = run || is(n->words[1], "thing");
    return about_things && is_idle(n) ? do_nothing : run;
}
