// Finds an overflow of the C stack before anything is written below it: the step that finish.mjs
// takes for modules linked for it (src/fiber/stack_check.c).
//
// Memory of WebAssembly has no guard pages. But a function that needs stack moves the stack
// pointer first, which is a global: whatever sets it tells the C library where it would be, and
// that ends the program if it would be outside of the running fiber's stack. How far a function
// writes below a stack pointer that it leaves alone is bounded, and the C library knows by what.
//
// SPDX-License-Identifier: MIT

import { outline, readModule } from './reader.mjs';
import { encodeU32, replaceCode, replaceRanges, sized } from './writer.mjs';

export const STACK_CHECK = 'bide__stack_check'; // exported, if the module was linked for it
const ONE_ADDRESS = '96,1,127,0'; // the type of a function that takes an i32 and gives nothing
const LOCAL_GET = 0x20;
const GLOBAL_SET = 0x24;
const CALL = 0x10;
const END = 0x0b;

function stackPointer({ globalNames }) {
  for (const [index, name] of globalNames) if (name === '__stack_pointer') return index;
  throw new Error(
    'the C stack cannot be checked, because the stack pointer has no name: link without -s',
  );
}

// The code of `fn` in which `call` stands for each `global.set` of `pointer`.
function guarded(bytes, fn, pointer, call) {
  const sets = fn.sets
    .filter(({ global }) => global === pointer)
    .map(({ from, to }) => ({ from, to, bytes: call }));
  return sized(replaceRanges(bytes, fn.start, fn.end, sets));
}

// Returns the linked module `bytes` with the check; one that was not linked for it as it is.
export function checkStacks(bytes) {
  if (!outline(bytes).exports.has(STACK_CHECK)) return bytes;
  const module = readModule(bytes);
  const check = module.exports.get(STACK_CHECK);
  const pointer = stackPointer(module);
  const set = module.functions.length; // the function that is added
  const type = module.types.indexOf(ONE_ADDRESS);
  const call = [CALL, ...encodeU32(set)];
  const bodies = module.functions
    .filter((fn) => !fn.import)
    .map((fn) => {
      const checks = module.functions[check] !== fn;
      return checks ? guarded(bytes, fn, pointer, call) : sized([bytes.subarray(fn.start, fn.end)]);
    });
  const value = [LOCAL_GET, 0];
  const code = [...value, CALL, ...encodeU32(check), ...value, GLOBAL_SET, ...encodeU32(pointer)];
  return replaceCode(bytes, bodies, [{ type, body: sized([[0, ...code, END]]) }]);
}
