// A function on a suspended stack that was not instrumented is reported by name.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { load } from 'bide';
import { finish } from '../../wasm/finish.mjs';
import { path } from './apps.mjs';

let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), 'bide-frames-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

// Runs the program, finished with these functions left out. What it printed, and how it ended.
async function run(omitted, options = ['-g']) {
  const output = join(folder, 'frames.wasm');
  finish(path('frames'), output, options, { omitted });
  let printed = '';
  const print = (bytes) => (printed += new TextDecoder().decode(bytes));
  const app = await load(readFileSync(output), { stdout: print, stderr: print });
  const ended = await app.run().catch((error) => error.code);
  return { ended, printed };
}

describe('a debug build', () => {
  test('runs when all that can suspend is instrumented', async () => {
    assert.deepEqual(await run([]), { ended: 0, printed: '' });
  });
  for (const name of ['inner_helper', 'outer_helper', 'count'])
    test(`names ${name} when that was left out`, async () => {
      const { ended, printed } = await run([name]);
      assert.equal(ended, 'BIDE_TRAP');
      assert.match(printed, new RegExp(`bide: '${name}' called a function that suspended`));
    });
});

test('an optimised build is not checked', async () => {
  const { printed } = await run(['outer_helper'], ['-O1', '-g']);
  assert.doesNotMatch(printed, /called a function that suspended/);
});
