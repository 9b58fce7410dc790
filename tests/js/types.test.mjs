// index.d.ts under tsc --strict.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../wasm/setup.mjs';

// What tsc has to say of a file with `options`.
function check(file, options) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const all = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'nodenext', ...options];
  const { stdout, status } = spawnSync(process.execPath, [tsc, ...all, file], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(stdout, '');
  assert.equal(status, 0);
}

test('the types compile, strictly, and refuse what they should', () =>
  check('tests/js/types.ts', ['--lib', 'esnext,dom,dom.iterable,dom.asynciterable']));

// Of these projects each lacks something that the other's environment declares.
test('they compile in a project for Node alone', () =>
  check('js/index.d.ts', ['--lib', 'es2022', '--types', 'node']));
test('they compile in a project for browsers alone', () =>
  check('js/index.d.ts', ['--lib', 'es2022,dom', '--typeRoots', 'none']));
