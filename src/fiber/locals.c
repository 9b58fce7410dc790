/* locals.c - whether frames ask for room on WebAssembly, before their locals are saved.
 *
 * Asyncify's do not; those of wasm/tighten.mjs do, which then puts code into the functions
 * here, known by their exports. Until then they say what is true without that. They are in a file
 * of their own so that no compiler sees what they answer.
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
