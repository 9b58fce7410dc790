// The programs under ThreadSanitizer, which is told of every switch of stacks: the unit
// programs and the conformance cases, and the programs about threads several times over.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tsan } from './targets/watched.mjs';
import { expectedTrace, namesIn, transcript, unlessLibuv } from './programs.mjs';

const SKIPPED = 77;
const AGAIN = 3; // a race shows in some runs only
const aboutThreads = /^executor$|threads/;

const run = (program, args) => tsan.run(tsan.programPath(program), { args });

describe('unit under the thread sanitizer', { concurrency: 2 }, () => {
  // Sanitizers report faults themselves.
  for (const unit of namesIn('tests/unit').filter((name) => name !== 'faults'))
    test(unit, unlessLibuv(unit), async (t) => {
      for (let i = 0; i < (aboutThreads.test(unit) ? AGAIN : 1); i++) {
        const result = await run(`unit/${unit}`);
        if (result.status === SKIPPED) return t.skip(result.stdout.trim());
        assert.equal(result.status, 0, transcript(result));
      }
    });
});

describe('conformance under the thread sanitizer', { concurrency: 2 }, () => {
  const cases = namesIn('tests/conformance').filter((name) => /^[a-z]\d\d_/.test(name));
  for (const name of cases)
    test(name, async () => {
      const result = await run('conformance/conformance', [name]);
      assert.equal(result.stdout, expectedTrace(name, tsan), transcript(result));
      assert.equal(result.status, 0, transcript(result));
    });
});
