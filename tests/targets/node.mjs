// The Node target: a Node process loads the program through the npm package.

import { join } from 'node:path';
import { buildFolder } from '../../wasm/build.mjs';
import { root } from '../../wasm/setup.mjs';
import { runProcess } from './process.mjs';

export const name = 'node';
export const preset = 'wasi';
export const missing = () => undefined;
export const programPath = (program, from = preset) => join(buildFolder(from), `${program}.wasm`);

export function run(program, { args = [], env = {}, stdin, files = {} } = {}) {
  const main = join(root, 'tests', 'targets', 'node-main.mjs');
  return runProcess(process.execPath, [main, JSON.stringify({ env, files }), program, ...args], { stdin });
}

export async function close() {}
