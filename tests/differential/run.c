/* Runs random programs (program.py) with Bide and prints their traces.
 *
 *     run [FILE]              each program after a line `== NAME`, each trace after the same line
 *     run --fail-each FILE    runs each with the 1st, 2nd, ... allocation failing: prints nothing
 * but complaints of what is left alive
 *
 * SPDX-License-Identifier: MIT */
#include "interpreter.h"

#include <stdio.h>
#include <stdlib.h>

#include "loop.h"
#include "trace.h"

bide_value slots[SLOTS];
const program *running;

/* --- the trace ---------------------------------------------------------------------------- */

void show(const node *n, const char *words, bide_value v)
{
    say_stamp();
    say("%d%s%s", n->line, words ? " " : "", words ? words : "");
    if (!bide_failed(v)) {
        say(" ");
        say_value(v);
    }
    end_line();
}

void show_error(const node *n, const char *words, bide_value error)
{
    say_stamp();
    say("%d %s ", n->line, words);
    say_error(error);
    end_line();
}

static void print_unraisable(bide_value error, const char *where)
{
    say("unraisable ");
    say_error(error);
    end_line();
}

static void print_warning(const char *category, const char *message, const bide_origin *origin)
{
    if (is(running->main->words[0], "amain"))
        return; /* which coroutines are not awaited is looked at without a loop */
    say("warning %s", message);
    end_line();
}

/* --- running ------------------------------------------------------------------------------ */

/* All of a file; to be freed. */
static char *read_all(FILE *file)
{
    size_t size = 0, room = 1 << 16;
    char *text = malloc(room);
    for (size_t n = 1; text && n > 0; size += n) {
        if (size + 4096 > room)
            text = realloc(text, room *= 2);
        n = text ? fread(text + size, 1, 4095, file) : 0;
    }
    if (!text)
        exit(2);
    text[size] = '\0';
    return text;
}

static void run_program(const program *p)
{
    frame f = {BIDE_NONE, BIDE_NONE};
    running = p;
    if (is(p->main->words[0], "amain")) {
        run_in_loop(p);
        return;
    }
    if (run_block(&f, p->main->parts[0]) == RAISED && !quiet)
        puts("main ended with an exception");
    bide_error_clear();
    for (int filled = 1; filled > 0;) { /* a cleanup may fill them again */
        filled = 0;
        for (int i = 0; i < SLOTS; i++) {
            filled += !bide_is_none(slots[i]);
            put(i, BIDE_NONE);
        }
    }
}

static int check_live(const char *name, size_t failing)
{
    size_t live = bide_debug_live();
    if (live == 0 && !bide_error_pending())
        return 0;
    printf("%s, allocation %zu failing: %zu objects are still alive\n", name, failing, live);
    bide_error_clear();
    return 1;
}

static int fail_each(const char *name, const program *p)
{
    int status = 0;
    bool failed = true;
    quiet = true;
    for (size_t n = 1; failed && status == 0; n++) {
        bide_debug_fail_allocation(n);
        run_program(p);
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        status = check_live(name, n);
    }
    return status;
}

int main(int argc, char **argv)
{
    bool failing = argc > 2 && is(argv[1], "--fail-each");
    FILE *file = argc > 1 ? fopen(argv[argc - 1], "r") : stdin;
    if (!file) {
        perror(argv[argc - 1]);
        return 2;
    }
    char *input = read_all(file), *at = input;
    int status = 0;
    bide_set_unraisable_hook(print_unraisable);
    bide_set_warning_hook(print_warning);
    while (*at) {
        char *name = at;
        at += strcspn(at, "\n");
        *at++ = '\0';
        program *p = program_parse(at, &at);
        if (failing) {
            status |= fail_each(name, p);
        } else {
            puts(name);
            run_program(p);
            status |= check_live(name, 0);
        }
        program_free(p);
        fflush(stdout);
    }
    free(input);
    return status;
}
