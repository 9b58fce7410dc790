"""What the random programs do in a running loop, beside what program.py describes.

`amain` is run by asyncio.run on a virtual clock; coroutines become its tasks. Things are named by
a letter and a digit, and are shared: tN tasks, uN futures, lN locks, eN events, cN conditions, sN
semaphores, qN queues, bN barriers, vN context variables; and, None at first, gN groups, kN timeouts,
aN async generators, oN coroutines, hN handles, xN contexts, zN exit stacks. A statement about None
does nothing. F is a function, D seconds or `never`, M a message or nothing.

    sleep D       acquire X     evwait E       cwait C        cwaitfor C Q     bwait B
    put Q V       get Q         join Q         breset B       babort B         finish A
    waitfor D A   wait WHEN D N A...           spawn T F      eager T F        gspawn G T F
    release X     evset E       evclear E      notify C N     notifyall C      putnow Q V
    getnow Q      taskdone Q    shutdown Q N   cancel T [M]   uncancel T       setres U V
    setexc U T V  resched K D   result T       exc T          hcancel H        hcancelled H
    varget V      varset V N    varreset V V   ctxget X V     undone T N       ctxrun X STATEMENT
    newfut U      state T       cancelling T   ondone T N     ondo T STATEMENT
    later D STATEMENT           after H D STATEMENT           names            suspend V
    make O|A F    drop A        ctxcopy X      ctxspawn X T F zenter Z X       zpush Z X
    zcall Z F     zpop Z Z      zclose Z
    timeout K D   group G       hold X         stack Z        results D N A... futures D N A...

A is `new F`, a task, a future, a coroutine, `shield A`, `gather 0|1 N A...`, where 1 returns exceptions,
or what an async generator gives: `anext A`, `anextor A V`, `asend A V`, `athrow A T V`, `aclose A`;
`me` is the task that runs. `later` and its kin have the loop call one of the statements from `release`
to `ctxrun`; `varreset V W` takes the token that was left by setting W. `results` and `futures` loop
over as_completed, without async and with; `thing A` is what afor and aforc may loop over.
Every line of a trace starts with the time and the name of the task; all failures are in it.

SPDX-License-Identifier: MIT"""
import program
from program import indent, value

ONE_OF_EACH = {"u": 3, "l": 2, "e": 2, "c": 2, "s": 3, "q": 4, "b": 2, "v": 2}
EMPTY = {"t": 6, "g": 2, "k": 3, "a": 2, "o": 2, "h": 2, "x": 2, "z": 2}

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
    "result": "s.{1}.result()",
    "exc": "s.{1}.exception()",
    "hcancel": "s.{1}.cancel()",
    "hcancelled": "s.{1}.cancelled()",
    "varget": "s.{1}.get()",
    "varset": "var_set('{1}', {2})",
    "varreset": "var_reset('{1}', '{2}')",
    "ctxget": "s.{1}.get(s.{2}, 7)",
    "undone": "s.{1}.remove_done_callback(ended({2}))",
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
    "ondone": "s.{1}.add_done_callback(ended({2}))",
    "spawn": "spawn(s, '{1}', {2})",
    "eager": "eager('{1}', {2})",
    "gspawn": "spawn(s.{1}, '{2}', {3})",
    "ctxspawn": "spawn(s, '{2}', {3}, s.{1})",
    "make": "put('{1}', {2}())",
    "drop": "put('{1}', None)",
    "ctxcopy": "put('{1}', contextvars.copy_context())",
    "names": "names()",
    "zenter": "await s.{1}.enter_async_context(s.{2})",
    "zpush": "s.{1}.push_async_exit(s.{2}) and None",
    "zcall": "s.{1}.push_async_callback({2}) and None",
    "zpop": "put('{1}', s.{2}.pop_all())",
    "zclose": "await s.{1}.aclose()",
}
# What has one of the calls that SYNC has in it: with so many words before it.
CALLING = {"later": 2, "after": 3, "ondo": 2, "ctxrun": 2}
# What names a thing that it sets before anything else, and what sets one after that.
SETTING = {"spawn", "eager", "make", "drop", "ctxcopy", "after", "zpop"}
PLACING = {"gspawn", "ctxspawn"}
TAKES_VALUE = {"put", "putnow", "setres"}
MANAGERS = {"timeout": "asyncio.timeout({2})", "group": "asyncio.TaskGroup()", "stack": "contextlib.AsyncExitStack()"}
NEVER_FAILS = {"spawn", "later", "state", "ondone", "cancel", "cancelling", "newfut", "names", "make"}
NOT_SHOWN = {"raise", "reraise", "return", "break", "continue", "try", "loop", "defer"}


def called(words, line):
    """The expression for a call, which may be in a context."""
    if words[0] == "ctxrun":
        return f"s.{words[1]}.run(lambda: {called(words[2:], line)})"
    return formatted(SYNC[words[0]], words, line)


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
    if kind == "anextor":
        return f"anext(s.{rest[0]}, {value(rest[1])})", rest[2:]
    if kind == "athrow":
        return f"s.{rest[0]}.athrow({rest[1]}({rest[2]}))", rest[3:]
    if kind == "asend":
        return f"s.{rest[0]}.asend({value(rest[1])})", rest[2:]
    if kind in ("anext", "aclose"):
        return f"s.{rest[0]}.{'__anext__' if kind == 'anext' else kind}()", rest[1:]
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
        given = node.words[2:] if op in SETTING else node.words[1:]
        if op in PLACING or op in MANAGERS:
            given = given[:1] if op in PLACING else []
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
        elif op in CALLING:
            call = called(node.words[CALLING[op] :], n)
            source = {
                "later": f"later({n}, {rest[0]}, lambda: {call}) and None",
                "after": f"put('{rest[0]}', later({n}, {rest[1]}, lambda: {call}))",
                "ondo": f"s.{rest[0]}.add_done_callback(lambda f: show({n}, 'called', text({call})))",
                "ctxrun": f"s.{rest[0]}.run(lambda: {call})",
            }[op].replace("s.me.", "asyncio.current_task().")
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
        if op in ("results", "futures"):
            things = f"completed([{', '.join(several(rest[1:])[0])}], {rest[0].replace('never', 'None')})"
            if op == "futures":
                head, taken = f"async for f in {things}:", [f"show({n}, 'item', name(f), state(f))"]
            else:
                failing = ["except Exception as e:", f"    failed({n}, e)", "else:", f"    show({n}, 'item', text(x))"]
                head, taken = f"for it in {things}:", ["try:", "    x = await it"] + failing
            return [head] + indent(taken + self.block(node.parts[0]))
        if op == "hold":
            head = [f"async with s.{rest[0]}:"]
        elif op in MANAGERS:
            manager = formatted(MANAGERS[op], node.words, n)
            head = [f"s.{rest[0]} = m{n} = {manager}", f"async with m{n}:"]
        else:
            return super().compound(node)
        ending = [f"show({n}, 'left', m{n}.expired())" if op == "timeout" else f"show({n}, 'left')"]
        return head + indent([f"show({n}, 'entered')"] + self.block(node.parts[0])) + ending
