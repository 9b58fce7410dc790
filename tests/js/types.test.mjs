// index.d.ts under tsc --strict.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../wasm/setup.mjs';

test('the types compile, strictly, and refuse what they should', () => {
  const options = [
    '--strict',
    '--noEmit',
    '--skipLibCheck',
    '--target',
    'esnext',
    '--module',
    'nodenext',
    '--lib',
    'esnext,dom,dom.iterable,dom.asynciterable',
  ];
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout, status } = spawnSync(
    process.execPath,
    [tsc, ...options, join('tests', 'js', 'types.ts')],
    { cwd: root, encoding: 'utf8' },
  );
  assert.equal(stdout, '');
  assert.equal(status, 0);
});
