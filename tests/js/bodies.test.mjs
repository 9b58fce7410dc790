// Which functions are nothing but bodies of coroutines, on small modules as a linker writes them, with
// its notes of who takes whose address.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findBodies } from '../../wasm/bodies.mjs';
import { encodeU32, sized } from '../../wasm/writer.mjs';

const text = (string) => [...sized([Buffer.from(string)])];
const vector = (items) => [...encodeU32(items.length), ...items.flat()];
const section = (id, content) => [id, ...sized([content])];
const custom = (name, content) => section(0, [...text(name), ...content]);

// The functions, by their names, and their types below.
const [NOTHING, BODY, MAKER, PAIR] = [0, 1, 2, 3];
const FUNCTIONS = [
  ...[['stop_unwind', NOTHING], ['bide_gen_at', MAKER], ['bide__cold_end', NOTHING]],
  ...[['other', MAKER], ['pair', PAIR], ['body', BODY], ['user', NOTHING]],
];
const indexOf = (name) => FUNCTIONS.findIndex(([known]) => known === name);
const I32 = 0x7f;
const TYPES = [[0, 0], [2, 1], [3, 1], [2, 0]];
const PLACE = 1; // of the body in the table

const [CALL, DROP, GET, SET, TEE, CONST, EQ, ADD, STORE, END] = [
  0x10, 0x1a, 0x20, 0x21, 0x22, 0x41, 0x46, 0x6a, 0x36, 0x0b,
];
const call = (name) => [CALL, indexOf(name)];
const number = (value) => [CONST, value];
const ADDRESS = [CONST, PLACE | 128, 128, 128, 128, 0]; // as padded by linkers
const IN_CODE = 1;

// The code of a function that does `code`, and where it takes the address of the body, from its size on.
function compile(code) {
  const bytes = [1, 1, I32, ...code.flat(), END]; // with a local
  const before = encodeU32(bytes.length).length + 3;
  let at = before;
  const places = [];
  for (const piece of code) {
    if (piece === ADDRESS) places.push(at + 1);
    at += piece.length;
  }
  return { bytes: [...sized([bytes])], places };
}

// A module whose last function does `code`. `notes` has relocations beside those of the code, and
// `table` how the table is exported.
function moduleOf(code, { notes = [], others = [], exports = [] } = {}) {
  const empty = [...sized([[0, END]])];
  const unreachable = [...sized([[0, 0x00, END]])];
  const { bytes, places } = compile(code);
  const bodies = FUNCTIONS.slice(1, -1).map(([, type]) => (type === NOTHING || type === PAIR ? empty : unreachable));
  const before = 1 + bodies.flat().length;
  const inCode = places.map((place) => [IN_CODE, ...encodeU32(before + place), 0]);
  const types = TYPES.map(([takes, gives]) => [0x60, ...vector(Array(takes).fill([I32])), ...vector(Array(gives).fill([I32]))]);
  const imports = [[...text('asyncify'), ...text('stop_unwind'), 0, NOTHING]];
  const names = FUNCTIONS.map(([name], index) => [index, ...text(name)]);
  const symbol = [0, 0, indexOf('body'), ...text('body')];
  return Buffer.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector(imports)),
    ...section(3, vector(FUNCTIONS.slice(1).map(([, type]) => [type]))),
    ...section(4, vector([[0x70, 0, 4]])),
    ...section(5, vector([[0, 1]])),
    ...section(7, vector(exports)),
    ...section(9, vector([[0, ...number(PLACE), END, ...vector([[indexOf('body')]])]])),
    ...section(10, [...encodeU32(bodies.length + 1), ...bodies.flat(), ...bytes]),
    ...custom('linking', [2, 8, ...sized([vector([symbol])])]),
    ...custom('reloc.CODE', [10, ...vector([...inCode, ...notes])]),
    ...others.flatMap(([name, list]) => custom(name, [9, ...vector(list)])),
    ...custom('name', [1, ...sized([vector(names)])]),
  ]);
}

const MADE = [number(0), ADDRESS, number(0), call('bide_gen_at'), [DROP]];

test('bodies are called by who ends a fiber, and by who calls what follows a body', () => {
  const callersIn = (code) => findBodies(moduleOf(code)).callers.has(indexOf('user'));
  assert.equal(callersIn([...MADE, call('bide__cold_end')]), true);
  assert.equal(callersIn([...MADE, call('stop_unwind')]), true);
  assert.equal(callersIn(MADE), false);
});

function isBody(code, more) {
  const bytes = moduleOf(code, more);
  assert.ok(WebAssembly.validate(bytes));
  const found = findBodies(bytes);
  return found && found.bodies.has(indexOf('body'));
}

describe('a function is a body alone', () => {
  test('if its address goes where bodies go', () => {
    assert.equal(isBody(MADE), true);
    assert.equal(isBody([...MADE, ...MADE]), true);
    const sum = [number(0), ADDRESS, number(1), number(2), [ADD], call('bide_gen_at'), [DROP]];
    assert.equal(isBody(sum), true);
  });

  test('also if it is compared', () => {
    assert.equal(isBody([...MADE, ADDRESS, [GET, 0], [EQ], [DROP]]), true);
    assert.equal(isBody([...MADE, [GET, 0], ADDRESS, [EQ], [DROP]]), true);
  });
});

describe('a function is more than a body', () => {
  const OTHERS = {
    'as another argument': [ADDRESS, number(0), number(0), call('bide_gen_at'), [DROP]],
    'as the last argument': [number(0), number(0), ADDRESS, call('bide_gen_at'), [DROP]],
    'as an argument of others': [number(0), ADDRESS, number(0), call('other'), [DROP]],
    'beside what is compared': [ADDRESS, number(1), number(2), [EQ], call('pair')],
    'in a local that is kept': [number(0), ADDRESS, [TEE, 0], number(0), call('bide_gen_at'), [DROP]],
    'in a local': [ADDRESS, [SET, 0]],
    'in memory': [number(8), ADDRESS, [STORE, 2, 0]],
    'in a sum': [number(0), number(4), ADDRESS, [ADD], number(0), call('bide_gen_at'), [DROP]],
  };
  for (const [where, code] of Object.entries(OTHERS))
    test(`if its address is ${where}, before or after`, () => {
      assert.equal(isBody(code) ?? false, false);
      assert.equal(isBody([...MADE, ...code]) ?? false, false);
      assert.equal(isBody([...code, ...MADE]) ?? false, false);
    });

  test('if its address is in data, or anywhere else', () => {
    for (const kind of [2, 12, 18, 19, 24])
      assert.equal(isBody(MADE, { others: [['reloc.DATA', [[kind, 0, 0]]]] }) ?? false, false, `${kind}`);
  });

  test('if there are notes of a kind that is unknown', () => {
    assert.ok(!isBody(MADE, { others: [['reloc.DATA', [[27, 0, 0]]]] }));
    const addend = 60; // which is no kind
    const withAddend = [3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25];
    const known = [...withAddend.map((kind) => [kind, 0, 0, addend]), [26, 0, 0], [7, 0, 0]];
    assert.equal(isBody(MADE, { others: [['reloc.DATA', known]] }), true);
  });

  test('if others may call what is in the table', () => {
    assert.ok(!isBody(MADE, { exports: [[...text('table'), 1, 0]] }));
  });

  test('if the notes are not of this code', () => {
    assert.ok(!isBody(MADE, { notes: [[IN_CODE, 3, 0]] }));
  });
});
