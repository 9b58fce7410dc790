// Functions of many shapes that are suspended go on as if nothing had happened, however they were
// optimised. Natively the same program is a unit test.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../programs.mjs';
import { finished, run, toolchains } from './finished.mjs';

const levels = [['-g'], ['-O1'], ['-O3'], ['-Oz']];
const other = [['-O3']]; // another toolchain's shapes differ, what is done to them does not

for (const { preset, missing } of toolchains)
  describe(`suspended functions, ${preset}`, skipUnless(missing), () => {
    for (const options of preset === 'emscripten' ? other : levels)
      test(`answer the same, ${options}`, async () => {
        const { ended, printed } = await run(finished('shapes', { preset, options }));
        assert.deepEqual({ ended, printed }, { ended: 0, printed: '' });
      });
  });
