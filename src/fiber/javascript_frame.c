/* javascript_frame.c - what a fiber is refused while a function of JavaScript that it called runs,
 * and calls C again: to be suspended, because a frame of JavaScript cannot be.
 *
 * In a module that imports functions from elsewhere than WASI each call of one is put between
 * bide__javascript_enter and _leave by finish.mjs, which also writes bide__import_name. From other
 * modules it removes them. (The package `bide` loads no module with such imports.) JavaScript that
 * is called through a table was not seen to begin: bide__javascript_back is where it calls C.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/block_fiber.h"

enum {
    IN_JAVASCRIPT = 0x10000, /* in `barred`, whose lower half counts C's own barriers */
    LONGEST = 128,           /* as in wasm/imports.mjs */
};

#define EXPORT(name) __attribute__((noinline, export_name(#name)))

EXPORT(bide_fiber_javascript_enter) int bide__javascript_enter(int number);
EXPORT(bide_fiber_javascript_back) int bide__javascript_back(int number);
EXPORT(bide_fiber_javascript_leave) void bide__javascript_leave(int outer);
EXPORT(bide_fiber_import_name) void bide__import_name(char *to, int number);

static int innermost; /* the import that runs, by its number */

/* The import `number` is called. What its end is to be told. */
int bide__javascript_enter(int number)
{
    int outer = innermost;
    innermost = number;
    if (bide__fiber_running)
        bide__fiber_running->barred += IN_JAVASCRIPT;
    return outer;
}

/* An export is called, while a fiber runs if JavaScript is on its stack: an import, or what has
 * this number. */
int bide__javascript_back(int number)
{
    const bide_fiber *self = bide__fiber_running;
    return bide__javascript_enter(self && self->barred >= IN_JAVASCRIPT ? innermost : number);
}

void bide__javascript_leave(int outer)
{
    innermost = outer;
    if (bide__fiber_running)
        bide__fiber_running->barred -= IN_JAVASCRIPT;
}

/* Writes the import's name; the body is finish.mjs's. */
void bide__import_name(char *to, int number)
{
    to[0] = '\0';
    /* For the compiler not to know that this is all, or that nobody needs the number. */
    __asm__ volatile("" : : "r"(to), "r"(number) : "memory");
}

const char *bide_fiber_javascript(void)
{
    static char name[LONGEST];
    bide__import_name(name, innermost);
    return name;
}

int bide__cold_barred(const bide_fiber *fiber)
{
    return fiber->barred >= IN_JAVASCRIPT ? BIDE_FIBER_EJAVASCRIPT : BIDE_FIBER_EBARRED;
}
