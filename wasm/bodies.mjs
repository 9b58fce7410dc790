// Which functions are nothing but bodies of coroutines, so that no other indirect call of their type
// leads there: what suspending.mjs can know beyond types.
//
// A body has the type of a comparison for qsort. By types alone a program with a coroutine would
// have a qsort that can be suspended, and instrumented is slower. But a module that was linked with
// --emit-relocs says of every place where the address of a function is taken, in code and in data.
// Where all of a function's are arguments to those that make coroutines, only those can call it that
// call what they were given: the callers of bide__cold_end, which follows each body
// (src/object/inline.h), and what runs a fiber.
//
// What is not understood counts as any use, and a module without relocations has no such functions.
//
// SPDX-License-Identifier: MIT

import { Cursor, instructions, readModule, sections } from './reader.mjs';
import { endingFunctions } from './suspending.mjs';

// What takes a body, and how many arguments follow it.
const MAKERS = new Map([
  ...['bide_coro_at', 'bide_gen_at', 'bide_agen_at', 'bide_awaitable_gen_at'].map((name) => [name, 1]),
  ...['bide__coro_new', 'bide_exit_stack_callback', 'bide_run_coroutine_threadsafe_at'].map((name) => [name, 1]),
  ...['bide_js_call_at', 'bide__js_body'].map((name) => [name, 0]),
]);
const AFTER_A_BODY = 'bide__cold_end';

const SYMBOL_TABLE = 8;
const [FUNCTION, DATA, SECTION] = [0, 1, 3]; // kinds of symbols
const [UNDEFINED, EXPLICIT_NAME] = [0x10, 0x40];

// Kinds of relocations.
const IN_CODE = 1; // the immediate of an i32.const, padded to five bytes
const OTHERS_OF_FUNCTIONS = [2, 12, 18, 19, 24];
const WITH_ADDEND = [3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25];
const LAST_KIND = 26;

const FIRST = 1; // the linker leaves the table's first place empty, for NULL
const CALL = 0x10;
// What an argument is made of: how many values each takes and gives.
const EFFECTS = new Map([
  ...[0x20, 0x23, 0x41, 0x42].map((code) => [code, [0, 1]]), // gets and constants
  [0x22, [1, 1]], // local.tee
  ...[0x6a, 0x6b].map((code) => [code, [2, 1]]), // i32.add, i32.sub
]);
const COMPARES = [0x46, 0x47]; // i32.eq, i32.ne

// The function of each symbol.
function readSymbols(cursor) {
  cursor.u32(); // the version
  while (cursor.at < cursor.end) {
    const kind = cursor.byte();
    const end = cursor.u32() + cursor.at;
    if (kind === SYMBOL_TABLE) return cursor.repeat(readSymbol);
    cursor.at = end;
  }
  return [];
}

function readSymbol(cursor) {
  const kind = cursor.byte();
  const flags = cursor.u32();
  if (kind === DATA) {
    cursor.text();
    if (!(flags & UNDEFINED)) for (let i = 0; i < 3; i++) cursor.u32();
    return undefined;
  }
  const index = cursor.u32();
  if (kind !== SECTION && (!(flags & UNDEFINED) || flags & EXPLICIT_NAME)) cursor.text();
  return kind === FUNCTION ? index : undefined;
}

// Where the addresses of functions are taken: { kind, offset, index }, or undefined.
function readRelocations(cursor) {
  cursor.u32(); // the section
  const all = cursor.repeat(() => {
    const kind = cursor.byte();
    const found = { kind, offset: cursor.u32(), index: cursor.u32() };
    if (WITH_ADDEND.includes(kind)) cursor.skipInteger();
    return found;
  });
  if (all.some(({ kind }) => kind > LAST_KIND)) return undefined;
  return all.filter(({ kind }) => kind === IN_CODE || OTHERS_OF_FUNCTIONS.includes(kind));
}

// Whether the constant at `at`, which is a function's address, becomes a body, or is compared.
function makesBody(bytes, module, at, end) {
  let more = 0;
  const [, ...following] = [...instructions(bytes, at, end, 8)];
  for (const { code, operand } of following) {
    if (code === CALL) return MAKERS.get(module.names.get(operand)) === more;
    if (COMPARES.includes(code)) return more <= 1;
    const [takes, gives] = EFFECTS.get(code) ?? [Infinity];
    if (takes > more) return false;
    more += gives - takes;
  }
  return false;
}

function uses(bytes, module) {
  const starts = new Map();
  let symbols = [];
  const relocations = [];
  for (const { id, start, end } of sections(bytes)) {
    if (id === 10) starts.set('reloc.CODE', start);
    if (id !== 0) continue;
    const cursor = new Cursor(bytes, start, end);
    const name = cursor.text();
    if (name === 'linking') symbols = readSymbols(cursor);
    if (name.startsWith('reloc.')) relocations.push([name, readRelocations(cursor)]);
  }
  const found = new Map(); // a function's index → whether all its uses make bodies
  for (const [section, list] of relocations) {
    if (!list) return new Map();
    for (const { kind, offset, index } of list) {
      const at = starts.get(section) + offset - 1; // undefined + ... is no place
      const fn = module.functions.find(({ start, end }) => at > start && at < end);
      const makes = kind === IN_CODE && fn && makesBody(bytes, module, at, fn.end);
      const target = symbols[index];
      if (kind === IN_CODE && !(fn && isAddressOf(bytes, module, at, target))) return new Map();
      found.set(target, makes && found.get(target) !== false);
    }
  }
  return found;
}

// Whether the instruction at `at` is still what the linker wrote.
function isAddressOf(bytes, module, at, target) {
  if (bytes[at] !== 0x41) return false;
  const cursor = new Cursor(bytes, at + 1);
  const place = cursor.u32() - FIRST;
  return cursor.at === at + 6 && module.elements[place]?.index === target;
}

// { bodies, callers }, both sets of indices, of the linked module `bytes`.
export function findBodies(bytes) {
  const module = readModule(bytes);
  const cold = module.functions.findIndex((fn, index) => module.names.get(index) === AFTER_A_BODY);
  if (cold < 0 || module.openTable) return undefined;
  const bodies = [...uses(bytes, module)].filter(([, makes]) => makes).map(([index]) => index);
  const callers = endingFunctions(module);
  module.functions.forEach((fn, index) => fn.calls.has(cold) && callers.add(index));
  return { bodies: new Set(bodies), callers };
}
