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
// Plain C named bide__thin* that needs no stack itself is left where it is called; what it calls is
// then called on the program's own stack. So its common way costs nothing.
//
// SPDX-License-Identifier: MIT

import { Unsupported, outline, parameterCount, readModule } from './reader.mjs';
import { endingFunctions, fiberBodies, rename, suspendingFunctions, uniqueNames } from './suspending.mjs';
import { encodeU32, replaceCode, replaceRanges, sized } from './writer.mjs';

// The C library's, by their exports.
const PLAIN = 'bide_fiber_plain_stack'; // where plain C goes on, which was called with this pointer
const CHECK = 'bide_fiber_fits'; // may a function that can be suspended set the pointer so?
const PLAIN_CHECK = 'bide__stack_check'; // and plain C? If the module was linked for it

const I32 = 0x7f;
const [CALL, END, LOCAL_GET, LOCAL_TEE, GLOBAL_GET, GLOBAL_SET] = [
  0x10, 0x0b, 0x20, 0x22, 0x23, 0x24,
];

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

// Calls the function `fn` of `index` on the program's own stack, where `plainStack` says it is.
function caller(fn, index, pointer, plainStack) {
  const parameters = parameterCount(fn.type);
  const outer = encodeU32(parameters);
  const given = Array.from({ length: parameters }, (_, i) => [LOCAL_GET, ...encodeU32(i)]).flat();
  const set = [GLOBAL_SET, ...encodeU32(pointer)];
  const code = [
    ...[GLOBAL_GET, ...encodeU32(pointer), LOCAL_TEE, ...outer, ...call(plainStack), ...set],
    ...[...given, ...call(index), LOCAL_GET, ...outer, ...set, END],
  ];
  return sized([[1, 1, I32], code]);
}

// The ranges in which `fn` sets the pointer other than to give back what it took, by adding so much:
// `check` is called with what it is set to, and returns that.
const takings = (fn, pointer, check) =>
  fn.sets
    .filter(({ global, added }) => global === pointer && !(added > 0))
    .map(({ from }) => ({ from, to: from, bytes: call(check) }));

function guarded(bytes, module, pointer) {
  const [plainStack, fits, plainFits] = [PLAIN, CHECK, PLAIN_CHECK].map((name) =>
    module.exports.get(name),
  );
  const entering = endingFunctions(module);
  const onFibers = new Set([...suspendingFunctions(module), ...fiberBodies(module)]);
  const needing = needingStack(module, pointer);
  const isThin = (index) => {
    const { sets = [], indirect } = module.functions[index];
    const named = module.names.get(index)?.startsWith('bide__thin');
    return named && !indirect.size && !sets.some(({ global }) => global === pointer);
  };
  const moves = (index) => needing.has(index) && !onFibers.has(index) && !isThin(index);
  const callers = new Map(); // a function's index → its caller's
  const callerOf = (index) => {
    if (!callers.has(index)) callers.set(index, module.functions.length + callers.size);
    return callers.get(index);
  };
  const movedCalls = (fn) =>
    fn.direct
      .filter(({ callee }) => moves(callee))
      .map(({ callee, opcode, ...range }) => ({
        ...range,
        bytes: [opcode, ...encodeU32(callerOf(callee))],
      }));
  const unchecked = new Set([plainStack, fits, plainFits, ...entering]);
  const types = new Set(
    [...onFibers, ...entering].flatMap((index) => [...module.functions[index].indirect]),
  );
  const movedReferences = (list) =>
    list
      .filter(({ index }) => moves(index) && types.has(module.functions[index].type))
      .map(({ index, ...range }) => ({ ...range, bytes: encodeU32(callerOf(index)) }));
  const changes = (fn, index) => {
    const calls = onFibers.has(index) || isThin(index) ? movedCalls(fn) : [];
    const moved = [...calls, ...movedReferences(fn.references)];
    if (onFibers.has(index)) return [...moved, ...takings(fn, pointer, fits)];
    if (isThin(index) || plainFits === undefined || unchecked.has(index)) return moved;
    return [...moved, ...takings(fn, pointer, plainFits)];
  };
  const bodies = module.functions.flatMap((fn, index) => {
    if (fn.import) return [];
    const ranges = changes(fn, index).sort((a, b) => a.from - b.from);
    return [sized(replaceRanges(bytes, fn.start, fn.end, ranges))];
  });
  // Others may call through an open table what is exported, on whatever stack.
  const open = module.exportRanges.filter(
    ({ name, index }) => module.openTable && moves(index) && !MOVERS.test(name),
  );
  const elements = [
    ...movedReferences(module.elements),
    ...open.map(({ index, from, to }) => ({ from, to, bytes: encodeU32(callerOf(index)) })),
  ].sort((a, b) => a.from - b.from);
  const added = [...callers.keys()].map((index) => {
    const fn = module.functions[index];
    return { type: module.types.indexOf(fn.type), body: caller(fn, index, pointer, plainStack) };
  });
  const names = uniqueNames(module);
  const theirs = [...callers.keys()].map((index) => `plain.${names[index]}`);
  return rename(replaceCode(bytes, bodies, added, elements), [...names, ...theirs]);
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
