// The wasmtime target: WebAssembly with no JavaScript. It runs wasmtime's command
// line tool, or tests/run_wasmtime.py where set-up put the Python package instead.
//
// SPDX-License-Identifier: MIT

import { join } from 'node:path';
import { buildFolder } from '../../wasm/build.mjs';
import { howToInstall, parts, root, which } from '../../wasm/setup.mjs';
import { runProcess, withDirectory } from './process.mjs';

export const name = 'wasmtime';
export const preset = 'wasi';
export const missing = () =>
  parts.wasmtime.find() ? undefined : `wasmtime is not installed: ${howToInstall('wasmtime')}`;
export const programPath = (program, from = preset) => join(buildFolder(from), `${program}.wasm`);

function commandLine(directory, env, maxMemory) {
  const pairs = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const tool = which('wasmtime');
  if (tool) {
    const limit = maxMemory ? ['-W', `max-memory-size=${maxMemory}`] : [];
    return [tool, 'run', ...limit, '--dir', `${directory}::.`, ...pairs];
  }
  const python = join(root, 'build', 'python', 'bin', 'python3');
  const limit = maxMemory ? ['--max-memory', String(maxMemory)] : [];
  return [python, join(root, 'tests', 'run_wasmtime.py'), '--dir', directory, ...limit, ...pairs];
}

// With maxMemory, in bytes, the program's memory does not grow beyond that.
export function run(program, { args = [], env = {}, stdin, files, maxMemory, hear } = {}) {
  return withDirectory(files, (directory) => {
    const [command, ...before] = commandLine(directory, env, maxMemory);
    return runProcess(command, [...before, program, ...args], { stdin, hear });
  });
}

export async function close() {}
