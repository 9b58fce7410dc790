// The wasmtime target: WebAssembly with no JavaScript. It runs wasmtime's command
// line tool, or tests/run_wasmtime.py where set-up put the Python package instead.

import { join } from 'node:path';
import { buildFolder } from '../../wasm/build.mjs';
import { howToInstall, parts, root, which } from '../../wasm/setup.mjs';
import { runProcess, withFiles } from './process.mjs';

export const name = 'wasmtime';
export const preset = 'wasi';
export const missing = () => (parts.wasmtime.find() ? undefined : `wasmtime is not installed: ${howToInstall('wasmtime')}`);
export const programPath = (program, from = preset) => join(buildFolder(from), `${program}.wasm`);

// `cwd` is the one directory that the program can open files in.
export function run(program, { files, ...options } = {}) {
  return withFiles(files, (folder) => start(program, { cwd: folder, ...options }));
}

function start(program, { args = [], env = {}, stdin, cwd }) {
  const pairs = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const tool = which('wasmtime');
  if (tool) return runProcess(tool, ['run', ...pairs, ...(cwd ? ['--dir', `${cwd}::.`] : []), program, ...args], { stdin });
  const python = join(root, 'build', 'python', 'bin', 'python3');
  const script = join(root, 'tests', 'run_wasmtime.py');
  return runProcess(python, [script, ...pairs, ...(cwd ? ['--dir', cwd] : []), program, ...args], { stdin });
}

export async function close() {}
