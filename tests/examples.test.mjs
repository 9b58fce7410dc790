// Runs every example on every target, and as built by Emscripten: all must print
// what the native program prints.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { howToInstall, parts } from '../wasm/setup.mjs';
import { examples } from './examples.mjs';
import * as native from './targets/native.mjs';
import * as node from './targets/node.mjs';
import * as wasmtime from './targets/wasmtime.mjs';
import { targets } from './targets/index.mjs';
import { namesIn, skipUnless } from './programs.mjs';

const names = namesIn('web/examples');
const noEmscripten = parts.emscripten.find() ? undefined : `Emscripten is not installed: ${howToInstall('emscripten')}`;

const path = (name) => `examples/${name}`;
const natively = (name) => native.run(native.programPath(path(name)), examples[name]);

// Standard error is for progress, which depends on the time it takes.
async function agrees(name, running) {
  const [wanted, result] = await Promise.all([natively(name), running]);
  assert.equal(result.stdout, wanted.stdout, result.stderr);
  assert.equal(result.status, wanted.status, result.stderr);
}

describe('examples natively', () => {
  for (const name of names)
    test(name, async () => {
      const { stdout, stderr, status } = await natively(name);
      assert.equal(status, 0, stderr);
      assert.notEqual(stdout, '');
    });
});

for (const target of targets.filter((one) => one !== native)) {
  describe(`examples on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());
    for (const name of names)
      test(name, () => agrees(name, target.run(target.programPath(path(name)), examples[name])));
  });
}

for (const target of [node, wasmtime]) {
  describe(`examples by Emscripten on ${target.name}`, skipUnless(noEmscripten ?? target.missing()), () => {
    for (const name of names)
      test(name, () => agrees(name, target.run(target.programPath(path(name), 'emscripten'), examples[name])));
  });
}
