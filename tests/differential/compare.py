"""Compares Bide with this Python, 3.13 or later, on random programs.

    compare.py RUN FIRST COUNT [loop]   RUN is the program made of run.c; prints the seeds that differ
    compare.py --record COUNT [loop]    prints a line for each program that can be compared: seed, digest
                                    of Python's trace (seeds/recorded.txt)
    compare.py --trace FILE         prints Python's trace of a program

SPDX-License-Identifier: MIT"""
import hashlib
import subprocess
import sys
from pathlib import Path

import generate
import loop_generate
import loop_python
import program

# Where the programs of a kind come from, and what runs them: those without a loop, and those in one.
KINDS = {"": (generate.text_of, program.run), "loop": (loop_generate.text_of, loop_python.run)}

# Bide follows 3.13: before, StopIteration thrown into what has not started was converted, and closing
# what asend gives did not reach the async generator.
OLDEST = (3, 13)

# CPython forgets the frame of a generator that refuses to be closed while it is dropped; in C only
# its own code can release what the frame holds, so that Bide goes on closing it. The traces part.
FORGOTTEN = " ignored GeneratorExit"


def comparable(trace):
    """The lines that must be equal."""
    lines = []
    for line in trace:
        if line.startswith("warning coroutine method"):  # asend and its kin: Bide does not warn
            continue
        lines.append(line)
        if line.startswith("unraisable") and line.endswith(FORGOTTEN):
            break
    return lines


def trace_of(text):
    """Python's trace; None if it cannot be compared."""
    return KINDS["loop" if "\namain\n" in "\n" + text else ""][1](text)


def programs(kind, first, count):
    """(seed, text, trace) of the programs that can be compared."""
    for seed in range(first, first + count):
        text = KINDS[kind][0](seed)
        trace = trace_of(text)
        if trace is not None:
            yield seed, text, comparable(trace)


def bide(run, texts):
    """Bide's traces of some programs; None for those it did not get to."""
    source = "".join(f"== {i}\n{text}" for i, text in enumerate(texts))
    output = subprocess.run([run], input=source, capture_output=True, text=True, timeout=100).stdout
    traces = [None] * len(texts)
    for part in output.split("== ")[1:]:
        number, *lines = part.splitlines()
        if number.isdigit():
            traces[int(number)] = comparable(lines)
        else:  # "7, ...: 2 objects are still alive"
            traces[int(number.split(",")[0])].append(number)
    return traces


def differs(run, text):
    """What the two print, if it is not the same."""
    theirs = trace_of(text)
    ours = bide(run, [text])[0]
    if theirs is None or ours == comparable(theirs):
        return None
    return ours, comparable(theirs)


def compare(run, kind, first, count):
    seeds, texts, traces = zip(*programs(kind, first, count))
    bad = 0
    for seed, ours, theirs in zip(seeds, bide(run, texts), traces):
        if ours != theirs:
            bad += 1
            print("seed", seed, "differs" if ours is not None else "was not reached")
    print(f"{bad} of {len(seeds)} differ")
    return bad > 0


def main(what, *arguments):
    if sys.version_info < OLDEST:
        sys.exit("Python 3.13 or later is needed, whose rules Bide follows")
    kind = "loop" if arguments[-1] == "loop" else ""
    numbers = [int(word) for word in arguments if word.isdigit()]
    if what == "--record":
        for seed, _, trace in programs(kind, 0, *numbers):
            print(seed, hashlib.sha256("\n".join(trace).encode()).hexdigest()[:16])
    elif what == "--trace":
        print("\n".join(comparable(trace_of(Path(arguments[0]).read_text()))))
    else:
        return compare(what, kind, *numbers)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
