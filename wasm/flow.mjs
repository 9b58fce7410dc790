// Where control can go in a function, and which of Asyncify's states it can be in there.
//
// SPDX-License-Identifier: MIT

import {
  ADD,
  AND,
  CONST,
  ELSE,
  END,
  EQ,
  EQZ,
  GET,
  IF,
  LOAD,
  LOCAL_GET,
  LOCAL_TEE,
  LOOP,
  NE,
  OR,
  RETURN,
  UNREACHABLE,
  make,
  operand,
  operands,
} from './code.mjs';
import { Unsupported } from './reader.mjs';

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

// The value of the expression that ends before `end`: { value, start }; the value is undefined if
// it is not known. Undefined if it is not so plain an expression. `valueOf` says what is known of
// what an instruction gets.
function valueBefore(code, end, valueOf) {
  const { code: c } = code[end - 1] ?? {};
  const known = (value, start) => ({ value, start });
  if (c === CONST) return known(operand(code[end - 1]), end - 1);
  if (c === GET || c === LOCAL_GET) return known(valueOf(code[end - 1]), end - 1);
  if (c === EQZ || c === 0x50 || c === LOCAL_TEE || (c >= LOAD && c <= 0x35)) {
    const of = valueBefore(code, end - 1, valueOf);
    return of && known(c === EQZ && of.value !== undefined ? +!of.value : undefined, of.start);
  }
  if (!c || !TWO(c)) return undefined;
  const b = valueBefore(code, end - 1, valueOf);
  const a = b && valueBefore(code, b.start, valueOf);
  if (!a) return undefined;
  const both = a.value !== undefined && b.value !== undefined;
  if (both && c === EQ) return known(+(a.value === b.value), a.start);
  if (both && c === NE) return known(+(a.value !== b.value), a.start);
  if (c === OR && (a.value || b.value)) return known(1, a.start);
  if (c === AND && (a.value === 0 || b.value === 0)) return known(0, a.start);
  return known(undefined, a.start);
}

// The function that gives where control can go from instruction `at` in state `s`, as [at, state].
// `valueIn(s)` says what is known of what an instruction gets in that state, `isEnd` at which no
// more counts. The function itself is given one that says what states another instruction leaves.
export function flow(code, valueIn, isEnd = () => false) {
  const { ends, elses, jumps } = structure(code);
  const conditions = new Map();
  const condition = (at, s) => {
    const key = at * 3 + s;
    if (!conditions.has(key)) conditions.set(key, valueBefore(code, at, valueIn(s))?.value);
    return conditions.get(key);
  };
  return (at, s, statesAfter) => {
    if (isEnd(at)) return [];
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
    return statesAfter(at, s).map((then) => [at + 1, then]);
  };
}

// Visits all that can be reached from those in `from`, until `visit` answers true: whether it did.
// It answers 'stop' where nothing beyond is to be visited.
export function search(from, next, visit) {
  const seen = new Set();
  const queue = [...from];
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

// What a condition may be made of that is known before it is reached: what cannot trap or set.
const isPure = (c) =>
  [CONST, GET, LOCAL_GET, EQZ, AND, OR, ADD].includes(c) || (c >= EQ && c <= 0x4f);

// Returns `code` with constants for the conditions that come out the same in every state in which
// they can be reached, from the beginning in those of `states`.
export function foldConditions(code, states, valueIn, statesAfter) {
  const next = flow(code, valueIn);
  const reached = new Map();
  search(
    states.map((s) => [0, s]),
    (at, s) => next(at, s, statesAfter),
    (at, s) => {
      if (code[at]?.code === IF || code[at]?.code === 0x0d)
        reached.set(at, [...(reached.get(at) ?? []), s]);
    },
  );
  const folded = [...code];
  for (const [at, states] of reached) {
    const found = states.map((s) => valueBefore(code, at, valueIn(s)));
    const [{ value, start } = {}] = found;
    const isSame = value !== undefined && found.every((other) => other.value === value);
    if (!isSame || !code.slice(start, at).every(({ code: c }) => isPure(c))) continue;
    folded.fill(undefined, start, at);
    folded[start] = make(CONST, value);
  }
  return folded.filter(Boolean);
}
