/* settings.c - how the loops of this thread are to be: BIDE_HOST, BIDE_SEED, BIDE_DEBUG and
 * BIDE_TRACE, and the calls that override them.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/settings.h"

#include <bide/debug.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/js_bridge.h"
#include "loop/observe.h"
#include "loop/shuffle.h"
#include "object/exec.h"
#include "object/text.h"

enum { SLOW_MS = 100 };
enum { DECIMAL = 10 };

static BIDE__THREAD_LOCAL bide_host_kind chosen_host;
static BIDE__THREAD_LOCAL int64_t chosen_seed;
static BIDE__THREAD_LOCAL bool chosen_debug, seed_is_chosen, debug_is_chosen;

/* What the environment says; NULL if nothing. */
static const char *from_environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* --- the host ----------------------------------------------------------------------- */

static bide_host *make_own(void)
{
    return bide__js ? bide__js->host(false) : bide__host_posix();
}

static bide_host *make_virtual(void)
{
    return bide__js ? bide__js->host(true) : bide__host_virtual();
}

static bide__host_row js_row = {.name = "js", .make = make_own};
static bide__host_row posix_row = {.name = "posix", .make = make_own};
static bide__host_row virtual_row = {.name = "virtual", .make = make_virtual};
static bide__host_row *offered;

void bide__host_offer(bide__host_row *row)
{
    row->next = offered;
    offered = row;
}

void bide_use_host(bide_host_kind kind)
{
    chosen_host = kind;
}

static bide__host_row *row_named(const char *name)
{
    bide__host_row *own = bide__js ? &js_row : &posix_row;
    if (!name || strcmp(name, own->name) == 0)
        return own;
    if (strcmp(name, virtual_row.name) == 0)
        return &virtual_row;
    for (bide__host_row *row = offered; row; row = row->next)
        if (strcmp(name, row->name) == 0)
            return row;
    return NULL;
}

/* The host where nothing is named. */
static bide__host_row *default_row(void)
{
    for (bide__host_row *row = offered; row; row = row->next)
        if (row->preferred)
            return row;
    return row_named(NULL);
}

static void refuse_host(const char *name)
{
    struct bide__text known = {0};
    for (const bide__host_row *row = offered; row; row = row->next)
        bide__text_addf(&known, "%s, ", row->name);
    bide_value text = bide__text_finish(&known);
    if (!bide_failed(text))
        bide_raise(BIDE_ValueError, "BIDE_HOST is '%s', which is no host: it can be %s%s or %s",
                   name, bide_cstr(text), bide__js ? js_row.name : posix_row.name,
                   virtual_row.name);
    bide_drop(text);
}

bide_host *bide__settings_host(void)
{
    const char *name = from_environment("BIDE_HOST");
    if (chosen_host == BIDE_HOST_VIRTUAL)
        name = virtual_row.name;
    const bide__host_row *row = name ? row_named(name) : default_row();
    bide_host *host = row ? row->make() : NULL;
    if (!row)
        refuse_host(name);
    else if (!host)
        bide__raise_no_memory();
    return host;
}

/* --- the seed and debug mode -------------------------------------------------------- */

void bide_use_seed(int64_t seed)
{
    chosen_seed = seed;
    seed_is_chosen = true;
}

/* The seed that a text means; BIDE_NO_SEED if it means none. */
static int64_t parse_seed(const char *text)
{
    char *end = NULL;
    errno = 0;
    long long seed = strtoll(text, &end, DECIMAL);
    return *end || errno || seed < 0 ? BIDE_NO_SEED : seed;
}

int64_t bide__settings_seed(void)
{
    const char *text = from_environment("BIDE_SEED");
    if (seed_is_chosen)
        return chosen_seed < 0 ? BIDE_NO_SEED : chosen_seed;
    return text ? parse_seed(text) : BIDE_NO_SEED;
}

void bide_use_debug(bool on)
{
    chosen_debug = on;
    debug_is_chosen = true;
}

static bool debug_wanted(void)
{
    const char *text = from_environment("BIDE_DEBUG");
    return debug_is_chosen ? chosen_debug : text && strcmp(text, "0") != 0;
}

static void set_debug(bide__loop *loop, bool on)
{
    if (on != loop->debug)
        loop->slow_step = on ? BIDE_MS(SLOW_MS) : BIDE_NEVER;
    loop->debug = on;
    bide__observe(loop);
}

int bide__settings_apply(bide__loop *loop)
{
    const char *text = from_environment("BIDE_SEED");
    const char *trace = from_environment("BIDE_TRACE");
    int64_t seed = bide__settings_seed();
    if (!seed_is_chosen && text && seed == BIDE_NO_SEED)
        return bide_raise(BIDE_ValueError,
                          "BIDE_SEED is '%s': it must be a whole number, 0 or greater", text);
    if (seed != BIDE_NO_SEED)
        bide__shuffle_from(loop, (uint64_t)seed);
    set_debug(loop, debug_wanted());
    return trace ? bide__trace_from_environment(trace) : 0;
}

int bide_loop_set_debug(bide_value v, bool on)
{
    bide__loop *loop = bide__loop_of(v);
    if (!loop)
        return BIDE_RAISED;
    set_debug(loop, on);
    return 0;
}

bool bide_loop_get_debug(bide_value v)
{
    const bide__loop *loop = bide__loop_peek(v);
    return loop && loop->debug;
}

int bide_loop_set_slow_step(bide_value v, int64_t ns)
{
    bide__loop *loop = bide__loop_of(v);
    if (!loop)
        return BIDE_RAISED;
    loop->slow_step = ns;
    bide__observe(loop);
    return 0;
}
