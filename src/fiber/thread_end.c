/* thread_end.c - a destructor of thread-specific data, which POSIX threads call when they end. The
 * main thread has none: its end is the program's.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/thread_end.h"

#include <pthread.h>
#include <stddef.h>

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool have_key;

static void release_all(void *first)
{
    for (struct bide__thread_end *entry = first, *next; entry; entry = next) {
        next = entry->next;
        entry->watched = false;
        entry->release();
    }
}

static void make_key(void)
{
    have_key = pthread_key_create(&key, release_all) == 0;
}

#if defined(_WIN32)
/* There the compiler's own destructor frees a thread's variables, after those of earlier keys. */
__attribute__((constructor(101))) static void make_key_first(void)
{
    pthread_once(&once, make_key);
}
#endif

void bide__thread_end_watch(struct bide__thread_end *entry)
{
    if (entry->watched)
        return;
    pthread_once(&once, make_key);
    if (!have_key)
        return; /* the program has used up its keys: what is pooled stays */
    entry->watched = true;
    entry->next = pthread_getspecific(key);
    pthread_setspecific(key, entry);
}
