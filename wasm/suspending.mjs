// Which functions of a module can be suspended: the least set that is sound.
//
// Asyncify on its own takes every indirect call for one that may suspend, and so
// instruments printf, qsort and every callback. But WebAssembly checks the type of an
// indirect call, and so one of type T reaches only functions of type T whose reference
// is taken. Hence the least set closed under:
//
//   1. a function that calls asyncify.start_unwind can suspend;
//   2. so can one that calls such a function, or that calls indirectly with the type
//      of such a function whose reference is taken;
//   3. but not one that calls asyncify.stop_unwind or start_rewind: there every
//      unwind ends;
//   4. nor one that never runs on a fiber: that no call leads to from where a fiber is
//      entered, which is in the functions of 3. Such is main, unless JavaScript runs it;
//   5. nor one named bide__barrier*: through these the runtime lets no suspend pass
//      (bide/fiber_switch.h). A module without names has none, and a larger set.
//
// SPDX-License-Identifier: MIT

import { isStale, readModule, sections } from './reader.mjs';
import { encodeU32, sized } from './writer.mjs';

// What the two ways to switch import: what suspends, what runs a fiber until it suspends, what is
// exported to be run on a fiber; and whether a function can be barred to suspends.
const ASYNCIFY = {
  from: 'asyncify',
  suspends: ['start_unwind'],
  ends: ['stop_unwind', 'start_rewind'],
  bars: true,
};
const STACK_SWITCHING = {
  from: 'stack_switching',
  suspends: ['bide_fiber_leave'],
  ends: ['bide_fiber_start', 'bide_fiber_continue'],
  body: 'bide_fiber_body',
  bars: false,
};

const wayOf = (module) =>
  module.functions.some((fn) => fn.import?.module === STACK_SWITCHING.from)
    ? STACK_SWITCHING
    : ASYNCIFY;

// The indices of the functions in `module` that call one of those imports.
function callersOf(module, from, names) {
  const wanted = new Set();
  module.functions.forEach((fn, index) => {
    if (fn.import?.module === from && names.includes(fn.import.name)) wanted.add(index);
  });
  const callers = new Set();
  module.functions.forEach((fn, index) => {
    if ([...fn.calls].some((callee) => wanted.has(callee))) callers.add(index);
  });
  return callers;
}

// Who calls each function, and who calls each type indirectly.
function invert(module) {
  const direct = new Map();
  const indirect = new Map();
  const add = (map, key, caller) => map.set(key, [...(map.get(key) ?? []), caller]);
  module.functions.forEach((fn, caller) => {
    for (const callee of fn.calls) add(direct, callee, caller);
    for (const type of fn.indirect) add(indirect, type, caller);
  });
  return { direct, indirect };
}

// Whether an indirect call by `caller` can lead to `callee`, as far as bodies.mjs knows.
const leads = ({ coroutines }, caller, callee) =>
  !coroutines?.bodies.has(callee) || coroutines.callers.has(caller);

// The functions that calls of `roots` lead to.
function calledFrom(module, roots, inTables) {
  const ofType = new Map();
  module.functions.forEach((fn, index) => {
    if (inTables(index)) ofType.set(fn.type, [...(ofType.get(fn.type) ?? []), index]);
  });
  const found = new Set();
  const queue = [...roots];
  while (queue.length) {
    const caller = queue.pop();
    const { calls, indirect } = module.functions[caller];
    const inTable = [...indirect].flatMap((type) => ofType.get(type) ?? []);
    const callees = [...calls, ...inTable.filter((callee) => leads(module, caller, callee))];
    for (const callee of callees)
      if (!found.has(callee)) {
        found.add(callee);
        queue.push(callee);
      }
  }
  return found;
}

// The indices of the functions that run a fiber until it suspends.
export function endingFunctions(module) {
  const way = wayOf(module);
  return callersOf(module, way.from, way.ends);
}

// The indices of the functions that an engine calls first on a fiber, if it does.
export function fiberBodies(module) {
  const body = module.exports.get(wayOf(module).body);
  return body === undefined ? [] : [body];
}

// Returns the set of indices of the functions that can be suspended. A module may have `coroutines`
// from bodies.mjs.
export function suspendingFunctions(module) {
  const way = wayOf(module);
  const entering = endingFunctions(module);
  const ends = new Set(entering);
  for (const [index, name] of module.names)
    if (way.bars && name.startsWith('bide__barrier')) ends.add(index);
  const found = new Set();
  const queue = [];
  const reach = (index) => {
    if (found.has(index) || ends.has(index)) return;
    found.add(index);
    queue.push(index);
  };
  const { direct, indirect } = invert(module);
  // What can change an open table from outside has the exports to put there.
  const inTables = (index) =>
    module.referenced.has(index) || (module.openTable && module.exported.has(index));
  const bodies = fiberBodies(module);
  const onFibers = calledFrom(module, [...entering, ...bodies], inTables);
  bodies.forEach((index) => onFibers.add(index));
  callersOf(module, way.from, way.suspends).forEach(reach);
  while (queue.length) {
    const index = queue.pop();
    direct.get(index)?.forEach(reach);
    const callers = inTables(index) ? indirect.get(module.functions[index].type) : undefined;
    callers?.filter((caller) => leads(module, caller, index)).forEach(reach);
  }
  return entering.size ? new Set([...found].filter((index) => onFibers.has(index))) : found;
}

// A name for each function that is unlike all others and has no character with a
// meaning in wasm-opt's lists. Functions of C can share one: `static` ones do.
export function uniqueNames(module) {
  const taken = new Set();
  return module.functions.map((fn, index) => {
    const plain = (module.names.get(index) ?? `function${index}`).replace(/[^\w.$]/g, '_');
    let name = plain;
    for (let last = index; taken.has(name); last++) name = `${plain}.${last}`;
    taken.add(name);
    return name;
  });
}

// Returns the module with `names` for its functions' names, and without the linker's notes.
export function rename(bytes, names) {
  const kept = sections(bytes).filter((section) => !isStale(bytes, section));
  const entries = names.flatMap((name, index) => [encodeU32(index), sized([Buffer.from(name)])]);
  const subsection = [[1], sized([encodeU32(names.length), ...entries])];
  const section = [[0], sized([sized([Buffer.from('name')]), ...subsection])];
  return Buffer.concat([
    bytes.subarray(0, 8),
    ...kept.map(({ whole, end }) => bytes.subarray(whole, end)),
    ...section.map((part) => Buffer.from(part)),
  ]);
}

// Returns the module with unique function names; the names of the functions that can be
// suspended: what --pass-arg=asyncify-onlylist wants to be given; and of those in which an unwind
// ends.
export function analyse(bytes, coroutines) {
  const module = { ...readModule(bytes), coroutines };
  const names = uniqueNames(module);
  const refused = module.functions.findIndex((fn) => fn.refused);
  if (refused >= 0)
    throw new Error(
      `'${names[refused]}' ${module.functions[refused].refused}, which Asyncify does not know: ` +
        'compile without -mtail-call, C++ exceptions and setjmp',
    );
  const named = (indices) => [...indices].map((index) => names[index]);
  return {
    bytes: rename(bytes, names),
    suspending: named(suspendingFunctions(module)),
    ends: named(endingFunctions(module)),
  };
}
