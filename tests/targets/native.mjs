// The native target: the program as this machine's own executable.

import { join } from 'node:path';
import { buildFolder } from '../../wasm/build.mjs';
import { runProcess, withFiles } from './process.mjs';

export const name = 'native';
export const preset = 'native';
export const missing = () => undefined;
export const programPath = (program, from = preset) => join(buildFolder(from), program);

export function run(program, { args = [], files, ...options } = {}) {
  return withFiles(files, (folder) => runProcess(program, args, { cwd: folder, ...options }));
}

export async function close() {}
