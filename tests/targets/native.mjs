// The native target: the program as this machine's own executable.
//
// SPDX-License-Identifier: MIT

import { join } from 'node:path';
import { buildFolder } from '../../wasm/build.mjs';
import { runProcess, withDirectory } from './process.mjs';

export const name = 'native';
export const preset = 'native';
export const missing = () => undefined;
export const programPath = (program, from = preset) => join(buildFolder(from), program);

export function run(program, { args = [], env, stdin, files, hear } = {}) {
  return withDirectory(files, (cwd) => runProcess(program, args, { env, stdin, cwd, hear }));
}

export async function close() {}
