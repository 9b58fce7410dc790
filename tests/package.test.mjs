// cmake --install, and then a project outside (tests/package) that finds the package,
// builds with bide_add_executable, and runs: natively and as WebAssembly. With add_subdirectory
// it is only configured, as the rest is the same.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'bide';
import { buildFolder, generator } from '../wasm/build.mjs';
import { howToInstall, parts, root, which } from '../wasm/setup.mjs';
import * as native from './targets/native.mjs';
import * as wasmtime from './targets/wasmtime.mjs';
import { skipUnless } from './programs.mjs';

const cmake = which('cmake');

function succeed(...args) {
  const result = spawnSync(cmake, args, { cwd: root, encoding: 'utf8' });
  assert.equal(result.status, 0, `cmake ${args.join(' ')}\n${result.stdout}${result.stderr}`);
}

// Installs `preset` and builds the outside project with it. Returns the build's folder.
function buildOutside(preset, toolchain) {
  const folder = join(root, 'build', 'package', preset);
  const prefix = join(folder, 'prefix');
  const outside = join(folder, 'outside');
  rmSync(folder, { recursive: true, force: true });
  succeed('--install', buildFolder(preset), '--prefix', prefix);
  const options = [`-DCMAKE_PREFIX_PATH=${prefix}`, '-DCMAKE_BUILD_TYPE=Release'];
  if (toolchain)
    options.push('-DBIDE_CHECK_STACKS=ON', `-DCMAKE_TOOLCHAIN_FILE=${join(prefix, 'lib', 'cmake', 'bide', toolchain)}`);
  succeed('-S', join(root, 'tests', 'package'), '-B', outside, ...generator(), ...options);
  succeed('--build', outside);
  return outside;
}

const noLibuv = parts.libuv.find() ? undefined : `libuv is not installed: ${howToInstall('libuv')}`;
const readelf = which('readelf');
const noReadelf = readelf ? undefined : 'readelf is not installed: apt-get install binutils';
const expected = { stdout: 'the answer is 42\n', stderr: '', status: 0 };

test('an outside project builds and runs natively', async (t) => {
  const outside = buildOutside('native');
  assert.deepEqual(await native.run(join(outside, 'outside')), expected);
  // A function that is resolved at its first call, on a fiber, could overflow a small stack.
  await t.test('and resolves its functions when it is loaded', skipUnless(noReadelf), () => {
    const { stdout } = spawnSync(readelf, ['-d', join(outside, 'outside')], { encoding: 'utf8' });
    assert.match(stdout, /Flags:.* NOW\b/);
  });
  await t.test('and with libuv', skipUnless(noLibuv), async () =>
    assert.deepEqual(await native.run(join(outside, 'outside_uv')), expected),
  );
});

test(
  'an outside project builds and runs as WebAssembly',
  skipUnless(wasmtime.missing()),
  async () => {
    const outside = buildOutside('wasi', 'toolchain-wasi.cmake');
    assert.deepEqual(await wasmtime.run(join(outside, 'outside.wasm')), expected);

    const bytes = readFileSync(join(outside, 'counter.wasm'));
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(bytes));
    assert.ok(exported.some(({ name }) => name === 'bide__stack_check')); // BIDE_CHECK_STACKS
    const app = await load(bytes);
    assert.deepEqual([...app.generate('count_to', [3])], [1, 2, 3]);
    await app[Symbol.asyncDispose]();
  },
);

test('an outside project finds the last step by add_subdirectory', () => {
  const outside = join(root, 'build', 'package', 'subdirectory');
  rmSync(outside, { recursive: true, force: true });
  const options = [`-DBIDE_FOLDER=${root}`, '--toolchain', join(root, 'wasm', 'toolchain-wasi.cmake')];
  succeed('-S', join(root, 'tests', 'package'), '-B', outside, ...generator(), ...options);
  const rules = ['build.ninja', 'CMakeFiles/outside.dir/build.make'].map((name) => join(outside, name));
  const text = readFileSync(rules.find((path) => existsSync(path)), 'utf8');
  const called = text.match(/\S*finish\.mjs/g);
  assert.ok(called.includes(join(root, 'wasm', 'finish.mjs')), called.join(' '));
});
