// Runs every conformance case on every target and compares what it prints with
// tests/conformance/expected/NAME.expected, byte for byte.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { root } from '../wasm/setup.mjs';
import { everywhere } from './targets/index.mjs';
import { expectedTrace, namesIn, skipUnless } from './programs.mjs';

const cases = namesIn('tests/conformance').filter((name) => /^[a-z]\d\d_/.test(name));

async function check(target, name) {
  const { stdout, stderr, status } = await target.run(
    target.programPath('conformance/conformance'),
    { args: [name] },
  );
  assert.equal(stdout, expectedTrace(name, target), stderr);
  assert.equal(status, 0, stderr);
}

// Where a port shows asyncio's behaviour and then Bide's own.
for (const name of ['k04_cleanup_interrupted', 'k08_queue_barging', 'k09_shared_future_cancel'])
  test(`${name} begins with CPython's trace`, () => {
    const [own, cpython] = ['expected', 'expected-cpython'].map((ending) =>
      readFileSync(join(root, 'tests/conformance/expected', `${name}.${ending}`), 'utf8'),
    );
    assert.ok(cpython.length > 0);
    assert.equal(own.slice(0, cpython.length), cpython);
  });

for (const target of everywhere) {
  describe(
    `conformance on ${target.name}`,
    { concurrency: 4, ...skipUnless(target.missing()) },
    () => {
      after(() => target.close());
      for (const name of cases) test(name, () => check(target, name));
    },
  );
}
