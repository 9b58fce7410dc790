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

function commandLine(directory, env) {
  const pairs = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const tool = which('wasmtime');
  if (tool) return [tool, 'run', '--dir', `${directory}::.`, ...pairs];
  const python = join(root, 'build', 'python', 'bin', 'python3');
  return [python, join(root, 'tests', 'run_wasmtime.py'), '--dir', directory, ...pairs];
}

export function run(program, { args = [], env = {}, stdin, files } = {}) {
  return withDirectory(files, (directory) => {
    const [command, ...before] = commandLine(directory, env);
    return runProcess(command, [...before, program, ...args], { stdin });
  });
}

export async function close() {}
