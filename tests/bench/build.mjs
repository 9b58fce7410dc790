// Builds the measured programs (CMakeLists.txt here) into build/bench/KIND, quietly.
//
// SPDX-License-Identifier: MIT

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generator } from '../../wasm/build.mjs';
import { optimiseOnly, placeBehind } from '../../wasm/finish.mjs';
import { parts, root, which } from '../../wasm/setup.mjs';

const toolchain = (name) => [`-DCMAKE_TOOLCHAIN_FILE=${join(root, `wasm/toolchain-${name}.cmake`)}`];

// Each build folder: what CMake is told, and whether it can be built here.
const KINDS = {
  native: { options: ['-DCMAKE_BUILD_TYPE=Release'] },
  wasi: { options: ['-DCMAKE_BUILD_TYPE=Release', ...toolchain('wasi')], after: buildPlain },
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

// In how many places functions of plain.wasm are measured: where one stands in its module decides
// what its jumps share with others, which can take 5 % of a parser and more than Bide does.
const PLACES = 7;

// The paths of a module of that name, at each place.
export const places = (folder, name) =>
  Array.from({ length: PLACES }, (_, place) => join(folder, 'places', `${name}_${place}.wasm`));

// What plain.wasm would be without Bide's steps, and both at all places.
function buildPlain(folder) {
  const linked = join(folder, 'plain_linked.wasm');
  const stamp = join(folder, 'places', 'stamp');
  const plain = join(folder, 'plain.wasm');
  if (existsSync(stamp) && statSync(stamp).mtimeMs > statSync(plain).mtimeMs) return;
  const without = join(folder, 'plain_without.wasm');
  optimiseOnly(linked, without, ['-O3']);
  mkdirSync(join(folder, 'places'), { recursive: true });
  for (const [name, path] of Object.entries({ plain, plain_without: without }))
    places(folder, name).forEach((to, place) => placeBehind(path, to, place));
  writeFileSync(stamp, '');
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
