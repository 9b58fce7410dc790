// Runs every conformance case on every target and compares what it prints with
// tests/conformance/expected/NAME.expected, line by line.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { root } from '../wasm/setup.mjs';
import { targets } from './targets/index.mjs';
import { namesIn, skipUnless } from './programs.mjs';

const expected = namesIn('tests/conformance/expected', '.expected');
const cases = namesIn('tests/conformance').filter((name) => name !== 'main');

test('every conformance case has its expected output', () => assert.deepEqual(cases, expected));

for (const target of targets) {
  describe(`conformance on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());
    for (const name of cases)
      test(name, async () => {
        const result = await target.run(target.programPath('conformance/conformance'), { args: [name] });
        const wanted = readFileSync(join(root, 'tests/conformance/expected', `${name}.expected`), 'utf8');
        assert.equal(result.stdout, wanted, result.stderr);
        assert.equal(result.status, 0, result.stderr);
      });
  });
}
