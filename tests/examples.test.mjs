// Runs every example on every target, watched too, and as built by Emscripten: each must print
// tests/examples/expected/NAME.out. Standard error is not compared: it is for
// progress, which depends on the time that things take.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { examples } from '../web/examples/examples.mjs';
import { howToInstall, parts, root } from '../wasm/setup.mjs';
import * as node from './targets/node.mjs';
import * as wasmtime from './targets/wasmtime.mjs';
import { everywhere } from './targets/index.mjs';
import { watched } from './targets/watched.mjs';
import { namesIn, skipUnless } from './programs.mjs';

const noEmscripten = parts.emscripten.find()
  ? undefined
  : `Emscripten is not installed: ${howToInstall('emscripten')}`;

test('the table lists every example', () => {
  assert.deepEqual(examples.map((example) => example.name).sort(), namesIn('web/examples'));
});

async function check(target, example, preset) {
  const program = target.programPath(`examples/${example.name}`, preset);
  const { stdout, stderr, status } = await target.run(program, example);
  const expected = readFileSync(
    join(root, 'tests/examples/expected', `${example.name}.out`),
    'utf8',
  );
  assert.equal(stdout, expected, stderr);
  assert.equal(status, 0, stderr);
}

function suite(title, target, missing, preset) {
  describe(title, { concurrency: 4, ...skipUnless(missing) }, () => {
    after(() => target.close());
    for (const example of examples) test(example.name, () => check(target, example, preset));
  });
}

for (const target of [...everywhere, ...watched])
  suite(`examples on ${target.name}`, target, target.missing());
for (const target of [node, wasmtime])
  suite(
    `examples by Emscripten on ${target.name}`,
    target,
    noEmscripten ?? target.missing(),
    'emscripten',
  );
