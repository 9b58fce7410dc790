// Which functions can be suspended, on small modules in WebAssembly's text format.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Unsupported, readModule, refusedMemory } from '../../wasm/reader.mjs';
import { analyse, suspendingFunctions, uniqueNames } from '../../wasm/suspending.mjs';

let binaryen;
before(async () => ({ default: binaryen } = await import('binaryen')));

// Assembles `text` after the imports every module here has, with names.
function assemble(text, imports = '') {
  const module = binaryen.parseText(`(module
    (import "asyncify" "start_unwind" (func $start_unwind (param i32)))
    (import "asyncify" "stop_unwind" (func $stop_unwind))
    (import "asyncify" "start_rewind" (func $start_rewind (param i32)))
    ${imports}
    (func $suspend (call $start_unwind (i32.const 0)))
    ${text})`);
  const wanted = 'Atomics BulkMemory ExceptionHandling GC NontrappingFPToInt ReferenceTypes SIMD128 TailCall';
  const bits = wanted.split(' ').map((name) => binaryen.Features[name]);
  module.setFeatures(bits.reduce((all, bit) => all | bit));
  binaryen.setDebugInfo(true);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

const suspending = (...text) => analyse(assemble(...text)).suspending.sort();

describe('functions that can be suspended', () => {
  test('are those that call start_unwind, and their callers', () => {
    const text = `(func $a (call $suspend)) (func $b (call $a)) (func $alone)`;
    assert.deepEqual(suspending(text), ['a', 'b', 'suspend']);
  });

  test('end where an unwind ends', () => {
    const text = `
      (func $body (call $suspend))
      (func $resume (call $body) (call $stop_unwind))
      (func $rewind (call $body) (call $start_rewind (i32.const 0)))
      (func $main (call $resume) (call $rewind))`;
    assert.deepEqual(suspending(text), ['body', 'suspend']);
  });

  test('end where the runtime lets none pass, which a name tells', () => {
    const text = `
      (table 1 funcref) (elem (i32.const 0) $body)
      (func $body (call $suspend))
      (func $bide__barrier_of_any_name (call_indirect (i32.const 0)))
      (func $bide__bar (call_indirect (i32.const 0)))
      (func $a (call $bide__barrier_of_any_name))
      (func $b (call $bide__bar))`;
    assert.deepEqual(suspending(text), ['b', 'bide__bar', 'body', 'suspend']);
  });

  test('are none of those that never run on a fiber', () => {
    const text = `
      (type $entry (func)) (type $callback (func (param i32)))
      (table 2 funcref) (elem (i32.const 0) $body $hook)
      (func $body (type $entry) (call $helper))
      (func $helper (call $suspend) (call_indirect (type $callback) (i32.const 1) (i32.const 1)))
      (func $hook (type $callback) (call $below))
      (func $below (call $suspend))
      (func $resume (call_indirect (type $entry) (i32.const 0)) (call $stop_unwind))
      (func $main (call $suspend) (call $helper) (call $only_main))
      (func $only_main (call $suspend))`;
    assert.deepEqual(suspending(text), ['below', 'body', 'helper', 'hook', 'suspend']);
  });

  test('are those that a fiber entered from a fiber calls', () => {
    const text = `
      (table 1 funcref) (elem (i32.const 0) $body)
      (func $body (call $between))
      (func $between (call $resume) (call $leaf))
      (func $leaf (call $suspend))
      (func $resume (call_indirect (i32.const 0)) (call $stop_unwind))
      (func $main (call $resume))`;
    assert.deepEqual(suspending(text), ['between', 'body', 'leaf', 'suspend']);
  });

  test('include indirect calls of a type that reaches one', () => {
    const text = `
      (type $body (func (param i32) (result i32))) (type $other (func (param i32)))
      (table 2 funcref) (elem (i32.const 0) $coroutine $callback)
      (func $coroutine (type $body) (call $suspend) (i32.const 0))
      (func $callback (type $other))
      (func $may (drop (call_indirect (type $body) (i32.const 1) (i32.const 0))))
      (func $cannot (call_indirect (type $other) (i32.const 1) (i32.const 1)))`;
    assert.deepEqual(suspending(text), ['coroutine', 'may', 'suspend']);
  });

  test('do not include indirect calls when no reference is taken', () => {
    const text = `
      (type $body (func (param i64)))
      (table 1 funcref)
      (func $direct (type $body) (call $suspend))
      (func $indirect (call_indirect (type $body) (i64.const 1) (i32.const 0)))`;
    assert.deepEqual(suspending(text), ['direct', 'suspend']);
  });

  test('include what an exported table may be given from outside', () => {
    const text = `
      (type $body (func (param i64)))
      (table (export "table") 1 funcref)
      (func $direct (export "direct") (type $body) (call $suspend))
      (func $indirect (call_indirect (type $body) (i64.const 1) (i32.const 0)))`;
    assert.deepEqual(suspending(text), ['direct', 'indirect', 'suspend']);
  });

  test('include what a table may be given by functions and globals that others reach', () => {
    const ways = [
      ['(func (export "give") (param funcref) (table.set (i32.const 0) (local.get 0)))'],
      ['(global (export "place") (mut funcref) (ref.null func))'],
      ['', '(import "elsewhere" "take" (func (result funcref)))'],
      ['', '(import "elsewhere" "place" (global funcref))'],
    ];
    for (const [way, ...imports] of ways) {
      const text = `
        (type $body (func (param i64)))
        (table 1 funcref)
        ${way}
        (func $direct (export "direct") (type $body) (call $suspend))
        (func $indirect (call_indirect (type $body) (i64.const 1) (i32.const 0)))`;
      assert.deepEqual(suspending(text, ...imports), ['direct', 'indirect', 'suspend'], way);
    }
  });

  test('are found through recursion and cycles', () => {
    const text = `(func $a (call $b)) (func $b (call $a) (call $c)) (func $c (call $suspend))`;
    assert.deepEqual(suspending(text), ['a', 'b', 'c', 'suspend']);
  });

  test('are found behind every kind of instruction', () => {
    const text = `
      (memory 1 1)
      (func $all (param i32) (local v128 f32 f64 i64)
        (block $out
          (loop $again
            (br_table $out $again (i32.const 300))))
        (if (local.get 0) (then (nop)) (else (unreachable)))
        (local.set 2 (f32.const 1.5))
        (local.set 3 (f64.const 2.5))
        (local.set 4 (i64.const -9223372036854775808))
        (local.set 1 (v128.const i32x4 16 16 16 16))
        (local.set 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 1) (local.get 1)))
        (drop (i8x16.extract_lane_s 11 (local.get 1)))
        (local.set 1 (v128.load8_lane offset=16 3 (i32.const 16) (local.get 1)))
        (i64.store offset=4096 align=1 (i32.const 16) (i64.const 16))
        (memory.copy (i32.const 0) (i32.const 16) (i32.const 16))
        (memory.fill (i32.const 0) (i32.const 16) (i32.const 16))
        (drop (i32.trunc_sat_f32_s (local.get 2)))
        (drop (i32.atomic.rmw.add (i32.const 16) (i32.const 16)))
        (atomic.fence)
        (drop (select (result i32) (i32.const 1) (i32.const 2) (local.get 0)))
        (call $suspend))`;
    assert.deepEqual(suspending(text), ['all', 'suspend']);
  });
});

describe('names', () => {
  test('are made unlike each other, and plain', () => {
    const module = {
      functions: [{}, {}, {}, {}],
      names: new Map([
        [0, 'step'],
        [1, 'step'],
        [2, 'f(int, int)'],
      ]),
    };
    assert.deepEqual(uniqueNames(module), ['step', 'step.1', 'f_int__int_', 'function3']);
  });

  test('are made unlike those that others have already', () => {
    const names = ['step.2', 'step', 'step', 'step.3', 'step'].map((name, i) => [i, name]);
    const module = { functions: names.map(() => ({})), names: new Map(names) };
    const unique = uniqueNames(module);
    assert.equal(new Set(unique).size, 5, unique.join());
  });

  test('are written into the module, which stays valid', async () => {
    const { bytes } = analyse(assemble('(func $a (call $suspend))'));
    await WebAssembly.compile(bytes);
    assert.deepEqual(
      [...readModule(bytes).names.values()],
      ['start_unwind', 'stop_unwind', 'start_rewind', 'suspend', 'a'],
    );
  });
});

describe('what cannot be read', () => {
  test('is refused, not guessed at', () => {
    assert.throws(() => readModule(new Uint8Array([1, 2, 3])), Unsupported);
    const bytes = assemble('(func $a (call $suspend))');
    assert.throws(() => readModule(bytes.subarray(0, bytes.length - 60)), Unsupported);
    const types = '(rec (type $s (struct (field i32)))) (func $a (param (ref $s)))';
    assert.throws(() => readModule(assemble(types)), Unsupported);
  });

  test('what Asyncify cannot rewrite is refused by name', () => {
    const message = (does) => new RegExp(`^Error: 'outer' ${does}.*compile without -mtail-call`);
    const outer = (code) => () => suspending(`(tag $tag) (func $inner) (func $outer ${code})`);
    assert.throws(outer('(return_call $inner)'), message('ends in a tail call'));
    assert.throws(outer('(throw $tag)'), message('throws'));
    const table = '(block $caught (try_table (catch $tag $caught) (call $inner)))';
    assert.throws(outer(table), message('catches'));
    assert.throws(outer('(try (do (call $inner)) (catch $tag))'), message('catches'));
  });

  test('a memory of threads or of 64-bit addresses is refused', () => {
    const memory = (text) => {
      const module = binaryen.parseText(`(module ${text})`);
      module.setFeatures(binaryen.Features.Atomics | binaryen.Features.Memory64);
      const bytes = module.emitBinary();
      module.dispose();
      return refusedMemory(bytes);
    };
    assert.match(memory('(memory 1 1 shared)'), /shared by threads.*without -pthread/);
    assert.match(memory('(import "env" "memory" (memory 1 1 shared))'), /shared by threads/);
    assert.match(memory('(memory i64 1)'), /64-bit addresses: compile for wasm32/);
    assert.equal(memory('(memory 1)'), undefined);
    assert.equal(memory('(import "env" "memory" (memory 1 1))'), undefined);
  });

  test('a module without Asyncify has nothing that can be suspended', () => {
    const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    assert.equal(suspendingFunctions(readModule(empty)).size, 0);
  });
});
