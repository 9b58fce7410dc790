/* exec.c - the state of the thread's own stack, and the switch between stacks' states.
 *
 * SPDX-License-Identifier: MIT */
#include "object/exec.h"

#include <stdio.h>
#include <stdlib.h>

BIDE__THREAD_LOCAL bide__exec *bide__exec_current;

bide__exec *bide__exec_root(void)
{
    static BIDE__THREAD_LOCAL bide__exec root;
    bide__exec_current = &root;
    return &root;
}

void bide__bug(const char *file, int line, const char *message)
{
    fprintf(stderr, "%s:%d: bide: %s\n", file, line, message);
    abort();
}
