// What the tests of programs that go wrong share: finishing one, and running it, in this process so
// that its memory can be looked at, or under wasmtime.
//
// SPDX-License-Identifier: MIT

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'bide';
import { buildFolder } from '../../wasm/build.mjs';
import { finish } from '../../wasm/finish.mjs';
import { howToInstall, parts } from '../../wasm/setup.mjs';

const noEmscripten = parts.emscripten.find()
  ? undefined
  : `Emscripten is not installed: ${howToInstall('emscripten')}`;

/** The builds whose programs are finished here, and why one cannot be tried. */
export const toolchains = process.env.BIDE_PRESET
  ? [{ preset: process.env.BIDE_PRESET }] // by another engine: stack_switching.test.mjs
  : [{ preset: 'wasi' }, { preset: 'emscripten', missing: noEmscripten }];

const folder = mkdtempSync(join(tmpdir(), 'bide-safety-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** The path of the program of tests/safety, finished with these options; see finish(). */
export function finished(program, how = {}) {
  const { preset = toolchains[0].preset, options = ['-O3'], omitted = [] } = how;
  const output = join(folder, `${program}-${count++}.wasm`);
  const input = join(buildFolder(preset), 'safety', `${program}.wasm`);
  finish(input, output, options, { omitted });
  return output;
}

/** Runs main with the package: { ended: status or code, printed, app, error }. */
export async function run(path, args = []) {
  let printed = '';
  const print = (bytes) => (printed += new TextDecoder().decode(bytes));
  const options = { args: ['program', ...args], stdout: print, stderr: print };
  const app = await load(readFileSync(path), options);
  try {
    return { ended: await app.run(), printed, app };
  } catch (error) {
    return { ended: error.code, printed, app, error };
  }
}

/** Runs main without the package; its memory when it first printed a line, and at its end. */
export async function watch(path, args = []) {
  const seen = { printed: '', ended: 0 };
  let memory;
  const words = ['program', ...args];
  const view = () => new DataView(memory.buffer);
  const wasi = {
    args_sizes_get(count, size) {
      view().setUint32(count, words.length, true);
      view().setUint32(size, words.join().length + 1, true);
      return 0;
    },
    args_get(argv, buffer) {
      for (const [i, word] of words.entries()) {
        view().setUint32(argv + 4 * i, buffer, true);
        const bytes = Buffer.from(`${word}\0`);
        new Uint8Array(memory.buffer).set(bytes, buffer);
        buffer += bytes.length;
      }
      return 0;
    },
    fd_write(fd, vectors, many, written) {
      let total = 0;
      for (let i = 0; i < many; i++) {
        const [at, size] = [0, 4].map((field) => view().getUint32(vectors + 8 * i + field, true));
        seen.printed += Buffer.from(memory.buffer, at, size).toString();
        total += size;
      }
      view().setUint32(written, total, true);
      seen.before ??= Buffer.from(memory.buffer.slice(0));
      return 0;
    },
    proc_exit(status) {
      seen.ended = status;
      throw new Error('exit');
    },
  };
  const module = new WebAssembly.Module(readFileSync(path));
  const imports = { wasi_snapshot_preview1: {} };
  for (const { name } of WebAssembly.Module.imports(module))
    imports.wasi_snapshot_preview1[name] = wasi[name] ?? (() => 0);
  const instance = new WebAssembly.Instance(module, imports);
  ({ memory } = instance.exports);
  try {
    instance.exports._start();
  } catch (error) {
    if (error.message !== 'exit') seen.error = error;
  }
  return { ...seen, after: Buffer.from(memory.buffer.slice(0)) };
}
