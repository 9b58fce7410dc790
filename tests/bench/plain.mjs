// Runs a measured program in which nothing is ever suspended; it need not be finished:
//
//   node plain.mjs program.wasm NAME [SAMPLES]
//
// SPDX-License-Identifier: MIT

import { readFile } from 'node:fs/promises';
import { writeSync } from 'node:fs';
import { ConsoleStdout, WASI } from '@bjorn3/browser_wasi_shim';

const [program, ...args] = process.argv.slice(2);
const output = (to) => new ConsoleStdout((bytes) => writeSync(to, bytes));
const wasi = new WASI(['bench', ...args], [], [output(1), output(1), output(2)], { debug: false });
const module = await WebAssembly.compile(await readFile(program));
const imports = { wasi_snapshot_preview1: wasi.wasiImport, asyncify: {} };
for (const { module: from, name } of WebAssembly.Module.imports(module))
  if (from === 'asyncify')
    imports.asyncify[name] = () => {
      throw new Error('this program cannot suspend');
    };
process.exitCode = wasi.start(await WebAssembly.instantiate(module, imports));
