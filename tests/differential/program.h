/* program.h - the random programs' little language (see program.py), as a tree.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>

enum { MAX_WORDS = 24, MAX_PARTS = 3, MAX_FUNCTIONS = 16 };

typedef struct node {
    const char *words[MAX_WORDS];  /* "" beyond the last */
    int line;                      /* in the program's text, from 1 */
    struct node *next;             /* the statement after it */
    struct node *parts[MAX_PARTS]; /* the blocks of a compound statement */
    const char *heads[MAX_PARTS]; /* of a try: "except" or "finally", for each part but the first */
    const char *caught[MAX_PARTS]; /* and what an except catches */
    int part_count;
} node;

typedef struct {
    node *functions[MAX_FUNCTIONS];
    int function_count;
    node *main; /* main or amain */
} program;

/* Parses lines up to one that starts with "==", or the end of the text, which is cut up for it.
 * *rest is what follows. Exits when the text makes no sense. */
program *program_parse(char *text, char **rest);
void program_free(program *p);

#endif
