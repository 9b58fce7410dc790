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
// Where all frames do, each also asks for room before it is saved (src/fiber/locals.c), so that C
// may have locals written where they are to stay.
//
// What does not look as expected is left as it is: a function's locals, or all.
//
// SPDX-License-Identifier: MIT

import { Unsupported, decode, parameterCount, readModule } from './reader.mjs';
import { encodeU32, replaceSections, sized } from './writer.mjs';

const UNREACHABLE = 0x00;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const RETURN = 0x0f;
const CALL = 0x10;
const CALL_INDIRECT = 0x11;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const GET = 0x23;
const SET = 0x24;
const LOAD = 0x28;
const STORE = 0x36;
const CONST = 0x41;
const EQZ = 0x45;
const EQ = 0x46;
const GT_U = 0x4b;
const ADD = 0x6a;
const SUB = 0x6b;
const I32 = 0x7f;
const REWINDING = 2;
const isLoad = (code) => code >= 0x28 && code <= 0x2b;
const isCall = (instruction) => instruction?.code === CALL || instruction?.code === CALL_INDIRECT;
const isLocal = (code) => code >= LOCAL_GET && code <= LOCAL_TEE;
const isStore = (code) => code >= 0x36 && code <= 0x39;

// --- instructions --------------------------------------------------------------------------

function encodeSigned(value) {
  const bytes = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}

function make(code, ...operands) {
  const encode = code === CONST ? encodeSigned : encodeU32;
  return { code, bytes: Buffer.from([code, ...operands.flatMap(encode)]) };
}

// The numbers after an opcode, the last of which is signed if `signed`.
function operands({ bytes }, signed = false) {
  const numbers = [];
  for (let at = 1; at < bytes.length; ) {
    let value = 0;
    let shift = 0;
    for (let more = true; more; shift += 7) {
      value |= (bytes[at] & 127) << shift;
      more = bytes[at++] >= 128;
    }
    if (signed && shift < 32 && bytes[at - 1] & 64) value |= -1 << shift;
    numbers.push(value);
  }
  return numbers;
}

const operand = (instruction) => operands(instruction, instruction.code === CONST)[0];
const is = (instruction, code, value) =>
  instruction?.code === code && (value === undefined || operand(instruction) === value);

// Whether the instructions from `at` on are those of `pattern`: [code] or [code, operand].
const matches = (code, at, pattern) => pattern.every(([c, value], i) => is(code[at + i], c, value));

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

const indexOf = (code, pattern, from = 0) => {
  for (let at = from; at >= 0 && at <= code.length - pattern.length; at++)
    if (matches(code, at, pattern)) return at;
  return -1;
};

const count = (code, ...pattern) => code.filter((instruction) => is(instruction, ...pattern)).length;

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

// Where each block, loop and if of `code` ends, where its else is, and what each branch goes to.
function structure(code) {
  const open = [];
  const ends = new Map();
  const elses = new Map();
  const targets = new Map();
  code.forEach((instruction, at) => {
    const c = instruction.code;
    if (c >= 0x02 && c <= IF) open.push(at);
    else if (c === ELSE) elses.set(open.at(-1), at);
    else if (c === END && open.length) ends.set(open.pop(), at);
    else if (c >= 0x0c && c <= 0x0e) {
      const depths = c === 0x0e ? operands(instruction).slice(1) : operands(instruction);
      targets.set(at, depths.map((depth) => open.at(-1 - depth)));
    } else if (c >= 0x06 && c <= 0x0a) throw new Unsupported('exceptions');
  });
  for (const [at, other] of elses) ends.set(other, ends.get(at));
  // Undefined is the function's own block.
  const after = (block) => (block === undefined ? code.length : ends.get(block) + 1);
  const go = (block) => (code[block]?.code === LOOP ? block : after(block));
  return { ends, elses, jumps: (at) => targets.get(at).map(go) };
}

const TWO = (c) => (c >= EQ && c <= 0x4f) || (c >= 0x51 && c <= 0x66) || (c >= ADD && c <= 0x78);

// The value of the expression that ends before `end` where the state is `s`: { value, start }; the
// value is undefined if it is not known. Undefined if it is not so plain an expression.
function valueBefore(code, end, s, state) {
  const { code: c } = code[end - 1] ?? {};
  const known = (value, start) => ({ value, start });
  if (c === CONST || c === GET || c === LOCAL_GET) {
    const n = operand(code[end - 1]);
    return known(c === CONST ? n : c === GET && n === state ? s : undefined, end - 1);
  }
  if (c === EQZ || c === 0x50 || c === LOCAL_TEE || (c >= LOAD && c <= 0x35)) {
    const of = valueBefore(code, end - 1, s, state);
    return of && known(c === EQZ && of.value !== undefined ? +!of.value : undefined, of.start);
  }
  if (!c || !TWO(c)) return undefined;
  const b = valueBefore(code, end - 1, s, state);
  const a = b && valueBefore(code, b.start, s, state);
  if (!a) return undefined;
  const both = a.value !== undefined && b.value !== undefined;
  if (both && c === EQ) return known(+(a.value === b.value), a.start);
  if (both && c === 0x47) return known(+(a.value !== b.value), a.start);
  if (c === 0x72 && (a.value || b.value)) return known(1, a.start); // or
  if (c === 0x71 && (a.value === 0 || b.value === 0)) return known(0, a.start); // and
  return known(undefined, a.start);
}

// The function that gives where control can go from instruction `at` in state `s`, as [at, state].
function flow(code, state, { save, saved }) {
  const { ends, elses, jumps } = structure(code);
  const conditions = new Map();
  const condition = (at, s) => {
    const key = at * 3 + s;
    if (!conditions.has(key)) conditions.set(key, valueBefore(code, at, s, state)?.value);
    return conditions.get(key);
  };
  const next = (at, s, resumes) => {
    if (at >= save && at < saved) return []; // it is unwound
    const { code: c } = code[at] ?? { code: RETURN };
    if (c === RETURN || c === UNREACHABLE || c === 0x12 || c === 0x13) return [];
    if (c === ELSE) return [[ends.get(at) + 1, s]];
    if (c === IF || c === 0x0d) {
      const value = condition(at, s);
      const no = c === IF ? (elses.get(at) ?? ends.get(at)) + 1 : at + 1;
      const yes = c === IF ? at + 1 : jumps(at)[0];
      return [...(value === 0 ? [] : [[yes, s]]), ...(value ? [] : [[no, s]])];
    }
    if (c === 0x0c || c === 0x0e) return jumps(at).map((to) => [to, s]);
    const after = resumes(at) ? [0, 1] : [s];
    return after.map((then) => [at + 1, then]);
  };
  return next;
}

// Visits all that can be reached from `from`, until `visit` answers true: whether it did. It
// answers 'stop' where nothing beyond is to be visited.
function search(from, next, visit) {
  const seen = new Set();
  const queue = [from];
  while (queue.length) {
    const [at, s] = queue.pop();
    if (seen.has(at * 3 + s)) continue;
    seen.add(at * 3 + s);
    const answer = visit(at, s);
    if (answer === true) return true;
    if (answer !== 'stop') queue.push(...next(at, s));
  }
  return false;
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
  const next = flow(code, state, ends);
  const start = [ends.restored + 1, REWINDING];
  // A call that is reached in a rewind is one in which a rewind may end and an unwind begin.
  const calls = new Set();
  const stay = (at, s) => next(at, s, () => false);
  search(start, stay, (at) => (isCall(code[at]) ? calls.add(at) && 'stop' : undefined));
  const unread = new Set(
    [...calls].flatMap((at) => argumentsOf(code, at, parametersOf(code[at]))),
  );
  const go = (at, s) => next(at, s, (call) => calls.has(call));
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

// Returns `code` with both ends written anew; `temporary` and `call` are new locals for them.
function rewriteEnds(code, globals, ends, temporary, call) {
  const { state, top, parametersOf } = globals;
  let size = 4; // the call
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
  const update = (op) => [make(CONST, size), make(op)];
  // Where the call was popped: `if (rewinding) x = it`, which the beginning can do as well unless x
  // has a use before it; or an expression with it.
  const between = code.slice(ends.restored + 1, ends.index);
  const x = operand(code[ends.index + 10]);
  const early =
    matches(code, ends.index + 10, [[LOCAL_SET], [END]]) &&
    !between.some(({ code: c, bytes }) => isLocal(c) && operand({ code: c, bytes }) === x) &&
    !ends.restores.some(({ local }) => local === x);
  const popped = early ? [] : [...code.slice(ends.index, ends.index + 4), make(LOCAL_GET, call)];
  return [
    ...[make(GET, state), make(CONST, REWINDING), make(EQ), make(IF, 0x40)],
    ...[make(GET, top), ...update(SUB), make(LOCAL_TEE, temporary), make(SET, top)],
    ...[...restores, make(LOCAL_GET, temporary), make(LOAD, 2, 0), make(LOCAL_SET, early ? x : call)],
    make(END),
    ...between,
    ...popped,
    ...code.slice(ends.index + (early ? 12 : 10), ends.save),
    ...(globals.makeRoom === undefined ? [] : askForRoom(globals, size)),
    ...[make(GET, top), make(LOCAL_TEE, temporary), code[ends.save + 1], make(STORE, 2, 0)],
    ...saves,
    ...[make(LOCAL_GET, temporary), ...update(ADD), make(SET, top)],
    ...code.slice(ends.saved + 4),
  ];
}

// What the functions that Asyncify exports do, by their names; that of two of them takes the area.
function controls({ state, data, top }) {
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
    asyncify_stop_unwind: [...become(0), ...check, ...tell, END_OF_IT],
    asyncify_start_rewind: start(REWINDING),
    asyncify_stop_rewind: [...become(0), END_OF_IT],
  };
}

// What the functions do that src/fiber/locals.c exports for frames that ask for room, by their
// names. `nextArea` is the function that says where the unwind goes on.
const asking = ({ data, top, nextArea }) => ({
  bide_fiber_frames_ask: [make(CONST, 1), make(END)],
  bide_fiber_make_room: [
    ...[make(GET, data), make(GET, top), make(STORE, 2, 0)],
    ...[make(GET, data), make(CALL, nextArea), make(SET, data)],
    ...[make(GET, data), make(LOAD, 2, 0), make(SET, top), make(END)],
  ],
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

// The code of one function, rewritten. Unasking is thrown where it is to ask for room and cannot.
function tightened(bytes, fn, globals) {
  const { locals, code } = decode(bytes, fn);
  const uses = code.some((instruction) => is(instruction, GET, globals.data));
  if (!uses) return bytes.subarray(fn.start, fn.end);
  let rewritten = useGlobal(code, globals.data, globals.top);
  const ends = readEnds(rewritten, globals);
  if (ends) {
    const count = locals.reduce((sum, [n]) => sum + n, parameterCount(fn.type));
    rewritten = rewriteEnds(rewritten, globals, ends, count, count + 1);
    locals.push([2, I32]);
  } else if (globals.makeRoom !== undefined) {
    throw new Unasking();
  }
  const declared = locals.flatMap(([n, type]) => [...encodeU32(n), type]);
  return Buffer.concat([
    Buffer.from([...encodeU32(locals.length), ...declared]),
    ...rewritten.map((instruction) => instruction.bytes),
  ]);
}

// Returns the module `bytes`, which Asyncify's pass and no other has written, in its quicker form.
export function tighten(bytes) {
  const module = readModule(bytes);
  const functionOf = (name) => module.functions[module.exports.get(name)];
  const stop = module.exports.get('asyncify_stop_rewind');
  const suspends = module.functions.filter((fn) => fn.calls.has(stop));
  if (suspends.some((fn) => parameterCount(fn.type))) throw new Unsupported('a suspend of a value');
  const parametersOf = ({ code, bytes: instruction }) => {
    const [callee] = operands({ bytes: instruction });
    return parameterCount(code === CALL ? module.functions[callee].type : module.types[callee]);
  };
  const globals = {
    ...findGlobals(bytes, functionOf('asyncify_start_unwind')),
    top: module.globals,
    parametersOf,
  };
  const bodiesWith = (all) => {
    const known = { ...controls(all), ...(all.makeRoom === undefined ? {} : asking(all)) };
    const replaced = new Map(Object.entries(known).map(([name, code]) => [functionOf(name), code]));
    const rewrite = (fn) => {
      const code = replaced.get(fn);
      if (code) return sized([[0], ...code.map((instruction) => instruction.bytes)]);
      return sized([tightened(bytes, fn, all)]);
    };
    return module.functions.filter((fn) => !fn.import).map(rewrite);
  };
  const makeRoom = module.exports.get('bide_fiber_make_room');
  const nextArea = module.exports.get('bide_fiber_next_area');
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
