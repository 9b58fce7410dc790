// The Node target: a Node process loads the program through the npm package.
//
// SPDX-License-Identifier: MIT

import { basename, join } from 'node:path';
import { buildFolder } from '../../wasm/build.mjs';
import { root } from '../../wasm/setup.mjs';
import { runProcess } from './process.mjs';

// What a program is told about the run, for node-main.mjs and chromium-worker.mjs.
// The functions that it imports cannot be sent: they are looked up by its name.
export const job = (program, { args = [], env = {}, files = {} }) => ({
  name: basename(program, '.wasm'),
  args: [basename(program, '.wasm'), ...args],
  env,
  files,
});

// Such a target: `findNode` is where its Node is, which is started with `flags`.
export function nodeWith({ name, preset, findNode, flags = [] }) {
  const main = join(root, 'tests', 'targets', 'node-main.mjs');
  return {
    name,
    preset,
    programPath: (program, from = preset) => join(buildFolder(from), `${program}.wasm`),
    run(program, options = {}) {
      const sent = JSON.stringify(job(program, options));
      const { stdin, hear } = options;
      return runProcess(findNode(), [...flags, main, program, sent], { stdin, hear });
    },
    async close() {},
  };
}

export const { name, preset, programPath, run, close } = nodeWith({
  name: 'node',
  preset: 'wasi',
  findNode: () => process.execPath,
});
export const missing = () => undefined;
