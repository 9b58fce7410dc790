/* js_bridge.h - what the loop asks of JavaScript, if JavaScript is there.
 *
 * The table is filled by src/js when JavaScript enters a module; natively and under a WASI host it
 * stays NULL. It is defined in js/root.c, so that the bridge is linked into every module that has a
 * loop, and into no other; natively in js/absent.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_JS_BRIDGE_H
#define BIDE_LOOP_JS_BRIDGE_H

#include <bide/value.h>

struct bide_host;

typedef struct bide__js_bridge {
    /* A host that waits by returning to JavaScript; with virtual_clock time jumps instead, but
     * stands still while JavaScript owes an answer. NULL with MemoryError. */
    struct bide_host *(*host)(bool virtual_clock);
    /* Asks for a call of the import `name`: a future of its result. `args` moves in. */
    bide_value (*call)(const char *name, bide_value args);
    /* An async iterator over load()'s `stdin`. */
    bide_value (*standard_input)(void);
} bide__js_bridge;

extern const bide__js_bridge *bide__js;

#endif
