/* asyncify.c - fibers on WebAssembly: the call stack is rolled up into memory and rolled out again
 * by Binaryen's Asyncify, driven from C; no JavaScript takes part.
 *
 * A fiber's block holds its C stack, which grows down from the top, and between suspend and resume
 * its saved locals, at the bottom. How much an unwind will write cannot be known beforehand. So it
 * writes there only if every frame asks whether it fits (locals.h), and as long as it does; all
 * that others write goes to `scratch` and is copied to the bottom. What does not fit in the block
 * is kept in a heap block, and if there is no memory for that, the fiber is rolled out again and
 * its suspend answers BIDE_FIBER_ENOMEM. So no saved locals are ever written over live frames.
 *
 * bide__fiber_resume must stay the only caller of start_rewind and stop_unwind, and
 * bide__fiber_suspend of start_unwind and stop_rewind: Asyncify takes the former for the end of
 * every unwind, the latter for its beginning, and leaves both uninstrumented. Neither may be
 * inlined before the pass runs; bide__fiber_suspend is afterwards (wasm/tighten.mjs).
 *
 * Functions named bide__cold* are kept out of line by wasm-opt too: inlined, their locals would be
 * the hot path's.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/block_fiber.h"

#include <string.h>

#include "fiber/block_pool.h"
#include "fiber/locals.h"

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
    SCRATCH = 1024 * 1024, /* more locals than an engine's own stack has room for */
    MOST_LOCALS = 192 * 1024,
    SLACK = 64,
    BRIEF = 256
};

/* Whether what takes less time and more code is done: fiber->call, and asking frames. */
#if defined(__OPTIMIZE_SIZE__)
enum { QUICK = false };
#else
enum { QUICK = true };
#endif

/* Asyncify's states. */
enum { NORMAL, UNWINDING, REWINDING };

/* Of the whole module. The scratch area comes last: an engine with room for more than it holds is
 * stopped where that is found out, and until then what is left of the rest must be right. */
static struct {
    int mode;                  /* where size counts: see mode() */
    int answer;                /* of the suspend that is being rolled out, if not 0 */
    struct asyncify_area area; /* all of the scratch area, but while it is in use */
    _Alignas(16) char scratch[SCRATCH];
} module;

/* Whether every frame asks for room. */
static inline bool frames_ask(void)
{
    return QUICK && bide__frames_ask();
}

/* What is under way. Asyncify has a note of that, which C cannot read by itself. */
static inline int mode(void)
{
    return QUICK ? bide__mode() : module.mode;
}

static inline void note_mode(int now)
{
    if (QUICK)
        bide__note_mode(now);
    else
        module.mode = now;
}

bide_fiber *bide_fiber_new(bide_fiber_entry *entry, void *arg, size_t stack_size, const char *name)
{
    module.area = (struct asyncify_area){.top = module.scratch, .end = module.scratch + SCRATCH};
    bide_fiber *fiber = bide__fiber_make(entry, arg, stack_size, name);
    if (QUICK && fiber)
        fiber->call = NULL;
    return fiber;
}

int bide_fiber_free(bide_fiber *fiber)
{
    if (fiber->state == BIDE_FIBER_RUNNING)
        return BIDE_FIBER_EBUSY;
    bide__block_give(fiber);
    return 0;
}

typedef uint32_t __attribute__((may_alias)) word; /* Asyncify writes nothing narrower */

/* Notes that the fiber's saved locals are the `size` bytes at `to`: here.ip is where they begin,
 * and here.bp and here.base, the end twice, are the area of the rewind to come. The scratch area is
 * free: long before the next unwind, which would wait for what was just written. */
static void note_locals(bide_fiber *fiber, char *to, size_t size)
{
    module.area.top = module.scratch;
    fiber->here.ip = to;
    fiber->here.bp = fiber->here.base = to + size;
}

static struct asyncify_area *area_of(bide_fiber *fiber)
{
    return (struct asyncify_area *)(void *)&fiber->here.bp;
}

_Static_assert(offsetof(bide_fiber_point, base) - offsetof(bide_fiber_point, bp) ==
                   offsetof(struct asyncify_area, end),
               "here.bp and here.base are an area");

/* Not many, or not in the block: the rest of keep_locals. */
__attribute__((noinline)) static bool bide__cold_keep_locals(bide_fiber *fiber, size_t size)
{
    char *to = fiber->stack;
    if (size > MOST_LOCALS)
        return false;
    if (size + SLACK > (size_t)((char *)fiber->here.sp - fiber->stack)) {
        to = bide__block_spill(fiber, size);
        if (!to)
            return false;
    }
    memcpy(to, module.scratch, size);
    note_locals(fiber, to, size);
    return true;
}

#if defined(__OPTIMIZE_SIZE__)
static bool keep_locals(bide_fiber *fiber)
{
    return bide__cold_keep_locals(fiber, (size_t)(module.area.top - module.scratch));
}
#else
/* Moves what an unwind left in the scratch area to the fiber. False if there is no memory for it;
 * or so much of it that more would trap, at the end of the scratch area or of the engine's stack.
 */
__attribute__((no_builtin("memcpy"))) static bool keep_locals(bide_fiber *fiber)
{
    size_t size = (size_t)(module.area.top - module.scratch);
    char *to = fiber->stack;
    if (size > BRIEF || size + SLACK > (size_t)((char *)fiber->here.sp - fiber->stack))
        return bide__cold_keep_locals(fiber, size);
    note_locals(fiber, to, size);
    /* A call of memcpy takes longer than copying a few words. They are read as they were written,
     * because a wider read of what was just written stalls; SLACK has room for the last ones. */
    word *into = (word *)to;
    for (const word *from = (word *)module.scratch; into < (word *)(to + size);
         into += 4, from += 4) {
        __asm__("" : "+r"(from)); /* a pointer of its own: two are fewer additions than one */
        into[0] = from[0];
        into[1] = from[1];
        into[2] = from[2];
        into[3] = from[3];
    }
    return true;
}
#endif

#if !defined(__OPTIMIZE_SIZE__)
/* What did not fit the block goes to the scratch area, behind what did. */
void *bide__next_area(void *full)
{
    if (full == &module.area)
        __builtin_trap(); /* an engine with room for more than it holds */
    const char *from = bide__fiber_running->stack;
    size_t size = (size_t)(((struct asyncify_area *)full)->top - from);
    memcpy(module.scratch, from, size);
    module.area.top = module.scratch + size;
    return &module.area;
}
#endif

/* The area that an unwind of the fiber, whose stack pointer is `sp`, is to write to. */
static inline struct asyncify_area *area_for(bide_fiber *fiber, char *sp)
{
    if (!frames_ask())
        return &module.area;
    char *room = sp - SLACK, *most = fiber->stack + MOST_LOCALS;
    fiber->here.ip = fiber->here.bp = fiber->stack;
    fiber->here.base = room < most ? room : most;
    return area_of(fiber);
}

/* Whether all that an unwind has written is in its fiber's block. */
static inline bool are_in_place(void)
{
    return frames_ask() && module.area.top == module.scratch;
}

/* Runs the fiber, or replays its calls down to suspend. */
__attribute__((always_inline)) static inline void run(bide_fiber *fiber)
{
    if (QUICK && fiber->call) {
        int called = fiber->call(fiber->first, fiber->second);
        if (mode() == UNWINDING)
            return;
        fiber->call = NULL;
        fiber->called = called;
    }
    fiber->entry(fiber->arg);
}

__attribute__((noinline)) int bide__fiber_resume(bide_fiber *fiber)
{
    if (fiber->state != BIDE_FIBER_SUSPENDED)
        return bide__refuse_resume(fiber);
    char *sp = bide__get_sp();
    int state = BIDE_FIBER_DONE;
    fiber->plain = sp;
    fiber->resumer = bide__fiber_running;
    fiber->state = BIDE_FIBER_RUNNING;
    bide__fiber_running = fiber;
    if (fiber->here.ip) {
        note_mode(REWINDING);
        asyncify_start_rewind(area_of(fiber));
    }
    for (;;) {
        bide__set_sp(fiber->here.sp);
        run(fiber);
        if (mode() != UNWINDING)
            break;
        asyncify_stop_unwind();
        note_mode(NORMAL);
        if (are_in_place() || keep_locals(fiber)) {
            state = BIDE_FIBER_SUSPENDED;
            break;
        }
        module.answer = BIDE_FIBER_ENOMEM;
        note_mode(REWINDING);
        asyncify_start_rewind(&module.area);
    }
    fiber->state = (uint8_t)state;
    bide__fiber_running = fiber->resumer;
    bide__set_sp(sp);
    return state;
}

__attribute__((noinline)) int bide__fiber_suspend(void)
{
    if (mode() == REWINDING) {
        asyncify_stop_rewind();
        note_mode(NORMAL);
        int answer = module.answer;
        if (__builtin_expect(answer != 0, 0)) {
            module.answer = 0;
            module.area.top = module.scratch; /* which this one was rolled out of */
        }
        return answer;
    }
    bide_fiber *self = bide__fiber_running;
    if (!self)
        return BIDE_FIBER_EOUTSIDE;
    if (self->barred)
        return bide__cold_barred(self);
    char *sp = bide__get_sp();
    self->here.sp = sp;
    note_mode(UNWINDING);
    asyncify_start_unwind(area_for(self, sp));
    return 0;
}
