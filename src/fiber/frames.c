/* frames.c - debug builds for WebAssembly: reports a function on a suspended stack that Asyncify
 * did not instrument, which would corrupt the stack silently. wasm/frames.mjs makes the calls.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/complain.h"

__attribute__((export_name("bide__frame_name"))) void bide__frame_name(int letter);

/* Takes the function's name, letter by letter and then 0. Does not return from the last. */
void bide__frame_name(int letter)
{
    static char name[200];
    static size_t size;
    if (letter != 0) {
        if (size < sizeof name - 1)
            name[size++] = (char)letter;
        return;
    }
    bide__complain("bide: '", name,
                   "' called a function that suspended, and was not instrumented for it: its "
                   "stack could not be resumed. A call through a table that was changed from "
                   "outside, or a list of functions given to wasm-opt by hand, may be the cause.\n",
                   NULL);
    __builtin_trap(); /* an abort() by Emscripten would be an exit */
}
