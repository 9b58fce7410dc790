// Functions of JavaScript that C imports: while one runs that a fiber called, that fiber cannot be
// suspended, because a frame of JavaScript would have to be. So each call goes through a function
// that tells the C library (src/fiber/javascript_frame.c), which then refuses by the import's name.
//
// A table that others may change, as Emscripten's addFunction does, can lead to JavaScript as well.
// What that calls is an export: so in such a module the exports of the program tell the C library.
//
// WASI's functions are taken for what they should be: they do not call C. A module that imports no
// others, and keeps its table to itself, stays as it is.
//
// SPDX-License-Identifier: MIT

import { outline, parameterCount, readModule } from './reader.mjs';
import { encodeU32, replaceCode, replaceRanges, signed, sized } from './writer.mjs';

const ENTER = 'bide_fiber_javascript_enter';
const BACK = 'bide_fiber_javascript_back';
const LEAVE = 'bide_fiber_javascript_leave';
const NAME = 'bide_fiber_import_name';
const OWN = ['asyncify', 'stack_switching']; // resolved by finish.mjs
const ENTRIES = /^(bide_|_)/; // exports of the library and the runtime, which nobody puts in a table
const THROUGH_TABLE = "a function that was put into the module's table";
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
  const parameters = parameterCount(fn.type);
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

// Returns the linked module `bytes` in which foreign imports are called so, and exports call; itself
// if neither is needed.
export function guardImports(bytes) {
  if (!outline(bytes).exports.has(ENTER)) return bytes;
  const module = readModule(bytes);
  const { functions, exports } = module;
  const [enter, back, leave] = [ENTER, BACK, LEAVE].map((name) => exports.get(name));
  const names = [];
  const added = [];
  // The index of a function that calls the one of `index`, and tells that by `tell`.
  const add = (index, name, tell) => {
    const fn = functions[index];
    const number = names.includes(name) ? names.indexOf(name) : names.push(name) - 1;
    const body = thunk(fn, index, number, { enter: tell, leave });
    return functions.length + added.push({ type: module.types.indexOf(fn.type), body }) - 1;
  };
  const thunks = new Map(); // the import's index → its thunk's
  functions.forEach(({ import: from }, index) => {
    if (from && isForeign(from.module))
      thunks.set(index, add(index, `${from.module}.${from.name}`, enter));
  });
  const open = module.exportRanges.filter(
    ({ name, index }) => module.openTable && !ENTRIES.test(name) && !functions[index].import,
  );
  const entries = open.map(({ index, from, to }) => ({
    ...{ from, to },
    bytes: encodeU32(add(index, THROUGH_TABLE, back)),
  }));
  if (!added.length) return bytes;
  const references = (list) =>
    list
      .filter(({ index }) => thunks.has(index))
      .map(({ index, ...range }) => ({ ...range, bytes: encodeU32(thunks.get(index)) }));
  const bodies = functions
    .filter((fn) => !fn.import)
    .map((fn) => {
      if (fn === functions[exports.get(NAME)]) return namer(names);
      const calls = fn.direct
        .filter(({ callee }) => thunks.has(callee))
        .map(({ callee, opcode, ...range }) => ({
          ...range,
          bytes: [opcode, ...encodeU32(thunks.get(callee))],
        }));
      const ranges = [...calls, ...references(fn.references)].sort((a, b) => a.from - b.from);
      return sized(replaceRanges(bytes, fn.start, fn.end, ranges));
    });
  const elements = [...entries, ...references(module.elements)].sort((a, b) => a.from - b.from);
  return replaceCode(bytes, bodies, added, elements);
}
