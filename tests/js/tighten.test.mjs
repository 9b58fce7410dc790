// Functions that are suspended go on as if nothing had happened, and keep no more than they need.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { finish } from '../../wasm/finish.mjs';
import { Unsupported, decode, readModule } from '../../wasm/reader.mjs';
import { tighten } from '../../wasm/tighten.mjs';

let folder;
let binaryen;
before(async () => {
  ({ default: binaryen } = await import('binaryen'));
  folder = mkdtempSync(join(tmpdir(), 'bide-tighten-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const AREA = 64; // where what is kept begins
const END = 32768; // and where it may end
const NEXT = 16384; // and where it goes on, with frames that ask for room
const SLOTS = 32768;

const hex = (words) =>
  [...Buffer.from(Uint32Array.from(words).buffer)]
    .map((byte) => `\\${byte.toString(16).padStart(2, '0')}`)
    .join('');

// What src/fiber/locals.c has. The next area's control block is at 16.
const asking = `
  (func $frames_ask (export "bide_fiber_frames_ask") (result i32) (i32.const 0))
  (func $make_room (export "bide_fiber_make_room"))
  (func (export "asks") (result i32) (call $frames_ask))
  (func (export "bide_fiber_next_area") (param $full i32) (result i32)
    (local $from i32) (local $to i32)
    (if (local.get $full) (then (unreachable)))
    (global.set $moves (i32.add (global.get $moves) (i32.const 1)))
    (local.set $from (i32.const ${AREA}))
    (local.set $to (i32.const ${NEXT}))
    (block $done
      (loop $more
        (br_if $done (i32.ge_u (local.get $from) (i32.load (i32.const 0))))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $more)))
    (i32.store (i32.const 16) (local.get $to))
    (i32.store (i32.const 20) (i32.const ${END}))
    (global.set $area (i32.const 16))
    (i32.const 16))`;

// A module in which $suspend does nothing, or rolls all up, and $run_NAME rolls it out at once.
// The area's control block is at 0, the address of all functions' numbers at 8.
const around = (functions, names) => `(module
  (import "asyncify" "start_unwind" (func $start_unwind (param i32)))
  (import "asyncify" "stop_unwind" (func $stop_unwind))
  (import "asyncify" "start_rewind" (func $start_rewind (param i32)))
  (import "asyncify" "stop_rewind" (func $stop_rewind))
  (memory (export "memory") 1)
  (data (i32.const 8) "${hex([SLOTS])}")
  (data (i32.const ${SLOTS}) "${hex(names.keys())}")
  (global $mode (mut i32) (i32.const 0))
  (global $suspends (export "suspends") (mut i32) (i32.const 0))
  (global $times (export "times") (mut i32) (i32.const 0))
  (global $end (export "end") (mut i32) (i32.const ${END}))
  (global $fuel (mut i32) (i32.const 0))
  (global $area (mut i32) (i32.const 0))
  (global $moves (export "moves") (mut i32) (i32.const 0))
  (type $binary (func (param i32 i64) (result i32)))
  (func $suspend
    (if (i32.eq (global.get $mode) (i32.const 2))
      (then (call $stop_rewind) (global.set $mode (i32.const 0)) (return)))
    (if (global.get $suspends)
      (then
        (global.set $times (i32.add (global.get $times) (i32.const 1)))
        (global.set $mode (i32.const 1))
        (i32.store (i32.const 0) (i32.const ${AREA}))
        (i32.store (i32.const 4) (global.get $end))
        (global.set $area (i32.const 0))
        (call $start_unwind (i32.const 0)))))
  ${functions}
  (table ${names.length} funcref) (elem (i32.const 0) ${names.map((name) => `$${name}`).join(' ')})
  ${names
    .map(
      (name) => `(func (export "${name}") (param $a i32) (param $b i64) (result i32)
        (local $result i32)
        (global.set $fuel (i32.const 40))
        (loop $again
          (local.set $result (call $${name} (local.get $a) (local.get $b)))
          (if (i32.eq (global.get $mode) (i32.const 1))
            (then
              (call $stop_unwind)
              (global.set $mode (i32.const 2))
              (call $start_rewind (global.get $area))
              (br $again))))
        (local.get $result))`,
    )
    .join('\n')})`;

async function build(functions, names, options) {
  const module = binaryen.parseText(around(functions, names));
  const { MutableGlobals, NontrappingFPToInt } = binaryen.Features;
  module.setFeatures(MutableGlobals | NontrappingFPToInt);
  assert.ok(module.validate());
  binaryen.setDebugInfo(true);
  const path = join(folder, 'module.wasm');
  writeFileSync(path, module.emitBinary());
  module.dispose();
  finish(path, path, options);
  const { instance } = await WebAssembly.instantiate(readFileSync(path));
  return instance.exports;
}

// The answer of a function that is suspended at each $suspend; it must be the same without.
function answer(app, name, a, b) {
  app.suspends.value = 0;
  const expected = app[name](a, b);
  app.suspends.value = 1;
  app.times.value = 0;
  assert.equal(app[name](a, b), expected, `${name}(${a}, ${b})`);
  return expected;
}

// --- random functions ----------------------------------------------------------------------

function randomNumbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

// The text of a function that does random things to its locals, and suspends now and then. It may
// call the functions before it.
function randomFunction(name, earlier, random, depth) {
  const pick = (list) => list[random(list.length)];
  const i32 = ['$a', '$c', '$d', '$e'];
  const i64 = ['$b', '$f'];
  const get = (local) => `(local.get ${local})`;
  const word = (depth) => {
    if (!depth || !random(3)) return random(4) ? get(pick(i32)) : `(i32.const ${random(9)})`;
    const plain = `(i32.${pick(['add', 'sub', 'xor', 'mul', 'lt_s', 'eq'])}
      ${word(depth - 1)} ${word(depth - 1)})`;
    return pick([plain, plain, `(i32.wrap_i64 ${get(pick(i64))})`, call(depth - 1)]);
  };
  const call = (depth) => {
    const callee = pick(earlier.slice(-4));
    if (!callee) return word(depth);
    const values = `${word(depth)} ${get(pick(i64))}`;
    const index = earlier.indexOf(callee);
    return pick([
      `(call $${callee} ${values})`,
      `(call_indirect (type $binary) ${values} (i32.const ${index}))`,
      `(call_indirect (type $binary) ${values} (i32.load offset=${4 * index} (local.get $slots)))`,
    ]);
  };
  const burn = `(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))`;
  let labels = 0;
  const statements = (depth) =>
    Array.from({ length: 1 + random(4) }, () => statement(depth)).join('\n');
  const statement = (depth) => {
    const label = `$l${labels++}`;
    const inner = () => (depth ? statements(depth - 1) : '');
    return pick([
      () => `(local.set ${pick(i32)} ${word(2)})`,
      () => `(local.set ${pick(i64)} (i64.add ${get(pick(i64))} (i64.extend_i32_s ${word(1)})))`,
      () => `(local.set $g (f64.add ${get('$g')} (f64.convert_i32_s ${word(1)})))`,
      () => `(local.set $h (f32.add ${get('$h')} (f32.convert_i32_s ${word(1)})))`,
      () => `(call $suspend)`,
      () => `(if ${word(1)} (then ${inner()}) (else ${inner()}))`,
      () => `(block ${label} ${inner()} (br_if ${label} ${word(1)}) ${inner()})`,
      () => `(block ${label} (block ${label}x (block ${label}y
          (br_table ${label}y ${label}x ${label} (i32.and ${word(1)} (i32.const 3))))
        ${inner()} (br ${label})) ${inner()})`,
      () => `(loop ${label} ${burn} ${inner()}
        (br_if ${label} (i32.and (i32.gt_s (global.get $fuel) (i32.const 0))
          (i32.ne ${word(1)} (i32.const 3)))))`,
      () => `(if (i32.eq ${word(1)} (i32.const 77)) (then (return ${word(1)})))`,
    ])();
  };
  return `(func $${name} (type $binary) (param $a i32) (param $b i64) (result i32)
    (local $c i32) (local $d i32) (local $e i32) (local $f i64) (local $g f64) (local $h f32)
    (local $slots i32)
    (local.set $slots (i32.load (i32.const 8)))
    (if (i32.lt_s (global.get $fuel) (i32.const -60)) (then (return ${get('$a')})))
    ${burn}
    ${statements(depth)}
    (i32.add ${word(2)}
      (i32.add (i32.trunc_sat_f64_s ${get('$g')}) (i32.trunc_sat_f32_s ${get('$h')}))))`;
}

// The text of some, and their names. The less deep, the fewer calls they have.
function randomFunctions(count, depth = 3) {
  const names = [];
  let text = '';
  for (let i = 0; i < count; i++) {
    const name = `random_${i}`;
    text += randomFunction(name, names, randomNumbers(i + 1), depth);
    names.push(name);
  }
  return { text, names };
}

// Calls each a few times: how often they were suspended.
function exercise(app, names) {
  let times = 0;
  for (const name of names)
    for (let a = 0; a < 6; a++) {
      answer(app, name, a * 7 - 5, BigInt(a * a - 9));
      times += app.times.value;
    }
  return times;
}

describe('random functions', () => {
  for (const options of [['-O3'], ['-Os'], ['-O1']])
    test(`answer the same when they are suspended, with ${options}`, async () => {
      const { text, names } = randomFunctions(100);
      const times = exercise(await build(text, names, options), names);
      assert.ok(times > 5_000, `${times} suspensions`);
    });

  test('with hardly a call too', async () => {
    for (const [depth, extra] of [[0, asking], [1, ''], [1, asking]]) {
      const { text, names } = randomFunctions(120, depth);
      const times = exercise(await build(text + extra, names, ['-O3']), names);
      assert.ok(times > 400, `${times} suspensions`);
    }
  });
});

describe('frames that ask for room', () => {
  test('go on in another area where the first is full', async () => {
    const { text, names } = randomFunctions(60);
    const app = await build(text + asking, names, ['-O3']);
    assert.equal(app.asks(), 1);
    for (const room of [0, 4, 30, 100, 400]) {
      app.end.value = AREA + room;
      app.moves.value = 0;
      const times = exercise(app, names);
      assert.ok(app.moves.value > times / 100, `${app.moves.value} of ${times}`);
    }
    app.end.value = NEXT;
    app.moves.value = 0;
    exercise(app, names);
    assert.equal(app.moves.value, 0);
  });

  test('are of any size', async () => {
    for (const size of [0, 14, 15, 16, 17, 18]) {
      const each = (code) => Array.from({ length: size }, (_, i) => code(i)).join(' ');
      const text = `(func $f (type $binary) (param $a i32) (param $b i64) (result i32)
        ${each((i) => `(local $v${i} i32)`)}
        ${each((i) => `(local.set $v${i} (i32.load8_u offset=${i} (local.get $a)))`)}
        (call $suspend)
        ${each((i) => `(i32.store8 offset=40 (i32.const ${i}) (local.get $v${i}))`)}
        (i32.load offset=40 (i32.const 0)))`;
      const app = await build(text + asking, ['f'], ['-O3']);
      answer(app, 'f', 2, 0n);
      assert.equal(app.asks(), 1, `${size} locals`);
    }
  });
});

// --- what is kept --------------------------------------------------------------------------

// The bytes that a function which is suspended once has kept.
async function kept(body, extra = '') {
  const text = `${extra} (func $f (type $binary) (param $a i32) (param $b i64) (result i32)
    (local $c i32) (local $d i32) ${body})`;
  const app = await build(text, ['f'], ['-O3']);
  const memory = new DataView(app.memory.buffer);
  for (let at = AREA; at < 4096; at++) memory.setUint8(at, 0xee);
  answer(app, 'f', 5, 6n);
  assert.equal(app.times.value, 1);
  let end = 4096;
  while (memory.getUint8(end - 1) === 0xee) end--;
  return end - AREA;
}

describe('of a frame is kept', () => {
  test('what is read after the call', async () => {
    assert.equal(await kept('(call $suspend) (local.get $a)'), 4);
    assert.equal(await kept('(call $suspend) (i32.wrap_i64 (local.get $b))'), 8);
    assert.equal(await kept('(call $suspend) (i32.const 1)'), 0);
  });

  test('the call, if there is another', async () => {
    const other = '(if (i32.eqz (local.get $a)) (then (call $suspend)))';
    assert.equal(await kept(`(call $suspend) ${other} (i32.const 1)`), 8);
    assert.equal(await kept(`${other} (call $suspend) (i32.const 1)`), 4);
    assert.equal(await kept(`${other} (call $suspend) (local.get $a)`), 8);
  });

  test('nothing that is set anew before it is read', async () => {
    const body = `
      (local.set $c (i32.mul (local.get $a) (local.get $a)))
      (block $out
        (call $suspend)
        (local.set $d (i32.const 3))
        (local.set $c (i32.load8_u (i32.const 9)))
        (br_if $out (local.get $c))
        (local.set $d (i32.add (i32.load8_u (i32.const 8)) (local.get $a))))
      (local.get $d)`;
    assert.equal(await kept(body), 4);
  });

  test('what is read behind any of the targets of a table of branches', async () => {
    const store = (value) => `(i32.store (i32.const 16) ${value}) (br $out))`;
    const body = `
      (local.set $c (i32.load8_u (i32.const 9)))
      (call $suspend)
      (block $out
        (block $three
          (block $two
            (block $one
              (br_table $one $two $three $out
                (i32.add (i32.load8_u (i32.const 8)) (i32.const 1))))
            ${store('(i32.const 1)')}
          ${store('(local.get $c)')}
        (i32.store8 (i32.const 20) (i32.const 1)))
      (i32.load (i32.const 16))`;
    assert.equal(await kept(body), 4);
  });

  test('no argument of the call, which has its own', async () => {
    const extra = `(func $g (param $x i32) (param $y i32) (result i32)
      (call $suspend) (local.get $x))`;
    const body = `
      (drop (call $g (i32.load8_u (i32.const 9)) (i32.load8_u (i32.const 8)))) (local.get $a)`;
    assert.equal(await kept(body, extra), 8);
  });
});

test('more than there is room for is not taken for whole', async () => {
  const text = `(func $f (type $binary) (param $a i32) (param $b i64) (result i32)
    (call $suspend) (local.get $a))`;
  const app = await build(text, ['f'], ['-O3']);
  app.suspends.value = 1;
  app.end.value = AREA + 4;
  assert.equal(app.f(5, 6n), 5);
  app.end.value = AREA + 3;
  assert.throws(() => app.f(5, 6n), WebAssembly.RuntimeError);
});

// How often the finished function $f asks for Asyncify's state, and how many functions it calls.
async function finished(body) {
  const text = `(func $f (export "itself") (type $binary)
    (param $a i32) (param $b i64) (result i32) ${body})
    (func $g (type $binary) (param $a i32) (param $b i64) (result i32)
      (call $suspend) (local.get $a))`;
  const app = await build(text, ['f', 'g'], ['-O3']);
  answer(app, 'f', 1, 6n);
  assert.ok(app.times.value > 0);
  const bytes = readFileSync(join(folder, 'module.wasm'));
  const module = readModule(bytes);
  const codeOf = (fn) => decode(bytes, fn).code;
  const [state, f] = ['asyncify_get_state', 'itself'].map(
    (name) => module.functions[module.exports.get(name)],
  );
  const [get] = codeOf(state);
  const asked = codeOf(f).filter((instruction) => instruction.bytes.equals(get.bytes)).length;
  return { asked, calls: f.calls.size };
}

describe('a function with one call that suspends', () => {
  test('asks once whether it is rolled out, and once whether it is rolled up', async () => {
    const call = '(drop (call_indirect (type $binary) (local.get $a) (local.get $b) (local.get $a)))';
    const store = (i) => `(i32.store8 (i32.const ${i}) (i32.const 1))`;
    const { asked } = await finished(`${call} ${store(20)} (i32.const 1)`);
    assert.equal(asked, 2);
    const twice = `${call} ${store(20)} ${call} ${store(21)} (i32.const 1)`;
    assert.ok((await finished(twice)).asked > 3);
  });

  test('suspends by itself', async () => {
    const { calls } = await finished('(call $suspend) (local.get $a)');
    assert.equal(calls, 0);
  });
});

describe('what Asyncify did not write', () => {
  test('is refused', () => {
    const module = binaryen.parseText(`(module
      (func (export "asyncify_start_unwind") (param i32)))`);
    const bytes = Buffer.from(module.emitBinary());
    module.dispose();
    assert.throws(() => tighten(bytes), Unsupported);
  });
});
