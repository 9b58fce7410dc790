/* Runs random programs (program.py) with Bide and prints their traces.
 *
 *     run [FILE]      each program after a line `== NAME`, each trace after the same line
 *
 * SPDX-License-Identifier: MIT */
#include "interpreter.h"

#include <stdio.h>
#include <stdlib.h>

bide_value slots[SLOTS];
const program *running;

/* --- the trace ---------------------------------------------------------------------------- */

void show(const node *n, const char *words, bide_value v)
{
    printf("%d", n->line);
    if (words)
        printf(" %s", words);
    if (!bide_failed(v)) {
        BIDE_SCOPED bide_value text = bide_text(v);
        printf(" %s", bide_cstr(text));
    }
    putchar('\n');
}

static void print_error(bide_value error)
{
    const char *message = bide_error_message(error);
    printf("%s%s%s\n", bide_error_type_of(error)->name, *message ? ": " : "", message);
}

void show_error(const node *n, const char *words, bide_value error)
{
    printf("%d %s ", n->line, words);
    print_error(error);
}

static void print_unraisable(bide_value error, const char *where)
{
    printf("unraisable ");
    print_error(error);
}

static void print_warning(const char *category, const char *message, const bide_origin *origin)
{
    printf("warning %s\n", message);
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
    run_block(&f, p->main->parts[0]);
    if (bide_error_pending()) {
        printf("main ended with an exception\n");
        bide_error_clear();
    }
    for (int filled = 1; filled > 0;) { /* a cleanup may fill them again */
        filled = 0;
        for (int i = 0; i < SLOTS; i++) {
            filled += !bide_is_none(slots[i]);
            put(i, BIDE_NONE);
        }
    }
}

int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "r") : stdin;
    if (!file) {
        perror(argv[1]);
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
        puts(name);
        program *p = program_parse(at, &at);
        run_program(p);
        program_free(p);
        if (bide_debug_live() > 0) {
            printf("%zu objects are still alive\n", bide_debug_live());
            status = 1;
        }
        fflush(stdout);
    }
    free(input);
    return status;
}
