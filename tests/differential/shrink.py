"""Makes a program that differs as small as it gets, for tests/differential/seeds.

    shrink.py RUN SEED|FILE [loop]  prints the program, and what Python and Bide make of it

SPDX-License-Identifier: MIT"""
import re
import sys
from pathlib import Path

import compare
import program

LOOPS = {"loop", "for", "afor", "aforc"}


def blocks(nodes):
    """Every list of statements, the outermost first."""
    yield nodes
    for node in nodes:
        for part in node.parts:
            yield from blocks(part)


def stray(nodes, looping=False, handling=False):
    """Whether a break or a reraise stands where it may not."""
    for node in nodes:
        op = node.words[0]
        if (op in ("break", "continue") and not looping) or (op == "reraise" and not handling):
            return True
        heads = [[]] + node.heads
        for head, part in zip(heads, node.parts):
            inside = looping or op in LOOPS
            if stray(part, inside, head[:1] == ["except"] or (handling and op != "defer")):
                return True
    return False


def valid(text):
    top = program.parse(text)
    names = {node.words[1] for node in top if len(node.words) > 1}
    made = {word for word in text.split() if re.fullmatch(r"f\d+", word)}
    return top[-1].words[0] in ("main", "amain") and made <= names and not stray(top)


def candidates(text):
    """Smaller programs: without a statement, or with a block's statements in its place."""
    count = sum(len(nodes) for nodes in blocks(program.parse(text)))
    for wanted in range(count):
        for replacement in ("nothing", "part", "clause"):
            top, seen = program.parse(text), 0
            for nodes in blocks(top):
                if wanted - seen < len(nodes):
                    break
                seen += len(nodes)
            node = nodes[wanted - seen]
            if replacement == "nothing":
                nodes[wanted - seen : wanted - seen + 1] = []
            elif replacement == "part" and node.parts and nodes is not top:
                nodes[wanted - seen : wanted - seen + 1] = node.parts[0]
            elif replacement == "clause" and len(node.heads) > 1:
                node.heads.pop()
                node.parts.pop()
            else:
                continue
            smaller = program.unparse(top)
            if valid(smaller):
                yield smaller


def shrink(text, interesting):
    while True:
        smaller = next((c for c in candidates(text) if interesting(c)), None)
        if smaller is None:
            return text
        text = smaller


def main(run, what, kind=""):
    text = compare.KINDS[kind][0](int(what)) if what.isdigit() else Path(what).read_text()
    text = shrink(text, lambda c: compare.differs(run, c))
    sys.stdout.write(text)
    ours, theirs = compare.differs(run, text) or (None, None)
    print("--- Python", *(theirs or []), "--- Bide", *(ours or ["(nothing)"]), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
