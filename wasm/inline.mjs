// Puts a function's code where it is called. Binaryen would, but decides for itself when.
//
// SPDX-License-Identifier: MIT

import {
  CALL,
  CONST,
  DROP,
  END,
  EQ,
  GET,
  I32,
  IF,
  LOCAL_GET,
  LOCAL_SET,
  RETURN,
  is,
  isLocal,
  make,
  matches,
  operand,
} from './code.mjs';

const BLOCK = 0x02;
const BR = 0x0c;
const BR_IF = 0x0d;
const EMPTY = 0x40;

// What an unwind goes on with after the call at `at`, as Asyncify has it: `value` goes to where
// its locals are saved, which is `depth` blocks up.
function wayOut(code, at, state) {
  const then = at + (is(code[at + 1], DROP) || is(code[at + 1], LOCAL_SET) ? 2 : 1);
  if (!matches(code, then, [[CONST], [GET, state], [CONST, 1], [EQ], [BR_IF]])) return undefined;
  return { value: code[then], depth: operand(code[then + 4]) };
}

// Whether what `code` does from `at` on is nothing.
const isIdle = (code, at) =>
  code.slice(at).every(({ code: c }) => [END, CONST, LOCAL_GET, LOCAL_SET].includes(c));

// The code of `callee` for a call of it, its locals from `base` on. Where it calls `unwind`, it
// goes straight out if there is a way out.
function expanded(callee, base, unwind, out) {
  let depth = 0;
  const body = callee.code.slice(0, -1).flatMap((instruction, at) => {
    const { code: c } = instruction;
    if (c >= BLOCK && c <= IF) depth++;
    else if (c === END) depth--;
    if (isLocal(c)) return [make(c, base + operand(instruction))];
    if (c === RETURN) return [make(BR, depth)];
    if (out && is(instruction, CALL, unwind) && isIdle(callee.code, at + 1))
      return [instruction, out.value, make(BR, out.depth + depth + 1)];
    return [instruction];
  });
  const zeros = Array.from({ length: callee.locals }, (_, i) => [
    make(CONST, 0),
    make(LOCAL_SET, base + i),
  ]);
  return [...zeros.flat(), make(BLOCK, callee.result ? I32 : EMPTY), ...body, make(END)];
}

// Returns `code` with that of `callee` for every call of it: { index, code, locals, result }. It has
// no parameters, and nothing but i32. `base` is the first of the locals that it is to have, as many
// as its own.
export function inlineCalls(code, callee, base, { state, unwind }) {
  return code.flatMap((instruction, at) =>
    is(instruction, CALL, callee.index)
      ? expanded(callee, base, unwind, wayOut(code, at, state))
      : [instruction],
  );
}
