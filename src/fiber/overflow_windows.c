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

/* That the running stack overflows is said without an address. */
static bool is_overflow(const bide_fiber *fiber, const EXCEPTION_RECORD *record)
{
    switch (record->ExceptionCode) {
    case (DWORD)EXCEPTION_STACK_OVERFLOW:
        return true;
    case (DWORD)EXCEPTION_GUARD_PAGE:
    case (DWORD)EXCEPTION_ACCESS_VIOLATION:
        return bide__stack_is_guard(fiber, (const void *)record->ExceptionInformation[1]);
    default:
        return false;
    }
}

static LONG CALLBACK on_exception(EXCEPTION_POINTERS *raised)
{
    const bide_fiber *fiber = bide_fiber_current();
    if (fiber && is_overflow(fiber, raised->ExceptionRecord)) {
        bide__overflow_report(fiber);
        raised->ExceptionRecord->ExceptionCode = (DWORD)EXCEPTION_STACK_OVERFLOW;
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
