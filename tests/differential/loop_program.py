"""What the random programs do in a running loop, beside what program.py describes.

`amain` is run by asyncio.run on a virtual clock; coroutines become its tasks. Things are named by
a letter and a digit, and are shared: tN tasks, uN futures, lN locks, eN events, cN conditions, sN
semaphores, qN queues, bN barriers, gN groups, kN timeouts. What a t, g or k holds is None at first;
a statement about None does nothing. F is a function, D seconds or `never`, M a message or nothing.

    sleep D       acquire X     evwait E       cwait C        cwaitfor C Q     bwait B
    put Q V       get Q         join Q         breset B       babort B         finish A
    waitfor D A   wait WHEN D N A...           spawn T F      eager T F        gspawn G T F
    release X     evset E       evclear E      notify C N     notifyall C      putnow Q V
    getnow Q      taskdone Q    shutdown Q N   cancel T [M]   uncancel T       setres U V
    setexc U T V  resched K D   newfut U       state T        cancelling T     ondone T
    later D STATEMENT           timeout K D    group G        hold X

A is `new F`, a task, a future, `shield A` or `gather 0|1 N A...`, where 1 returns exceptions; `me` is the
task that runs. `later` has the loop call one of the statements from `release` to `resched`.
Every line of a trace starts with the time and the name of the task; all failures are in it.

SPDX-License-Identifier: MIT"""
import asyncio
import asyncio.taskgroups
import gc
import heapq
import itertools
import re
import sys
import types
import warnings

import program
from program import indent, value

ONE_OF_EACH = {"u": 3, "l": 2, "e": 2, "c": 2, "s": 3, "q": 4, "b": 2}
EMPTY = {"t": 6, "g": 2, "k": 3}

SYNC = {
    "release": "s.{1}.release()",
    "evset": "s.{1}.set()",
    "evclear": "s.{1}.clear()",
    "notify": "s.{1}.notify({2})",
    "notifyall": "s.{1}.notify_all()",
    "putnow": "s.{1}.put_nowait({2})",
    "getnow": "s.{1}.get_nowait()",
    "taskdone": "s.{1}.task_done()",
    "shutdown": "s.{1}.shutdown({2} == 1)",
    "cancel": "s.{1}.cancel({2!r})",
    "uncancel": "s.{1}.uncancel()",
    "setres": "s.{1}.set_result({2})",
    "setexc": "s.{1}.set_exception({2}({3}))",
    "resched": "s.{1}.reschedule(when({2}))",
}
STATEMENTS = SYNC | {
    "sleep": "await asyncio.sleep({1})",
    "acquire": "await s.{1}.acquire() and None",
    "evwait": "await s.{1}.wait() and None",
    "cwait": "await s.{1}.wait() and None",
    "cwaitfor": "await s.{1}.wait_for(lambda: not s.{2}.empty()) and None",
    "bwait": "await s.{1}.wait()",
    "breset": "await s.{1}.reset()",
    "babort": "await s.{1}.abort()",
    "put": "await s.{1}.put({2})",
    "get": "await s.{1}.get()",
    "join": "await s.{1}.join()",
    "newfut": "make('{1}')",
    "state": "state(s.{1})",
    "cancelling": "s.{1}.cancelling()",
    "ondone": "s.{1}.add_done_callback(ended({n}))",
    "spawn": "spawn(s, '{1}', {2})",
    "eager": "eager('{1}', {2})",
    "gspawn": "spawn(s.{1}, '{2}', {3})",
}
TAKES_VALUE = {"put", "putnow", "setres"}
MANAGERS = {"timeout": "asyncio.timeout({2})", "group": "asyncio.TaskGroup()"}
NEVER_FAILS = {"spawn", "later", "state", "ondone", "cancel", "cancelling", "newfut"}
NOT_SHOWN = {"raise", "reraise", "return", "break", "continue", "try", "loop", "defer"}


def formatted(form, words, line):
    """The expression for a statement; what it lacks is None."""
    words = [*words, None, None]
    if words[0] in TAKES_VALUE:
        words[2] = value(words[2])
    words = ["None" if word == "never" else word for word in words]
    return form.format(*words, n=line).replace("s.me.", "asyncio.current_task().")


def awaitable(words):
    """The expression for the A that `words` start with, and the words after it."""
    kind, *rest = words
    if kind == "new":
        return f"{rest[0]}()", rest[1:]
    if kind == "shield":
        inner, rest = awaitable(rest)
        return f"keep(asyncio.shield({inner}))", rest
    if kind == "gather":
        items, after = several(rest[1:])
        return f"keep(asyncio.gather(*[{', '.join(items)}], return_exceptions={rest[0] == '1'}))", after
    return "asyncio.current_task()" if kind == "me" else f"s.{kind}", rest


def several(words):
    count, rest, items = int(words[0]), words[1:], []
    for _ in range(count):
        item, rest = awaitable(rest)
        items.append(item)
    return items, rest


class Renderer(program.Renderer):
    def statement(self, node):
        op = node.words[0]
        if op in NOT_SHOWN:
            return super().statement(node)
        lines = super().statement(node)
        given = node.words[2:] if op in ("spawn", "eager") else node.words[1:]
        if op == "gspawn" or op in MANAGERS:
            given = given[:1] if op == "gspawn" else []
        unset = [word for word in given if word[0] in EMPTY and word[1:].isdigit()]
        if unset:
            tests = " or ".join(f"s.{word} is None" for word in unset)
            lines = [f"if {tests}:", f"    show({node.line}, 'none')", "else:"] + indent(lines)
        ending = ["except BaseException as e:", f"    failed({node.line}, e)", "    raise"]
        return ["try:"] + indent(lines) + ending

    def simple(self, node):
        op, *rest = node.words
        n = node.line
        if op in STATEMENTS:
            source = formatted(STATEMENTS[op], node.words, n)
        elif op == "later":
            source = f"later({n}, {rest[0]}, lambda: {formatted(SYNC[rest[1]], rest[1:], n)})"
        elif op == "finish":
            source = f"await {awaitable(rest)[0]}"
        elif op == "waitfor":
            limit = rest[0] if rest[0] != "never" else "None"
            source = f"await asyncio.wait_for({awaitable(rest[1:])[0]}, {limit})"
        elif op == "wait":
            limit = rest[1] if rest[1] != "never" else "None"
            source = f"await waited([{', '.join(several(rest[2:])[0])}], {rest[0]!r}, {limit})"
        else:
            return super().simple(node)
        return [f"x = {source}", f"show({n}, 'got', text(x))"]

    def compound(self, node):
        op, *rest = node.words
        n = node.line
        if op == "hold":
            head = [f"async with s.{rest[0]}:"]
        elif op in MANAGERS:
            manager = formatted(MANAGERS[op], node.words, n)
            head = [f"s.{rest[0]} = m{n} = {manager}", f"async with m{n}:"]
        else:
            return super().compound(node)
        ending = [f"show({n}, 'left', m{n}.expired())" if op == "timeout" else f"show({n}, 'left')"]
        return head + indent([f"show({n}, 'entered')"] + self.block(node.parts[0])) + ending


# --- running it in Python ------------------------------------------------------------------------


def ex(error):
    """As program.ex; groups with their members, and without what names objects and addresses."""
    text = program.ex(error)
    if isinstance(error, BaseExceptionGroup):
        members = ", ".join(ex(member) for member in error.exceptions)
        return f"{type(error).__name__}({error.message})[{members}]"
    text = re.sub(r"<TaskGroup[^>]*>", "<TaskGroup>", text)
    return text.split(": <Task ")[0]


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
        super().__init__()
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
        self.left = bool(self._ready) or any(not task.done() for task in self.tasks)
        return super().shutdown_asyncgens()

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
        place = len(self.tasks)
        task = asyncio.Task(coro, loop=self, name=name, context=context, eager_start=eager)
        self.tasks.insert(place, task)
        return task


def all_tasks(loop):
    return [task for task in loop.tasks if not task.done()]


def environment(trace):
    """The names that a rendered program uses, beside those of program.environment."""
    kept, loops, counter = [], [], itertools.count(1)
    s = types.SimpleNamespace()

    def stamp():
        loop = asyncio._get_running_loop()
        if loop is None:
            return ""
        task = asyncio.current_task(loop)
        return f"[{loop.time():g}] {task.get_name() if task else '-'} "

    names = program.environment(trace, stamp)
    show = names["show"]

    def failed(n, error):
        show(n, "!!", ex(error))

    def keep(future):
        kept.append(future)
        return future

    def make(name):
        setattr(s, name, keep(asyncio.get_running_loop().create_future()))

    def spawn(where, slot, function):
        name = f"{function.__name__}.{next(counter)}"
        where = asyncio.get_running_loop() if where is s else where
        setattr(s, slot, keep(where.create_task(function(), name=name)))

    def eager(slot, function):
        name = f"{function.__name__}.{next(counter)}"
        task = asyncio.get_running_loop().create_task(function(), name=name, eager=True)
        setattr(s, slot, keep(task))

    def later(n, delay, call):
        def called():
            show(n, "called", text(call()))

        loop = asyncio.get_running_loop()
        loop.call_later(delay, called) if delay else loop.call_soon(called)

    def ended(n):
        return lambda future: show(n, "ended", state(future))

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
            trace.append(f"{f.get_name() if isinstance(f, asyncio.Task) else '-'} {how}")
        for name in [f"{letter}{i}" for letter in "lcs" for i in range(ONE_OF_EACH[letter])]:
            trace.append(f"{name} {getattr(s, name).locked()}")
        for name in ("e0", "e1"):
            trace.append(f"{name} {getattr(s, name).is_set()}")
        for i in range(ONE_OF_EACH["q"]):
            trace.append(f"q{i} {getattr(s, f'q{i}').qsize()}")
        for name in ("b0", "b1"):
            trace.append(f"{name} {getattr(s, name).n_waiting} {getattr(s, name).broken}")
        unseen = []
        for f in dict.fromkeys(loops[0].tasks + kept):
            if f._log_traceback:
                f._log_traceback = False
                kind = {"_asyncio.Task": "Task", "_asyncio.Future": "Future"}
                name = kind.get(f"{type(f).__module__}.{type(f).__name__}", type(f).__name__)
                unseen.append(f"[loop] {name} exception was never retrieved | {ex(f._exception)}")
        trace.extend(sorted(unseen))

    own = dict(asyncio=asyncio, CancelledError=asyncio.CancelledError, s=s, text=text, state=state)
    for f in (failed, keep, make, spawn, eager, later, ended, when, waited, execute):
        own[f.__name__] = f
    return names | own


# Of cancelling in a circle; and of a task that has awaited itself: CPython takes it to be awaited.
CPYTHONS = ("RecursionError", "await wasn't used with future")


def run(source):
    """The trace that Python gives of a program; None if it shows what only CPython does."""
    trace = []
    gc.disable()
    asyncio.tasks.set = asyncio.taskgroups.set = OrderedSet
    asyncio.tasks.all_tasks = all_tasks
    names = environment(trace)
    rendered = program.render(program.parse(source), Renderer())
    exec(compile(rendered, "program", "exec"), names)
    sys.unraisablehook = lambda u: trace.append("unraisable " + ex(u.exc_value))
    try:
        with warnings.catch_warnings(action="ignore"):
            names["execute"](names["amain"])
    except (Deadlock, RecursionError):  # tasks that wait for each other are cancelled in a circle
        return None
    finally:
        sys.unraisablehook = lambda u: None  # what such a program leaves behind
        names.clear()
        gc.collect()
    return None if len(trace) > 1000 or any(mark in "\n".join(trace) for mark in CPYTHONS) else trace
