// exceptions.cpp - C++ exceptions on fibers: thrown and caught inside one, also around suspends and
// through resumes of others.
//
//     exceptions escape     one escapes its fiber, which ends the program as if it escaped main
//     exceptions handler    a handler suspends, which a program that is not optimised reports
//
// SPDX-License-Identifier: MIT
#include <bide/fiber.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

static std::string trace;

struct noted {
    const char *name;
    ~noted()
    {
        trace += std::string("~") + name + " ";
    }
};

[[gnu::noinline]] static void descend(int depth)
{
    noted here{"frame"};
    if (depth == 0) {
        bide_fiber_suspend();
        throw std::runtime_error("deep");
    }
    descend(depth - 1);
}

static void throw_and_catch(void *name)
{
    for (int i = 0; i < 2; i++) {
        try {
            descend(2);
        } catch (const std::runtime_error &e) {
            trace += std::string(static_cast<const char *>(name)) + ":" + e.what() + " ";
        }
    }
}

// Catches what is thrown here, while another fiber that this one resumes throws and catches too.
static void resume_and_throw(void *other)
{
    try {
        noted here{"outer"};
        bide_fiber_resume(static_cast<bide_fiber *>(other));
        bide_fiber_resume(static_cast<bide_fiber *>(other));
        throw 42;
    } catch (int number) {
        trace += std::to_string(number) + " ";
    }
}

static void escape(void *)
{
    throw std::logic_error("nobody catches this");
}

static void suspend_in_handler(void *)
{
    try {
        throw 42;
    } catch (int) {
        bide_fiber_suspend();
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        bool escapes = argv[1] == std::string("escape");
        bide_fiber_resume(bide_fiber_new(escapes ? escape : suspend_in_handler, nullptr, 0, "one"));
        return 0; // not reached
    }
    static char a[] = "a", b[] = "b";
    bide_fiber *first = bide_fiber_new(throw_and_catch, a, 0, a);
    bide_fiber *second = bide_fiber_new(throw_and_catch, b, 0, b);
    bide_fiber *third = bide_fiber_new(resume_and_throw, second, 0, "third");
    try {
        throw 1;
    } catch (int) { // who resumes may be in a handler
        bide_fiber_resume(first);
    }
    bide_fiber_resume(third);
    while (bide_fiber_resume(first) == BIDE_FIBER_SUSPENDED)
        continue;
    while (bide_fiber_resume(second) == BIDE_FIBER_SUSPENDED)
        continue;
    for (bide_fiber *fiber : {first, second, third})
        if (bide_fiber_free(fiber) != 0)
            return 1;
    std::puts(trace.c_str());
    return 0;
}
