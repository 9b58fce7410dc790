/* js.h - the host that waits by returning to JavaScript.
 *
 * The loop runs on a root fiber. To wait, the host suspends it: JavaScript gets control back,
 * learns from the port when the loop wants to run again, and resumes the fiber then or when
 * something happened before. While C never waits it is made to when its time budget is used up.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HOST_JS_H
#define BIDE_HOST_JS_H

#include <bide/fiber.h>

#include "host/host.h"

/* What the host and src/js tell each other. There is one JavaScript to return to, so one port. */
typedef struct bide__js_port_state {
    bide_fiber *root;           /* borrowed; NULL while nothing runs */
    int64_t deadline;           /* until when the loop waits; read after the root was suspended */
    int64_t entered;            /* on the real clock: when JavaScript last entered the root */
    int64_t budget_end;         /* on the real clock: when C is to wait although it has work */
    uint32_t outstanding;       /* answers that JavaScript owes */
    bool serving;               /* JavaScript may still call: the loop is never deadlocked */
    bool (*has_requests)(void); /* whether JavaScript has something to read */
    bide_host *resting;         /* borrowed; the host that is not busy, if there is one */
    void (*closed)(void);       /* a loop is gone: nobody waits for the answers any more */
} bide__js_port_state;

extern bide__js_port_state bide__js_port;

/* JavaScript has something to read: whichever loop runs waits after this iteration. */
static inline void bide__js_port_hurry(void)
{
    if (bide__js_port.resting)
        bide__js_port.resting->busy = true;
}

/* With virtual_clock the time jumps to the deadline, but stands still while JavaScript owes an
 * answer: what it does takes no time. NULL if there is no memory. */
bide_host *bide__host_js(bool virtual_clock);
/* Nanoseconds on the real clock, which is JavaScript's performance.now. */
int64_t bide__js_clock(void);

#endif
