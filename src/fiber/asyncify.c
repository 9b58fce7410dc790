/* asyncify.c - fibers on WebAssembly: the call stack is rolled up into memory and rolled out again
 * by Binaryen's Asyncify, driven from C; no JavaScript takes part.
 *
 * A fiber's block holds its C stack, which grows down from the top, and between suspend and resume
 * its saved locals, which are copied to the bottom. An unwind first writes to `scratch`, because
 * how much it will write cannot be known beforehand: what does not fit in the block is kept in a
 * heap block, and if there is no memory for that, the fiber is rolled out again and its suspend
 * answers BIDE_FIBER_ENOMEM. So no saved locals are ever written over live frames.
 *
 * bide__fiber_resume must stay the only caller of start_rewind and stop_unwind, and
 * bide__fiber_suspend of start_unwind and stop_rewind: Asyncify takes the former for the end of
 * every unwind, the latter for its beginning, and leaves both uninstrumented. Neither may be
 * inlined before the pass runs.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#include <stdlib.h>
#include <string.h>

#include "fiber/block_pool.h"
#include "fiber/complain.h"

struct asyncify_area {
    char *top;       /* where the next byte goes, or was left off */
    const char *end; /* the limit, which Asyncify checks after writing */
};

#define ASYNCIFY(name) __attribute__((import_module("asyncify"), import_name(#name)))
ASYNCIFY(start_unwind) extern void asyncify_start_unwind(struct asyncify_area *area);
ASYNCIFY(stop_unwind) extern void asyncify_stop_unwind(void);
ASYNCIFY(start_rewind) extern void asyncify_start_rewind(struct asyncify_area *area);
ASYNCIFY(stop_rewind) extern void asyncify_stop_rewind(void);

enum {
    DEFAULT_STACK = 32 * 1024,
    MINIMUM_STACK = 1024,
    SCRATCH = 1024 * 1024, /* more locals than an engine's own stack has room for */
    MOST_LOCALS = 192 * 1024,
    SLACK = 64,
    BRIEF = 256
};

bide_fiber *bide__fiber_running;
static size_t default_stack = DEFAULT_STACK;
static enum { NORMAL, UNWINDING, REWINDING } mode; /* of the whole module */
static int answer;                                 /* of the suspend that is being rolled out */
static _Alignas(16) char scratch[SCRATCH];
static struct asyncify_area area;

__asm__(".globaltype __stack_pointer, i32\n");

__attribute__((always_inline)) static inline char *get_sp(void)
{
    char *sp;
    __asm__ volatile("global.get __stack_pointer\n\tlocal.set %0" : "=r"(sp));
    return sp;
}

__attribute__((always_inline)) static inline void set_sp(char *sp)
{
    __asm__ volatile("local.get %0\n\tglobal.set __stack_pointer" : : "r"(sp) : "memory");
}

bide_fiber *bide_fiber_new(bide_fiber_entry *entry, void *arg, size_t stack_size, const char *name)
{
    size_t size = stack_size ? stack_size : default_stack;
    bide_fiber *fiber = bide__block_take(size < MINIMUM_STACK ? MINIMUM_STACK : size);
    if (!fiber)
        return NULL;
    fiber->here = (bide_fiber_point){.sp = fiber->stack + fiber->stack_size};
    fiber->resumer = NULL;
    fiber->thread = &bide__fiber_running;
    fiber->state = BIDE_FIBER_SUSPENDED;
    fiber->barred = 0;
    fiber->entry = entry;
    fiber->arg = arg;
    fiber->name = name;
    return fiber;
}

int bide_fiber_free(bide_fiber *fiber)
{
    if (fiber->state == BIDE_FIBER_RUNNING)
        return BIDE_FIBER_EBUSY;
    bide__block_give(fiber);
    return 0;
}

static int refuse_resume(const bide_fiber *fiber)
{
    return fiber->state == BIDE_FIBER_DONE ? BIDE_FIBER_EDONE : BIDE_FIBER_EBUSY;
}

typedef uint32_t __attribute__((may_alias)) word; /* Asyncify writes nothing narrower */

/* Most suspensions save a few words only, for which a call of memcpy takes longer than the copy.
 * Words are read as they were written, because a wider read of what was just written stalls. */
__attribute__((no_builtin("memcpy"))) static void copy(char *to, const char *from, size_t size)
{
    if (size > BRIEF) {
        memcpy(to, from, size);
        return;
    }
    for (size_t i = 0; i < size; i += sizeof(word))
        *(word *)(to + i) = *(const word *)(from + i);
}

/* Moves what an unwind left in the scratch area to the fiber: here.ip is where it is, here.bp its
 * end. False if there is no memory for it; or so much of it that more would trap, at the end of the
 * scratch area or of the engine's stack. */
static bool keep_locals(bide_fiber *fiber)
{
    size_t size = (size_t)(area.top - scratch);
    char *to = fiber->stack;
    if (size > MOST_LOCALS)
        return false;
    if (size + SLACK > (size_t)((char *)fiber->here.sp - fiber->stack)) {
        to = bide__block_spill(fiber, size);
        if (!to)
            return false;
    }
    copy(to, scratch, size);
    fiber->here.ip = to;
    fiber->here.bp = to + size;
    return true;
}

/* The C stack has no guard page here; the words below it tell that it ran over. By then memory
 * that is not the fiber's was written, so nothing can be trusted to go on. */
static void check_canary(const bide_fiber *fiber)
{
    if (bide__block_is_intact(fiber))
        return;
    char digits[BIDE__DIGITS];
    bide__complain("bide: stack overflow: '", fiber->name ? fiber->name : "a fiber",
                   "' ran over its stack of ", bide__decimal(digits, fiber->stack_size),
                   " bytes. Make the recursion shallower or move large arrays to the heap, or "
                   "raise the size with bide_fiber_set_default_stack.\n",
                   NULL);
    abort();
}

__attribute__((noinline)) int bide__fiber_resume(bide_fiber *fiber)
{
    if (fiber->state != BIDE_FIBER_SUSPENDED)
        return refuse_resume(fiber);
    char *sp = get_sp();
    fiber->resumer = bide__fiber_running;
    fiber->state = BIDE_FIBER_RUNNING;
    bide__fiber_running = fiber;
    if (fiber->here.ip) {
        area = (struct asyncify_area){.top = fiber->here.bp, .end = fiber->here.bp};
        answer = 0;
        mode = REWINDING;
        asyncify_start_rewind(&area);
    }
    for (;;) {
        set_sp(fiber->here.sp);
        fiber->entry(fiber->arg); /* runs, or replays its calls down to suspend */
        if (mode != UNWINDING) {
            fiber->state = BIDE_FIBER_DONE;
            break;
        }
        asyncify_stop_unwind();
        mode = NORMAL;
        if (keep_locals(fiber)) {
            fiber->state = BIDE_FIBER_SUSPENDED;
            break;
        }
        answer = BIDE_FIBER_ENOMEM;
        mode = REWINDING;
        asyncify_start_rewind(&area);
    }
    set_sp(sp);
    check_canary(fiber);
    bide__fiber_running = fiber->resumer;
    return fiber->state;
}

__attribute__((noinline)) int bide__fiber_suspend(void)
{
    if (mode == REWINDING) {
        asyncify_stop_rewind();
        mode = NORMAL;
        return answer;
    }
    if (!bide__fiber_running)
        return BIDE_FIBER_EOUTSIDE;
    if (bide__fiber_running->barred)
        return BIDE_FIBER_EBARRED;
    bide__fiber_running->here.sp = get_sp();
    area = (struct asyncify_area){.top = scratch, .end = scratch + SCRATCH};
    mode = UNWINDING;
    asyncify_start_unwind(&area);
    return 0;
}

size_t bide_fiber_room(void)
{
    const bide_fiber *self = bide__fiber_running;
    char *sp = get_sp();
    if (!self)
        return SIZE_MAX;
    return sp > self->stack ? (size_t)(sp - self->stack) : 0;
}

void bide_fiber_set_default_stack(size_t bytes)
{
    default_stack = bytes ? bytes : DEFAULT_STACK;
}

size_t bide_fiber_default_stack(void)
{
    return default_stack;
}
