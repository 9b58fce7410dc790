/* context.c - context variables: copy on write, so that tasks may copy at no cost.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/context.h"

#include "loop/checked.h"
#include "object/memory.h"
#include "object/shared.h"

static BIDE__THREAD_LOCAL bide__bindings *thread_bindings; /* outside every task and callback */
static BIDE__THREAD_LOCAL uint64_t last_context;
BIDE__THREAD_LOCAL bide__bindings **bide__context_in_force;

bide__bindings **bide__context_slot_now(void)
{
    return bide__context_in_force ? bide__context_in_force : &thread_bindings;
}

static bide__bindings *share(bide__bindings *bindings)
{
    if (bindings)
        bindings->refs++;
    return bindings;
}

bide__bindings *bide__context_capture(void)
{
    return share(*bide__context_slot_now());
}

void bide__context_leave(bide__bindings **slot)
{
    bide__bindings *bindings = *slot;
    *slot = NULL;
    if (bindings && bindings->home == slot)
        bindings->home = NULL; /* others may share them, in another context */
    if (!bindings || --bindings->refs > 0)
        return;
    for (size_t i = 0; i < bindings->count; i++) {
        bide_drop(bindings->items[i].var);
        bide_drop(bindings->items[i].value);
    }
    bide__free(bindings);
}

static bide__binding *find(bide__bindings *bindings, bide_value var)
{
    for (size_t i = 0; bindings && i < bindings->count; i++)
        if (bindings->items[i].var.as.object == var.as.object)
            return &bindings->items[i];
    return NULL;
}

/* New bindings for the slot: the old ones with `var` bound to `value` (moves in), or unbound if the
 * value is BIDE_FAILED. 0 or MemoryError. */
static int rebind(bide__bindings **slot, bide_value var, bide_value value)
{
    bide__bindings *old = *slot;
    size_t room = (old ? old->count : 0) + 1;
    bide__bindings *bindings = bide__alloc(sizeof *bindings + room * sizeof bindings->items[0]);
    if (!bindings) {
        bide_drop(value);
        return BIDE_RAISED;
    }
    bool at_home = old && old->home == slot;
    bindings->refs = 1;
    bindings->home = slot;
    bindings->context = at_home ? old->context : ++last_context;
    for (size_t i = 0; old && i < old->count; i++) {
        if (old->items[i].var.as.object == var.as.object)
            continue;
        bide__binding *item = &bindings->items[bindings->count++];
        item->var = bide_ref(old->items[i].var);
        item->value = bide_ref(old->items[i].value);
    }
    if (!bide_failed(value))
        bindings->items[bindings->count++] = (bide__binding){bide__context_key(var), value};
    bide__context_leave(slot);
    *slot = bindings;
    return 0;
}

/* --- variables ---------------------------------------------------------------------- */

struct variable {
    bide_object base;
    const char *name;
    bide_value fallback; /* owned */
    const void *thread;  /* whose it is; others only read, and only what never changes */
};

static void variable_finalize(void *self)
{
    bide_drop(((struct variable *)self)->fallback);
}

static const bide_type variable_type = {.name = "ContextVar", .finalize = variable_finalize};

bide_value bide_context_var(const char *name, bide_value fallback)
{
    struct variable *self = NULL;
    if (bide_failed(fallback))
        bide__propagate();
    else if (!name)
        bide_raise(BIDE_TypeError, "context variable name must be a str");
    else
        self = bide_object_new(&variable_type, sizeof *self);
    if (!self) {
        bide_drop(fallback);
        return BIDE_FAILED;
    }
    self->name = name;
    self->fallback = fallback;
    self->thread = bide__this_thread();
    return bide_object_value(self);
}

static bool is_ours(const struct variable *self)
{
    return self->thread == bide__this_thread();
}

bide_value bide__context_key(bide_value var)
{
    bool ours = is_ours((struct variable *)var.as.object);
    return ours ? bide_ref(var) : bide_ptr(var.as.object);
}

const char bide__context_stayed;

static bide_value raise_stayed(const struct variable *self)
{
    bide_raise(BIDE_TypeError,
               "the value of context variable '%s' stayed on its thread: it is of "
               "a type that does not cross",
               self->name);
    return BIDE_FAILED;
}

static bide_value fallback_of(const struct variable *self)
{
    if (self->fallback.kind < BIDE_KIND_STR || is_ours(self))
        return bide_ref(self->fallback);
    if (self->fallback.kind == BIDE_KIND_STR)
        return bide_strn(bide_cstr(self->fallback), bide_size(self->fallback));
    return raise_stayed(self);
}

static bide_value lookup(bide__bindings *bindings, bide_value var)
{
    const struct variable *self = bide__checked(var, &variable_type);
    const bide__binding *bound = self ? find(bindings, var) : NULL;
    if (!self)
        return BIDE_FAILED;
    if (bound && bound->value.kind == BIDE_KIND_PTR && bound->value.as.ptr == &bide__context_stayed)
        return raise_stayed(self);
    return bound ? bide_ref(bound->value) : fallback_of(self);
}

bide_value bide_context_var_get(bide_value var)
{
    return lookup(*bide__context_slot_now(), var);
}

/* What set leaves for reset: the value before, or BIDE_FAILED if there was none. */
struct token {
    bide_object base;
    bide_value var;    /* owned */
    bide_value before; /* owned */
    uint64_t context;  /* where it was set */
    bool used;
};

static void token_finalize(void *object)
{
    struct token *self = object;
    bide_drop(self->var);
    bide_drop(self->before);
}

static const bide_type token_type = {.name = "Token", .finalize = token_finalize};

int bide_context_var_set(bide_value var, bide_value value, bide_value *token)
{
    bide__bindings **slot = bide__context_slot_now();
    struct token *made = NULL;
    if (token)
        *token = BIDE_NONE;
    if (bide_failed(value))
        return bide__propagate();
    if (!bide__checked(var, &variable_type) ||
        (token && !(made = bide_object_new(&token_type, sizeof *made)))) {
        bide_drop(value);
        return BIDE_RAISED;
    }
    const bide__binding *bound = find(*slot, var);
    bide_value before = bound ? bide_ref(bound->value) : BIDE_FAILED;
    if (made) {
        made->var = bide__context_key(var);
        made->before = before;
    } else {
        bide_drop(before);
    }
    if (rebind(slot, var, value) < 0) {
        if (made)
            bide_drop(bide_object_value(made));
        return BIDE_RAISED;
    }
    if (made) {
        made->context = (*slot)->context;
        *token = bide_object_value(made);
    }
    return 0;
}

int bide_context_var_reset(bide_value var, bide_value token)
{
    BIDE_SCOPED bide_value keep = token;
    struct token *self = bide__checked(keep, &token_type);
    if (!self || !bide__checked(var, &variable_type))
        return BIDE_RAISED;
    bide__bindings **slot = bide__context_slot_now();
    if (self->used)
        return bide_raise(BIDE_RuntimeError, "<Token> has already been used once");
    if (self->var.as.object != var.as.object)
        return bide_raise(BIDE_ValueError, "<Token> was created by a different ContextVar");
    if (!*slot || (*slot)->home != slot || (*slot)->context != self->context)
        return bide_raise(BIDE_ValueError, "<Token> was created in a different Context");
    self->used = true;
    return rebind(slot, var, bide_ref(self->before));
}

/* --- contexts as objects ------------------------------------------------------------ */

struct context {
    bide_object base;
    bide__bindings *bindings; /* owned */
    bool entered;
};

static void context_finalize(void *self)
{
    bide__context_leave(&((struct context *)self)->bindings);
}

static const bide_type context_type = {.name = "Context", .finalize = context_finalize};

bide_value bide_copy_context(void)
{
    struct context *self = bide_object_new(&context_type, sizeof *self);
    if (self)
        self->bindings = bide__context_capture();
    return bide_object_value(self);
}

bide__bindings **bide__context_slot(bide_value context)
{
    struct context *self = bide__checked(context, &context_type);
    return self ? &self->bindings : NULL;
}

bool bide__context_set_entered(bide_value context, bool entered)
{
    struct context *self = (struct context *)context.as.object;
    bool was = self->entered;
    self->entered = entered;
    return was;
}

BIDE__BARRIER static int bide__barrier_run_in(struct context *self, bide_callback *fn,
                                              bide_value arg)
{
    bide__bindings **before = bide__context_enter(&self->bindings);
    self->entered = true;
    int status = fn(arg);
    self->entered = false;
    bide__context_enter(before);
    return status;
}

int bide_context_run(bide_value context, bide_callback *fn, bide_value arg)
{
    struct context *self = bide_failed(arg) ? NULL : bide__checked(context, &context_type);
    if (!self) {
        bide_drop(arg);
        return bide__propagate();
    }
    if (self->entered || !fn) {
        bide_drop(arg);
        if (!fn)
            return bide__raise_no_function();
        return bide_raise(BIDE_RuntimeError, "cannot enter context: it is already entered");
    }
    bide_value keep = bide_ref(context);
    int status = bide__barrier_run_in(self, fn, arg);
    bide_drop(keep);
    bide_drop(arg);
    return status;
}

bide_value bide_context_get(bide_value context, bide_value var)
{
    bide__bindings **slot = bide__context_slot(context);
    return slot ? lookup(*slot, var) : BIDE_FAILED;
}
