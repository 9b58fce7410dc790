/* statements.c - the statements, each done as a C programmer would with Bide's calls and macros.
 *
 * SPDX-License-Identifier: MIT */
#include "interpreter.h"

#include <stdlib.h>

#include "loop.h"

/* --- suspending
 * ------------------------------------------------------------------------------------- */

outcome got(const node *n, int status, bide_value v)
{
    if (status >= 0)
        show(n, "got", v);
    bide_drop(v);
    return status < 0 ? RAISED : NORMAL;
}

STATEMENT do_yield(frame *f, const node *n)
{
    bide_value v;
    int status = bide_yield(value(n->words[1]), &v);
    return got(n, status, v);
}

STATEMENT do_suspend(frame *f, const node *n)
{
    bide_value v;
    int status = bide_await(suspended(value(n->words[1])), &v);
    return got(n, status, v);
}

STATEMENT do_await(frame *f, const node *n)
{
    bide_value v;
    int status = bide_await(evaluate(n->words + 1), &v);
    return got(n, status, v);
}

STATEMENT do_from(frame *f, const node *n)
{
    bide_value v;
    int status = bide_yield_from(evaluate(n->words + 1), &v);
    return got(n, status, v);
}

/* --- driving
 * ------------------------------------------------------------------------------------------ */

static void show_step(const node *n, int status, bide_value v)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (status == BIDE_YIELDED)
        show(n, "->", v);
    else if (status == BIDE_RETURNED)
        show(n, "=> return", v);
    else if (bide_catch(BIDE_StopAsyncIteration, NULL))
        show(n, "=> StopAsyncIteration", BIDE_FAILED);
    else if (bide_catch(BIDE_BaseException, &e))
        show_error(n, "!!", e);
}

STATEMENT do_step(frame *f, const node *n)
{
    BIDE_SCOPED bide_value it = bide_ref(slots[atoi(n->words[1])]), v = BIDE_NONE;
    const char *op = n->words[0];
    if (bide_is_none(it))
        show(n, "none", BIDE_FAILED);
    else if (is(op, "next"))
        show_step(n, bide_next(it, &v), v);
    else if (is(op, "send"))
        show_step(n, bide_send(it, value(n->words[2]), &v), v);
    else if (is(op, "throw"))
        show_step(n, bide_throw(it, error(n->words[2], n->words[3]), &v), v);
    else if (bide_close(it, NULL) == 0)
        show(n, "closed", BIDE_FAILED);
    else
        show_step(n, BIDE_RAISED, v);
    return NORMAL;
}

void put(int slot, bide_value v)
{
    bide_value old = slots[slot];
    slots[slot] = v;
    bide_drop(old);
}

STATEMENT do_set(frame *f, const node *n)
{
    bide_value v = evaluate(n->words + 2);
    if (bide_failed(v))
        return RAISED;
    put(atoi(n->words[1]), v);
    return NORMAL;
}

STATEMENT do_del(frame *f, const node *n)
{
    put(atoi(n->words[1]), BIDE_NONE);
    return NORMAL;
}

/* --- control
 * ------------------------------------------------------------------------------------------ */

STATEMENT do_print(frame *f, const node *n)
{
    show(n, NULL, BIDE_FAILED);
    return NORMAL;
}

STATEMENT do_return(frame *f, const node *n)
{
    f->result = value(n->words[1]);
    return RETURN;
}

STATEMENT do_raise(frame *f, const node *n)
{
    bide_raise_error(error(n->words[1], n->words[2]));
    return RAISED;
}

STATEMENT do_reraise(frame *f, const node *n)
{
    bide_error_restore(bide_ref(f->handled));
    return RAISED;
}

STATEMENT do_break(frame *f, const node *n)
{
    return BREAK;
}

STATEMENT do_continue(frame *f, const node *n)
{
    return CONTINUE;
}

STATEMENT do_loop(frame *f, const node *n)
{
    for (int i = atoi(n->words[1]); i > 0; i--) {
        outcome how = run_block(f, n->parts[0]);
        if (ends_loop(&how))
            return how;
    }
    return NORMAL;
}

STATEMENT do_for(frame *f, const node *n)
{
    BIDE_FOR (x, evaluate(n->words + 1), goto raised) {
        show(n, "item", x);
        outcome how = run_block(f, n->parts[0]);
        if (ends_loop(&how))
            return how;
    }
    return NORMAL;
raised:
    return RAISED;
}

STATEMENT do_afor(frame *f, const node *n)
{
    BIDE_ASYNC_FOR_OPEN (x, evaluate(n->words + 1), goto raised) {
        show(n, "item", x);
        outcome how = run_block(f, n->parts[0]);
        if (ends_loop(&how))
            return how;
    }
    return NORMAL;
raised:
    return RAISED;
}

STATEMENT do_aforc(frame *f, const node *n)
{
    BIDE_ASYNC_FOR (x, evaluate(n->words + 1), goto raised) {
        show(n, "item", x);
        outcome how = run_block(f, n->parts[0]);
        if (ends_loop(&how))
            return how;
    }
    return NORMAL;
raised:
    return RAISED;
}

/* Falls off the end, raises, or leaves by C's return: each is a way out that the macros take care
 * of. */
STATEMENT do_with(frame *f, const node *n)
{
    BIDE_ASYNC_WITH (m, new_manager(n), goto raised) {
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

STATEMENT do_cm(frame *f, const node *n)
{
    BIDE_ASYNC_WITH (x, bide_context_manager(new_object(n->words[1])), goto raised) {
        show(n, "entered", x);
        outcome how = run_block(f, n->parts[0]);
        if (how == RAISED)
            BIDE_LEAVE(x);
        if (how != NORMAL)
            return how;
    }
    BIDE_END_WITH(x, goto raised);
    return NORMAL;
raised:
    return RAISED;
}

static outcome run_except(frame *f, const node *first)
{
    BIDE_SCOPED bide_value e = bide_error_take();
    bide_value outer = f->handled;
    f->handled = e;
    outcome how = run_block(f, first);
    f->handled = outer;
    return how;
}

static outcome run_finally(frame *f, const node *first, outcome how)
{
    bide_value e = how == RAISED ? bide_error_take() : BIDE_NONE, outer = f->handled;
    if (how == RAISED)
        f->handled = e;
    outcome end = run_block(f, first);
    f->handled = outer;
    if (end != NORMAL) {
        bide_drop(e);
        return end;
    }
    if (how == RAISED)
        bide_error_restore(e);
    return how;
}

STATEMENT do_try(frame *f, const node *n)
{
    outcome how = run_block(f, n->parts[0]);
    for (int i = 1; i < n->part_count; i++) {
        if (is(n->heads[i], "finally"))
            how = run_finally(f, n->parts[i], how);
        else if (how == RAISED && bide_error_matches(error_type(n->caught[i])))
            how = run_except(f, n->parts[i]);
    }
    return how;
}

static int run_deferred(bide_value arg)
{
    frame f = {BIDE_NONE, BIDE_NONE};
    const node *first = arg.as.ptr;
    return run_block(&f, first) == RAISED ? BIDE_RAISED : 0;
}

STATEMENT do_defer(frame *f, const node *n)
{
    return bide_defer(run_deferred, bide_ptr(n->parts[0])) < 0 ? RAISED : NORMAL;
}

/* --- all of them
 * -------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    statement *run;
} statements[] = {
    {"yield", do_yield}, {"suspend", do_suspend}, {"await", do_await}, {"from", do_from},
    {"next", do_step},   {"send", do_step},       {"throw", do_step},  {"close", do_step},
    {"set", do_set},     {"del", do_del},         {"print", do_print}, {"return", do_return},
    {"raise", do_raise}, {"reraise", do_reraise}, {"break", do_break}, {"continue", do_continue},
    {"loop", do_loop},   {"for", do_for},         {"afor", do_afor},   {"with", do_with},
    {"aforc", do_aforc}, {"cm", do_cm},           {"try", do_try},     {"defer", do_defer},
};

static outcome run_statement(frame *f, const node *n)
{
    statement *run = loop_statement(n);
    for (size_t i = 0; !run; i++)
        if (is(statements[i].word, n->words[0]))
            run = statements[i].run;
    return run(f, n);
}

/* In a loop every failure is shown, at every statement that it passes but for these. */
static void show_failure(const node *n)
{
    static const char *const hidden[] = {"raise", "reraise", "try", "loop", "defer"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (is(n->words[0], hidden[i]))
            return;
    bide_value e = bide_error_take();
    show_error(n, "!!", e);
    bide_error_restore(e);
}

outcome run_block(frame *f, const node *first)
{
    for (const node *n = first; n; n = n->next) {
        outcome how = run_statement(f, n);
        /* What a cleanup left pending: an exit awaited on a return, a loop that was left. */
        if (bide_error_pending())
            how = RAISED;
        if (how == RAISED && bide_loop_running())
            show_failure(n);
        if (how != NORMAL)
            return how;
    }
    return NORMAL;
}
