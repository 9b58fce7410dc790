/* error_group.c - groups of exceptions.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/complain.h"
#include "object/error.h"
#include "object/list.h"

BIDE__PART(groups);

const bide_error_type bide__ExceptionGroup = {"ExceptionGroup", BIDE_BaseExceptionGroup};

/* "(message)[first, second]" */
static void add_members(const bide__exception *e, bide__sink *add, void *to)
{
    add(to, "(");
    add(to, bide_cstr(e->message));
    add(to, ")[");
    for (size_t i = 0; i < bide_size(e->members); i++) {
        add(to, i ? ", " : "");
        bide__error_add_text(bide__exception_of(bide_item(e->members, i)), add, to);
    }
    add(to, "]");
}

/* Raises what ExceptionGroup() does of members that are none. */
static int check_members(bide_value members)
{
    char digits[BIDE__DIGITS];
    if (bide_failed(members))
        return bide__propagate();
    if (members.kind != BIDE_KIND_LIST && members.kind != BIDE_KIND_TUPLE)
        return bide__raise(BIDE_TypeError, "second argument (exceptions) must be a sequence");
    if (bide_size(members) == 0)
        return bide__raise(BIDE_ValueError,
                           "second argument (exceptions) must be a non-empty sequence");
    for (size_t i = 0; i < bide_size(members); i++)
        if (!bide__exception_of(bide_item(members, i)))
            return bide__raise(BIDE_ValueError,
                               "Item %s of second argument (exceptions) is not an exception",
                               bide__decimal(digits, i));
    return 0;
}

bide_value bide_error_group(const char *message, bide_value members)
{
    bide__exception *e = NULL;
    bide_value own = BIDE_FAILED;
    if (check_members(members) == 0)
        own = bide__tuple_copy(members);
    if (!bide_failed(own))
        e = bide__error_make(BIDE_ExceptionGroup, bide_str(message));
    bide_drop(members);
    if (!e) {
        bide_drop(own);
        return BIDE_FAILED;
    }
    for (size_t i = 0; i < bide_size(own); i++)
        if (!bide_is_error(bide_item(own, i), BIDE_Exception))
            e->type = BIDE_BaseExceptionGroup;
    e->members = own;
    e->add_members = add_members;
    return bide_object_value(e);
}
