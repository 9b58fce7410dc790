/* greetings.c - one coroutine awaits another.
 *
 * A coroutine is an ordinary C function of this shape, wrapped by bide_coro(function, argument).
 * That makes an object and runs nothing. bide_await runs it and waits for its result: should it
 * have to wait itself, the whole stack below is set aside until it goes on, loop counters and all.
 *
 * In Python:
 *
 *     async def greet_all():
 *         for name in ['Paula', 'Thomas', 'Lewis']:
 *             print(await make_greeting(name))
 *
 *     asyncio.run(greet_all())
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <stdio.h>

/* async def make_greeting(name): return f'Hello {name}' */
static BIDE_ASYNC int make_greeting(bide_value name, bide_value *result)
{
    return bide_format(result, "Hello %s", bide_cstr(name));
}

static BIDE_ASYNC int greet_all(bide_value arg, bide_value *result)
{
    static const char *const names[] = {"Paula", "Thomas", "Lewis"};
    for (int i = 0; i < 3; i++) {
        bide_value greeting;
        BIDE_TRY(bide_await(bide_coro(make_greeting, bide_str(names[i])), &greeting));
        puts(bide_cstr(greeting));
        bide_drop(greeting);
    }
    return 0;
}

int main(void)
{
    return bide_main(bide_coro(greet_all, BIDE_NONE)); /* asyncio.run, exit status and all */
}
