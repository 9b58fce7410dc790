"""Random programs for the loop (loop_program.py), one per seed. Any Python 3 gives the same programs.

    loop_generate.py SEED...             a line of JSON each: seed, program
    loop_generate.py --program SEED      the program alone
    loop_generate.py --python SEED       the same as Python source

SPDX-License-Identifier: MIT"""
import sys

import generate
import loop_program
import program
from program import Node

ERRORS = ["ValueError", "ValueError", "RuntimeError", "OSError", "CancelledError", "StopIteration"]
CAUGHT = ["CancelledError", "CancelledError", "TimeoutError", "ValueError", "Exception", "BaseException"]
# What a program has besides, or not.
EXTRAS = ["agens", "coroutines", "contexts", "handles", "stacks", "completed", "futures"]
THINGS = ["l0", "l1", "e0", "e1", "c0", "c1", "s0", "s1", "s2", "q0", "q1", "q2", "q3", "b0", "b1"]
LEAVING = generate.LEAVING


class Author(generate.Author):
    """Writes one program, in which few things are shared by many tasks."""

    def program(self):
        r = self.random
        self.things = r.sample(THINGS, r.randint(1, 4))
        self.extras = r.sample(EXTRAS, r.choice([0, 1, 1, 1, 2, 2]))
        kinds = r.choices(["coro"] * 5 + ["agen"] * self.given("agens", 4, 1), k=r.randint(3, 6))
        kinds[0] = "coro"
        self.functions = [(kind, f"f{i}") for i, kind in enumerate(kinds)]
        top = []
        for i, (kind, name) in enumerate(self.functions):
            later = self.functions[i + 1 :]
            node = Node([kind, name])
            node.parts = [self.block(kind, later, depth=0, size=r.randint(1, 5))]
            top.append(node)
        main = Node(["amain"])
        first = [Node(self.start(self.functions).split()) for _ in range(r.randint(1, 4))]
        agens = [name for kind, name in self.functions if kind == "agen"]
        if "agens" in self.extras and agens:
            first += [Node(["make", f"a{i}", r.choice(agens)]) for i in range(2)]
        if "coroutines" in self.extras:
            first += [Node(["make", f"o{i}", self.coroutine(self.functions)]) for i in range(2)]
        if "contexts" in self.extras:
            first += [Node(["varset", "v0", "1"]), Node(["ctxcopy", "x0"]), Node(["varset", "v1", "2"])]
            first += [Node(["ctxcopy", "x1"])]
        rest = self.block("amain", self.functions, depth=0, size=r.randint(4, 14))
        main.parts = [first + rest]
        if r.random() < 0.8:  # time for the others
            main.parts[0].append(Node(["sleep", "20"]))
        return top + [main]

    def block(self, kind, later, depth, size, where=()):
        """Some failures stay where they are, so that there is something after them."""
        nodes = super().block(kind, later, depth, size, where)
        likely = 0.6 if kind == "amain" and depth == 0 else 0.15
        return [self.guarded(n) if self.random.random() < likely else n for n in nodes]

    def guarded(self, node):
        if node.words[0] in LEAVING | {"try", "defer"} or node.words[0] in loop_program.NEVER_FAILS:
            return node
        caught = self.pick((2, "Exception"), (1, "BaseException"))
        guard = Node(["try"])
        guard.parts, guard.heads = [[node], []], [["except", caught]]
        return guard

    def given(self, extra, weight, otherwise=0):
        return weight if extra in self.extras else otherwise

    # --- words ---

    def name(self, letters):
        """A thing of one of these kinds, mostly one that is in use."""
        used = [name for name in self.things if name[0] in letters]
        known = [name for name in THINGS if name[0] in letters]
        return self.random.choice(used if used and self.random.random() < 0.9 else known)

    def slot(self, letter):
        everyone = {**loop_program.EMPTY, **loop_program.ONE_OF_EACH}[letter]
        return f"{letter}{self.random.randrange(min(everyone, 4))}"

    def delay(self):
        return self.pick((2, "0"), (3, "1"), (3, "2"), (1, "3"), (1, "4"))

    def limit(self):
        return self.pick((1, "0"), (3, "1"), (3, "2"), (2, "3"), (1, "never"))

    def error(self):
        return f"{self.random.choice(ERRORS)} {self.random.randrange(10)}"

    def message(self):
        return self.pick((2, ""), (1, f" m{self.random.randrange(3)}"))

    def future(self):
        return self.pick((5, self.slot("t")), (2, self.slot("u")), (0.1, "me"))

    def coroutine(self, later):
        names = [name for kind, name in later if kind == "coro"]
        return self.random.choice(names) if names else None

    def awaitable(self, later, depth=0):
        function = self.coroutine(later)
        return self.pick(
            (4 if function else 0, f"new {function}"),
            (3, self.future()),
            (self.given("agens", 3), self.step()),
            (self.given("coroutines", 3) if depth == 0 else 0, self.slot("o")),
            (0 if depth > 1 else 0.7, "shield"),
            (0 if depth > 1 else 1, "gather"),
        )

    def awaited(self, later, depth=0):
        what = self.awaitable(later, depth)
        if what == "shield":
            return f"shield {self.awaited(later, depth + 1)}"
        if what == "gather":
            items = [self.awaited(later, depth + 1) for _ in range(self.random.randint(0 if depth else 1, 3))]
            return " ".join([f"gather {self.random.randrange(2)} {len(items)}", *items])
        return what

    def step(self):
        """What an async generator gives."""
        agen = self.slot("a")
        return self.pick(
            (5, f"anext {agen}"),
            (1, f"anextor {agen} {self.value()}"),
            (1, f"asend {agen} {self.value()}"),
            (1, f"athrow {agen} {self.error()}"),
            (2, f"aclose {agen}"),
        )

    # --- statements ---

    def call(self):
        """What a callback may do."""
        return self.pick(
            (1, f"release {self.name('lsc')}"),
            (1, f"evset {self.name('e')}"),
            (0.5, f"evclear {self.name('e')}"),
            (0.7, f"notify {self.name('c')} {self.random.randint(1, 2)}"),
            (0.5, f"notifyall {self.name('c')}"),
            (1, f"putnow {self.name('q')} {self.random.randrange(10)}"),
            (0.7, f"getnow {self.name('q')}"),
            (0.7, f"taskdone {self.name('q')}"),
            (0.1, f"shutdown {self.name('q')} {self.random.randrange(2)}"),
            (4, f"cancel {self.slot('t')}{self.message()}"),
            (0.5, f"cancel {self.slot('u')}{self.message()}"),
            (0.3, f"uncancel {self.slot('t')}"),
            (1, f"setres {self.slot('u')} {self.value()}"),
            (0.6, f"setexc {self.slot('u')} {self.error()}"),
            (0.1, f"setres {self.slot('t')} 1"),
            (0.6, f"resched {self.slot('k')} {self.limit()}"),
            (self.given("handles", 3), f"hcancel {self.slot('h')}"),
            (self.given("handles", 0.5), f"hcancelled {self.slot('h')}"),
            (self.given("futures", 2), f"result {self.slot(self.random.choice('tu'))}"),
            (self.given("futures", 1), f"exc {self.slot(self.random.choice('tu'))}"),
            (self.given("futures", 2), f"undone {self.slot(self.random.choice('tu'))} {self.random.randrange(2)}"),
            (self.given("contexts", 6), self.context()),
        )

    def context(self):
        """What a callback may do with context variables."""
        var = self.slot("v")
        return self.pick(
            (3, f"varget {var}"),
            (3, f"varset {var} {self.random.randrange(10)}"),
            (2, f"varreset {var} {self.pick((5, var), (1, self.slot('v')))}"),
            (1, f"ctxget {self.slot('x')} {var}"),
            (1, f"ctxrun {self.slot('x')} varset {var} {self.random.randrange(10)}"),
            (1, f"ctxrun {self.slot('x')} ctxrun {self.slot('x')} varreset {var} {var}"),
        )

    def extra(self, later):
        """What only some programs do."""
        function, agens = self.coroutine(later), [name for kind, name in later if kind == "agen"]
        made = self.given("coroutines", 3 if function else 0)
        return self.pick(
            (0.2, "names"),
            (made, f"make {self.slot('o')} {function}"),
            (made / 2, f"finish {self.slot('o')}"),
            (made / 4, f"suspend {self.pick((6, 'none'), (1, '3'))}"),
            (self.given("agens", 4 if agens else 0), f"make {self.slot('a')} {self.random.choice(agens or ['-'])}"),
            (self.given("agens", 5), f"finish {self.step()}"),
            (self.given("agens", 1), f"drop {self.slot('a')}"),
            (self.given("handles", 4), f"after {self.slot('h')} {self.delay()} {self.call()}"),
            (self.given("futures", 2), f"ondo {self.future()} {self.call()}"),
            (self.given("contexts", 1), f"ctxcopy {self.slot('x')}"),
            (self.given("contexts", 2), self.context()),
            (self.given("contexts", 1), f"later {self.delay()} {self.context()}"),
            (self.given("contexts", 1 if function else 0), f"ctxspawn {self.slot('x')} {self.slot('t')} {function}"),
            (self.given("stacks", 2), f"zenter {self.slot('z')} {self.name('lscb')}"),
            (self.given("stacks", 1), f"zpush {self.slot('z')} {self.name('lsc')}"),
            (self.given("stacks", 1 if function else 0), f"zcall {self.slot('z')} {function}"),
            (self.given("stacks", 0.5), f"zpop {self.slot('z')} {self.slot('z')}"),
            (self.given("stacks", 0.5), f"zclose {self.slot('z')}"),
        )

    def waiting(self):
        """What may take time and is done with one thing."""
        thing = self.random.choice(self.things) if self.random.random() < 0.9 else self.random.choice(THINGS)
        kind = thing[0]
        if kind == "l":
            return f"acquire {thing}"
        if kind == "e":
            return f"evwait {thing}"
        if kind == "c":
            return self.pick((3, f"cwait {thing}"), (1, f"cwaitfor {thing} {self.name('q')}"), (1, f"acquire {thing}"))
        if kind == "s":
            return f"acquire {thing}"
        if kind == "b":
            return self.pick((8, f"bwait {thing}"), (1, f"breset {thing}"), (0.5, f"babort {thing}"))
        put = f"put {thing} {self.random.randrange(10)}"
        return self.pick((3, put), (3, f"get {thing}"), (0.7, f"join {thing}"))

    def own(self):
        """What a task does about itself and others."""
        me = self.pick((3, "me"), (2, self.slot("t")))
        return self.pick(
            (1, f"cancel me{self.message()}"),
            (1, f"uncancel {me}"),
            (1, f"cancelling {me}"),
            (1, f"state {self.slot('t')}"),
            (0.5, f"newfut {self.slot('u')}"),
            (0.5, f"ondone {self.future()} {self.random.randrange(2)}"),
        )

    def start(self, later):
        slot, function = self.slot("t"), self.coroutine(later)
        return self.pick(
            (6, f"spawn {slot} {function}"),
            (0.7, f"eager {slot} {function}"),
            (2, f"gspawn {self.slot('g')} {slot} {function}"),
        )

    def several(self, later):
        items = [self.awaited(later, depth=1) for _ in range(self.random.randint(1, 3))]
        return " ".join([self.limit(), str(len(items)), *items])

    def wait(self, later):
        when = self.random.choice(["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"])
        items = [self.future() for _ in range(self.random.randint(1, 3))]
        return " ".join(["wait", when, self.limit(), str(len(items)), *items])

    def statement(self, kind, later, depth, where):
        main, nest = kind == "amain", 1 / (depth + 1)
        may_return = not main and not {"defer", "finally"} & set(where)
        may_yield = kind == "agen" and not {"timeout", "group"} & set(where)  # Bide lets nobody
        some = self.coroutine(later)
        agens = [name for k, name in later if k == "agen"]
        op = self.pick(
            (4, f"sleep {self.delay()}"),
            (1 if main else 4, self.waiting()),
            (2, self.call()),
            (2 if main else 1, f"later {self.delay()} {self.call()}"),
            (1.5, self.own()),
            ((8 if main else 3) if some else 0, self.start(later) if some else ""),
            (0.7 if main else 3, f"finish {self.awaited(later)}"),
            (2, f"waitfor {self.limit()} {self.awaited(later)}"),
            (1, self.wait(later)),
            (3 if may_yield else 0, f"yield {self.value()}"),
            (0.4 if may_return else 0, "return" if kind == "agen" else f"return {self.value()}"),
            (0.6 if not main else 0.1, f"raise {self.error()}"),
            (3 if "except" in where else 0, "reraise"),
            (0.7 if "loop" in where[-1:] else 0, self.random.choice(["break", "continue"])),
            (0.4 * nest, "loop"),
            (2 * nest, "try"),
            (1.5 * nest, "timeout"),
            ((3 if main else 1.5) * nest if some else 0, "group"),
            (2 * nest, "hold"),
            (nest if agens else 0, f"aforc new {self.random.choice(agens or ['-'])}"),
            (6 if self.extras else 0, self.extra(later)),
            (self.given("agens", 2 * nest if agens else 0), f"afor new {self.random.choice(agens or ['-'])}"),
            (self.given("agens", 3 * nest), f"{self.random.choice(['afor', 'aforc'])} thing {self.slot('a')}"),
            (self.given("agens", 2 * nest if agens else 0), f"cm {self.random.choice(agens or ['-'])}"),
            (self.given("stacks", 4 * nest), "stack"),
            (self.given("completed", 4 * nest), "results"),
            (self.given("completed", 4 * nest), "futures"),
            (0.2 if not main and depth == 0 else 0, "defer"),
        )
        op = {
            "timeout": f"timeout {self.slot('k')} {self.limit()}",
            "group": f"group {self.slot('g')}",
            "hold": f"hold {self.name('lscb')}",
            "loop": f"loop {self.random.randint(2, 3)}",
            "stack": f"stack {self.slot('z')}",
            "results": f"results {self.several(later)}",
            "futures": f"futures {self.several(later)}",
        }.get(op, op)
        if op.split()[0] not in program.OPENS:
            return Node(op.split())
        return self.compound(Node(op.split()), kind, later, depth, where)

    def compound(self, node, kind, later, depth, where):
        r, op = self.random, node.words[0]
        mark = "loop" if op in ("aforc", "afor", "results", "futures") else op
        node.parts = [self.block(kind, later, depth + 1, r.randint(1, 4), where + (mark,))]
        if op == "stack":
            for _ in range(r.randint(0, 2)):
                node.parts[0].insert(0, Node(f"zenter {node.words[1]} {self.name('lsc')}".split()))
        if op == "group":  # what it is for
            for _ in range(r.randint(0, 2)):
                start = f"gspawn {node.words[1]} {self.slot('t')} {self.coroutine(later)}"
                node.parts[0].insert(0, Node(start.split()))
        if op == "try":
            for head in self.clauses():
                node.heads.append(head)
                inner = where + (head[0],)
                node.parts.append(self.block(kind, later, depth + 1, r.randint(0, 2), inner))
        return node

    def clauses(self):
        heads = self.pick((3, ["except"]), (1, ["finally"]), (1, ["except", "finally"]))
        return [[h, self.random.choice(CAUGHT)] if h == "except" else [h] for h in heads]


def text_of(seed):
    return program.unparse(Author(seed).program())


if __name__ == "__main__":
    generate.main(sys.argv[1:], text_of, lambda top: program.render(top, loop_program.Renderer()))
