"""Runs the programs of loop_program.py in asyncio.

SPDX-License-Identifier: MIT"""
import asyncio
import asyncio.taskgroups
import contextlib
import contextvars
import functools
import gc
import heapq
import itertools
import re
import sys
import types
import warnings
import weakref

import program
from loop_program import EMPTY, ONE_OF_EACH, Renderer


def ex(error):
    """As program.ex; groups with their members, and without what names objects and addresses."""
    text = program.plain(error)
    if isinstance(error, BaseExceptionGroup):
        members = ", ".join(ex(member) for member in error.exceptions)
        return f"{type(error).__name__}({error.message})[{members}]"
    text = re.sub(r"<TaskGroup[^>]*>", "<TaskGroup>", text)
    text = re.sub(r"<Token .*> (was|has) ", r"<Token> \1 ", text)
    text = re.sub(r"context: <_contextvars.Context[^>]*>", "context: it", text)
    return text.split(": <Task ")[0] + program.cause(error, ex)


def name(future):
    return future.get_name() if isinstance(future, asyncio.Task) else "-"


def text(v):
    if isinstance(v, list):
        return "[" + ", ".join(map(text, v)) + "]"
    return ex(v) if isinstance(v, BaseException) else str(v)


def state(future):
    if not future.done():
        return "pending"
    if future.cancelled():
        return "cancelled"
    error = future.exception()
    return "exception " + ex(error) if error else "result " + text(future.result())


class OrderedSet(dict):
    """A set that is iterated in the order of insertion, where asyncio's own order is by address."""

    def __init__(self, items=()):
        super().__init__(dict.fromkeys(items))

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)

    def remove(self, item):
        del self[item]

    def __iter__(self):
        return iter(list(self.keys()))


class Living:
    """A weak set of async generators that is iterated in the order of insertion."""

    def __init__(self):
        self.items = {}

    def __len__(self):
        return len(self.items)  # also the dead

    def __iter__(self):
        """Those that are not finished: nothing is to be done about the others."""
        agens = [ref() for ref in self.items.values()]
        return iter([agen for agen in agens if agen is not None and agen.ag_frame])

    def add(self, item):
        self.discard(item)  # another one, dead, had its place
        self.items[id(item)] = weakref.ref(item)

    def discard(self, item):
        self.items.pop(id(item), None)

    def clear(self):
        self.items.clear()


class Timer(asyncio.TimerHandle):
    """Timers with equal deadlines expire in the order of their creation."""

    numbers = itertools.count()

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.number = next(self.numbers)

    def __lt__(self, other):
        return (self._when, self.number) < (other._when, other.number)


class Deadlock(Exception):
    pass


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time starts at 0 and jumps to the next deadline when nothing is ready."""

    def __init__(self):
        self.at = 0
        self.tasks = []
        self.left = False
        super().__init__()
        self._asyncgens = Living()
        self._selector.select = self.select

    def select(self, timeout):
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self.at = self._scheduled[0]._when
        return []

    def shutdown_asyncgens(self):
        """Called when all tasks are cancelled. What happens after that depends on how many iterations
        the loop's end takes, which is nobody's business."""
        self.left |= bool(self._ready) or any(not task.done() for task in self.tasks)
        return super().shutdown_asyncgens()

    def close(self):
        self.left |= any(not task.done() for task in self.tasks)
        super().close()

    def time(self):
        return self.at

    def call_at(self, when, callback, *arguments, context=None):
        timer = Timer(when, callback, arguments, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def create_task(self, coro, *, name=None, context=None, eager=False):
        if name is None:
            name = f"T{sum(task.get_name()[0] == 'T' for task in self.tasks)}"
        task = asyncio.Task.__new__(asyncio.Task)
        self.tasks.append(task)  # before those that an eager one makes in its first step
        task.__init__(coro, loop=self, name=name, context=context, eager_start=eager)
        return task


def all_tasks(loop):
    return [task for task in loop.tasks if not task.done()]


def environment(trace):
    """The names that a rendered program uses, beside those of program.environment."""
    kept, loops, counter, tokens = [], [], itertools.count(1), {}
    s = types.SimpleNamespace()

    def stamp():
        loop = asyncio._get_running_loop()
        if loop is None:
            return ""
        task = asyncio.current_task(loop)
        return f"[{loop.time():g}] {task.get_name() if task else '-'} "

    base = program.environment(trace, stamp)
    show = base["show"]

    def failed(n, error):
        show(n, "!!", ex(error))

    def keep(future):
        kept.append(future)
        return future

    def make(name):
        setattr(s, name, keep(asyncio.get_running_loop().create_future()))

    def spawn(where, slot, function, context=None):
        name = f"{function.__name__}.{next(counter)}"
        where = asyncio.get_running_loop() if where is s else where
        setattr(s, slot, keep(where.create_task(function(), name=name, context=context)))

    def eager(slot, function):
        name = f"{function.__name__}.{next(counter)}"
        task = asyncio.get_running_loop().create_task(function(), name=name, eager=True)
        setattr(s, slot, keep(task))

    def later(n, delay, call):
        def called():
            show(n, "called", text(call()))

        loop = asyncio.get_running_loop()
        return loop.call_later(delay, called) if delay else loop.call_soon(called)

    @functools.cache
    def ended(n):
        return lambda future: show(f"d{n}", "ended", state(future))

    def put(name, v):
        setattr(s, name, v)

    def var_set(name, v):
        tokens[name] = getattr(s, name).set(v)

    def var_reset(name, token):
        if token in tokens:
            getattr(s, name).reset(tokens[token])

    def names():
        return [task.get_name() for task in all_tasks(asyncio.get_running_loop())]

    def completed(items, timeout):
        if sum(isinstance(item, asyncio.Future) and item.done() for item in set(items)) > 1:
            trace.append(program.NOT_COMPARABLE)  # which of them comes first
        return asyncio.as_completed(items, timeout=timeout)

    def when(delay):
        return None if delay is None else asyncio.get_running_loop().time() + delay

    async def waited(futures, return_when, timeout):
        done, pending = await asyncio.wait(futures, timeout=timeout, return_when=return_when)
        return "".join("D" if f in done else "P" if f in pending else "?" for f in futures)

    def report(loop, context):
        message, error = context["message"], context.get("exception")
        if "never retrieved" in message:
            return  # when it goes is a matter of chance: see execute
        if message.startswith("Exception in callback"):
            message = "Exception in callback"
        if "has errored out but" in message:
            message = "Task has errored out"
        if message.startswith("an error occurred during closing of async"):
            message = "an error occurred during closing of asynchronous generator"
        trace.append(f"[loop] {message} | {ex(error) if error else '-'}")

    async def start(main):
        """Makes the things, then runs main."""
        for name in [f"{letter}{i}" for letter, count in EMPTY.items() for i in range(count)]:
            setattr(s, name, None)
        for i in range(ONE_OF_EACH["u"]):
            make(f"u{i}")
        s.l0, s.l1, s.e0, s.e1 = asyncio.Lock(), asyncio.Lock(), asyncio.Event(), asyncio.Event()
        s.c0, s.c1 = asyncio.Condition(), asyncio.Condition(s.l1)
        s.s0, s.s1, s.s2 = asyncio.Semaphore(1), asyncio.BoundedSemaphore(2), asyncio.Semaphore(0)
        s.q0, s.q1 = asyncio.Queue(1), asyncio.Queue()
        s.q2, s.q3 = asyncio.PriorityQueue(2), asyncio.LifoQueue(1)
        s.b0, s.b1 = asyncio.Barrier(2), asyncio.Barrier(3)
        s.v0 = contextvars.ContextVar("v0", default=7)
        s.v1 = contextvars.ContextVar("v1", default=7)
        return await main()

    def factory():
        loops.append(VirtualLoop())
        loops[0].set_exception_handler(report)
        return loops[0]

    def execute(main):
        """asyncio.run, and what is left of everything after it. Deadlock if its end never comes."""
        with asyncio.Runner(loop_factory=factory) as runner:
            try:
                outcome = "-> " + text(runner.run(start(main)))
            except Deadlock:
                outcome = "!! deadlock"
            except BaseException as e:
                outcome = "!! " + ex(e)
        if loops[0].left:
            raise Deadlock
        trace.append("run " + outcome)
        for f in kept:
            how = "pending" if not f.done() else "cancelled" if f.cancelled() else "finished"
            trace.append(f"{name(f)} {how}")
        for thing in [f"{letter}{i}" for letter in "lcs" for i in range(ONE_OF_EACH[letter])]:
            trace.append(f"{thing} {getattr(s, thing).locked()}")
        for thing in ("e0", "e1"):
            trace.append(f"{thing} {getattr(s, thing).is_set()}")
        for i in range(ONE_OF_EACH["q"]):
            trace.append(f"q{i} {getattr(s, f'q{i}').qsize()}")
        for thing in ("b0", "b1"):
            trace.append(f"{thing} {getattr(s, thing).n_waiting} {getattr(s, thing).broken}")
        unseen = []
        for f in dict.fromkeys(loops[0].tasks + kept):
            if f._log_traceback:
                f._log_traceback = False
                kind = {"_asyncio.Task": "Task", "_asyncio.Future": "Future"}
                what = kind.get(f"{type(f).__module__}.{type(f).__name__}", type(f).__name__)
                unseen.append(f"[loop] {what} exception was never retrieved | {ex(f._exception)}")
        trace.extend(sorted(unseen))

    own = dict(asyncio=asyncio, contextvars=contextvars, CancelledError=asyncio.CancelledError)
    own |= dict(s=s, text=text, state=state, name=name)
    for f in (failed, keep, make, spawn, eager, later, ended, when, waited, execute, put, var_set, var_reset):
        own[f.__name__] = f
    for f in (names, completed):
        own[f.__name__] = f
    return base | own


# Of cancelling in a circle; and of a task that has awaited itself: CPython takes it to be awaited.
CPYTHONS = ("RecursionError", "await wasn't used with future", program.NOT_COMPARABLE)


def run(source):
    """The trace that Python gives of a program; None if it shows what only CPython does."""
    trace = []
    gc.disable()
    asyncio.tasks.set = asyncio.taskgroups.set = OrderedSet
    asyncio.tasks.all_tasks = all_tasks
    names = environment(trace)
    rendered = program.render(program.parse(source), Renderer())
    try:
        exec(compile(rendered, "program", "exec"), names)
    except SyntaxError:  # more than 20 blocks in each other
        return None
    sys.unraisablehook = lambda u: trace.append("unraisable " + ex(u.exc_value))
    with warnings.catch_warnings(action="ignore"):
        try:
            names["execute"](names["amain"])
        except (Deadlock, RecursionError):  # tasks that wait for each other are cancelled in a circle
            return None
        finally:
            sys.unraisablehook = lambda u: None  # what such a program leaves behind
            names.clear()
            gc.collect()
    return None if len(trace) > 1000 or any(mark in "\n".join(trace) for mark in CPYTHONS) else trace
