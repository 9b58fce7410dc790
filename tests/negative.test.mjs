// What must not compile: awaiting and yielding where Python's grammar forbids it. Each
// file of tests/negative names, in its first line, what clang says about it; without the
// check the same file compiles.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { howToInstall, parts, root } from '../wasm/setup.mjs';
import { namesIn, skipUnless } from './programs.mjs';

const missing = parts.clang.find() ? undefined : `clang is not installed: ${howToInstall('clang')}`;
const fiber = join(root, 'src', 'fiber');
const backend = readdirSync(fiber).find((name) => name.startsWith('x86_64'));
const folders = [join(root, 'src', 'include'), join(fiber, 'native'), join(fiber, backend)];

function compile(file, ...warnings) {
  const flags = ['-std=gnu11', '-fsyntax-only', ...folders.map((folder) => `-I${folder}`)];
  return spawnSync(parts.clang.find(), [...flags, ...warnings, file], { encoding: 'utf8' });
}

describe('where await and yield are allowed', skipUnless(missing), () => {
  for (const name of namesIn('tests/negative'))
    test(name.replaceAll('_', ' '), () => {
      const file = join(root, 'tests', 'negative', `${name}.c`);
      const [, expected] = readFileSync(file, 'utf8').match(/^\/\* error: (.*)\n/);

      const checked = compile(file, '-Wthread-safety', '-Werror');
      const errors = checked.stderr.split('\n').filter((line) => line.includes(' error: '));
      assert.notEqual(checked.status, 0, 'it compiles');
      assert.ok(errors.some((line) => line.includes(expected)), checked.stderr);
      for (const line of errors) assert.match(line, /-Wthread-safety-analysis/);

      const unchecked = compile(file);
      assert.equal(unchecked.status, 0, unchecked.stderr);
      assert.equal(unchecked.stderr, '');
    });
});
