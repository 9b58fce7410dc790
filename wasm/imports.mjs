// Functions of JavaScript that C imports: while one runs that a fiber called, that fiber cannot be
// suspended, because a frame of JavaScript would have to be. So each call goes through a function
// that tells the C library (src/fiber/javascript_frame.c), which then refuses by the import's name.
//
// WASI's functions are taken for what they should be: they do not call C. A module that imports no
// others, which is all that the package loads, stays as it is.
//
// SPDX-License-Identifier: MIT

import { outline, readModule } from './reader.mjs';
import { encodeU32, replaceCode, replaceRanges, signed, sized } from './writer.mjs';

const ENTER = 'bide_fiber_javascript_enter';
const LEAVE = 'bide_fiber_javascript_leave';
const NAME = 'bide_fiber_import_name';
const OWN = ['asyncify', 'stack_switching']; // resolved by finish.mjs
const LONGEST = 127; // bytes of a name: javascript_frame.c has room for one more

const I32 = 0x7f;
const [LOCAL_GET, LOCAL_SET] = [0x20, 0x21];
const [CALL, CONST, EQ, IF, END, EMPTY] = [0x10, 0x41, 0x46, 0x04, 0x0b, 0x40];
const STORE8 = 0x3a;

const isForeign = (module) => !OWN.includes(module) && !module.startsWith('wasi_');
const call = (index) => [CALL, ...encodeU32(index)];
const constant = (value) => [CONST, ...signed(value)];

// Calls the import `index`, the `number`th that is guarded, between the two.
function thunk(fn, index, number, { enter, leave }) {
  const [, parameters] = fn.type.split(',').map(Number); // as reader.mjs has it: 96, how many, ...
  const outer = [...encodeU32(parameters)];
  const given = Array.from({ length: parameters }, (_, i) => [LOCAL_GET, ...encodeU32(i)]).flat();
  const code = [
    ...[...constant(number), ...call(enter), LOCAL_SET, ...outer],
    ...[...given, ...call(index), LOCAL_GET, ...outer, ...call(leave), END],
  ];
  return sized([[1, 1, I32], code]);
}

// Writes the name of the import whose number is given.
function namer(names) {
  const code = names.flatMap((name, number) => {
    const letters = [...Buffer.from(name.replace(/[^ -~]/g, '?')).subarray(0, LONGEST), 0];
    const stores = letters.flatMap((letter, i) => [
      ...[LOCAL_GET, 0, ...constant(letter), STORE8, 0, ...encodeU32(i)],
    ]);
    return [LOCAL_GET, 1, ...constant(number), EQ, IF, EMPTY, ...stores, END];
  });
  return sized([[0, ...code, END]]);
}

// Returns the linked module `bytes` in which foreign imports are called so; itself if it has none.
export function guardImports(bytes) {
  const { imports, exports } = outline(bytes);
  if (![...imports].some(isForeign) || !exports.has(ENTER)) return bytes;
  const module = readModule(bytes);
  const tools = { enter: module.exports.get(ENTER), leave: module.exports.get(LEAVE) };
  const thunks = new Map(); // the import's index → its thunk's
  const added = [];
  const names = [];
  module.functions.forEach((fn, index) => {
    if (!fn.import || !isForeign(fn.import.module)) return;
    thunks.set(index, module.functions.length + added.length);
    added.push({
      type: module.types.indexOf(fn.type),
      body: thunk(fn, index, names.length, tools),
    });
    names.push(`${fn.import.module}.${fn.import.name}`);
  });
  const bodies = module.functions
    .filter((fn) => !fn.import)
    .map((fn) => {
      if (fn === module.functions[module.exports.get(NAME)]) return namer(names);
      const guarded = fn.direct
        .filter(({ callee }) => thunks.has(callee))
        .map(({ callee, from, to }) => ({ from, to, bytes: call(thunks.get(callee)) }));
      return sized(replaceRanges(bytes, fn.start, fn.end, guarded));
    });
  const elements = module.elements
    .filter(({ index }) => thunks.has(index))
    .map(({ index, from, to }) => ({ from, to, bytes: encodeU32(thunks.get(index)) }));
  return replaceCode(bytes, bodies, added, elements);
}
