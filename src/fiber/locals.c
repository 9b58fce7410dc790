/* locals.c - what wasm/tighten.mjs changes: whether frames ask for room before their locals are
 * saved, and where the state of a switch is kept.
 *
 * Asyncify's frames do not ask, and its state cannot be read by C. In a module of tighten.mjs they
 * do and it can: that puts code into the functions here, known by their exports. Until then they
 * say what is true without. They are in a file of their own so that no compiler sees what they
 * answer.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/locals.h"

static int mode;

bool bide__frames_ask(void)
{
    return false;
}

int bide__mode(void)
{
    return mode;
}

void bide__note_mode(int now)
{
    mode = now;
}

void bide__make_room(void)
{
}
