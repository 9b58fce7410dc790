// Some rounds of the soak program (tests/soak) on every target, watched too: nothing is lost, held or
// left, and on the virtual clock everything happens in the same order everywhere. It runs for minutes
// by hand:
//
//     BIDE_HOST=virtual build/native/soak/soak 600
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { skipUnless } from './programs.mjs';
import { targets } from './targets/index.mjs';
import { watched } from './targets/watched.mjs';

const ROUNDS = '10';
const [native] = targets;

async function soak(target, env) {
  const path = target.programPath('soak/soak');
  const { stdout, stderr, status } = await target.run(path, { args: ['--rounds', ROUNDS, '3'], env });
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^0 objects are left$/m);
  return stdout;
}

const virtual = { BIDE_HOST: 'virtual' };

for (const target of [...targets, ...watched])
  describe(`tasks cancelled at random on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());
    test('on the virtual clock', async () =>
      assert.equal(await soak(target, virtual), await soak(native, virtual)));
    test('in real time', () => soak(target, {}));
  });
