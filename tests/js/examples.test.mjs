// The JavaScript that the playground shows beside an example, run in Node.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'bide';
import { examples } from '../../web/examples/examples.mjs';
import { root } from '../../wasm/setup.mjs';
import { programPath } from '../targets/node.mjs';

const files = [new File(['one two\nthree'], 'a.txt'), new File(['\n\n'], 'b.txt')];

for (const { name, imports, javascript } of examples.filter((example) => example.javascript))
  test(`${name} called from JavaScript`, async () => {
    const wanted = join(root, 'tests', 'examples', 'expected', `${name}.javascript.out`);
    const lines = [];
    const console = { log: (...values) => lines.push(`${values.join(' ')}\n`) };
    const module = await readFile(programPath(`examples/${name}`, process.env.BIDE_PRESET));
    const app = await load(module, { imports, stdout() {}, stderr() {} });
    await javascript({ app, console, files, fetch });
    await app[Symbol.asyncDispose]();
    assert.equal(lines.join(''), readFileSync(wanted, 'utf8'));
  });
