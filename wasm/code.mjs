// The instructions of a function, as tighten.mjs takes them apart and writes them: { code, bytes }.
//
// SPDX-License-Identifier: MIT

import { encodeU32 } from './writer.mjs';

export const UNREACHABLE = 0x00;
export const LOOP = 0x03;
export const IF = 0x04;
export const ELSE = 0x05;
export const END = 0x0b;
export const RETURN = 0x0f;
export const CALL = 0x10;
export const CALL_INDIRECT = 0x11;
export const DROP = 0x1a;
export const LOCAL_GET = 0x20;
export const LOCAL_SET = 0x21;
export const LOCAL_TEE = 0x22;
export const GET = 0x23;
export const SET = 0x24;
export const LOAD = 0x28;
export const STORE = 0x36;
export const CONST = 0x41;
export const EQZ = 0x45;
export const EQ = 0x46;
export const GT_U = 0x4b;
export const ADD = 0x6a;
export const SUB = 0x6b;
export const AND = 0x71;
export const OR = 0x72;
export const NE = 0x47;
export const I32 = 0x7f;
export const [NORMAL, UNWINDING, REWINDING] = [0, 1, 2]; // states
export const isLoad = (code) => code >= 0x28 && code <= 0x2b;
export const isCall = (instruction) => instruction?.code === CALL || instruction?.code === CALL_INDIRECT;
export const isLocal = (code) => code >= LOCAL_GET && code <= LOCAL_TEE;
export const isStore = (code) => code >= 0x36 && code <= 0x39;

export function encodeSigned(value) {
  const bytes = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}

export function make(code, ...operands) {
  const encode = code === CONST ? encodeSigned : encodeU32;
  return { code, bytes: Buffer.from([code, ...operands.flatMap(encode)]) };
}

// The numbers after an opcode, the last of which is signed if `signed`.
export function operands({ bytes }, signed = false) {
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

export const operand = (instruction) => operands(instruction, instruction.code === CONST)[0];
export const is = (instruction, code, value) =>
  instruction?.code === code && (value === undefined || operand(instruction) === value);

// Whether the instructions from `at` on are those of `pattern`: [code] or [code, operand].
export const matches = (code, at, pattern) => pattern.every(([c, value], i) => is(code[at + i], c, value));

export const indexOf = (code, pattern, from = 0) => {
  for (let at = from; at >= 0 && at <= code.length - pattern.length; at++)
    if (matches(code, at, pattern)) return at;
  return -1;
};

export const count = (code, ...pattern) => code.filter((instruction) => is(instruction, ...pattern)).length;
