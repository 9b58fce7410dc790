// In debug builds: finds a frame on a suspended stack that was not instrumented.
//
// An unwind returns from call to call, and Asyncify's code in each function saves its locals
// and returns further. A function that was left out by mistake would just go on, and later
// run again from its beginning. So after each call in such a function it is asked whether an
// unwind is under way, and if one is, the C library is told the function's name, which it
// reports (src/fiber/frames.c).
//
// SPDX-License-Identifier: MIT

import { readModule } from './reader.mjs';
import { encodeU32, replaceCode, replaceRanges, signed, sized } from './writer.mjs';

const REPORT = 'bide__frame_name';
const NO_ARGUMENTS = '96,0,0'; // the type of a function that takes and gives nothing
const CALL = 0x10;
const IF = 0x04;
const EMPTY = 0x40;
const END = 0x0b;
const CONST = 0x41;
const UNREACHABLE = 0x00;

const CHECKS = ['bide__fits', 'bide__stack_check']; // run also in an unwind: see stacks.mjs

const call = (index) => [CALL, ...encodeU32(index)];

const constant = (value) => [CONST, ...signed(value)];

// A function that tells `name`, letter by letter. The unwind is over then, as far as
// Asyncify knows: what is called here runs as usual.
function reporter(name, { stop, report }) {
  const letters = [...Buffer.from(name.replace(/[^ -~]/g, '?')), 0];
  const code = letters.flatMap((letter) => [...constant(letter), ...call(report)]);
  return sized([[0, ...call(stop), ...code, UNREACHABLE, END]]);
}

// The code of `fn` with `check` after each call.
function checked(bytes, fn, check) {
  const after = fn.returns.map((at) => ({ from: at, to: at, bytes: check }));
  return sized(replaceRanges(bytes, fn.start, fn.end, after));
}

// Returns the finished module `bytes` with checks in all functions but those in `instrumented`
// and those in `ends`, all by name. A module that was not linked for it stays as it is.
export function checkFrames(bytes, instrumented, ends) {
  const module = readModule(bytes);
  const state = module.exports.get('asyncify_get_state');
  const tools = {
    stop: module.exports.get('asyncify_stop_unwind'),
    report: module.exports.get(REPORT),
  };
  if (tools.report === undefined || state === undefined) return bytes;
  const exempt = new Set([...instrumented, ...ends]);
  const defined = module.functions.filter((fn) => !fn.import);
  const imports = module.functions.length - defined.length;
  const reporters = [];
  const bodies = defined.map((fn, i) => {
    const name = module.names.get(imports + i) ?? `function ${imports + i}`;
    if (exempt.has(name) || CHECKS.includes(name) || !fn.returns.length)
      return sized([bytes.subarray(fn.start, fn.end)]);
    const index = module.functions.length + reporters.length;
    reporters.push(reporter(name, tools));
    return checked(bytes, fn, [...call(state), IF, EMPTY, ...call(index), END]);
  });
  const type = module.types.indexOf(NO_ARGUMENTS);
  return replaceCode(bytes, bodies, reporters.map((body) => ({ type, body })));
}
