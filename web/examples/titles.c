/* titles.c - C awaits JavaScript promises, several at once, one of which rejects.
 *
 * bide_js_call(name, args, fallback) calls a function that JavaScript gave to load() as an import.
 * It gives an awaitable, here of an async function's promise. A rejection arrives as an exception
 * in C, with the reason that JavaScript threw inside it.
 *
 * The fallback is a coroutine that answers where there is no JavaScript: natively and under
 * wasmtime. The rest of the program does not notice which of the two it awaits.
 *
 * bide_gather runs its coroutines side by side. With `true` for return_exceptions a failure is a
 * result among the others; with `false` the first one would be raised here.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <stdio.h>
#include <string.h>

static const char *const urls[] = {
    "https://example.org/river",
    "https://example.org/hills",
    "https://example.org/nowhere",
    "https://example.org/coast",
};
enum { URLS = sizeof urls / sizeof *urls };

/* What fetchTitle does, for targets without JavaScript: args is the list [url]. */
static BIDE_ASYNC int canned_title(bide_value args, bide_value *result)
{
    static const struct page {
        const char *path;
        const char *title;
        int ms; /* until the answer comes */
    } pages[] = {
        {"/river", "A river in spring", 150},
        {"/hills", "Seven hills", 50},
        {"/coast", "The long coast", 100},
    };
    const char *url = bide_cstr(bide_item(args, 0));
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (strcmp(strrchr(url, '/'), pages[i].path) == 0) {
            BIDE_TRY(bide_sleep(BIDE_MS(pages[i].ms)));
            return bide_format(result, "%s", pages[i].title);
        }
    }
    BIDE_TRY(bide_sleep(BIDE_MS(10)));
    return bide_raise(BIDE_LookupError, "404 Not Found");
}

/* async def title_of(url): the title, announced as soon as it is there. */
static BIDE_ASYNC int title_of(bide_value url, bide_value *result)
{
    if (url.kind != BIDE_KIND_STR) /* JavaScript may call this with anything */
        return bide_raise(BIDE_TypeError, "title_of expects a str, not %s", bide_type_name(url));
    bide_value call = bide_js_call("fetchTitle", bide_list(bide_ref(url)), canned_title);
    BIDE_TRY(bide_await(call, result));
    printf("  %s answered\n", bide_cstr(url));
    return 0;
}
BIDE_EXPORT_COROUTINE(title_of); /* await app.call('title_of', [url]) */

static BIDE_ASYNC int titles(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value jobs = bide_list();
    for (int i = 0; i < URLS; i++)
        BIDE_TRY(bide_list_append(jobs, bide_coro(title_of, bide_str(urls[i]))));

    printf("asking for %d titles at once\n", URLS);
    BIDE_SCOPED bide_value answers = BIDE_NONE;
    BIDE_TRY(bide_await(bide_gather(bide_ref(jobs), true), &answers));

    puts("in the order of asking:");
    for (size_t i = 0; i < bide_size(answers); i++) {
        bide_value answer = bide_item(answers, i);
        if (bide_is_error(answer, BIDE_Exception))
            printf("  %s failed: %s\n", urls[i], bide_error_message(answer));
        else
            printf("  %s: %s\n", urls[i], bide_cstr(answer));
    }
    return 0;
}

int main(void)
{
    return bide_main(bide_coro(titles, BIDE_NONE));
}
