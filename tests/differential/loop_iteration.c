/* loop_iteration.c - what tasks iterate together: objects they share, and as_completed.
 *
 * SPDX-License-Identifier: MIT */
#include "loop.h"

#include "trace.h"

outcome do_make(frame *f, const node *n)
{
    bide_value made = is(n->words[0], "drop") ? BIDE_NONE : new_object(n->words[2]);
    return got(n, set_thing(n->words[1], made), BIDE_NONE);
}

/* --- as_completed ------------------------------------------------------------------------- */

static bide_value completed(const node *n)
{
    const char *const *words = n->words + 2;
    return bide_as_completed(several(&words), delay(n->words[1]));
}

BIDE__UNCOLORED static outcome await_item(const node *n, bide_value item)
{
    BIDE_SCOPED bide_value v = BIDE_NONE, e = BIDE_NONE;
    if (bide_await(bide_ref(item), &v) == 0)
        show(n, "item", v);
    else if (bide_catch(BIDE_Exception, &e))
        show_error(n, "!!", e);
    else
        return RAISED;
    return NORMAL;
}

STATEMENT run_item(frame *f, const node *n, bide_value item)
{
    outcome how = await_item(n, item);
    return how == NORMAL ? run_block(f, n->parts[0]) : how;
}

BIDE__UNCOLORED outcome do_results(frame *f, const node *n)
{
    BIDE_FOR (item, completed(n), goto raised) {
        outcome how = run_item(f, n, item);
        if (ends_loop(&how))
            return how;
    }
    return NORMAL;
raised:
    return RAISED;
}

BIDE__UNCOLORED outcome do_futures(frame *f, const node *n)
{
    BIDE_ASYNC_FOR (future, completed(n), goto raised) {
        say_stamp();
        say("%d item ", n->line);
        say_name(future);
        say(" ");
        say_state(future);
        end_line();
        outcome how = run_block(f, n->parts[0]);
        if (ends_loop(&how))
            return how;
    }
    return NORMAL;
raised:
    return RAISED;
}
