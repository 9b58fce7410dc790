// JavaScript that does not use the package, and calls C inside a function that a fiber of C called:
// nothing is suspended through JavaScript's frame, and the error names it.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { skipUnless } from '../programs.mjs';
import { finished, toolchains } from './finished.mjs';

const EJAVASCRIPT = -7;

// The exports of the module, whose import `javascript.call` is `javascript(exports)`, and `text()`.
async function start(path, javascript) {
  const module = await WebAssembly.compile(readFileSync(path));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => 0;
  let exports;
  imports.javascript.call = () => javascript(exports);
  imports.javascript.other = (a, b, c) => a + BigInt(b * 4 + c * 1000);
  ({ exports } = await WebAssembly.instantiate(module, imports));
  exports._initialize();
  const text = () => {
    const bytes = new Uint8Array(exports.memory.buffer).subarray(exports.message());
    return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
  };
  return { exports, text };
}

for (const { preset, missing } of toolchains)
  for (const options of [['-g'], ['-O3']])
    describe(`JavaScript on the stack, ${preset}, ${options}`, skipUnless(missing), () => {
      let path;
      const begin = (javascript) =>
        start((path ??= finished('reentry', { preset, options })), javascript);

      test('a fiber calls it and goes on', async () => {
        const { exports } = await begin(() => 5);
        assert.equal(exports.run(), 105);
        assert.equal(exports.run(), 105);
        assert.equal(exports.sum(), 6);
      });

      test('it cannot be suspended', async () => {
        const { exports, text } = await begin(({ suspend }) => suspend());
        assert.equal(exports.run(), EJAVASCRIPT + 100);
        assert.equal(text(), 'javascript.call');
        assert.equal(exports.run(), EJAVASCRIPT + 100);
      });

      test('nor when C called it through a pointer', async () => {
        const { exports, text } = await begin(({ suspend }) => suspend());
        assert.equal(exports.run_through_a_pointer(), EJAVASCRIPT + (2005 & 1000));
        assert.equal(text(), 'javascript.call');
      });

      test('nor by a generator, which raises', async () => {
        const javascript = (exports) => (exports.yield() < 0 ? 20 : 30);
        const { exports, text } = await begin(javascript);
        assert.equal(exports.sum(), 21);
        const message = "'generate' cannot suspend through JavaScript's frame of javascript.call";
        assert.equal(text(), message);
      });

      test('other fibers are suspended inside it', async () => {
        const { exports } = await begin((inner) => inner.run_another());
        assert.equal(exports.run(), 103);
      });

      test('also when they call it again', async () => {
        let depth = 0;
        const javascript = ({ run, suspend }) => {
          if (depth === 3) return 0;
          depth++;
          const got = run();
          assert.equal(suspend(), EJAVASCRIPT);
          return got;
        };
        const { exports, text } = await begin(javascript);
        assert.equal(exports.run(), 400);
        assert.equal(text(), 'javascript.call');
      });
    });
