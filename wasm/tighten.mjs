// Makes what Asyncify wrote quicker, between its pass and the optimisation.
//
// Asyncify writes, at the two ends of each function that can be suspended:
//
//   if rewinding:  area.top -= n; the locals = area.top[...]
//   if rewinding:  area.top -= 4; the call to go on from = area.top[0]
//   ...
//   when unwound:  area.top[0] = the call; area.top += 4
//                  area.top[...] = the locals; area.top += n
//
// Each update of area.top, which is in memory, waits for the one before. Here `top` becomes a
// global of the module and is updated once by a frame each way. C sees area.top as ever when
// it starts a rewind or an unwind, and once it has stopped an unwind.
//
// And only what is needed is kept. Asyncify takes a local for live that is set under
// `if (state == normal)` and read under another such test, because the first might have been
// skipped; which it is only on the way down to the call. So here a local is needed if its value
// can reach a read, on a path that is walked with the state known: from the beginning of a
// rewind, down to a call in which it ends, and on in the normal state. In an unwind, reads that
// only save it do not count.
//
// In a function with one call that can be suspended, which call it was needs no note. And what
// Asyncify asks everywhere, whether the state is normal, is often known: behind that one call it is.
// Such a condition becomes a constant, and the function that suspends is put where it is called
// (inline.mjs), from where an unwind goes straight to where the locals are saved.
//
// Where all frames do, each also asks for room before it is saved (src/fiber/locals.c), so that C
// may have locals written where they are to stay.
//
// What does not look as expected is left as it is: a function's locals, or all.
//
// SPDX-License-Identifier: MIT

import {
  ADD,
  CALL,
  CALL_INDIRECT,
  CONST,
  DROP,
  ELSE,
  END,
  EQ,
  EQZ,
  GET,
  GT_U,
  I32,
  IF,
  LOAD,
  LOCAL_GET,
  LOCAL_SET,
  LOCAL_TEE,
  NORMAL,
  OR,
  REWINDING,
  SET,
  STORE,
  SUB,
  UNREACHABLE,
  UNWINDING,
  count,
  indexOf,
  is,
  isCall,
  isLoad,
  isLocal,
  isStore,
  make,
  matches,
  operand,
  operands,
} from './code.mjs';
import { flow, foldConditions, search } from './flow.mjs';
import { inlineCalls } from './inline.mjs';
import { Unsupported, decode, parameterCount, readModule } from './reader.mjs';
import { encodeU32, replaceSections, sized } from './writer.mjs';

// --- one top for all -----------------------------------------------------------------------

// Returns `code` with `top` for area.top; `data` is the global that points to the area.
function useGlobal(code, data, top) {
  const isTop = (i) => is(code[i], GET, data) && is(code[i + 1], LOAD) && !operands(code[i + 1])[1];
  const reads = code.flatMap((instruction, i) => {
    if (isTop(i)) return [make(GET, top)];
    return isTop(i - 1) ? [] : [instruction];
  });
  const isUpdate = (i) =>
    matches(reads, i, [[GET, data], [GET, top], [CONST]]) &&
    [ADD, SUB].includes(reads[i + 3]?.code) &&
    is(reads[i + 4], STORE);
  // Binaryen adds -64 for -= 64, which is a byte less.
  const isFlipped = (i) => isUpdate(i - 2) && operand(reads[i]) < 0;
  return reads.flatMap((instruction, i) => {
    if (isUpdate(i)) return [];
    if (isUpdate(i - 4)) return [make(SET, top)];
    if (isFlipped(i)) return [make(CONST, -operand(instruction))];
    if (isFlipped(i - 1)) return [make(instruction.code === ADD ? SUB : ADD)];
    if (is(instruction, GET, data)) throw new Unsupported('a use of the area');
    return [instruction];
  });
}

// --- the two ends of a function ------------------------------------------------------------

// Follows instructions that move locals to and from the area: where each goes, as
// { local, offset, code }. Undefined if there are others among them.
function moves(code, top) {
  const AREA = -1;
  const areas = new Set(); // the locals that are a copy of top
  const stack = [];
  const found = [];
  for (const instruction of code) {
    const n = operand(instruction);
    if (is(instruction, GET, top)) stack.push(AREA);
    else if (is(instruction, LOCAL_GET)) stack.push(areas.has(n) ? AREA : { local: n });
    else if (is(instruction, LOCAL_TEE) && stack.at(-1) === AREA) areas.add(n);
    else if (isLoad(instruction.code) && stack.pop() === AREA)
      stack.push({ code: instruction.code, offset: operands(instruction)[1] });
    else if (is(instruction, LOCAL_SET) && stack.at(-1) === AREA) (stack.pop(), areas.add(n));
    else if (is(instruction, LOCAL_SET) && stack.at(-1)?.code) {
      found.push({ local: n, ...stack.pop() });
      areas.delete(n);
    } else if (isStore(instruction.code) && stack.at(-1)?.local >= 0 && stack.at(-2) === AREA) {
      const { local } = stack.pop();
      stack.pop();
      found.push({ local, code: instruction.code, offset: operands(instruction)[1] });
    } else return undefined;
  }
  return stack.length ? undefined : found;
}

// Where locals are restored at the beginning and saved at the end of a function, and what.
function readEnds(code, { state, top }) {
  const test = [[GET, state], [CONST, REWINDING], [EQ], [IF]];
  const pop = (n) => [...test, [GET, top], [CONST, n], [SUB], [SET, top]];
  const push = (n) => [[GET, top], [CONST, n], [ADD], [SET, top]];
  // Without locals, nothing but the call is popped and pushed.
  const bare = count(code, SET, top) === 2;
  if (!bare && !matches(code, 0, pop())) return undefined;
  const size = operand(code[5]);
  const restored = bare ? -1 : indexOf(code, [[END]]);
  const index = indexOf(code, pop(4), restored + 1);
  if (index < 0 || code.slice(restored + 1, index).some(isCall)) return undefined;
  if (!matches(code, index + 8, [[GET, top], [LOAD]])) return undefined;
  const save = indexOf(code, [[GET, top], [LOCAL_GET], [STORE], ...push(4)], index);
  const saved = bare ? save + 3 : indexOf(code, push(size), save + 7);
  if (save < 0 || saved < 0) return undefined;
  const restores = bare ? [] : moves(code.slice(8, restored), top);
  const saves = bare ? [] : moves(code.slice(save + 7, saved), top);
  if (!restores || !saves) return undefined;
  const isSaved = ({ local, offset }) =>
    saves.some((other) => other.local === local && other.offset === offset);
  if (!restores.every(isSaved)) return undefined;
  return { restores, restored, index, save, saved };
}

// --- what is needed ------------------------------------------------------------------------

const same = (_, s) => [s];

// What is known in state `s`: the state, and in a rewind that the local `first`, if any, is 0.
const knownOf = (state, first) => (s) => (instruction) => {
  if (is(instruction, GET, state)) return s;
  const isFirst = first !== undefined && s === REWINDING && is(instruction, LOCAL_GET, first);
  return isFirst ? 0 : undefined;
};

const isUnwound = ({ save, saved }) => (at) => at >= save && at < saved;

// Whether in a rewind the local `x`, which says what call to go on from, is compared with 0 and
// with no other.
function isComparedWith0(code, state, ends, x) {
  const next = flow(code, knownOf(state), isUnwound(ends));
  const start = [[ends.index + 12, REWINDING]];
  const go = (at, s) => next(at, s, same);
  return !search(start, go, (at) => {
    if (isCall(code[at])) return 'stop';
    const compares = is(code[at], LOCAL_GET, x) && is(code[at + 1], EQZ);
    return isLocal(code[at]?.code) && operand(code[at]) === x && !compares;
  });
}

// Where the call to go on from was popped, and what is there instead: `code`, up to `rest`. The
// beginning does it, and sets `local`. Is it always the first, `isFirst`, because a function has but
// one call in which it can be suspended, then that is not kept at all.
function readCall(code, state, ends, unused) {
  const at = ends.index;
  const between = code.slice(ends.restored + 1, at);
  const x = operand(code[at + 10]);
  // `if (rewinding) x = it`, if x has no use before it;
  if (
    matches(code, at + 10, [[LOCAL_SET], [END]]) &&
    !between.some((instruction) => isLocal(instruction.code) && operand(instruction) === x) &&
    !ends.restores.some(({ local }) => local === x)
  )
    return { code: [], rest: at + 12, local: x, isFirst: isComparedWith0(code, state, ends, x) };
  // `normal || (rewinding ? it : x) == 0`;
  const after = [[ELSE], [LOCAL_GET], [END], [EQZ], [OR]];
  if (matches(code, at - 2, [[GET, state], [EQZ]]) && matches(code, at + 10, after))
    return { code: [make(CONST, 0)], rest: at + 13, isFirst: true };
  // or another expression with it.
  return { code: [...code.slice(at, at + 4), make(LOCAL_GET, unused)], rest: at + 10, local: unused };
}

// The instructions that get a local for an argument of a call at `at`. In a rewind nothing reads
// it: who is called restores its own, and the function that suspends takes none.
function argumentsOf(code, at, parameters) {
  const found = [];
  let i = at - 1;
  // An indirect call takes its target too, which is needed.
  if (code[at].code === CALL_INDIRECT && ![LOCAL_GET, CONST].includes(code[i--].code)) return found;
  for (; found.length < parameters && is(code[i], LOCAL_GET); i--) found.push(i);
  return found;
}

// Those of the restored locals whose values can be read after a rewind. `parametersOf` says how
// many the function has that an instruction calls.
function needed(code, state, ends, parametersOf) {
  const next = flow(code, knownOf(state), isUnwound(ends));
  const start = [[ends.restored + 1, REWINDING]];
  // A call that is reached in a rewind is one in which a rewind may end and an unwind begin.
  const calls = new Set();
  const stay = (at, s) => next(at, s, same);
  search(start, stay, (at) => (isCall(code[at]) ? calls.add(at) && 'stop' : undefined));
  const unread = new Set(
    [...calls].flatMap((at) => argumentsOf(code, at, parametersOf(code[at]))),
  );
  const go = (at, s) => next(at, s, (_, is) => (calls.has(at) ? [NORMAL, UNWINDING] : [is]));
  return ends.restores.filter(({ local }) =>
    search(start, go, (at, s) => {
      const isArgument = s === REWINDING && unread.has(at);
      if (is(code[at], LOCAL_GET, local)) return !isArgument || undefined;
      return is(code[at], LOCAL_SET, local) || is(code[at], LOCAL_TEE, local) ? 'stop' : undefined;
    }),
  );
}

// --- rewriting -----------------------------------------------------------------------------

const SIZES = { 0x28: 4, 0x29: 8, 0x2a: 4, 0x2b: 8 };

// Asks whether `size` more bytes fit the area.
const askForRoom = ({ data, top, makeRoom }, size) => [
  ...[make(GET, top), make(CONST, size), make(ADD), make(GET, data), make(LOAD, 2, 4)],
  ...[make(GT_U), make(IF, 0x40), make(CALL, makeRoom), make(END)],
];

// Returns `code` with both ends written anew; `temporary` and `unused` are new locals for them. And
// `first`: the local that is known to be 0 in a rewind, if there is one.
function rewriteEnds(code, globals, ends, temporary, unused) {
  const { state, top, parametersOf } = globals;
  const call = readCall(code, state, ends, unused);
  let size = call.isFirst ? 0 : 4;
  const placed = needed(code, state, ends, parametersOf).map((restore) => {
    const offset = size;
    size += SIZES[restore.code];
    return { ...restore, offset };
  });
  const restores = placed.flatMap(({ local, code: load, offset }) => [
    make(LOCAL_GET, temporary),
    make(load, 2, offset),
    make(LOCAL_SET, local),
  ]);
  const saves = placed.flatMap(({ local, code: load, offset }) => [
    make(LOCAL_GET, temporary),
    make(LOCAL_GET, local),
    make(load + STORE - LOAD, 2, offset),
  ]);
  const set = call.local === undefined ? [DROP] : [LOCAL_SET, call.local];
  const popCall = call.isFirst ? [make(CONST, 0)] : [make(LOCAL_GET, temporary), make(LOAD, 2, 0)];
  const pushCall = [make(LOCAL_GET, temporary), code[ends.save + 1], make(STORE, 2, 0)];
  const update = (op) => [make(CONST, size), make(op)];
  const pop = [make(GET, top), ...update(SUB), make(LOCAL_TEE, temporary), make(SET, top)];
  const push = [
    ...(globals.makeRoom === undefined ? [] : askForRoom(globals, size)),
    ...[make(GET, top), make(LOCAL_SET, temporary), ...(call.isFirst ? [] : pushCall), ...saves],
    ...[make(LOCAL_GET, temporary), ...update(ADD), make(SET, top)],
  ];
  const rewritten = [
    ...[make(GET, state), make(CONST, REWINDING), make(EQ), make(IF, 0x40)],
    ...[...(size ? pop : []), ...restores, ...popCall, make(...set), make(END)],
    ...code.slice(ends.restored + 1, ends.index),
    ...call.code,
    ...code.slice(call.rest, ends.save),
    ...(size ? push : []),
    ...code.slice(ends.saved + 4),
  ];
  return { code: rewritten, first: call.isFirst ? call.local : undefined };
}

// What the functions that Asyncify exports do, by their names; that of two of them takes the area.
function controls({ state, data, top, makeRoom }) {
  const END_OF_IT = make(END);
  const read = (offset) => [make(GET, data), make(LOAD, 2, offset)];
  const become = (value) => [make(CONST, value), make(SET, state)];
  const start = (value) => [
    ...[...become(value), make(LOCAL_GET, 0), make(SET, data)],
    ...[make(LOCAL_GET, 0), make(LOAD, 2, 0), make(SET, top), END_OF_IT],
  ];
  const check = [make(GET, top), ...read(4), make(GT_U), make(IF, 0x40), make(UNREACHABLE), make(END)];
  const tell = [make(GET, data), make(GET, top), make(STORE, 2, 0)];
  return {
    asyncify_start_unwind: start(1),
    // Frames that ask for room have it.
    asyncify_stop_unwind: [...become(0), ...(makeRoom === undefined ? check : []), ...tell, END_OF_IT],
    asyncify_start_rewind: start(REWINDING),
    asyncify_stop_rewind: [...become(0), END_OF_IT],
  };
}

// What the functions do that src/fiber/locals.c exports for frames that ask for room, by their
// names. `nextArea` is the function that says where the unwind goes on.
const asking = ({ state, data, top, nextArea }) => ({
  bide_fiber_frames_ask: [make(CONST, 1), make(END)],
  bide_fiber_mode: [make(GET, state), make(END)],
  bide_fiber_note_mode: [make(END)],
  bide_fiber_make_room: [
    ...[make(GET, data), make(GET, top), make(STORE, 2, 0)],
    ...[make(GET, data), make(CALL, nextArea), make(SET, data)],
    ...[make(GET, data), make(LOAD, 2, 0), make(SET, top), make(END)],
  ],
});

// And in place of calls of them.
const inPlace = ({ state }) => ({
  bide_fiber_frames_ask: [make(CONST, 1)],
  bide_fiber_mode: [make(GET, state)],
  bide_fiber_note_mode: [make(DROP)],
});

// The globals that asyncify.start_unwind sets.
function findGlobals(bytes, fn) {
  if (!fn) throw new Unsupported('no asyncify_start_unwind');
  const { code } = decode(bytes, fn);
  const pattern = [[CONST, 1], [SET], [LOCAL_GET, 0], [SET]];
  if (!matches(code, 0, pattern)) throw new Unsupported('asyncify_start_unwind');
  return { state: operand(code[1]), data: operand(code[3]) };
}

class Unasking extends Error {}

const lengthOf = (fn, locals) => locals.reduce((sum, [n]) => sum + n, parameterCount(fn.type));

// The code of one function, rewritten. Unasking is thrown where it is to ask for room and cannot.
function tightened(bytes, fn, globals) {
  if (!globals.instrumented.has(fn)) return bytes.subarray(fn.start, fn.end);
  const { locals, code } = decode(bytes, fn);
  let rewritten = useGlobal(code, globals.data, globals.top);
  const ends = readEnds(rewritten, globals);
  let first;
  if (ends) {
    const count = lengthOf(fn, locals);
    ({ code: rewritten, first } = rewriteEnds(rewritten, globals, ends, count, count + 1));
    locals.push([2, I32]);
  } else if (globals.makeRoom !== undefined) {
    throw new Unasking();
  }
  const { suspend } = globals;
  if (suspend) {
    rewritten = inlineCalls(rewritten, suspend, lengthOf(fn, locals), globals);
    locals.push([suspend.locals, I32]);
  }
  const known = knownOf(globals.state, first);
  const after = globals.statesAfter(rewritten);
  rewritten = foldConditions(rewritten, [NORMAL, REWINDING], known, after);
  const declared = locals.flatMap(([n, type]) => [...encodeU32(n), type]);
  return Buffer.concat([
    Buffer.from([...encodeU32(locals.length), ...declared]),
    ...rewritten.map((instruction) => instruction.bytes),
  ]);
}

// The function that suspends, as inlineCalls wants it, with what `known` functions do in place of
// calls of them. Undefined if it is not as plain as that.
function readSuspend(bytes, module, fn, known) {
  const index = module.functions.indexOf(fn);
  const { locals, code } = decode(bytes, fn);
  if (locals.some(([, type]) => type !== I32)) return undefined;
  const replaced = code.flatMap((instruction) =>
    is(instruction, CALL) && known.has(operand(instruction))
      ? known.get(operand(instruction))
      : [instruction],
  );
  return { index, code: replaced, locals: lengthOf(fn, locals), result: fn.type.endsWith(',1,127') };
}

// What states an instruction can leave: a call that can suspend does, or ends a rewind.
function statesAfter(module, canSuspend) {
  const indexOf = (name) => module.exports.get(`asyncify_${name}`);
  const sets = new Map([
    [indexOf('stop_unwind'), [NORMAL]],
    [indexOf('stop_rewind'), [NORMAL]],
    [indexOf('start_unwind'), [UNWINDING]],
    [indexOf('start_rewind'), [REWINDING]],
  ]);
  return (code) => (at, s) => {
    if (!isCall(code[at])) return [s];
    const callee = operand(code[at]);
    if (is(code[at], CALL) && sets.has(callee)) return sets.get(callee);
    if (s === UNWINDING || (is(code[at], CALL) && !canSuspend(callee))) return [s];
    return [NORMAL, UNWINDING];
  };
}

// Returns the module `bytes`, which Asyncify's pass and no other has written, in its quicker form.
export function tighten(bytes) {
  const module = readModule(bytes);
  const functionOf = (name) => module.functions[module.exports.get(name)];
  const indexOf = (name) => module.exports.get(name);
  const stop = indexOf('asyncify_stop_rewind');
  const suspends = module.functions.filter((fn) => fn.calls.has(stop));
  if (suspends.some((fn) => parameterCount(fn.type))) throw new Unsupported('a suspend of a value');
  const parametersOf = ({ code, bytes: instruction }) => {
    const [callee] = operands({ bytes: instruction });
    return parameterCount(code === CALL ? module.functions[callee].type : module.types[callee]);
  };
  const found = findGlobals(bytes, functionOf('asyncify_start_unwind'));
  const usesArea = (fn) =>
    !fn.import && decode(bytes, fn).code.some((instruction) => is(instruction, GET, found.data));
  const instrumented = new Set(module.functions.filter(usesArea));
  const canSuspend = (index) =>
    suspends.includes(module.functions[index]) || instrumented.has(module.functions[index]);
  const globals = {
    ...found,
    top: module.globals,
    parametersOf,
    unwind: indexOf('asyncify_start_unwind'),
    instrumented,
    statesAfter: statesAfter(module, canSuspend),
  };
  const bodiesWith = (all) => {
    const known = { ...controls(all), ...(all.makeRoom === undefined ? {} : asking(all)) };
    const replaced = new Map(Object.entries(known).map(([name, code]) => [functionOf(name), code]));
    const answers = all.makeRoom === undefined ? {} : inPlace(all);
    const places = new Map(Object.entries(answers).map(([name, code]) => [indexOf(name), code]));
    const suspend = suspends.length === 1 && readSuspend(bytes, module, suspends[0], places);
    const rewrite = (fn) => {
      const code = replaced.get(fn);
      if (code) return sized([[0], ...code.map((instruction) => instruction.bytes)]);
      return sized([tightened(bytes, fn, { ...all, suspend })]);
    };
    return module.functions.filter((fn) => !fn.import).map(rewrite);
  };
  const makeRoom = indexOf('bide_fiber_make_room');
  const nextArea = indexOf('bide_fiber_next_area');
  let bodies;
  try {
    bodies = bodiesWith({ ...globals, makeRoom, nextArea });
  } catch (error) {
    if (!(error instanceof Unasking)) throw error;
    bodies = bodiesWith(globals);
  }
  const rewritten = {
    6: (section) => {
      const count = encodeU32(module.definedGlobals);
      const others = bytes.subarray(section.start + count.length, section.end);
      return [encodeU32(module.definedGlobals + 1), others, [I32, 1, CONST, 0, END]];
    },
    10: () => [encodeU32(bodies.length), ...bodies],
  };
  return replaceSections(bytes, rewritten);
}
