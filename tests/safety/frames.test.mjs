// A function on a suspended stack that was not instrumented is reported by name.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../programs.mjs';
import { finished, run, toolchains } from './finished.mjs';

for (const { preset, missing } of toolchains)
  describe(`a debug build by ${preset}`, skipUnless(missing), () => {
    const frames = (omitted, options = ['-g']) =>
      run(finished('frames', { preset, options, omitted }));

    test('runs when all that can suspend is instrumented', async () => {
      const { ended, printed } = await frames([]);
      assert.deepEqual({ ended, printed }, { ended: 0, printed: '' });
    });

    for (const name of ['inner_helper', 'outer_helper', 'count'])
      test(`names ${name} when that was left out`, async () => {
        const { ended, printed, error } = await frames([name]);
        assert.equal(ended, 'BIDE_TRAP');
        assert.match(printed, new RegExp(`bide: '${name}' called a function that suspended`));
        assert.match(error.message, new RegExp(`'${name}' called a function that suspended`));
      });

    test('an optimised build is not checked', async () => {
      const { printed } = await frames(['outer_helper'], ['-O1', '-g']);
      assert.doesNotMatch(printed, /called a function that suspended/);
    });
  });
