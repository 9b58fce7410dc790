/* objects.c - what the programs are made of: their functions' objects, exceptions, awaitables.
 *
 * SPDX-License-Identifier: MIT */
#include "interpreter.h"

#include <stdlib.h>

#include "loop.h"

static bide_origin origins[MAX_FUNCTIONS];

/* --- words -------------------------------------------------------------------------- */

bide_value value(const char *word)
{
    return is(word, "none") || !*word ? BIDE_NONE : bide_int(atoi(word));
}

const bide_error_type *error_type(const char *name)
{
    static const bide_error_type *const types[] = {
        BIDE_ValueError,     BIDE_RuntimeError,       BIDE_OSError,   BIDE_GeneratorExit,
        BIDE_StopIteration,  BIDE_StopAsyncIteration, BIDE_Exception, BIDE_BaseException,
        BIDE_CancelledError, BIDE_TimeoutError,
    };
    size_t i = 0;
    while (!is(types[i]->name, name))
        i++;
    return types[i];
}

bide_value error(const char *type, const char *argument)
{
    return bide_error_with(error_type(type), value(argument));
}

/* --- objects ------------------------------------------------------------------------ */

node *function_named(const char *name)
{
    int i = 0;
    while (!is(running->functions[i]->words[1], name))
        i++;
    return running->functions[i];
}

int function_body(bide_value arg, bide_value *result)
{
    const node *function = arg.as.ptr;
    frame f = {BIDE_NONE, BIDE_NONE};
    outcome how = run_block(&f, function->parts[0]);
    if (how == RETURN) /* and not replaced by what an exit raised */
        *result = f.result;
    return how == RAISED ? BIDE_RAISED : 0;
}

bide_value new_object(const char *name)
{
    node *function = function_named(name);
    bide_origin *origin = &origins[atoi(name + 1)];
    *origin = (bide_origin){function->words[1], "program", function->line};
    if (is(function->words[0], "gen"))
        return bide_gen_at(origin, function_body, bide_ptr(function));
    if (is(function->words[0], "coro"))
        return bide_coro_at(origin, function_body, bide_ptr(function));
    return bide_agen_at(origin, function_body, bide_ptr(function));
}

BIDE__UNCOLORED static int suspend_body(bide_value v, bide_value *result)
{
    return bide_yield(v, result);
}

bide_value suspended(bide_value v)
{
    return bide_awaitable_gen(suspend_body, v);
}

static bide_value list(int n)
{
    bide_value items = bide_list();
    for (int i = 0; i < n; i++)
        bide_list_append(items, bide_int(i));
    return items;
}

/* class Aw: awaits as a list iterates. */
typedef struct {
    bide_object base;
    int n;
} aw;

static bide_value aw_await(void *self)
{
    return bide_iter(list(((aw *)self)->n));
}

static const bide_type aw_type = {.name = "Aw", .await = aw_await};

/* class Manager */
typedef struct {
    bide_object base;
    const node *with;
} manager;

BIDE__UNCOLORED static int enter(bide_value arg, bide_value *result)
{
    const node *with = ((manager *)arg.as.object)->with;
    bide_value x;
    BIDE_TRY(bide_await(suspended(bide_int(with->line)), &x));
    show(with, "entered", x);
    return 0;
}

BIDE__UNCOLORED static int leave(bide_value args, bide_value *result)
{
    const node *with = ((manager *)bide_item(args, 0).as.object)->with;
    bide_value thrown = bide_item(args, 1), x;
    if (bide_is_none(thrown))
        show(with, "exit", thrown);
    else
        show_error(with, "exit", thrown);
    BIDE_TRY(bide_await(suspended(bide_int(-with->line)), &x));
    show(with, "left", x);
    if (is(with->words[1], "raise"))
        return bide_raise(BIDE_OSError, "%d", with->line);
    return bide_return(result, is(with->words[1], "swallow"));
}

static bide_value manager_aenter(void *self)
{
    return bide_coro(enter, bide_object_ref(self));
}

static bide_value manager_aexit(void *self, bide_value thrown)
{
    return bide_coro(leave, bide_tuple(bide_object_ref(self), bide_ref(thrown)));
}

static const bide_type manager_type = {
    .name = "Manager", .aenter = manager_aenter, .aexit = manager_aexit};

bide_value new_manager(const node *with)
{
    manager *self = bide_object_new(&manager_type, sizeof *self);
    if (self)
        self->with = with;
    return bide_object_value(self);
}

bide_value evaluate(const char *const *words)
{
    const char *kind = words[0];
    if (is(kind, "new"))
        return new_object(words[1]);
    if (is(kind, "int"))
        return value(words[1]);
    if (is(kind, "list"))
        return list(atoi(words[1]));
    if (is(kind, "aw")) {
        aw *self = bide_object_new(&aw_type, sizeof *self);
        if (self)
            self->n = atoi(words[1]);
        return bide_object_value(self);
    }
    if (is(kind, "thing"))
        return named(words[1]);
    bide_value target = slots[atoi(words[1])];
    if (is(kind, "slot"))
        return bide_ref(target);
    if (bide_is_none(target))
        return BIDE_NONE;
    if (is(kind, "anext"))
        return bide_anext(target);
    if (is(kind, "anextor"))
        return bide_anext_or(target, value(words[2]));
    if (is(kind, "asend"))
        return bide_asend(target, value(words[2]));
    if (is(kind, "athrow"))
        return bide_athrow(target, error(words[2], words[3]));
    if (is(kind, "aclose"))
        return bide_aclose(target);
    return bide_await_iter(bide_ref(target));
}
