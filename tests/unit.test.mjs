// Runs every program of tests/unit on every target, and natively under AddressSanitizer and valgrind
// (tsan.test.mjs: under ThreadSanitizer). A program checks itself: status 0 passed, 77 skipped.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { everywhere } from './targets/index.mjs';
import { asan, valgrind } from './targets/watched.mjs';
import { isNativeOnly, namesIn, runUnit, skipUnless, transcript, unlessLibuv } from './programs.mjs';

const units = namesIn('tests/unit');
const SKIPPED = 77;

function judge(t, result) {
  if (result.status === SKIPPED) t.skip(result.stdout.trim() || 'the program skipped itself');
  else assert.equal(result.status, 0, transcript(result));
}

for (const target of [...everywhere, asan, valgrind]) {
  describe(`unit on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());
    const watched = target === asan || target === valgrind; // they report faults themselves
    const has = (unit) =>
      (target.preset === 'native' || !isNativeOnly(unit)) && !(watched && unit === 'faults');
    for (const unit of units.filter(has))
      test(unit, unlessLibuv(unit), async (t) => judge(t, await runUnit(target, unit)));
  });
}
