// Programs made to fool the analysis that says what can suspend: with what finish.mjs makes of them
// they run, or are refused; where it knows no better, a debug build says what is wrong.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless, transcript } from '../programs.mjs';
import * as wasmtime from '../targets/wasmtime.mjs';
import { finished, run, toolchains } from './finished.mjs';

for (const { preset, missing } of toolchains)
  describe(`programs by ${preset} that fool the analysis`, skipUnless(missing), () => {
    for (const name of ['callbacks', 'rewound'])
      for (const options of [['-g'], ['-O3'], ['-Oz']])
        test(`${name}, ${options}`, async (t) => {
          const path = finished(name, { preset, options });
          const { ended, printed } = await run(path);
          assert.deepEqual({ ended, printed }, { ended: 0, printed: '' });
          await t.test('under wasmtime', skipUnless(wasmtime.missing()), async () => {
            const result = await wasmtime.run(path);
            assert.equal(transcript(result), '--- status 0\n');
          });
        });

    for (const options of [['-g'], ['-O3']])
      test(`a call of another type is refused by the engine, ${options}`, async () => {
        const { ended, error } = await run(finished('refused', { preset, options }), ['mismatch']);
        assert.equal(ended, 'BIDE_TRAP');
        assert.match(error.message, /signature mismatch/);
      });

    test('a barrier that is none is reported by a debug build', async () => {
      const path = finished('refused', { preset, options: ['-g'] });
      const { ended, error } = await run(path, ['barrier']);
      assert.equal(ended, 'BIDE_TRAP');
      assert.match(error.message, /'bide__barrier_evil' called a function that suspended/);
    });
  });
