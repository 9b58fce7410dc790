"""The little language of the random programs, and what Python makes of one.

A program is lines: functions of three kinds (gen, coro, agen) and main, each a block of
statements that ends with `end`. Objects are shared through numbered slots, so that they meet in
every state: a coroutine awaited twice, a generator closed by what it runs. run.c executes the
same text with Bide. Every line of a trace starts with the number of the program's line.

    print                       yield V      suspend V    await E      from E
    set SLOT E                  del SLOT     return [V]   raise T V    reraise
    next SLOT    send SLOT V    throw SLOT T V            close SLOT
    loop N       for E          afor E       aforc E      with MODE    cm F
    break        continue       defer        try          except T     finally

E is `new F`, `slot S`, `int N`, `list N`, `aw N` (awaitable, over a list), `anext S`, `anextor S V`,
`asend S V`, `athrow S T V`, `aclose S` or `awaiter S`; V is a number or none. aforc is an async for
that closes, MODE is what the manager's exit does (pass, swallow or raise), and cm makes a manager of
an async generator.

SPDX-License-Identifier: MIT"""
import contextlib
import gc
import sys
import types
import warnings

SLOTS = 11
KINDS = {"gen": "def", "coro": "async def", "agen": "async def", "main": "def", "amain": "async def"}
OPENS = {"gen", "coro", "agen", "main", "loop", "for", "afor", "aforc", "with", "cm", "defer", "try"}
OPENS |= {"amain", "timeout", "group", "hold", "stack", "results", "futures"}  # loop_program.py


class Node:
    """A statement: its words, its line, and for a block the statements of each part."""

    def __init__(self, words, line=0):
        self.words, self.line = words, line
        self.parts = [[]] if words[0] in OPENS else []
        self.heads = []  # of a try: the words of `except T` and `finally`

    def text(self, depth=0):
        pad = "  " * depth
        lines = [pad + " ".join(self.words)]
        for i, part in enumerate(self.parts):
            if i:
                lines.append(pad + " ".join(self.heads[i - 1]))
            for child in part:
                lines += child.text(depth + 1)
        return lines + ([pad + "end"] if self.parts else [])


def parse(text):
    """The functions and main of a program."""
    top, open_nodes = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words[0] == "end":
            open_nodes.pop()
        elif words[0] in ("except", "finally"):
            open_nodes[-1].heads.append(words)
            open_nodes[-1].parts.append([])
        else:
            node = Node(words, number)
            (open_nodes[-1].parts[-1] if open_nodes else top).append(node)
            if node.parts:
                open_nodes.append(node)
    return top


def unparse(top):
    return "\n".join(line for node in top for line in node.text()) + "\n"


# --- as Python -----------------------------------------------------------------------------------


def value(word):
    return "None" if word == "none" else word


def expression(words):
    kind, *rest = words
    if kind == "new":
        return f"{rest[0]}()"
    if kind == "slot":
        return f"slots[{rest[0]}]"
    if kind == "int":
        return rest[0]
    if kind == "thing":  # loop_program.py
        return f"s.{rest[0]}"
    if kind == "list":
        return f"list(range({rest[0]}))"
    if kind == "aw":
        return f"Aw({rest[0]})"
    if kind == "anextor":
        return f"anext_or({rest[0]}, {value(rest[1])})"
    names = {"anext": "__anext__", "awaiter": "__await__"}
    arguments = ", ".join(
        [f"{rest[1]}({rest[2]})"] if kind == "athrow" else [value(word) for word in rest[1:]]
    )
    return f"call({rest[0]}, {names.get(kind, kind)!r}, {arguments})"


def indent(lines):
    return ["    " + line for line in lines]


class Renderer:
    """Writes statements as Python."""

    def statement(self, node):
        return self.compound(node) if node.parts else self.simple(node)

    def simple(self, node):
        """The Python lines of a statement that is not a block."""
        op, *rest = node.words
        n = node.line
        if op == "print":
            return [f"show({n})"]
        if op in ("yield", "suspend", "await", "from"):
            if op == "yield":
                source = f"yield {value(rest[0])}"
            elif op == "suspend":
                source = f"await suspend({value(rest[0])})"
            else:
                source = ("yield from " if op == "from" else "await ") + expression(rest)
            return [f"x = {source}", f"show({n}, 'got', x)"]
        if op == "set":
            return [f"put({rest[0]}, {expression(rest[1:])})"]
        if op == "del":
            return [f"put({rest[0]}, None)"]
        if op == "return":
            return ["return" + "".join(" " + value(word) for word in rest)]
        if op == "raise":
            return [f"raise {rest[0]}({rest[1]})"]
        if op == "reraise":
            return ["raise"]
        if op in ("break", "continue"):
            return [op]
        argument = f", {rest[1]}({rest[2]})" if op == "throw" else "".join(", " + value(w) for w in rest[1:])
        return [f"step({n}, {op!r}, {rest[0]}{argument})"]

    def block(self, nodes):
        """The Python lines of statements; what follows a `defer` is under its try."""
        lines = []
        for i, node in enumerate(nodes):
            if node.words[0] == "defer":
                rest = indent(self.block(nodes[i + 1 :]))
                return lines + ["try:"] + rest + ["finally:"] + indent(self.block(node.parts[0]))
            lines += self.statement(node)
        return lines or ["pass"]

    def compound(self, node):
        op, *rest = node.words
        n = node.line
        if op == "try":
            lines = ["try:"] + indent(self.block(node.parts[0]))
            for head, part in zip(node.heads, node.parts[1:]):
                lines += [" ".join(head) + ":"] + indent(self.block(part))
            return lines
        if op == "loop":
            return [f"for _ in range({rest[0]}):"] + indent(self.block(node.parts[0]))
        if op == "with":
            return [f"async with Manager({n}, {rest[0]!r}):"] + indent(self.block(node.parts[0]))
        if op == "cm":
            entered = [f"show({n}, 'entered', x)"]
            head = f"async with contextlib.asynccontextmanager({rest[0]})() as x:"
            return [head] + indent(entered + self.block(node.parts[0]))
        body = indent([f"show({n}, 'item', x)"] + self.block(node.parts[0]))
        if op == "aforc":
            head = f"async with Closing({expression(rest)}) as it:"
            ending = ["finally:", "    it = None"]  # of the loop in Bide, the iterator goes with it
            return ["try:"] + indent([head] + indent(["async for x in it:"] + body)) + ending
        head = {"for": "for", "afor": "async for"}[op]
        return [f"{head} x in {expression(rest)}:"] + body


def render(top, renderer=Renderer()):
    """The Python source of a program."""
    lines = []
    for node in top:
        kind, *name = node.words
        if kind in ("main", "amain"):
            lines += [f"{KINDS[kind]} {kind}():"] + indent(renderer.block(node.parts[0]))
        else:
            ending = ["if False: yield"] if kind in ("gen", "agen") else []
            lines += [f"{KINDS[kind]} {name[0]}():"] + indent(ending + renderer.block(node.parts[0]))
    return "\n".join(lines) + "\n"


# --- running it in Python ------------------------------------------------------------------------


def ex(error):
    """The exception as text, with its causes."""
    return plain(error) + cause(error, ex)


def cause(error, ex):
    return " <- " + ex(error.__cause__) if error.__cause__ else ""


def plain(error):
    """The exception alone. Its tracebacks go, with all that the frames in them hold: in C, what a
    function held is gone when it has raised."""
    e = error
    while e is not None:
        e.__traceback__ = None
        e = e.__context__
    text = str(error)
    return type(error).__name__ + (": " + text if text else "")


@types.coroutine
def suspend(v):
    return (yield v)


class Aw:
    def __init__(self, n):
        self.n = n

    def __await__(self):
        return iter(list(range(self.n)))


NOT_COMPARABLE = "what follows is CPython's alone"


def held_back(v):
    """Whether an async generator would be: when an awaitable that is stepping it is dropped, CPython
    holds the generator for running ever after. Bide lets go of it."""
    name = type(v).__name__
    if not name.startswith("async_generator_") and name != "anext_awaitable":
        return False
    return any(getattr(r, "ag_running", False) or held_back(r) for r in gc.get_referents(v))


def environment(trace, stamp=str):
    """The names that a rendered program uses; its trace goes to the list `trace`, each line after
    what stamp() gives."""
    slots = [None] * SLOTS

    def show(*words):
        trace.append(stamp() + " ".join(str(word) for word in words))

    def call(slot, name, *arguments):
        target = slots[slot]
        return None if target is None else getattr(target, name)(*arguments)

    def anext_or(slot, v):
        return None if slots[slot] is None else anext(slots[slot], v)

    def put(slot, v):
        if held_back(slots[slot]):
            trace.append(NOT_COMPARABLE)
        slots[slot] = v

    def outcome(n, op, f, arguments):
        try:
            r = f(*arguments)
        except StopIteration as e:
            show(n, "=> return", e.value)
        except StopAsyncIteration:
            show(n, "=> StopAsyncIteration")
        except BaseException as e:
            show(n, "!!", ex(e))
        else:
            show(n, "closed") if op == "close" else show(n, "->", r)

    def step(n, op, slot, *arguments):
        if slots[slot] is None:
            show(n, "none")
        elif op == "next":
            outcome(n, op, next, (slots[slot],))
        else:
            outcome(n, op, getattr(slots[slot], op), arguments)

    class Closing:
        def __init__(self, v):
            self.v = v

        async def __aenter__(self):
            return self.v

        def aclose(self):
            v, self.v = self.v, None
            if v.ag_running:  # see held_back
                trace.append(NOT_COMPARABLE)
            return v.aclose()

        async def __aexit__(self, *error):
            if hasattr(self.v, "aclose"):
                await self.aclose()

    def unraisable(u):
        returned = type(u.exc_value) is StopAsyncIteration and not u.exc_value.args
        if returned and isinstance(u.object, types.AsyncGeneratorType):
            return  # a dropped async generator ended: no error
        frame = u.exc_traceback
        while frame is not None:
            if frame.tb_frame.f_code.co_filename != "program":  # it holds something past its end
                trace.append(NOT_COMPARABLE)
            frame = frame.tb_next
        trace.append("unraisable " + ex(u.exc_value))

    class Manager:
        def __init__(self, n, mode):
            self.n, self.mode = n, mode

        async def __aenter__(self):
            show(self.n, "entered", await suspend(self.n))

        async def __aexit__(self, kind, error, traceback):
            show(self.n, "exit", ex(error) if error else None)
            show(self.n, "left", await suspend(-self.n))
            if self.mode == "raise":
                raise OSError(self.n)
            return self.mode == "swallow"

    return {name: v for name, v in locals().items() if name not in ("trace", "stamp")} | {
        "contextlib": contextlib,
        "suspend": suspend,
        "Aw": Aw,
    }


def run(text):
    """The trace that Python gives of a program; None if it shows what only CPython does."""
    trace = []
    names = environment(trace)
    exec(compile(render(parse(text)), "program", "exec"), names)
    sys.unraisablehook = names["unraisable"]
    gc.disable()
    gc.freeze()  # only what the program makes is looked through below
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *rest: trace.append("warning " + str(message).split("\n")[0])
        names["main"]()
        while any(v is not None for v in names["slots"]):  # a cleanup may fill them again
            for i in range(SLOTS):
                names["put"](i, None)
        length = len(trace)
        gc.collect()
    sys.unraisablehook = sys.__unraisablehook__
    too_long = length > 1000 or any("RecursionError" in line for line in trace)
    in_a_cycle = len(trace) > length  # of a traceback, a frame and what that holds
    return None if too_long or in_a_cycle or NOT_COMPARABLE in trace else trace
