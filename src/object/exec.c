/* exec.c - the state of the thread's own stack, and the switch between stacks' states.
 *
 * SPDX-License-Identifier: MIT */
#include "object/exec.h"

#include <stdlib.h>

#include "fiber/complain.h"

static BIDE__THREAD_LOCAL bide__exec root;

#if defined(BIDE__FIBER_ONE_THREAD)
bide__exec *bide__exec_current = &root;
#else
BIDE__THREAD_LOCAL bide__exec *bide__exec_current;

bide__exec *bide__exec_root(void)
{
    bide__exec_current = &root;
    return &root;
}
#endif

void bide__bug(const char *file, int line, const char *message)
{
    char digits[BIDE__DIGITS];
    bide__complain(file, ":", bide__decimal(digits, (size_t)line), ": bide: ", message, "\n", NULL);
    abort();
}
