/* program.c - a program with main, for the tests of run(): it does what its first argument says.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static BIDE_ASYNC int add(bide_value args, bide_value *result)
{
    *result = bide_int(bide_item(args, 0).as.i + bide_item(args, 1).as.i);
    return 0;
}
BIDE_EXPORT_COROUTINE(add);

static BIDE_ASYNC int nap(bide_value ms, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(ms.as.i)));
    return bide_return(result, "slept");
}
BIDE_EXPORT_COROUTINE(nap);

static int constructed;

__attribute__((constructor)) static void construct(void)
{
    constructed++;
}

static BIDE_ASYNC int count_constructions(bide_value arg, bide_value *result)
{
    *result = bide_int(constructed);
    return 0;
}
BIDE_EXPORT_COROUTINE(count_constructions);

static bide_value gate;

static BIDE_ASYNC int open_gate(bide_value arg, bide_value *result)
{
    return bide_future_set_result(gate, bide_ref(arg));
}
BIDE_EXPORT_COROUTINE(open_gate);

/* Waits until JavaScript calls open_gate; asks for a never-settling import to stay alive. */
static BIDE_ASYNC int wait_for_gate(bide_value arg, bide_value *result)
{
    gate = bide_future();
    bide_value asked = bide_task(bide_js_call("opened", BIDE_NONE, NULL), NULL);
    int status = bide_await(bide_ref(gate), result);
    bide_drop(gate);
    bide_drop(asked);
    return status;
}

static BIDE_ASYNC int deadlock(bide_value arg, bide_value *result)
{
    return bide_await(bide_future(), result);
}

static BIDE_ASYNC int tick(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        BIDE_TRY(bide_sleep(BIDE_SECONDS(1200)));
        printf("%lld minutes\n", (long long)(bide_now() / BIDE_SECONDS(60)));
    }
    return 0;
}

static BIDE_ASYNC int leave(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    puts("leaving");
    exit(7);
}

static BIDE_ASYNC int trap(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    __builtin_trap();
}

static BIDE_ASYNC int cat(bide_value name, bide_value *result)
{
    FILE *file = fopen(bide_cstr(name), "r");
    if (!file)
        return bide_raise(BIDE_FileNotFoundError, "%s", bide_cstr(name));
    bide_value text = BIDE_NONE;
    BIDE_ASYNC_FOR (chunk, bide_fd_stream(fileno(file)))
        printf("%.*s", (int)bide_size(chunk), (char *)bide_data(chunk));
    fclose(file);
    bide_drop(text);
    return 0;
}

static void say_bye(void)
{
    puts("bye");
}

static int run(const char *what, bide_value arg)
{
    static const struct {
        const char *name;
        bide_body *body;
    } bodies[] = {
        {"nap", nap},    {"gate", wait_for_gate}, {"deadlock", deadlock}, {"tick", tick},
        {"exit", leave}, {"trap", trap},          {"cat", cat},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        if (strcmp(bodies[i].name, what) == 0)
            return bide_main(bide_coro(bodies[i].body, arg));
    bide_drop(arg);
    return 64;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "args";
    if (strcmp(what, "args") == 0) {
        const char *greeting = getenv("GREETING");
        char line[64];
        printf("%d arguments, GREETING=%s\n", argc, greeting ? greeting : "");
        while (fgets(line, sizeof line, stdin))
            printf("read %s", line);
        printf("no newline");
        atexit(say_bye);
        return 3;
    }
    if (strcmp(what, "cat") == 0)
        return run(what, bide_str(argc > 2 ? argv[2] : ""));
    return run(what, argc > 2 ? bide_int(atoi(argv[2])) : bide_int(1));
}
