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
// `other(exports)` is what the other import does before it answers.
async function start(path, javascript, other) {
  const module = await WebAssembly.compile(readFileSync(path));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => 0;
  let exports;
  imports.javascript.call = () => javascript(exports);
  imports.javascript.other = (a, b, c) => (other?.(exports), a + BigInt(b * 4 + c * 1000));
  ({ exports } = await WebAssembly.instantiate(module, imports));
  exports._initialize();
  const text = () => {
    const bytes = new Uint8Array(exports.memory.buffer).subarray(exports.message());
    return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
  };
  return { exports, text };
}

// A function of WebAssembly that is one of JavaScript's, as Emscripten's addFunction makes it.
function asFunction(javascript) {
  // (module (import "e" "f" (func (result i32))) (export "f" (func 0)))
  const hex = '0061736d 01000000 010501 60 00 01 7f 020701 01 65 01 66 00 00 070501 01 66 00 00';
  const module = new WebAssembly.Module(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  return new WebAssembly.Instance(module, { e: { f: javascript } }).exports.f;
}

// Runs what is put into the module's table.
function runFromTheTable({ __indirect_function_table: table, run_from_the_table }, entry) {
  const place = table.grow(1);
  table.set(place, entry);
  return run_from_the_table(place);
}

for (const { preset, missing } of toolchains)
  for (const options of [['-g'], ['-O3']])
    describe(`JavaScript on the stack, ${preset}, ${options}`, skipUnless(missing), () => {
      let path;
      const begin = (...functions) =>
        start((path ??= finished('reentry', { preset, options })), ...functions);

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

      test('and the error names which import it was', async () => {
        const { exports, text } = await begin(() => 5, ({ suspend }) => suspend());
        exports.run_through_a_pointer();
        assert.equal(text(), 'javascript.other');
      });

      const theTable = "a function that was put into the module's table";

      test('nor when it was put into the table', async () => {
        const { exports, text } = await begin(() => 5);
        const suspends = asFunction(() => exports.suspend());
        for (let i = 0; i < 2; i++) {
          assert.equal(runFromTheTable(exports, suspends), EJAVASCRIPT + 100);
          assert.equal(text(), theTable);
        }
        assert.equal(runFromTheTable(exports, asFunction(() => 7)), 107);
        assert.equal(runFromTheTable(exports, exports.suspend), EJAVASCRIPT + 100);
        assert.equal(exports.run(), 105);
      });

      test('the import is named that called it, not the table', async () => {
        let table;
        const javascript = ({ suspend }) => (table ? suspend() : 0);
        const { exports, text } = await begin(javascript);
        assert.equal(runFromTheTable(exports, asFunction(() => exports.suspend())), EJAVASCRIPT + 100);
        table = true;
        assert.equal(exports.run(), EJAVASCRIPT + 100);
        assert.equal(text(), 'javascript.call');
      });

      test('what it calls of C has all of the stack', async () => {
        const { exports } = await begin((inner) => inner.use_much_stack());
        assert.equal(exports.run(), 77 + 100);
        assert.equal(runFromTheTable(exports, asFunction(() => exports.use_much_stack())), 177);
        assert.equal(runFromTheTable(exports, exports.use_much_stack), 177);
      });

      test('nor by a generator, which raises', async () => {
        const javascript = (exports) => (exports.yield() < 0 ? 20 : 30);
        const { exports, text } = await begin(javascript);
        assert.equal(exports.sum(), 21);
        const message = "'generate' cannot suspend through JavaScript's frame of javascript.call";
        assert.equal(text(), message);
      });

      test('an exception of its own ends the fiber that it passes, and no other', async () => {
        let broken = true;
        const javascript = () => {
          if (broken) throw new RangeError('of JavaScript');
          return 5;
        };
        const { exports, text } = await begin(javascript);
        for (let i = 0; i < 3; i++) {
          assert.throws(() => exports.run(), /^RangeError: of JavaScript$/);
          assert.throws(() => exports.sum(), /^RangeError: of JavaScript$/);
        }
        // Where that fiber was, nothing is taken for it.
        assert.equal(exports.suspend(), EJAVASCRIPT);
        assert.equal(text(), 'javascript.call');
        broken = false;
        assert.equal(exports.run(), 105);
        assert.equal(exports.sum(), 6);
        assert.equal(exports.run_another(), 3);
        assert.equal(exports.use_much_stack(), 77);
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
