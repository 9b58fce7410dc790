"""Random programs, one per seed. Any Python 3 gives the same programs.

    generate.py SEED...             a line of JSON each: seed, program
    generate.py --program SEED      the program alone
    generate.py --python SEED       the same as Python source

SPDX-License-Identifier: MIT"""
import json
import random
import sys

import program
from program import Node

GENS, COROS, AGENS, AWAITABLES = range(0, 3), range(3, 6), range(6, 8), range(8, 11)
SLOTS_OF = {"gen": GENS, "coro": COROS, "agen": AGENS}
ERRORS = ["ValueError", "ValueError", "ValueError", "RuntimeError", "OSError", "GeneratorExit"]
ERRORS += ["StopIteration", "StopAsyncIteration"]
LEAVING = {"return", "raise", "reraise", "break", "continue"}
CAUGHT = ["ValueError", "ValueError", "RuntimeError", "Exception", "BaseException", "GeneratorExit"]

class Author:
    """Writes one program."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.functions = []  # (kind, name), of which a body makes only later ones: no recursion
        self.filled = set()  # the slots that main has put something into

    def pick(self, *choices):
        """One of (weight, what) pairs."""
        weights, what = zip(*choices)
        return self.random.choices(what, weights)[0]

    def value(self):
        return self.pick((1, "none"), (3, str(self.random.randrange(10))))

    def error(self):
        return f"{self.random.choice(ERRORS)} {self.random.randrange(10)}"

    def program(self):
        r = self.random
        kinds = ["gen", "coro", "agen"] + r.choices(["gen", "coro", "coro", "agen"], k=r.randrange(4))
        r.shuffle(kinds)
        self.functions = [(kind, f"f{i}") for i, kind in enumerate(kinds)]
        main = Node(["main"])
        main.parts = [self.block("main", self.functions, depth=0, size=r.randint(10, 24))]
        top = []
        for i, (kind, name) in enumerate(self.functions):
            node = Node([kind, name])
            node.parts = [self.block(kind, self.functions[i + 1 :], depth=0, size=r.randint(2, 6))]
            top.append(node)
        return top + [main]

    def block(self, kind, later, depth, size, where=()):
        """Statements, of which only the last may leave the block."""
        nodes = [self.statement(kind, later, depth, where) for _ in range(size)]
        leaving = [n.words[0] in LEAVING for n in nodes]
        return nodes[: leaving.index(True) + 1] if any(leaving) else nodes

    # --- expressions ---

    def awaitable_call(self):
        slot = self.random.choice(AGENS)
        return self.pick(
            (3, f"anext {slot}"),
            (1, f"anextor {slot} {self.value()}"),
            (2, f"asend {slot} {self.value()}"),
            (1, f"athrow {slot} {self.error()}"),
            (1, f"aclose {slot}"),
        )

    def new_or_slot(self, kind, later):
        """A new object of the kind if there is a function for it, or one that is shared."""
        names = [name for k, name in later if k == kind]
        slot = f"slot {self.random.choice(SLOTS_OF[kind])}"
        return self.pick((3 if names else 0, f"new {self.random.choice(names or ['-'])}"), (2, slot))

    def any_slot(self):
        """Mostly one that main has filled."""
        if self.filled and self.random.random() < 0.9:
            return self.random.choice(sorted(self.filled))
        return self.random.choice(range(program.SLOTS))

    def awaited(self, later):
        return self.pick(
            (6, self.new_or_slot("coro", later)),
            (4, self.awaitable_call()),
            (2, f"slot {self.random.choice(AWAITABLES)}"),
            (1, f"aw {self.random.randrange(3)}"),
            (1, f"slot {self.any_slot()}"),
            (0.3, "int 7"),
        )

    def iterated(self, later):
        return self.pick(
            (6, self.new_or_slot("gen", later)),
            (1, f"list {self.random.randrange(3)}"),
            (1, f"slot {self.any_slot()}"),
        )

    def stored(self, later):
        """What is put into a slot, and the slot."""
        if later and self.random.random() < 0.7:
            kind, name = self.random.choice(later)
            return self.random.choice(SLOTS_OF[kind]), f"new {name}"
        call = self.pick((3, self.awaitable_call()), (1, f"awaiter {self.random.choice(COROS)}"))
        return self.random.choice(AWAITABLES), call

    # --- statements ---

    def drive(self):
        slot = self.any_slot()
        if slot in AGENS:  # they have no send, throw and close; what they give has
            return self.pick((1, f"next {slot}"), (3, f"set 8 {self.awaitable_call()}"))
        return self.pick(
            (3 if slot in GENS else 1, f"next {slot}"),
            (5, f"send {slot} {self.pick((3, 'none'), (1, self.value()))}"),
            (2, f"throw {slot} {self.error()}"),
            (1.5, f"close {slot}"),
        )

    def statement(self, kind, later, depth, where):
        in_body, may_await = kind != "main", kind in ("coro", "agen")
        nest = 0.8 / (depth + 1)
        slot, stored = self.stored(later)
        may_return = in_body and not {"defer", "finally"} & set(where)
        op = self.pick(
            (0.5, "print"),
            (6 if kind == "main" else 1.5, f"set {slot} {stored}"),
            (12 if kind == "main" else 1.5, "drive"),
            (1 if kind == "main" else 0.3, f"del {self.any_slot()}"),
            (4 if kind in ("gen", "agen") else 0, f"yield {self.value()}"),
            (2.5 if may_await else 0, f"suspend {self.value()}"),
            (3 if may_await else 0, f"await {self.awaited(later)}"),
            (2 if kind == "gen" else 0, f"from {self.iterated(later)}"),
            (0.5 if may_return else 0, "return" if kind == "agen" else f"return {self.value()}"),
            (0.7 if in_body else 0, f"raise {self.error()}"),
            (3 if "except" in where else 0, "reraise"),
            (1 if "loop" in where[-1:] else 0, self.random.choice(["break", "continue"])),
            (nest if in_body else 0, "loop"),
            (2.5 * nest if in_body else 0, "try"),
            (nest if in_body else 0, "for"),
            (nest if may_await else 0, "afor"),
            (nest / 2 if may_await else 0, "aforc"),
            (nest if may_await else 0, "with"),
            (nest if may_await and any(k == "agen" for k, _ in later) else 0, "cm"),
            (0.6 if in_body and depth == 0 else 0, "defer"),
        )
        if op == "drive":
            op = self.drive()
        if kind == "main" and op.startswith("set"):
            self.filled.add(int(op.split()[1]))
        if op in program.OPENS:
            return self.compound(op, kind, later, depth, where)
        return Node(op.split())

    def compound(self, op, kind, later, depth, where):
        r = self.random
        words = {
            "loop": f"loop {r.randint(1, 3)}",
            "for": f"for {self.iterated(later)}",
            "afor": f"afor {self.new_or_slot('agen', later)}",
            "aforc": f"aforc {self.new_or_slot('agen', later)}",
            "cm": f"cm {r.choice([name for k, name in later if k == 'agen'] or ['-'])}",
            "with": f"with {r.choice(['pass', 'pass', 'swallow', 'raise'])}",
        }.get(op, op)
        node = Node(words.split())
        mark = {"for": "loop", "afor": "loop", "aforc": "loop"}.get(op, op)
        node.parts = [self.block(kind, later, depth + 1, r.randint(1, 3), where + (mark,))]
        if op == "try":
            for head in self.clauses():
                node.heads.append(head)
                inner = where + (head[0],)
                node.parts.append(self.block(kind, later, depth + 1, r.randint(1, 2), inner))
        return node

    def clauses(self):
        heads = self.pick((3, ["except"]), (2, ["finally"]), (1, ["except", "finally"]))
        return [[h, self.random.choice(CAUGHT)] if h == "except" else [h] for h in heads]


def text_of(seed):
    return program.unparse(Author(seed).program())


def main(arguments, text_of, render):
    if arguments[0] == "--program":
        sys.stdout.write(text_of(int(arguments[1])))
    elif arguments[0] == "--python":
        sys.stdout.write(render(program.parse(text_of(int(arguments[1])))))
    else:
        for seed in map(int, arguments):
            print(json.dumps({"seed": seed, "program": text_of(seed)}))


if __name__ == "__main__":
    main(sys.argv[1:], text_of, program.render)
