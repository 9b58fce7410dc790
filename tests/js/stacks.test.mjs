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
  (import "elsewhere" "place" (global $place i32))
  (global $__stack_pointer (export "sp") (mut i32) (i32.const ${OWN}))
  (global $questions (export "questions") (mut i32) (i32.const 0))
  (func $question (global.set $questions (i32.add (global.get $questions) (i32.const 1))))
  (func $plain_stack (export "bide_fiber_plain_stack") (param i32) (result i32)
    (call $question)
    (select (local.get 0) (i32.const ${PLAIN}) (i32.le_u (local.get 0) (i32.const ${OWN}))))
  (func $is_plain (export "bide_fiber_is_plain") (param i32) (result i32)
    (call $question)
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

// Runs it at `sp` of a fiber, `before(exports)` first: the stack pointers that functions saw, those
// that were asked for, and how often it was asked whether to move.
function run(text, sp = 9000, before = () => {}) {
  const seen = [];
  const asked = [];
  const warn = (what) => assert.fail(what);
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(guardStacks(assemble(text), warn)),
    {
      asyncify: { start_unwind() {}, stop_unwind() {} },
      wasi_test: { see: (at) => seen.push(at), asked: (at) => asked.push(at) },
      elsewhere: { back: () => exports.again(), place: 0 },
    },
  );
  before(exports);
  exports.enter(sp);
  assert.equal(exports.sp.value, OWN);
  return { seen, asked, questions: exports.questions.value };
}

// The body may suspend, and calls `code`.
const TABLE = '(table 4 funcref) (elem (i32.const 0) $body $take_ten)';
const body = (code, others = '', table = TABLE) => `
  ${table}
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

  test('that a fiber begins with, and plain C may call as well, too', () => {
    const text = `
      (table 1 funcref) (elem (i32.const 0) $first)
      (func $first (call $take (i32.const 10)))
      (func (export "again") (call_indirect (type $body) (i32.const 0)))
      (func $never (call $suspend))`;
    assert.deepEqual(run(text, 9000, ({ again }) => again()).seen, [OWN - 10, PLAIN - 10]);
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
  const compared = (code, others = '', { before, table } = {}) => run(body(code, `
    (type $compare (func (param i32 i32) (result i32)))
    (elem (i32.const 2) $compare)
    (func $compare (param i32 i32) (result i32)
      (call $take (i32.const 8))
      (i32.sub (local.get 0) (local.get 1)))
    (func $sort (param $index i32) (result i32)
      (local $sp i32)
      (global.set $__stack_pointer
        (local.tee $sp (i32.sub (global.get $__stack_pointer) (i32.const 100))))
      (call_indirect (type $compare) (i32.const 50) (i32.const 9) (local.get $index))
      (global.set $__stack_pointer (i32.add (local.get $sp) (i32.const 100))))
    ${others}`, table), 9000, before);
  const called = '(call $see (call_indirect (type $compare) (i32.const 50) (i32.const 8) (i32.const 2)))';
  const sorted = (index = 2) => `(call $see (call $sort (i32.const ${index})))`;
  const open = '(export "table" (table 0))';

  test('of a fiber moves to the stack of the program, and back', () => {
    const { seen, questions } = compared(`${called} (call $tell)`);
    assert.deepEqual(seen, [PLAIN - 8, 42, 9000]);
    assert.equal(questions, 1);
    assert.deepEqual(compared(`${called} (call $tell)`, open).seen, seen);
    assert.deepEqual(compared(`${called} ${sorted()} (call $tell)`).seen, [
      ...[PLAIN - 8, 42, PLAIN - 108, 41, 9000],
    ]);
  });

  test('of plain C goes on below it, and gives back what it took', () => {
    const never = `(if (i32.const 0) (then ${called}))`; // but for which only plain C would call it
    const { seen, questions } = compared(`${never} ${sorted()} (call $tell)`);
    assert.deepEqual(seen, [PLAIN - 108, 41, 9000]);
    assert.equal(questions, 1); // for the sort alone
    const others = compared(`${never} ${sorted()} (call $tell)`, open);
    assert.deepEqual(others, { seen, asked: [], questions: 3 }); // for the export enter, too
  });

  test('of plain C may be put into the table later', () => {
    const onFiber = called.replace('(i32.const 2)', '(i32.const 3)');
    const set = `${called} (table.set (i32.const 3) (ref.func $other)) ${sorted(3)} ${onFiber}`;
    const other = `
      (func $other (export "other") (param i32 i32) (result i32) (call $take (i32.const 4)) (local.get 1))`;
    assert.deepEqual(compared(set, other).seen, [PLAIN - 8, 42, PLAIN - 104, 9, PLAIN - 4, 8]);
    const again = `${called} (table.set (i32.const 3) (table.get (i32.const 2))) ${onFiber}`;
    assert.deepEqual(compared(`${again} ${sorted(3)}`).seen.slice(2), [PLAIN - 8, 42, PLAIN - 108, 41]);
    const byJs = `${other} ${open}`;
    const put = ({ table, other: fn }) => table.set(3, fn);
    const { seen } = compared(`${called} ${sorted(3)}`, byJs, { before: put });
    assert.deepEqual(seen, [PLAIN - 8, 42, PLAIN - 104, 9]);
  });

  test('that is not in the table is a trap', () => {
    const on = (index) => called.replace('(i32.const 2)', `(i32.const ${index})`);
    for (const code of [3, 4, 8, -1].flatMap((index) => [called + sorted(index), sorted() + on(index)]))
      assert.throws(() => compared(code), WebAssembly.RuntimeError, code);
  });

  const elements = '(elem (i32.const 0) $body $take_ten)';
  const many = `(elem (i32.const 90) ${'$nothing '.repeat(300)}) (func $nothing (param i64))`;
  for (const [what, questions, table] of [
    ['many parts', 3, `(table 9000 funcref) ${elements} ${many}`],
    ['room to grow', 3, `(table 4 9 funcref) ${elements}`],
    ['one of two', 7, `(table 4 funcref) (table $second 4 funcref) ${elements}`],
    ['filled at a place that is told later', 7,
      `(table 4 funcref) ${elements} (elem (global.get $place) $body)`],
  ])
    test(`of plain C is found in a table: ${what}`, () => {
      const result = compared(`${called} ${sorted()} ${sorted()}`, '', { table });
      assert.deepEqual(result.seen, [PLAIN - 8, 42, PLAIN - 108, 41, PLAIN - 108, 41]);
      assert.equal(result.questions, questions);
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
