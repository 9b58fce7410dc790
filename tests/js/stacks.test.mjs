// On which stack a function runs, and which of them ask before they move the stack pointer, on small
// modules in WebAssembly's text format.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { guardStacks } from '../../wasm/stacks.mjs';

let binaryen;
before(async () => ({ default: binaryen } = await import('binaryen')));

const OWN = 4096; // the program's own stack ends here, and those of fibers are above
const PLAIN = 4000; // where it goes on

// Every module here has this: `enter` runs what is first in the table on a fiber's stack.
const PRELUDE = `
  (type $body (func))
  (import "asyncify" "start_unwind" (func $start_unwind (param i32)))
  (import "asyncify" "stop_unwind" (func $stop_unwind))
  (import "wasi_test" "see" (func $see (param i32)))
  (import "wasi_test" "asked" (func $asked (param i32)))
  (import "elsewhere" "back" (func $back))
  (global $__stack_pointer (export "sp") (mut i32) (i32.const ${OWN}))
  (func $plain_stack (export "bide_fiber_plain_stack") (param i32) (result i32)
    (select (local.get 0) (i32.const ${PLAIN}) (i32.le_u (local.get 0) (i32.const ${OWN}))))
  (func $is_plain (export "bide_fiber_is_plain") (param i32) (result i32)
    (i32.le_u (local.get 0) (i32.const ${OWN})))
  (func $fits (export "bide_fiber_fits") (param i32) (result i32)
    (call $asked (local.get 0))
    (local.get 0))
  (func $suspend (call $start_unwind (i32.const 0)))
  (func $tell (call $see (global.get $__stack_pointer)))
  (func $take (param i32)
    (local $sp i32)
    (global.set $__stack_pointer
      (local.tee $sp (i32.sub (global.get $__stack_pointer) (local.get 0))))
    (call $tell)
    (global.set $__stack_pointer (i32.add (local.get $sp) (local.get 0))))
  (func $enter (export "enter") (param $sp i32)
    (local $before i32)
    (local.set $before (global.get $__stack_pointer))
    (global.set $__stack_pointer (local.get $sp))
    (call_indirect (type $body) (i32.const 0))
    (call $stop_unwind)
    (global.set $__stack_pointer (local.get $before)))`;

const FEATURES = ['MutableGlobals', 'ReferenceTypes', 'GC', 'TailCall'];

function assemble(text, { names = true } = {}) {
  const module = binaryen.parseText(`(module ${PRELUDE} ${text})`);
  module.setFeatures(FEATURES.reduce((all, name) => all | binaryen.Features[name], 0));
  binaryen.setDebugInfo(names);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

// Runs it at `sp` of a fiber, `before(exports)` first: the stack pointers that functions saw, and those that were asked for.
function run(text, sp = 9000, before = () => {}) {
  const seen = [];
  const asked = [];
  const warn = (what) => assert.fail(what);
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(guardStacks(assemble(text), warn)),
    {
      asyncify: { start_unwind() {}, stop_unwind() {} },
      wasi_test: { see: (at) => seen.push(at), asked: (at) => asked.push(at) },
      elsewhere: { back: () => exports.again() },
    },
  );
  before(exports);
  exports.enter(sp);
  assert.equal(exports.sp.value, OWN);
  return { seen, asked };
}

// The body may suspend, and calls `code`.
const body = (code, others = '') => `
  (table 4 funcref) (elem (i32.const 0) $body $take_ten)
  (func $body (type $body) ${code} (call $suspend))
  (func $take_ten (call $take (i32.const 10)))
  ${others}`;

describe('plain C', () => {
  test('that needs stack runs on that of the program, and gives it back', () => {
    const { seen, asked } = run(body('(call $tell) (call $take (i32.const 16)) (call $tell)'));
    assert.deepEqual(seen, [9000, PLAIN - 16, 9000]);
    assert.deepEqual(asked, []);
  });

  test('that needs none stays where it is', () => {
    assert.deepEqual(run(body('(call $tell)')).seen, [9000]);
  });

  test('that is thin stays too, and what it calls does not', () => {
    const thin = '(func $bide__thin (call $tell) (call $take (i32.const 10)) (call $tell))';
    assert.deepEqual(run(body('(call $bide__thin)', thin)).seen, [9000, PLAIN - 10, 9000]);
  });

  test('that is thin by name only is not', () => {
    const thin = `(func $bide__thin
      (global.set $__stack_pointer (i32.sub (global.get $__stack_pointer) (i32.const 16)))
      (call $tell)
      (global.set $__stack_pointer (i32.add (global.get $__stack_pointer) (i32.const 16))))`;
    assert.deepEqual(run(body('(call $bide__thin)', thin)).seen, [PLAIN - 16]);
  });

  test('is called through a table as well', () => {
    const { seen } = run(body('(call_indirect (type $body) (i32.const 1))'));
    assert.deepEqual(seen, [PLAIN - 10]);
  });

  test('that calls through a table, by a type that no fiber calls, is on it before it does', () => {
    const others = `
      (type $odd (func (param i64)))
      (elem (i32.const 2) $take_six)
      (func $take_six (type $odd) (call $take (i32.const 6)))
      (func $outer (call_indirect (type $odd) (i64.const 0) (i32.const 2)))
      (func $bide__thin (call_indirect (type $odd) (i64.const 0) (i32.const 2)))`;
    assert.deepEqual(run(body('(call $outer)', others)).seen, [PLAIN - 6]);
    assert.deepEqual(run(body('(call $bide__thin)', others)).seen, [PLAIN - 6]);
  });

  test('is called through a table that has it otherwise', () => {
    const call = '(call_indirect (type $body) (i32.const 1))';
    const written = `
      (table 4 funcref) (elem (i32.const 0) funcref (ref.func $body) (ref.func $take_ten))
      (func $body (type $body) ${call} (call $suspend))
      (func $take_ten (call $take (i32.const 10)))`;
    assert.deepEqual(run(written).seen, [PLAIN - 10]);
    const set = body(`(table.set (i32.const 3) (ref.func $take_two))
      (call_indirect (type $body) (i32.const 3))`, `
      (elem declare func $take_two)
      (func $take_two (call $take (i32.const 2)))`);
    assert.deepEqual(run(set).seen, [PLAIN - 2]);
    const global = body(`(table.set (i32.const 3) (global.get $three))
      (call_indirect (type $body) (i32.const 3))`, `
      (global $three funcref (ref.func $take_three))
      (func $take_three (call $take (i32.const 3)))`);
    assert.deepEqual(run(global).seen, [PLAIN - 3]);
  });

  test('that was exported may be put into an open table, or be called by what was', () => {
    const others = `
      (export "table" (table 0))
      (func (export "take_five") (call $take (i32.const 5)))`;
    const put = ({ table, take_five }) => table.set(3, take_five);
    const code = '(call_indirect (type $body) (i32.const 3))';
    assert.deepEqual(run(body(code, others), 9000, put).seen, [PLAIN - 5]);
  });

  test('that is exported to move the stack pointer does', () => {
    const others = `
      (export "table" (table 0))
      (func (export "stackRestore") (param i32) (global.set $__stack_pointer (local.get 0)))`;
    const restore = ({ stackRestore, sp }) => {
      stackRestore(OWN - 48);
      assert.equal(sp.value, OWN - 48);
      stackRestore(OWN);
    };
    run(body('', others), 9000, restore);
  });

  test('that is called last is still called last', () => {
    const others = `
      (func $last (param i32)
        (if (local.get 0) (then (return_call $take_ten)))
        (call $see (i32.const 1))
        (call $suspend))`;
    const { seen } = run(body('(call $last (i32.const 1)) (call $last (i32.const 0))', others));
    assert.deepEqual(seen, [PLAIN - 10, 1]);
  });

  test('keeps three hundred arguments', () => {
    const many = Array.from({ length: 300 }, (_, i) => i);
    const others = `
      (func $many (param ${many.map(() => 'i32').join(' ')}) (result i32)
        (call $take (i32.const 8))
        (i32.sub (local.get 299) (local.get 1)))`;
    const given = many.map((i) => `(i32.const ${i})`).join(' ');
    assert.deepEqual(run(body(`(call $see (call $many ${given}))`, others)).seen, [PLAIN - 8, 298]);
  });

  test('that a fiber begins with, too', () => {
    const text = `
      (table 1 funcref) (elem (i32.const 0) $first)
      (func $first (call $take (i32.const 10)))
      (func $never (call $suspend))`;
    assert.deepEqual(run(text).seen, [PLAIN - 10]);
  });

  test('that is called by plain C goes on below it', () => {
    const others = `
      (func $outer
        (local $sp i32)
        (global.set $__stack_pointer
          (local.tee $sp (i32.sub (global.get $__stack_pointer) (i32.const 100))))
        (call $take (i32.const 10))
        (global.set $__stack_pointer (i32.add (local.get $sp) (i32.const 100))))`;
    assert.deepEqual(run(body('(call $outer)', others)).seen, [PLAIN - 110]);
  });

  test('that JavaScript calls back while a fiber runs is on it', () => {
    const text = body('(call $back)', '(func (export "again") (call $take (i32.const 10)))');
    assert.deepEqual(run(text).seen, [PLAIN - 10]);
  });

  test('keeps its arguments and its result', () => {
    const others = `
      (func $sum (param i32 i32) (result i32)
        (call $take (i32.const 8))
        (i32.sub (local.get 0) (local.get 1)))`;
    const { seen } = run(body('(call $see (call $sum (i32.const 50) (i32.const 8)))', others));
    assert.deepEqual(seen, [PLAIN - 8, 42]);
  });
});

describe('a callback', () => {
  // It can be called by what can be suspended, because of its type, and by plain C.
  const compared = (code) => run(body(code, `
    (type $compare (func (param i32 i32) (result i32)))
    (elem (i32.const 2) $compare)
    (func $compare (param i32 i32) (result i32)
      (call $take (i32.const 8))
      (i32.sub (local.get 0) (local.get 1)))
    (func $sort (result i32)
      (local $sp i32)
      (global.set $__stack_pointer
        (local.tee $sp (i32.sub (global.get $__stack_pointer) (i32.const 100))))
      (call_indirect (type $compare) (i32.const 50) (i32.const 9) (i32.const 2))
      (global.set $__stack_pointer (i32.add (local.get $sp) (i32.const 100))))`)).seen;

  test('of a fiber moves to the stack of the program, and back', () => {
    const code = '(call_indirect (type $compare) (i32.const 50) (i32.const 8) (i32.const 2))';
    assert.deepEqual(compared(`(call $see ${code}) (call $tell)`), [PLAIN - 8, 42, 9000]);
  });

  test('of plain C goes on below it, and gives back what it took', () => {
    assert.deepEqual(compared('(call $see (call $sort)) (call $tell)'), [PLAIN - 108, 41, 9000]);
  });
});

describe('what can be suspended', () => {
  const frame = (size, code) => `
    (local $sp i32)
    (global.set $__stack_pointer
      (local.tee $sp (i32.sub (global.get $__stack_pointer) (i32.const ${size}))))
    ${code}
    (global.set $__stack_pointer (i32.add (local.get $sp) (i32.const ${size})))`;

  test('asks before it moves the pointer down, and stays on its stack', () => {
    const { seen, asked } = run(body(frame(48, '(call $tell) (call $take (i32.const 16))')));
    assert.deepEqual(seen, [9000 - 48, PLAIN - 16]);
    assert.deepEqual(asked, [9000 - 48]);
  });

  test('asks when it takes by adding', () => {
    const taking = `
      (local $sp i32)
      (local.set $sp (global.get $__stack_pointer))
      (global.set $__stack_pointer (i32.add (local.get $sp) (i32.const -32)))
      (global.set $__stack_pointer (i32.add (i32.add (local.get $sp) (i32.const -64)) (i32.const 64)))`;
    assert.deepEqual(run(body(taking)).asked, [9000 - 32]);
  });

  test('asks when it allocates more', () => {
    const more = '(global.set $__stack_pointer (local.get $sp))';
    const { asked } = run(body(frame(48, more)));
    assert.deepEqual(asked, [9000 - 48, 9000 - 48]);
  });
});

describe('a module that cannot be guarded', () => {
  test('for want of names is refused', () => {
    const bytes = assemble(body(''), { names: false });
    assert.throws(() => guardStacks(bytes), /the stack pointer has no name.*link without -s/);
  });

  test('because it was not understood stays as it is, with a warning', () => {
    const warnings = [];
    const bytes = assemble(body('', '(rec (type $s (struct (field i32)))) (func $a (param (ref $s)))'));
    assert.equal(
      guardStacks(bytes, (what) => warnings.push(what)),
      bytes,
    );
    assert.match(warnings.join(), /type.*C stacks are not guarded/);
  });
});
