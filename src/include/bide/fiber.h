/* bide/fiber.h - a call stack that can be left and entered again: the lowest layer, usable alone.
 *
 * Asymmetric: resume runs a fiber until it suspends or its entry returns; suspend goes back to
 * whoever resumed it. Resumes nest. Fibers know nothing of values, exceptions or loops, and
 * stay on the thread that made them.
 *
 * Natively the rounding mode and the floating-point exception masks (x87 and MXCSR, FPCR, fcsr) are
 * the thread's: a fiber that changes them changes them for all (except where swapcontext switches).
 * C++ exceptions may be thrown and caught inside one fiber; one that leaves the entry ends in
 * std::terminate, and a catch handler must not suspend, because the C++ runtime keeps one list of
 * caught exceptions for a thread: take std::current_exception() along and suspend behind the
 * handler. Destructors of frames that a fiber is freed with do not run. longjmp must stay in one
 * fiber. A signal handler must not resume or suspend; it runs on the stack of whoever is
 * interrupted, which takes some KiB, unless it was installed with SA_ONSTACK: a thread with fibers
 * has such a stack for signals.
 *
 * Natively an overflow ends the program with a report (see also bide_fiber_stats). A frame that is
 * larger than what lies below the stack as a guard, 16 KiB and more, and one page below stacks of
 * less than that, could step over it. Programs that CMake builds with bide::bide are compiled to
 * touch every page, others should be (-fstack-clash-protection); functions of the C library may be
 * not, and have frames of 8 KiB, so stacks below 16 KiB are for code that calls none of that. A
 * function of a shared library that is resolved when it is first called takes up to 11 KiB of its
 * caller's stack for that, on processors with large registers: CMake links with -z now, and others
 * should.
 *
 * The stacks of a thread go when it ends, unless it left fibers on some, which nobody can resume or
 * free any more: on Windows not even destructors of thread-local variables can. A shared library
 * with Bide in it must stay loaded (link it with -z nodelete).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_H
#define BIDE_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BIDE__FIBER_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BIDE__FIBER_SANITIZED 1
#endif
#endif

#if defined(__has_feature)
#if __has_feature(safe_stack) || __has_feature(shadow_call_stack)
#error                                                                                             \
    "a thread has one such stack for all fibers: compile without -fsanitize=safe-stack and -fsanitize=shadow-call-stack"
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef void bide_fiber_entry(void *arg);

typedef enum bide_fiber_state {
    BIDE_FIBER_DONE = 0,      /* the entry returned */
    BIDE_FIBER_SUSPENDED = 1, /* or not started yet */
    BIDE_FIBER_RUNNING = 2,   /* or waiting for a fiber that it resumed */
} bide_fiber_state;

/* Answers of resume, suspend and free besides the state. */
enum {
    BIDE_FIBER_EBUSY = -1,    /* that fiber is running */
    BIDE_FIBER_EDONE = -2,    /* that fiber has ended */
    BIDE_FIBER_ETHREAD = -3,  /* that fiber belongs to another thread */
    BIDE_FIBER_EOUTSIDE = -4, /* suspend was called on a thread's own stack */
    BIDE_FIBER_ENOMEM = -5,   /* WebAssembly: no memory to suspend in; the fiber runs on */
    BIDE_FIBER_EBARRED = -6, /* WebAssembly: suspend inside a finalizer or a callback of the loop */
    BIDE_FIBER_EJAVASCRIPT = -7, /* WebAssembly: suspend inside a function of JavaScript's (any that
                                    the module imports, but WASI's), which the fiber called */
};

/* Where one side of a switch stands: what the backend saves, no more. */
typedef struct bide_fiber_point {
    void *sp;
    void *ip;
    void *bp;
    void *base; /* a base pointer, which clang would not save by itself, of the fiber's own side; on
                   WebAssembly, see asyncify.c */
} bide_fiber_point;

/* The control block. Its fields are Bide's own; they are here so that the switch can be inlined
 * where it is called. What a switch touches comes first, in no more than 64 bytes. */
typedef struct bide_fiber {
    bide_fiber_point here;      /* where it is suspended; natively, while it runs, its resumer */
    struct bide_fiber *resumer; /* the last; on WebAssembly NULL for the thread's own stack */
#if defined(__wasm__)
    char *plain;     /* where the program's own stack goes on while it runs */
    unsigned barred; /* > 0 inside a function that nothing suspends through */
#else
    const void *thread; /* identifies the owning thread */
    void *resumer_base; /* while it runs: here.base of its resumer */
    void *resumer_ip;   /* and where its resumer goes on, if the backend keeps that apart */
#endif
    uint8_t state;       /* see bide_fiber_state_of */
    bool painted;        /* bide_fiber_high_water can tell */
    uint16_t color;      /* bytes the first frame is moved down, against cache aliasing */
    uint32_t stack_size; /* bytes from `stack` to the top */
    bide_fiber_entry *entry;
    void *arg;        /* borrowed; passed to entry */
    char *stack;      /* lowest usable byte */
    const char *name; /* borrowed; for the overflow report */
#if defined(__wasm__)
    /* Of Asyncify's: called with the two before the entry is, which follows when it has returned
     * `called`; or NULL. What is rolled up has then one frame less than an entry that calls it. */
    int (*call)(void *first, void *second);
    void *first, *second;
    int called;
#endif
#if defined(BIDE__FIBER_SANITIZED)
    void *sanitizer; /* TSan's own record of the stack */
#endif
} bide_fiber;

/* A fiber that will run entry(arg) on a stack of at least `stack_size` bytes (0: the default,
 * 64 KiB, on WebAssembly 32). Nothing runs yet. NULL if there is no memory. `name` is borrowed and
 * may be NULL. */
bide_fiber *bide_fiber_new(bide_fiber_entry *entry, void *arg, size_t stack_size, const char *name);
/* Gives the stack back. 0, or BIDE_FIBER_EBUSY if it is running. A fiber that is suspended
 * midway is freed as it stands: whatever its frames hold is lost. */
int bide_fiber_free(bide_fiber *fiber);

/* Runs the fiber until it suspends or ends: BIDE_FIBER_SUSPENDED, BIDE_FIBER_DONE, or a negative
 * answer above, then nothing ran. */
static inline int bide_fiber_resume(bide_fiber *fiber);
/* Suspends the running fiber; returns 0 when it is resumed, or a negative answer at once. */
static inline int bide_fiber_suspend(void);

/* After BIDE_FIBER_EJAVASCRIPT: that function, as "module.name" of the import. Natively "". */
const char *bide_fiber_javascript(void);

/* What it is doing. */
static inline bide_fiber_state bide_fiber_state_of(const bide_fiber *fiber);
/* The running fiber; NULL on a thread's own stack. */
static inline bide_fiber *bide_fiber_current(void);
/* Bytes of stack that are left at this point of the running fiber; SIZE_MAX outside fibers. On
 * WebAssembly a function that cannot suspend uses none of it, but the program's own stack. */
size_t bide_fiber_room(void);
/* The stack size that 0 stands for in bide_fiber_new; set it before making fibers. Sizes are
 * rounded up to what the target can do, 4 KiB natively and 1 KiB on WebAssembly at the least. */
void bide_fiber_set_default_stack(size_t bytes);
size_t bide_fiber_default_stack(void);
/* The most fibers that may be live in a thread: beyond it bide_fiber_new answers NULL, and starting
 * a coroutine raises MemoryError. 0 stands for the default: no limit but memory's, except with
 * WebAssembly's stack switching. There it is 8,192, because an engine cannot be asked whether it
 * has room for one more stack, and ends the process if it has not: on Linux, where the kernel
 * allows a process its usual 65,530 mappings, Node 26 has room for 32,700 in all instances
 * together, and a page in Chromium for 16,000. */
void bide_fiber_set_limit(size_t fibers);
size_t bide_fiber_limit(void);

/* Whether the stacks of fibers made from now on are measured. Costs the time and the memory to fill
 * each with a pattern; off at first. No effect on WebAssembly. */
void bide_fiber_measure_stacks(bool on);
/* The most bytes of its stack that a fiber has used so far, to within 8 bytes that happen to hold
 * the pattern; 0 if it is not measured. It may be running. */
size_t bide_fiber_high_water(const bide_fiber *fiber);
/* How many unused stacks each thread keeps with the memory that they have taken, 131,072 at first:
 * they serve the next fibers quickest. The memory of those above goes back to the system at once,
 * their address space is kept for later. No effect on WebAssembly, where memory never goes back. */
void bide_fiber_set_pool_limit(size_t stacks);

typedef struct bide_fiber_stats {
    size_t live;      /* fibers that exist */
    size_t pooled;    /* stacks kept for reuse */
    size_t released;  /* those of them whose memory has gone back to the system */
    size_t guarded;   /* stacks with a guard page below them */
    size_t unguarded; /* stacks without, because the system allows no more of them */
    size_t reserved;  /* bytes of address space (of memory, on WebAssembly) in stacks */
} bide_fiber_stats;

/* This thread's figures. */
bide_fiber_stats bide_fiber_get_stats(void);

#include <bide/fiber_switch.h> /* the backend's resume and suspend; CMake puts one in the path */

#ifdef __cplusplus
}
#endif
#endif
