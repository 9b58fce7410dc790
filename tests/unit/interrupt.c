/* SIGINT, as asyncio.Runner has it: the first cancels the main task and the run raises
 * KeyboardInterrupt, the second ends the run at once. Native only. uv_interrupt.c runs the same on
 * libuv's host.
 *
 * SPDX-License-Identifier: MIT */
#if defined(__wasm__)

#include "check.h"

int main(void)
{
    puts("there are no signals on WebAssembly");
    return CHECK_SKIPPED;
}

#else

#include "interrupt.h"

int main(void)
{
    run_all();
    return check_end();
}

#endif
