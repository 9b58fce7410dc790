/* bide/error.h - exceptions: what a call leaves behind when it returns BIDE_RAISED.
 *
 * An exception is a value (an object) with a type, a message, a value, a cause, a context, the
 * members of a group, and the places it passed. The pending exception is held by the running
 * stack, never by a global: two interleaved calls cannot steal each other's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_ERROR_H
#define BIDE_ERROR_H

#include <bide/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call that can fail, or one step of a coroutine, ended. */
enum {
    BIDE_RAISED = -1,  /* an exception is pending */
    BIDE_RETURNED = 0, /* StopIteration: the result is in the out-parameter */
    BIDE_YIELDED = 1,  /* suspended, with a value in the out-parameter */
};

/* A class of exceptions. Make your own:
 *     static const bide_error_type too_hot = {"TooHot", BIDE_ValueError}; */
typedef struct bide_error_type {
    const char *name;
    const struct bide_error_type *parent; /* NULL for BaseException alone */
} bide_error_type;

/* name, parent: Python's own hierarchy, and JSError for what JavaScript threw. */
#define BIDE_ERROR_TYPES(X)                                                                        \
    BIDE__PLAIN_ERROR_TYPES(X)                                                                     \
    X(ExceptionGroup, BaseExceptionGroup)
#define BIDE__PLAIN_ERROR_TYPES(X)                                                                 \
    X(GeneratorExit, BaseException)                                                                \
    X(KeyboardInterrupt, BaseException)                                                            \
    X(SystemExit, BaseException)                                                                   \
    X(CancelledError, BaseException)                                                               \
    X(BaseExceptionGroup, BaseException)                                                           \
    X(Exception, BaseException)                                                                    \
    X(StopIteration, Exception)                                                                    \
    X(StopAsyncIteration, Exception)                                                               \
    X(ArithmeticError, Exception)                                                                  \
    X(ZeroDivisionError, ArithmeticError)                                                          \
    X(OverflowError, ArithmeticError)                                                              \
    X(AssertionError, Exception)                                                                   \
    X(AttributeError, Exception)                                                                   \
    X(EOFError, Exception)                                                                         \
    X(InvalidStateError, Exception)                                                                \
    X(JSError, Exception)                                                                          \
    X(LookupError, Exception)                                                                      \
    X(IndexError, LookupError)                                                                     \
    X(KeyError, LookupError)                                                                       \
    X(MemoryError, Exception)                                                                      \
    X(OSError, Exception)                                                                          \
    X(BlockingIOError, OSError)                                                                    \
    X(ChildProcessError, OSError)                                                                  \
    X(ConnectionError, OSError)                                                                    \
    X(BrokenPipeError, ConnectionError)                                                            \
    X(ConnectionAbortedError, ConnectionError)                                                     \
    X(ConnectionRefusedError, ConnectionError)                                                     \
    X(ConnectionResetError, ConnectionError)                                                       \
    X(FileExistsError, OSError)                                                                    \
    X(FileNotFoundError, OSError)                                                                  \
    X(InterruptedError, OSError)                                                                   \
    X(IsADirectoryError, OSError)                                                                  \
    X(NotADirectoryError, OSError)                                                                 \
    X(PermissionError, OSError)                                                                    \
    X(ProcessLookupError, OSError)                                                                 \
    X(gaierror, OSError)                                                                           \
    X(TimeoutError, OSError)                                                                       \
    X(QueueEmpty, Exception)                                                                       \
    X(QueueFull, Exception)                                                                        \
    X(QueueShutDown, Exception)                                                                    \
    X(RuntimeError, Exception)                                                                     \
    X(BrokenBarrierError, RuntimeError)                                                            \
    X(NotImplementedError, RuntimeError)                                                           \
    X(RecursionError, RuntimeError)                                                                \
    X(TypeError, Exception)                                                                        \
    X(ValueError, Exception)

extern const bide_error_type bide__BaseException;
#define BIDE__DECLARE(name, parent) extern const bide_error_type bide__##name;
BIDE_ERROR_TYPES(BIDE__DECLARE)
#undef BIDE__DECLARE

#define BIDE_BaseException (&bide__BaseException)
#define BIDE_GeneratorExit (&bide__GeneratorExit)
#define BIDE_KeyboardInterrupt (&bide__KeyboardInterrupt)
#define BIDE_SystemExit (&bide__SystemExit)
#define BIDE_CancelledError (&bide__CancelledError)
#define BIDE_BaseExceptionGroup (&bide__BaseExceptionGroup)
#define BIDE_Exception (&bide__Exception)
#define BIDE_ExceptionGroup (&bide__ExceptionGroup)
#define BIDE_StopIteration (&bide__StopIteration)
#define BIDE_StopAsyncIteration (&bide__StopAsyncIteration)
#define BIDE_ArithmeticError (&bide__ArithmeticError)
#define BIDE_ZeroDivisionError (&bide__ZeroDivisionError)
#define BIDE_OverflowError (&bide__OverflowError)
#define BIDE_AssertionError (&bide__AssertionError)
#define BIDE_AttributeError (&bide__AttributeError)
#define BIDE_EOFError (&bide__EOFError)
#define BIDE_InvalidStateError (&bide__InvalidStateError)
#define BIDE_JSError (&bide__JSError)
#define BIDE_LookupError (&bide__LookupError)
#define BIDE_IndexError (&bide__IndexError)
#define BIDE_KeyError (&bide__KeyError)
#define BIDE_MemoryError (&bide__MemoryError)
#define BIDE_OSError (&bide__OSError)
#define BIDE_BlockingIOError (&bide__BlockingIOError)
#define BIDE_ChildProcessError (&bide__ChildProcessError)
#define BIDE_ConnectionError (&bide__ConnectionError)
#define BIDE_BrokenPipeError (&bide__BrokenPipeError)
#define BIDE_ConnectionAbortedError (&bide__ConnectionAbortedError)
#define BIDE_ConnectionRefusedError (&bide__ConnectionRefusedError)
#define BIDE_ConnectionResetError (&bide__ConnectionResetError)
#define BIDE_FileExistsError (&bide__FileExistsError)
#define BIDE_FileNotFoundError (&bide__FileNotFoundError)
#define BIDE_InterruptedError (&bide__InterruptedError)
#define BIDE_IsADirectoryError (&bide__IsADirectoryError)
#define BIDE_NotADirectoryError (&bide__NotADirectoryError)
#define BIDE_PermissionError (&bide__PermissionError)
#define BIDE_ProcessLookupError (&bide__ProcessLookupError)
#define BIDE_gaierror (&bide__gaierror)
#define BIDE_TimeoutError (&bide__TimeoutError)
#define BIDE_QueueEmpty (&bide__QueueEmpty)
#define BIDE_QueueFull (&bide__QueueFull)
#define BIDE_QueueShutDown (&bide__QueueShutDown)
#define BIDE_RuntimeError (&bide__RuntimeError)
#define BIDE_BrokenBarrierError (&bide__BrokenBarrierError)
#define BIDE_NotImplementedError (&bide__NotImplementedError)
#define BIDE_RecursionError (&bide__RecursionError)
#define BIDE_TypeError (&bide__TypeError)
#define BIDE_ValueError (&bide__ValueError)

/* A place in the source, for tracebacks. */
typedef struct bide_site {
    const char *file;
    const char *function;
    int line;
} bide_site;

#define BIDE_HERE                                                                                  \
    __extension__({                                                                                \
        static const bide_site bide__here = {__FILE__, __func__, __LINE__};                        \
        &bide__here;                                                                               \
    })

/* --- raising: every one returns BIDE_RAISED, so that `return bide_raise(...)` reads well  */

/* raise Type(message): bide_raise(BIDE_ValueError, "got %d", n). A NULL format: no message. */
#define bide_raise(type, ...) bide_raise_at(BIDE_HERE, type, __VA_ARGS__)
int bide_raise_at(const bide_site *site, const bide_error_type *type, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* raise exception: an exception value, new or taken earlier, moves in. TypeError otherwise. */
#define bide_raise_error(error) bide_raise_error_at(BIDE_HERE, error)
int bide_raise_error_at(const bide_site *site, bide_value error);
/* Makes a taken exception pending again, as it was: `return bide_error_restore(e);` is Python's
 * bare `raise`. */
int bide_error_restore(bide_value error);
/* OSError or the subclass that fits errno's value, with strerror's text: "text: what", or the text
 * alone if `what` is NULL. */
int bide_raise_errno(int number, const char *what);

/* if ((expr) raised) return BIDE_RAISED; or the statement given as a second argument, which makes a
 * try block: BIDE_TRY(expr, goto except). Also notices an exception that cleanup left pending. */
#define BIDE_TRY(expr, ...)                                                                        \
    do {                                                                                           \
        if ((expr) < 0 || bide_error_pending())                                                    \
            BIDE__OR_RETURN(_, ##__VA_ARGS__);                                                     \
    } while (0)
/* except Type as e: takes the pending exception into *out (NULL drops it) if it is of that type;
 * otherwise returns BIDE_RAISED, or does the statement given as a third argument. */
#define BIDE_EXCEPT(type, out, ...)                                                                \
    do {                                                                                           \
        if (!bide_catch(type, out))                                                                \
            BIDE__OR_RETURN(_, ##__VA_ARGS__);                                                     \
    } while (0)
/* Handed (_) or (_, action): only a macro with a parameter of its own may leave the comma out in
 * strict C too. */
#define BIDE__OR_RETURN(...) BIDE__SECOND(__VA_ARGS__, return BIDE_RAISED, _)
#define BIDE__SECOND(first, second, ...) second

/* --- making exceptions without raising them ----------------------------------------- */

/* Type(message), as a value for bide_throw or bide_future_set_exception. A NULL format: no message.
 */
bide_value bide_error_new(const bide_error_type *type, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Type(value): StopIteration(7), KeyError('k'). */
bide_value bide_error_with(const bide_error_type *type, bide_value value);
/* ExceptionGroup(message, members): members is a list or tuple of exceptions. */
bide_value bide_error_group(const char *message, bide_value members);
/* Sets error.__cause__ and gives error back: raise error from cause. */
bide_value bide_error_from(bide_value error, bide_value cause);

/* --- catching ----------------------------------------------------------------------- */

static inline bool bide_error_pending(void);
/* Whether the pending exception is of that type or a subtype of it. */
bool bide_error_matches(const bide_error_type *type);
/* except Type as e: if it matches, takes the exception into *out (NULL drops it). */
bool bide_catch(const bide_error_type *type, bide_value *out);
/* Takes the pending exception; BIDE_NONE if there is none. */
bide_value bide_error_take(void);
void bide_error_clear(void);

/* --- looking at an exception value: all borrow -------------------------------------- */

bool bide_is_error(bide_value v, const bide_error_type *type);
const bide_error_type *bide_error_type_of(bide_value error);
/* str(e): the message, or the text of its value; "" if it has neither. */
const char *bide_error_message(bide_value error);
/* "Type: message", or "Type" alone; groups list their members. A str. */
bide_value bide_error_text(bide_value error);
/* OSError.errno; 0 if it has none. */
int bide_error_errno(bide_value error);
/* StopIteration.value, KeyError.args[0], the JavaScript reason of a JSError. */
bide_value bide_error_value(bide_value error);
bide_value bide_error_cause(bide_value error);   /* BIDE_NONE if none */
bide_value bide_error_context(bide_value error); /* BIDE_NONE if none */
bide_value bide_error_members(bide_value error); /* the tuple of a group's members */
/* Python's traceback as a str: causes and contexts first, then the awaits it passed, then the
 * last line "Type: message". */
bide_value bide_error_traceback(bide_value error);

#ifdef __cplusplus
}
#endif

#include <bide/coroutine.h> /* with the inline one */

#endif
