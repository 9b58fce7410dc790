/* child.h - what a child of this process writes to stderr, and how it ends.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CHILD_H
#define CHILD_H

#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

static char said[4096]; /* by the last child */

/* The status, as waitpid has it, of a child that does `what`; -1 if there is none. */
static int child_status(void (*what)(int64_t given), int64_t given)
{
    int ends[2], status = -1;
    size_t used = 0;
    ssize_t got;
    fflush(stdout);
    said[0] = '\0';
    if (pipe(ends) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        what(given);
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], said + used, sizeof said - 1 - used)) > 0)
        used += (size_t)got;
    said[used] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return status;
}

#endif
