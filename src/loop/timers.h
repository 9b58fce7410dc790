/* timers.h - what the loop keeps of its timers.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_TIMERS_H
#define BIDE_LOOP_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct bide__timer;

enum { BIDE__BLOCK_TIMERS = 4, BIDE__KNOWN_SETS = 128, BIDE__KNOWN_WAYS = 4 };

/* Timers with the same deadline, of which there are many when one iteration starts many, are a
 * group: it has one place in the heap, and its timers stand in blocks in order of creation. */
typedef struct bide__due {
    int64_t when;
    uint64_t order; /* of equal deadlines: by creation of the group */
    uint32_t group; /* the number of its first block */
} bide__due;

typedef struct bide__timer_block {
    struct bide__timer *timers[BIDE__BLOCK_TIMERS]; /* borrowed; NULL: it was stopped */
    uint32_t used;                                  /* how many of them there are or were */
    uint32_t group;                                 /* 0: the block is free */
    uint32_t next; /* the group's next block, or the next free one; 0: none */
    /* Of a group's first block: */
    uint32_t last;       /* the group's last block */
    uint32_t place;      /* in the heap */
    uint32_t live, dead; /* timers that wait, and that were stopped */
} bide__timer_block;

typedef struct bide__timers {
    bide__due *heap; /* owned; each has up to four children (timer_heap.c) */
    uint32_t groups, heap_room;
    bide__timer_block *blocks; /* owned; from 1 */
    uint32_t blocks_used;      /* how many were ever in use */
    uint32_t blocks_room;
    uint32_t free_block; /* 0: none below blocks_used */
    size_t count;        /* timers that wait */
    /* Groups that were begun lately, by a hash of the deadline, newest first; they may have ended.
     */
    struct bide__known_group {
        uint32_t hash, group;
    } known[BIDE__KNOWN_SETS][BIDE__KNOWN_WAYS];
} bide__timers;

/* --- timer_heap.c ------------------------------------------------------------------- */

/* Puts a group in, for which there is room. */
void bide__timer_heap_add(bide__timers *timers, const bide__due *due);
/* Takes out what is at `place`. */
void bide__timer_heap_take(bide__timers *timers, size_t place);

#endif
