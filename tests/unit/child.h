/* child.h - what a child of this process writes to stderr, and how it ends.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CHILD_H
#define CHILD_H

#include "check.h"

static char said[4096]; /* by the last child */

#if defined(_WIN32)

#include <windows.h>

/* A child is the same program with two arguments: how far from here that function is, and what it
 * is given. */
static void child_begin(void);

/* The exit code of a child that does `what`; -1 if there is none. */
static int child_status(void (*what)(int64_t given), int64_t given)
{
    char command[MAX_PATH + 100];
    size_t used = 0, got;
    said[0] = '\0';
    snprintf(command, sizeof command, "\"\"%s\" %lld %lld 2>&1 >nul\"", _pgmptr,
             (long long)((intptr_t)what - (intptr_t)child_begin), (long long)given);
    FILE *errors = _popen(command, "rt");
    if (!errors)
        return -1;
    while ((got = fread(said + used, 1, sizeof said - 1 - used, errors)) > 0)
        used += got;
    said[used] = '\0';
    return _pclose(errors);
}

/* What main does first. */
static void child_begin(void)
{
    if (__argc != 3)
        return;
    ((void (*)(int64_t))((intptr_t)child_begin + (intptr_t)atoll(__argv[1])))(atoll(__argv[2]));
    exit(0);
}

static bool child_overflowed(int status)
{
    return (DWORD)status == EXCEPTION_STACK_OVERFLOW;
}

#else

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

static inline void child_begin(void)
{
}

static inline bool child_overflowed(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

#endif

#endif
