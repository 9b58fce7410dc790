// Reads the parts of a WebAssembly module that say which function may call which.
//
// It decodes every instruction, because a call is found only by knowing how long
// the others are; an instruction or a type it does not know is an Unsupported error,
// never a guess.
//
// SPDX-License-Identifier: MIT

export class Unsupported extends Error {}

export class Cursor {
  constructor(bytes, at = 0, end = bytes.length) {
    Object.assign(this, { bytes, at, end });
  }
  byte() {
    if (this.at >= this.end) throw new Unsupported('the module ends in the middle');
    return this.bytes[this.at++];
  }
  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }
  signed() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return shift < 28 && byte & 64 ? value | (-1 << (shift + 7)) : value;
    }
  }
  skipInteger() {
    while (this.byte() >= 128);
  }
  skip(count) {
    this.at += count;
  }
  text() {
    const length = this.u32();
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
  repeat(read) {
    return Array.from({ length: this.u32() }, () => read(this));
  }
}

const skipMemoryArgument = (cursor) => {
  const alignment = cursor.u32();
  if (alignment & 64) cursor.u32(); // the memory's index
  cursor.skipInteger();
};
const skipCatch = (cursor) => {
  if (cursor.byte() < 2) cursor.u32(); // catch and catch_ref name a tag
  cursor.u32();
};

// How to pass over what follows each opcode; those with nothing after them are absent.
const one = (cursor) => cursor.skipInteger();
const two = (cursor) => (cursor.skipInteger(), cursor.skipInteger());
const IMMEDIATES = new Map([
  ...[0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0c, 0x0d, 0x18].map((code) => [code, one]),
  ...[0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0x42, 0xd0, 0xd5, 0xd6].map(
    (code) => [code, one],
  ),
  ...Array.from({ length: 0x3f - 0x28 }, (_, i) => [0x28 + i, skipMemoryArgument]),
  [0x0e, (cursor) => (cursor.repeat(one), one(cursor))],
  [0x1c, (cursor) => cursor.repeat(skipValueType)],
  [0x1f, (cursor) => (one(cursor), cursor.repeat(skipCatch))],
  [0x43, (cursor) => cursor.skip(4)],
  [0x44, (cursor) => cursor.skip(8)],
  [0xfc, skipMiscellaneous],
  [0xfd, skipVector],
  [0xfe, (cursor) => (cursor.u32() === 3 ? cursor.skip(1) : skipMemoryArgument(cursor))],
]);
const isPlain = (code) =>
  [0x00, 0x01, 0x05, 0x0a, 0x0b, 0x0f, 0x19, 0x1a, 0x1b, 0xd1, 0xd3, 0xd4].includes(code) ||
  (code >= 0x45 && code <= 0xc4);

// What Binaryen's Asyncify cannot rewrite, in any function of the module.
const REFUSED = new Map([
  ...[0x12, 0x13, 0x15].map((code) => [code, 'ends in a tail call']),
  ...[0x06, 0x1f].map((code) => [code, 'catches WebAssembly exceptions']),
  ...[0x08, 0x0a].map((code) => [code, 'throws WebAssembly exceptions']),
]);

function skipMiscellaneous(cursor) {
  const code = cursor.u32();
  if (code <= 7) return;
  if ([8, 10, 12, 14].includes(code)) two(cursor);
  else if (code <= 17) one(cursor);
  else throw new Unsupported(`instruction fc ${code}`);
}

function skipVector(cursor) {
  const code = cursor.u32();
  if (code === 12 || code === 13) cursor.skip(16);
  else if (code <= 11 || code === 92 || code === 93) skipMemoryArgument(cursor);
  else if (code >= 21 && code <= 34) cursor.skip(1);
  else if (code >= 84 && code <= 91) (skipMemoryArgument(cursor), cursor.skip(1));
}

function skipValueType(cursor) {
  const code = cursor.byte();
  if (code === 0x63 || code === 0x64) cursor.skipInteger(); // (ref null? heap-type)
}

// Whether a reference to a function can have this type, given its first byte.
const refersToFunctions = (byte) => [0x70, 0x63, 0x64].includes(byte);

// Such a parameter or result of what is imported or exported opens the table, too.
const handsReferences = (type) => type?.split(',').slice(1).map(Number).some(refersToFunctions);

function skipGlobalType(cursor, module) {
  module.globalTypes.push(cursor.bytes[cursor.at]);
  skipValueType(cursor);
  cursor.byte();
}

// Where the limits of a table or a memory are, and what they say.
function readLimits(cursor) {
  const from = cursor.at;
  const flags = cursor.byte();
  const least = cursor.u32();
  const most = flags & 1 ? cursor.u32() : undefined;
  return { from, to: cursor.at, flags, least, most };
}

// Passes over one instruction, telling `found` of it if it is one that matters. Returns its opcode.
function step(cursor, found) {
  const { at } = cursor;
  const code = cursor.byte();
  const addsConstant = code === 0x6a ? cursor.constant : undefined; // i32.add after i32.const
  const added = cursor.added; // the constant that the instruction before this one added
  Object.assign(cursor, { constant: undefined, added: addsConstant });
  if (code === 0x10 || code === 0x12) found.call(cursor.u32(), at, cursor.at, code);
  else if (code === 0x11 || code === 0x13) (found.indirect(cursor.u32(), at), cursor.u32());
  else if (code === 0x14 || code === 0x15) found.indirect(cursor.u32());
  else if (code === 0xd2) found.reference(cursor.u32(), at + 1, cursor.at);
  else if (code === 0x24) found.set?.(cursor.u32(), at, cursor.at, added);
  else if (code === 0x41) cursor.constant = cursor.signed();
  else if (IMMEDIATES.has(code)) IMMEDIATES.get(code)(cursor);
  else if (!isPlain(code)) throw new Unsupported(`instruction ${code.toString(16)}`);
  if (code === 0x10 || code === 0x11 || code === 0x14) found.returned?.(cursor.at);
  if (REFUSED.has(code)) found.refused?.(REFUSED.get(code));
  if (changesTable(cursor.bytes, at)) found.table?.();
  return code;
}

// table.set, and those of the miscellaneous that are about tables.
const changesTable = (bytes, at) =>
  bytes[at] === 0x26 || (bytes[at] === 0xfc && bytes[at + 1] >= 12 && bytes[at + 1] <= 17);

// Walks instructions up to the end of the expression, telling `found` of each call.
function walk(cursor, found) {
  for (let depth = 0; depth >= 0;) {
    const code = step(cursor, found);
    if ([0x02, 0x03, 0x04, 0x06, 0x1f].includes(code)) depth++;
    else if (code === 0x0b || code === 0x18) depth--; // end, or delegate, which ends a try
  }
}

// The parts of a function's code: its declared locals as [count, type], and its instructions as
// { code, bytes }.
export function decode(bytes, { start, end }) {
  const cursor = new Cursor(bytes, start, end);
  const found = { call() {}, indirect() {}, reference() {}, set() {} };
  const locals = cursor.repeat(() => [cursor.u32(), cursor.byte()]);
  const code = [];
  while (cursor.at < end) {
    const at = cursor.at;
    const opcode = step(cursor, found);
    code.push({ code: opcode, bytes: bytes.subarray(at, cursor.at) });
  }
  return { locals, code };
}

// At most `most` of the instructions from `at` on: { code, operand } with what it calls, if it is
// call, or its number, if it is i32.const.
export function* instructions(bytes, at, end, most) {
  const cursor = new Cursor(bytes, at, end);
  const found = { call() {}, indirect() {}, reference() {} };
  for (let i = 0; i < most && cursor.at < end; i++) {
    let called;
    const code = step(cursor, { ...found, call: (callee) => (called = callee) });
    yield { code, operand: called ?? cursor.constant };
  }
}

function readType(cursor) {
  const start = cursor.at;
  if (cursor.byte() !== 0x60) throw new Unsupported('a type that is not a plain function type');
  cursor.repeat(skipValueType);
  cursor.repeat(skipValueType);
  return cursor.bytes.subarray(start, cursor.at).join(); // equal types, equal texts
}

const readers = {
  1: (cursor, module) => (module.types = cursor.repeat(readType)),
  2: (cursor, module) =>
    cursor.repeat(() => {
      const from = { module: cursor.text(), name: cursor.text() };
      const kind = cursor.byte();
      if (kind === 0) {
        const type = module.types[cursor.u32()];
        module.functions.push({ import: from, type, calls: new Set(), indirect: new Set() });
        if (handsReferences(type)) module.openTable = true;
      } else if (kind === 1) (skipValueType(cursor), readLimits(cursor), (module.openTable = true));
      else if (kind === 2) (module.memory ?? readLimits)(cursor);
      else if (kind === 3) {
        skipGlobalType(cursor, module);
        module.globals++;
        if (refersToFunctions(module.globalTypes.at(-1))) module.openTable = true;
      }
      else if (kind === 4)
        (cursor.byte(), cursor.u32()); // a tag
      else throw new Unsupported(`an import of kind ${kind}`);
    }),
  3: (cursor, module) =>
    cursor.repeat(() =>
      module.functions.push({
        type: module.types[cursor.u32()],
        calls: new Set(),
        indirect: new Set(),
      }),
    ),
  4: (cursor, module) =>
    cursor.repeat(() => {
      const initialised = cursor.bytes[cursor.at] === 0x40;
      if (initialised) cursor.skip(2);
      skipValueType(cursor);
      module.tables.push(readLimits(cursor));
      if (initialised) walk(cursor, referencesOf(module));
    }),
  6: (cursor, module) => {
    const defined = cursor.repeat(
      () => (skipGlobalType(cursor, module), walk(cursor, referencesOf(module))),
    );
    module.definedGlobals = defined.length;
    module.globals += defined.length;
  },
  7: (cursor, module) =>
    cursor.repeat(() => {
      const name = cursor.text();
      const kind = cursor.byte();
      const from = cursor.at;
      const index = cursor.u32();
      if (kind === 0) {
        module.exported.add(index);
        module.exports.set(name, index);
        module.exportRanges.push({ name, index, from, to: cursor.at });
        if (handsReferences(module.functions[index]?.type)) module.openTable = true;
      }
      if (kind === 1) module.openTable = true;
      if (kind === 3 && refersToFunctions(module.globalTypes[index])) module.openTable = true;
    }),
  9: (cursor, module) => {
    const from = cursor.at;
    cursor.u32();
    module.segmentCount = { from, to: cursor.at };
    cursor.at = from;
    module.segments = cursor.repeat(() => readElements(cursor, module));
  },
  10: readCode,
  0: readNames,
};

// How many parameters a function of `type` has, which is as readType gives it: 96, how many, ...
export const parameterCount = (type) => new Cursor(type.split(',').map(Number), 1).u32();

// Functions whose references are taken may be called through any table.
function referencesOf(module) {
  const reference = (index, from, to) => {
    module.referenced.add(index);
    module.elements.push({ index, from, to });
  };
  return { call() {}, indirect() {}, reference };
}

// Returns where a segment is, and if it is of the simplest kind, what it puts where.
function readElements(cursor, module) {
  const flags = cursor.u32();
  let offset;
  if (!(flags & 1)) {
    if (flags & 2) cursor.u32();
    const [first, next] = instructions(cursor.bytes, cursor.at, cursor.end, 2);
    if (flags === 0 && first.code === 0x41 && next.code === 0x0b) offset = first.operand;
    walk(cursor, referencesOf(module)); // the offset
  }
  if (flags & 3) flags & 4 ? skipValueType(cursor) : cursor.byte();
  const functions = cursor.repeat(() => {
    if (flags & 4) return walk(cursor, referencesOf(module));
    const from = cursor.at;
    const index = cursor.u32();
    referencesOf(module).reference(index, from, cursor.at);
    return index;
  });
  return { offset, functions };
}

function readCode(cursor, module) {
  let index = module.functions.findIndex((fn) => !fn.import);
  cursor.repeat(() => {
    const size = cursor.u32();
    const end = cursor.at + size;
    const fn = module.functions[index++];
    const lists = { returns: [], sets: [], direct: [], references: [], throughTable: [] };
    Object.assign(fn, { start: cursor.at, end, ...lists });
    cursor.repeat(() => (cursor.u32(), skipValueType(cursor))); // locals
    walk(cursor, {
      call: (callee, from, to, opcode) => {
        fn.calls.add(callee);
        fn.direct.push({ callee, from, to, opcode });
      },
      indirect: (number, at) => {
        const type = module.types[number];
        fn.indirect.add(type);
        if (at !== undefined) fn.throughTable.push({ type, at });
      },
      table: () => (module.changesTable = true),
      reference: (other, from, to) => {
        module.referenced.add(other);
        fn.references.push({ index: other, from, to });
      },
      returned: (at) => fn.returns.push(at),
      set: (global, from, to, added) => fn.sets.push({ global, from, to, added }),
      refused: (what) => (fn.refused = what),
    });
    if (cursor.at !== end) throw new Unsupported(`function ${index - 1} was not understood`);
  });
}

function readNames(cursor, module) {
  if (cursor.text() !== 'name') return;
  while (cursor.at < cursor.end) {
    const kind = cursor.byte();
    const end = cursor.u32() + cursor.at;
    const names = { 1: module.names, 7: module.globalNames }[kind];
    if (names) cursor.repeat(() => names.set(cursor.u32(), cursor.text()));
    cursor.at = end;
  }
}

// What the sections of imports and exports are read into.
const unread = () => ({
  types: [],
  functions: [],
  globals: 0,
  globalTypes: [],
  exported: new Set(),
  exports: new Map(),
  exportRanges: [],
});

// Returns { functions, referenced, elements, exported, exports, exportRanges, openTable, names,
// globalNames, types } of the module in `bytes`, and more of its tables: how long they are, what is
// put into them, and whether code changes them. A table is open if others than the module may put
// functions there. Each function has a type, its calls and the types it calls
// indirectly; one with code also where that starts and ends, where in it calls return, where it
// calls functions, also through a table, takes their references and sets globals (and the constant
// that was added just before), and what Asyncify refuses in it. `elements` are references outside
// of code.
export function readModule(bytes) {
  const module = {
    ...unread(),
    definedGlobals: 0,
    referenced: new Set(),
    elements: [],
    tables: [],
    segments: [],
    openTable: false,
    changesTable: false,
    names: new Map(),
    globalNames: new Map(),
  };
  for (const { id, start, end } of sections(bytes))
    readers[id]?.(new Cursor(bytes, start, end), module);
  return module;
}

// The sections of a module: { id, whole, start, end }, where `whole` is where its header is.
export function sections(bytes) {
  if (bytes.length < 8 || bytes.subarray(0, 4).join() !== '0,97,115,109')
    throw new Unsupported('not a WebAssembly module');
  const cursor = new Cursor(bytes, 8);
  const list = [];
  while (cursor.at < bytes.length) {
    const whole = cursor.at;
    const id = cursor.byte();
    const size = cursor.u32();
    list.push({ id, whole, start: cursor.at, end: cursor.at + size });
    cursor.skip(size);
    if (cursor.at > bytes.length) throw new Unsupported('the module ends in the middle');
  }
  return list;
}

// What the module in `bytes` has to do with others: the names of the modules that it imports from,
// and of the functions that it exports.
export function outline(bytes) {
  const module = unread();
  for (const { id, start, end } of sections(bytes))
    if (id === 2 || id === 7) readers[id](new Cursor(bytes, start, end), module);
  const imported = module.functions.map((fn) => fn.import.module);
  return { imports: new Set(imported), exports: new Set(module.exports.keys()) };
}

// Why a module with such a memory cannot be a program of Bide's, if it cannot.
export function refusedMemory(bytes) {
  const flags = [];
  const memory = (cursor) => flags.push(readLimits(cursor).flags);
  for (const { id, start, end } of sections(bytes))
    if (id === 5) new Cursor(bytes, start, end).repeat(memory);
    else if (id === 2) readers[2](new Cursor(bytes, start, end), { ...unread(), memory });
  if (flags.some((flag) => flag & 4)) return "its memory has 64-bit addresses: compile for wasm32";
  if (flags.some((flag) => flag & 2))
    return 'its memory is shared by threads, and Bide runs in one: compile without -pthread';
  return undefined;
}

// Whether a section holds names, or what --emit-relocs left: neither is true of a changed module.
export function isStale(bytes, section) {
  if (section.id !== 0) return false;
  return /^(name|linking|reloc\..*)$/.test(new Cursor(bytes, section.start, section.end).text());
}
