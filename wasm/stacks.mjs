// Keeps every function within its C stack: a step of finish.mjs.
//
// Memory of WebAssembly has no guard pages, and a fiber's stack lies between those of others. But
// only a function that can be suspended needs to be there (suspending.mjs says which can). So:
//
//   - Plain C, which cannot, runs on the program's own stack: a function of it that needs stack is
//     called, from one that can be suspended, through a function that moves the stack pointer there
//     and back. That stack has the bottom of memory below it, so that an overflow is an access out
//     of bounds. Plain C is not changed, and a fiber of 1 KiB may call printf.
//   - Whatever can be suspended and moves the stack pointer first asks whether it would stay in the
//     fiber's stack, and does not return if it would not (src/fiber/block_fiber.c).
//
// A module that was linked for it reports an overflow of the program's own stack, too, before it
// would trap: there plain C asks as well (src/fiber/stack_check.c).
//
// What is in the table is called by both. Where it can, a fiber then goes by the table's second half
// (halves.mjs); where others may change the table, such a function asks which stack it is on.
//
// Plain C named bide__thin* that needs no stack itself is left where it is called; what it calls is
// then called on the program's own stack. So its common way costs nothing.
//
// SPDX-License-Identifier: MIT

import { distance, secondHalf, throughSecondHalf } from './halves.mjs';
import { Unsupported, outline, parameterCount, readModule } from './reader.mjs';
import { endingFunctions, fiberBodies, rename, suspendingFunctions, uniqueNames } from './suspending.mjs';
import { encodeU32, replaceCode, replaceRanges, sized } from './writer.mjs';

// The C library's, by their exports.
const PLAIN = 'bide_fiber_plain_stack'; // where plain C goes on, which was called with this pointer
const IS_PLAIN = 'bide_fiber_is_plain'; // does it there?
const CHECK = 'bide_fiber_fits'; // may a function that can be suspended set the pointer so?
const PLAIN_CHECK = 'bide__stack_check'; // and plain C? If the module was linked for it

const I32 = 0x7f;
const [CALL, IF, END, RETURN, I32_EQZ] = [0x10, 0x04, 0x0b, 0x0f, 0x45];
const [LOCAL_GET, LOCAL_TEE, GLOBAL_GET, GLOBAL_SET] = [0x20, 0x22, 0x23, 0x24];
const NOTHING = 0x40; // what an if leaves

const call = (index) => [CALL, ...encodeU32(index)];

function stackPointer({ globalNames }) {
  for (const [index, name] of globalNames) if (name === '__stack_pointer') return index;
  throw new Error('the stack pointer has no name, by which C stacks are guarded: link without -s');
}

// What Emscripten's JavaScript moves the stack pointer with, which is what they are for.
const MOVERS = /^_?(emscripten_)?stack_?(save|restore|alloc)/i;

// Imports that may call C again, and so use its stack.
const isForeign = ({ module }) =>
  !['asyncify', 'stack_switching'].includes(module) && !module.startsWith('wasi_');

// The functions that use more stack than may lie below a pointer that is left alone, or might.
function needingStack(module, pointer) {
  const needing = new Set();
  const needs = (fn) =>
    (fn.import && isForeign(fn.import)) ||
    fn.indirect.size > 0 ||
    fn.sets?.some(({ global }) => global === pointer) ||
    [...fn.calls].some((callee) => needing.has(callee));
  for (let before = -1; before < needing.size;) {
    before = needing.size;
    module.functions.forEach((fn, index) => needs(fn) && needing.add(index));
  }
  return needing;
}

// What calls a function on the program's own stack. Its code knows the function's index and its own,
// what it is given, and a local to keep the pointer in.
//
// For calls that are made on fibers: moves there and back.
const direct = ({ index, given, before, set }, { pointer, plainStack }) => [
  ...[GLOBAL_GET, ...pointer, LOCAL_TEE, ...before, ...call(plainStack), ...set],
  ...[...given, ...call(index), LOCAL_GET, ...before, ...set, END],
];

// For callbacks that plain C calls by the same entry of the table: stays where it may. If it may not, it
// moves and calls itself, so that the one call of the function can be inlined.
const callback = ({ index, self, given, before, set }, { pointer, plainStack, isPlain }) => [
  ...[GLOBAL_GET, ...pointer, ...call(isPlain), I32_EQZ, IF, NOTHING],
  ...[GLOBAL_GET, ...pointer, LOCAL_TEE, ...before, ...call(plainStack), ...set],
  ...[...given, ...call(self), LOCAL_GET, ...before, ...set, RETURN],
  ...[END, ...given, ...call(index), END],
];

// Those that are needed, behind the functions of `module`: `through` has the index of one, which is
// made when it is first asked for.
class Callers {
  #module;
  #indices = new Map([direct, callback].map((kind) => [kind, new Map()]));
  #made = [];

  constructor(module) {
    this.#module = module;
  }

  through(kind, index) {
    const known = this.#indices.get(kind);
    if (!known.has(index)) {
      known.set(index, this.#module.functions.length + this.#made.length);
      this.#made.push({ kind, index, self: known.get(index) });
    }
    return known.get(index);
  }

  functions(stack) {
    const pointer = encodeU32(stack.pointer);
    return this.#made.map(({ kind, index, self }) => {
      const { type } = this.#module.functions[index];
      const parameters = Array.from({ length: parameterCount(type) }, (_, i) => encodeU32(i));
      const given = parameters.flatMap((parameter) => [LOCAL_GET, ...parameter]);
      const local = { before: encodeU32(parameters.length), set: [GLOBAL_SET, ...pointer] };
      const code = kind({ index, self, given, ...local }, { ...stack, pointer });
      return { type: this.#module.types.indexOf(type), body: sized([[1, 1, I32], code]) };
    });
  }

  names(names) {
    const prefix = (kind) => (kind === direct ? 'plain' : 'callback');
    return this.#made.map(({ kind, index }) => `${prefix(kind)}.${names[index]}`);
  }
}

// The ranges in which `fn` sets the pointer other than to give back what it took, by adding so much:
// `check` is called with what it is set to, and returns that.
const takings = (fn, pointer, check) =>
  fn.sets
    .filter(({ global, added }) => global === pointer && !(added > 0))
    .map(({ from }) => ({ from, to: from, bytes: call(check) }));

// Which functions of `module` run where, and those that move from the stack they are called on.
function divide(module, pointer) {
  const entering = endingFunctions(module);
  const onFibers = new Set([...suspendingFunctions(module), ...fiberBodies(module)]);
  const needing = needingStack(module, pointer);
  const isThin = (index) => {
    const { sets = [], indirect } = module.functions[index];
    const named = module.names.get(index)?.startsWith('bide__thin');
    return named && !indirect.size && !sets.some(({ global }) => global === pointer);
  };
  const moves = (index) => needing.has(index) && !onFibers.has(index) && !isThin(index);
  const types = new Set(
    [...onFibers, ...entering].flatMap((index) => [...module.functions[index].indirect]),
  );
  const movesByTable = (index) => moves(index) && types.has(module.functions[index].type);
  return { entering, onFibers, isThin, moves, movesByTable };
}

// How functions that move are referred to. Gives ranges to replace: in a list of references, in all
// outside of code, and in the calls that a function on fibers makes through the table.
function referring(module, callers, { onFibers, entering, movesByTable }) {
  const moving = module.elements.filter(({ index }) => movesByTable(index));
  const types = new Set(moving.map(({ index }) => module.functions[index].type));
  const shared = module.functions.some(
    ({ throughTable = [] }, index) =>
      !onFibers.has(index) && !entering.has(index) && throughTable.some(({ type }) => types.has(type)),
  );
  const apart = shared ? distance(module) : undefined;
  const kind = shared && apart === undefined ? callback : direct;
  const moved = (index) => (movesByTable(index) ? callers.through(kind, index) : index);
  const references = (list) =>
    list
      .filter(({ index }) => movesByTable(index))
      .map(({ index, from, to }) => ({ from, to, bytes: encodeU32(moved(index)) }));
  if (apart === undefined)
    return { references, elements: references(module.elements), throughTable: () => [] };
  const others = module.elements.filter(({ from }) => from < module.segmentCount.from);
  return {
    references,
    elements: [...references(others), ...secondHalf(module, moved)],
    throughTable: (fn) => throughSecondHalf(fn, types, apart),
  };
}

function guarded(bytes, module, pointer) {
  const exported = [PLAIN, IS_PLAIN, CHECK, PLAIN_CHECK].map((name) => module.exports.get(name));
  const [plainStack, isPlain, fits, plainFits] = exported;
  const divided = divide(module, pointer);
  const { entering, onFibers, isThin, moves } = divided;
  const callers = new Callers(module);
  const table = referring(module, callers, divided);
  const movedCalls = (fn) =>
    fn.direct
      .filter(({ callee }) => moves(callee))
      .map(({ callee, opcode, ...range }) => ({
        ...range,
        bytes: [opcode, ...encodeU32(callers.through(direct, callee))],
      }));
  const changes = (fn, index) => {
    const moved = table.references(fn.references);
    if (onFibers.has(index) || isThin(index)) moved.push(...movedCalls(fn));
    if (onFibers.has(index) || entering.has(index)) moved.push(...table.throughTable(fn));
    if (onFibers.has(index)) return [...moved, ...takings(fn, pointer, fits)];
    const unchecked = isThin(index) || entering.has(index) || exported.includes(index);
    return unchecked || plainFits === undefined ? moved : [...moved, ...takings(fn, pointer, plainFits)];
  };
  const bodies = module.functions.flatMap((fn, index) => {
    if (fn.import) return [];
    const ranges = changes(fn, index).sort((a, b) => a.from - b.from);
    return [sized(replaceRanges(bytes, fn.start, fn.end, ranges))];
  });
  // Others may call through an open table what is exported, on whatever stack.
  const open = module.exportRanges
    .filter(({ name, index }) => module.openTable && moves(index) && !MOVERS.test(name))
    .map(({ index, from, to }) => ({ from, to, bytes: encodeU32(callers.through(callback, index)) }));
  const elements = [...table.elements, ...open].sort((a, b) => a.from - b.from);
  const functions = callers.functions({ pointer, plainStack, isPlain });
  const names = uniqueNames(module);
  return rename(replaceCode(bytes, bodies, functions, elements), [...names, ...callers.names(names)]);
}

// Returns the linked module `bytes` with its stacks kept apart and checked; one that does not use
// Bide as it is. What cannot be done is told to `warn`. `coroutines` is from bodies.mjs.
export function guardStacks(bytes, warn, coroutines) {
  const { exports } = outline(bytes);
  if (!exports.has(PLAIN)) return bytes;
  try {
    const module = { ...readModule(bytes), coroutines };
    return guarded(bytes, module, stackPointer(module));
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    warn(`${error.message}; C stacks are not guarded`);
  }
  return bytes;
}
