/* oserror.c - OSError and its subclasses, from what errno says.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/error.h>

#include <errno.h>
#include <string.h>

#include "object/error.h"

static const bide_error_type *type_of_errno(int number)
{
    static const struct {
        int number;
        const bide_error_type *type;
    } table[] = {
        {ENOENT, BIDE_FileNotFoundError},        {EEXIST, BIDE_FileExistsError},
        {EISDIR, BIDE_IsADirectoryError},        {ENOTDIR, BIDE_NotADirectoryError},
        {EACCES, BIDE_PermissionError},          {EPERM, BIDE_PermissionError},
        {EPIPE, BIDE_BrokenPipeError},           {ECONNREFUSED, BIDE_ConnectionRefusedError},
        {ECONNRESET, BIDE_ConnectionResetError}, {ECONNABORTED, BIDE_ConnectionAbortedError},
        {ETIMEDOUT, BIDE_TimeoutError},          {EAGAIN, BIDE_BlockingIOError},
        {EINPROGRESS, BIDE_BlockingIOError},     {EINTR, BIDE_InterruptedError},
        {ECHILD, BIDE_ChildProcessError},        {ESRCH, BIDE_ProcessLookupError},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].number == number)
            return table[i].type;
    return BIDE_OSError;
}

int bide_raise_errno(int number, const char *what)
{
    if (number == ENOMEM)
        return bide__raise_no_memory();
    bide_value error = bide__error_new(type_of_errno(number), "%s%s%s", strerror(number),
                                       what ? ": " : "", what ? what : "");
    if (bide_failed(error))
        return BIDE_RAISED;
    bide__exception_of(error)->value = bide_int(number);
    return bide_raise_error_at(NULL, error);
}

int bide_error_errno(bide_value error)
{
    const bide__exception *e = bide__exception_of(error);
    bool is = e && bide_is_error(error, BIDE_OSError) && e->value.kind == BIDE_KIND_INT;
    return is ? (int)e->value.as.i : 0;
}
