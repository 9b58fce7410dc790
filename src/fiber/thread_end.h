/* thread_end.h - giving back what a thread has pooled when it ends.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_THREAD_END_H
#define BIDE_FIBER_THREAD_END_H

#include <stdbool.h>

/* Thread-local, zeroed to begin with but for `release`. */
struct bide__thread_end {
    void (*release)(void);
    struct bide__thread_end *next;
    bool watched;
};

/* Calls entry->release when the calling thread ends; cheap when it is known already. What is
 * released may come into use once more after that: then watch again. */
void bide__thread_end_watch(struct bide__thread_end *entry);

#endif
