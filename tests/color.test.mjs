// Under clang a function that awaits must say so (BIDE_ASYNC): awaiting anywhere else
// does not compile. That our own code keeps to it is the preset `clang`.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { howToInstall, parts, root } from '../wasm/setup.mjs';
import { skipUnless } from './programs.mjs';

const missing = parts.clang.find() ? undefined : `clang is not installed: ${howToInstall('clang')}`;
const folders = readdirSync(join(root, 'src', 'fiber'), { withFileTypes: true });
const includes = [
  'src/include',
  ...folders
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('x86_64'))
    .map((entry) => `src/fiber/${entry.name}`),
];

function compile(body) {
  const source = `#include <bide.h>\n${body}\n`;
  const flags = [
    '-std=gnu11',
    '-fsyntax-only',
    '-Wthread-safety',
    '-Werror=thread-safety',
    ...includes.map((folder) => `-I${join(root, folder)}`),
  ];
  const { status, stderr } = spawnSync(parts.clang.find(), [...flags, '-x', 'c', '-'], {
    input: source,
    encoding: 'utf8',
  });
  return { status, stderr };
}

describe('where await is allowed', skipUnless(missing), () => {
  test('in a function that says BIDE_ASYNC', () => {
    const { status, stderr } = compile(
      'BIDE_ASYNC int nap(void) { return bide_sleep(BIDE_MS(1)); }',
    );
    assert.equal(status, 0, stderr);
  });

  test('not in one that does not', () => {
    const { status, stderr } = compile('int nap(void) { return bide_sleep(BIDE_MS(1)); }');
    assert.notEqual(status, 0);
    assert.match(stderr, /calling function 'bide_sleep' requires holding coroutine/);
  });

  test('not through a call of an async function', () => {
    const { status, stderr } = compile(
      'BIDE_ASYNC int nap(void); int work(void) { return nap(); }',
    );
    assert.notEqual(status, 0);
    assert.match(stderr, /calling function 'nap' requires holding coroutine/);
  });
});
