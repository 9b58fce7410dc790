// Some rounds of the soak program (tests/soak) on every target: nothing is lost, held or left, and on
// the virtual clock everything happens in the same order everywhere. It runs for minutes by hand:
//
//     BIDE_HOST=virtual build/native/soak/soak 600
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { skipUnless } from './programs.mjs';
import { targets } from './targets/index.mjs';

const ROUNDS = '10';
const [native] = targets;

async function soak(target, env, preset) {
  const path = target.programPath('soak/soak', preset);
  const { stdout, stderr, status } = await target.run(path, { args: ['--rounds', ROUNDS, '3'], env });
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^0 objects are left$/m);
  return stdout;
}

const virtual = { BIDE_HOST: 'virtual' };
const ASAN_OPTIONS = 'detect_leaks=1:detect_stack_use_after_return=0';

for (const target of targets)
  describe(`tasks cancelled at random on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());
    test('on the virtual clock', async () =>
      assert.equal(await soak(target, virtual), await soak(native, virtual)));
    test('in real time', () => soak(target, {}));
  });

test('tasks cancelled at random under the sanitizers', () =>
  soak(native, { ...virtual, ASAN_OPTIONS }, 'asan'));
