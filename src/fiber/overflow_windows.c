/* overflow_windows.c - the exception handler that recognizes a hit on a fiber's guard page.
 *
 * It is asked before all others of its kind, on the fiber's stack, for which the guard leaves room
 * (stack_pages_windows.c). It reports the fiber and its stack's size, and lets the exception go on
 * as the stack overflow that it is, which ends the program unless it or a debugger takes it.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/overflow.h"

#include <pthread.h>
#include <windows.h>

#include "fiber/stack_pool.h"

/* The fiber whose stack overflows, if that is what the exception is about. That the running stack
 * does is said without an address. */
static const bide_fiber *overflowing(const EXCEPTION_RECORD *record)
{
    const DWORD code = record->ExceptionCode;
    if (code != EXCEPTION_STACK_OVERFLOW && code != EXCEPTION_GUARD_PAGE &&
        code != EXCEPTION_ACCESS_VIOLATION)
        return NULL; /* an exception of C++ or others' */
    const bide_fiber *fiber = bide_fiber_current();
    if (!fiber || code == EXCEPTION_STACK_OVERFLOW)
        return fiber;
    const void *address = (const void *)record->ExceptionInformation[1];
    return bide__stack_is_guard(fiber, address) ? fiber : NULL;
}

static LONG CALLBACK on_exception(EXCEPTION_POINTERS *raised)
{
    const bide_fiber *fiber = overflowing(raised->ExceptionRecord);
    if (fiber) {
        bide__overflow_report(fiber);
        raised->ExceptionRecord->ExceptionCode = EXCEPTION_STACK_OVERFLOW;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static void install(void)
{
    AddVectoredExceptionHandler(TRUE, on_exception);
}

void bide__overflow_watch(void)
{
    static pthread_once_t installed = PTHREAD_ONCE_INIT;
    pthread_once(&installed, install);
}
