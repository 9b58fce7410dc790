"""Runs a WASI program under wasmtime, where its command line tool is not installed.

    python3 run_wasmtime.py [--env NAME=VALUE]... [--dir PATH] [--max-memory BYTES]
                            program.wasm [argument]...

Standard input, output and error are this process's own, and so is the exit status.
"""

import argparse
import os
import sys
import tempfile

import wasmtime  # the package; this file must not have its name


def parse(words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("--dir")
    parser.add_argument("--max-memory", type=int)
    parser.add_argument("program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser.parse_args(words)


def compiled(engine, program):
    """The program's module; its machine code is kept beside it for the next run."""
    kept = program + ".machine"
    if os.path.exists(kept) and os.path.getmtime(kept) >= os.path.getmtime(program):
        return wasmtime.Module.deserialize_file(engine, kept)
    module = wasmtime.Module.from_file(engine, program)
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(kept), delete=False) as file:
        file.write(module.serialize())
    os.rename(file.name, kept)  # at once, as other runs may be looking
    return module


def main():
    options = parse(sys.argv[1:])
    config = wasmtime.Config()
    config.max_wasm_stack = 1 << 20
    engine = wasmtime.Engine(config)

    wasi = wasmtime.WasiConfig()
    wasi.argv = [options.program, *options.arguments]
    wasi.env = [tuple(pair.split("=", 1)) for pair in options.env]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    if options.dir:
        wasi.preopen_dir(options.dir, ".")

    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store = wasmtime.Store(engine)
    store.set_wasi(wasi)
    if options.max_memory:
        store.set_limits(memory_size=options.max_memory)
    try:
        instance = linker.instantiate(store, compiled(engine, options.program))
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as stop:
        return stop.code
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        print(error, file=sys.stderr)
        return 134  # as the command line tool answers for a trap
    return 0


sys.exit(main())
