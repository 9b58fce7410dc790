// Runs every program of tests/unit on every target, and natively under sanitizers
// and valgrind. A program checks itself: status 0 passed, 77 skipped.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { buildFolder } from '../wasm/build.mjs';
import { howToInstall, parts } from '../wasm/setup.mjs';
import { join } from 'node:path';
import { runProcess } from './targets/process.mjs';
import { everywhere } from './targets/index.mjs';
import { isNativeOnly, namesIn, skipUnless, transcript, unlessLibuv } from './programs.mjs';

const units = namesIn('tests/unit');
const SKIPPED = 77;

function judge(t, result) {
  if (result.status === SKIPPED) t.skip(result.stdout.trim() || 'the program skipped itself');
  else assert.equal(result.status, 0, transcript(result));
}

for (const target of everywhere) {
  describe(`unit on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());
    const has = (unit) => target.preset === 'native' || !isNativeOnly(unit);
    for (const unit of units.filter(has))
      test(unit, unlessLibuv(unit), async (t) =>
        judge(t, await target.run(target.programPath(`unit/${unit}`))),
      );
  });
}

describe('unit under the sanitizers', () => {
  const env = {
    ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
  for (const unit of units)
    test(unit, unlessLibuv(unit), async (t) =>
      judge(t, await runProcess(join(buildFolder('asan'), 'unit', unit), [], { env })),
    );
});

const noValgrind = parts.valgrind.find()
  ? undefined
  : `valgrind is not installed: ${howToInstall('valgrind')}`;
describe('unit under valgrind', skipUnless(noValgrind), () => {
  const options = [
    '--quiet',
    '--error-exitcode=99',
    '--leak-check=full',
    '--errors-for-leak-kinds=definite',
  ];
  for (const unit of units)
    test(unit, unlessLibuv(unit), async (t) => {
      const program = join(buildFolder('native'), 'unit', unit);
      judge(
        t,
        await runProcess(parts.valgrind.find(), [...options, program], {
          env: { BIDE_UNDER_VALGRIND: '1' },
        }),
      );
    });
});
