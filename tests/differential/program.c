/* program.c - the parser: a line is a statement, a compound statement ends with `end`.
 *
 * SPDX-License-Identifier: MIT */
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 16 };

static void give_up(int line, const char *what)
{
    fprintf(stderr, "line %d: %s\n", line, what);
    exit(2);
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

/* A statement of the words of `line`, without its parts. */
static node *parse_line(char *line, int number)
{
    static const char *const compound[] = {
        "gen", "coro",  "agen",  "main",    "loop",  "for",  "afor",  "aforc",   "with",    "cm",
        "try", "defer", "amain", "timeout", "group", "hold", "stack", "results", "futures", NULL,
    };
    node *n = calloc(1, sizeof *n);
    if (!n)
        give_up(number, "no memory");
    n->line = number;
    char *at = NULL, *word = strtok_r(line, " ", &at);
    for (int i = 0; i < MAX_WORDS; i++) {
        n->words[i] = word ? word : "";
        word = word ? strtok_r(NULL, " ", &at) : NULL;
    }
    n->part_count = is_one_of(n->words[0], compound);
    return n;
}

static void free_list(node *n)
{
    while (n) {
        node *next = n->next;
        for (int i = 0; i < n->part_count; i++)
            free_list(n->parts[i]);
        free(n);
        n = next;
    }
}

static void start_part(node *open, const node *head)
{
    int i = open->part_count++;
    if (i >= MAX_PARTS)
        give_up(head->line, "too many clauses");
    open->heads[i] = head->words[0];
    open->caught[i] = head->words[1];
}

/* Adds a statement to the innermost open block, or a function to the program. */
static void add(program *p, node **open, int depth, node *n)
{
    if (depth == 0) {
        if (strcmp(n->words[0], "main") == 0 || strcmp(n->words[0], "amain") == 0)
            p->main = n;
        else if (p->function_count < MAX_FUNCTIONS)
            p->functions[p->function_count++] = n;
        else
            give_up(n->line, "too many functions");
        return;
    }
    node **at = &open[depth - 1]->parts[open[depth - 1]->part_count - 1];
    while (*at)
        at = &(*at)->next;
    *at = n;
}

program *program_parse(char *text, char **rest)
{
    static const char *const clauses[] = {"except", "finally", NULL};
    program *p = calloc(1, sizeof *p);
    node *open[MAX_DEPTH];
    int depth = 0, number = 0;
    while (*text && strncmp(text, "==", 2) != 0) {
        char *line = text;
        text += strcspn(text, "\n");
        if (*text)
            *text++ = '\0';
        node *n = parse_line(line, ++number);
        if (strcmp(n->words[0], "end") == 0) {
            depth--;
            free(n);
        } else if (is_one_of(n->words[0], clauses)) {
            start_part(open[depth - 1], n);
            free(n);
        } else {
            add(p, open, depth, n);
            if (n->part_count > 0)
                open[depth++] = n;
        }
        if (depth < 0 || depth == MAX_DEPTH)
            give_up(number, "badly nested");
    }
    if (depth > 0 || !p || !p->main)
        give_up(number, "incomplete");
    *rest = text;
    return p;
}

void program_free(program *p)
{
    for (int i = 0; i < p->function_count; i++)
        free_list(p->functions[i]);
    free_list(p->main);
    free(p);
}
