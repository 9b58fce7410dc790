/* start.c - where a command starts under a WASI host: what newer C libraries have for _start.
 *
 * The JavaScript bridge calls __wasm_call_ctors, and a linker that sees such a call leaves
 * constructors and the end of stdio to whoever made it. Older C libraries rely on the linker, so
 * with theirs output would be lost. This file is linked by bide_add_executable in place of theirs.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

void _start(void);
extern void __wasm_call_ctors(void); /* the linker's */
extern int __main_void(void);        /* the C library's: main with its arguments */
extern void __wasm_call_dtors(void); /* the C library's: atexit and stdio */

void _start(void)
{
    __wasm_call_ctors();
    int status = __main_void();
    __wasm_call_dtors();
    if (status != 0)
        _Exit(status);
}
