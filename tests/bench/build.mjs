// Builds the measured programs (CMakeLists.txt here) into build/bench/KIND, quietly.
//
// SPDX-License-Identifier: MIT

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generator } from '../../wasm/build.mjs';
import { optimiseOnly } from '../../wasm/finish.mjs';
import { parts, root, which } from '../../wasm/setup.mjs';

const toolchain = (name) => [`-DCMAKE_TOOLCHAIN_FILE=${join(root, `wasm/toolchain-${name}.cmake`)}`];

// Each build folder: what CMake is told, and whether it can be built here.
const KINDS = {
  native: { options: ['-DCMAKE_BUILD_TYPE=Release'] },
  wasi: { options: ['-DCMAKE_BUILD_TYPE=Release', ...toolchain('wasi')], after: buildWithout },
  stack_switching: {
    options: ['-DCMAKE_BUILD_TYPE=Release', ...toolchain('wasi'), '-DBIDE_FIBER=stack_switching'],
  },
  sizes: { options: ['-DCMAKE_BUILD_TYPE=MinSizeRel', ...toolchain('wasi')] },
  emscripten: {
    options: ['-DCMAKE_BUILD_TYPE=Release', ...toolchain('emscripten')],
    possible: () => parts.emscripten.find(),
    // Where Debian keeps the JavaScript that its emcc needs.
    env: { NODE_PATH: '/usr/share/nodejs' },
  },
};

// What plain.wasm would be without Bide's steps.
function buildWithout(folder) {
  optimiseOnly(join(folder, 'plain_linked.wasm'), join(folder, 'plain_without.wasm'), ['-O3']);
}

export const buildFolder = (kind) => join(root, 'build', 'bench', kind);

function run(args, env) {
  const result = spawnSync(which('cmake'), args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (result.status !== 0)
    throw new Error(`cmake ${args.join(' ')} failed\n${result.stdout}${result.stderr}`);
}

// Go builds on its own.
function buildGo() {
  const go = which('go');
  if (!go) return;
  const source = join(root, 'tests', 'bench', 'peers', 'goroutines.go');
  const result = spawnSync(go, ['build', '-o', join(buildFolder('go'), 'goroutines'), source], {
    encoding: 'utf8',
    env: { ...process.env, GO111MODULE: 'off' },
  });
  if (result.status !== 0) throw new Error(`go build failed\n${result.stderr}`);
}

// Brings one folder up to date.
export function build(kind) {
  if (kind === 'go') return buildGo();
  const { options, possible = () => true, env, after } = KINDS[kind];
  if (!possible()) return;
  const started = Date.now();
  const folder = buildFolder(kind);
  const configured = ['build.ninja', 'Makefile'].some((name) => existsSync(join(folder, name)));
  if (!configured) {
    const here = join(root, 'tests', 'bench');
    run(['-S', here, '-B', folder, ...generator(), ...options], env);
  }
  run(['--build', folder, '--parallel'], env);
  after?.(folder);
  console.log(`  ${kind}: built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

export const kinds = [...Object.keys(KINDS), 'go'];
