/* bench.h - what the measured programs share, in C and C++: `program NAME [SAMPLES]` measures NAME
 * and prints one number a line. run.mjs puts the numbers of Bide and its peers side by side.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Measures once: nanoseconds for one operation, or bytes, or whatever its row in tables.mjs says.
 */
typedef struct bench {
    const char *name;
    double (*measure)(void);
} bench;

static inline double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Stops when what was measured did not do its work: a number would then mean nothing. */
static inline void bench_check(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "the benchmark is wrong: %s\n", what);
    exit(1);
}

/* Bytes of memory that the process has in use; 0 where that cannot be told. */
static inline double bench_resident(void)
{
    char line[128];
    double kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (!status)
        return 0;
    while (fgets(line, sizeof line, status))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kilobytes = strtod(line + 6, NULL);
    fclose(status);
    return kilobytes * 1024;
}

static inline int bench_main(int argc, char **argv, const bench *benches)
{
    int samples = argc > 2 ? atoi(argv[2]) : 1;
    for (const bench *b = benches; b->name; b++) {
        if (argc > 1 && strcmp(argv[1], b->name) == 0) {
            for (int i = 0; i < samples; i++)
                printf("%.3f\n", b->measure());
            return 0;
        }
    }
    fprintf(stderr, "usage: %s NAME [SAMPLES]; NAME is one of", argv[0]);
    for (const bench *b = benches; b->name; b++)
        fprintf(stderr, " %s", b->name);
    fprintf(stderr, "\n");
    return 2;
}

#endif
