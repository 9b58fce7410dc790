// The Node target: a Node process loads the program through the npm package.
//
// SPDX-License-Identifier: MIT

import { basename, join } from 'node:path';
import { buildFolder } from '../../wasm/build.mjs';
import { root } from '../../wasm/setup.mjs';
import { runProcess } from './process.mjs';

export const name = 'node';
export const preset = 'wasi';
export const missing = () => undefined;
export const programPath = (program, from = preset) => join(buildFolder(from), `${program}.wasm`);

// What a program is told about the run, for node-main.mjs and chromium-worker.mjs.
// The functions that it imports cannot be sent: they are looked up by its name.
export const job = (program, { args = [], env = {}, files = {} }) => ({
  name: basename(program, '.wasm'),
  args: [basename(program, '.wasm'), ...args],
  env,
  files,
});

export function run(program, options = {}) {
  const main = join(root, 'tests', 'targets', 'node-main.mjs');
  const sent = JSON.stringify(job(program, options));
  return runProcess(process.execPath, [main, program, sent], { stdin: options.stdin });
}

export async function close() {}
