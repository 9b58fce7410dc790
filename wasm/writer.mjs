// Writes the parts of a WebAssembly module that finish.mjs changes; reader.mjs says where they are.
//
// SPDX-License-Identifier: MIT

import { sections } from './reader.mjs';

export function encodeU32(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

// A number from 0 on, as i32.const wants it.
export function signed(value) {
  const bytes = [];
  for (; value > 63; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

// The parts, one after the other, after how many bytes they have.
export function sized(parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from(encodeU32(body.length)), body]);
}

// What is from `start` to `end`, in parts; each range { from, to, bytes } is replaced.
export function replaceRanges(bytes, start, end, ranges) {
  const parts = [];
  let at = start;
  for (const { from, to, bytes: others } of ranges) {
    parts.push(bytes.subarray(at, from), others);
    at = to;
  }
  return [...parts, bytes.subarray(at, end)];
}

// Returns the module with some of its sections anew: `rewritten` has, by their numbers, functions
// that give their contents.
export function replaceSections(bytes, rewritten) {
  return Buffer.concat([
    bytes.subarray(0, 8),
    ...sections(bytes).flatMap((section) =>
      section.id in rewritten
        ? [Buffer.from([section.id]), sized(rewritten[section.id](section))]
        : [bytes.subarray(section.whole, section.end)],
    ),
  ]);
}

// Returns the module `bytes` with other code: `bodies` for its functions in their order, and the
// functions `added` after them, { type, body }. Each body has its size before it. `elements` are
// ranges to replace outside of code: in exports, and in what tables and globals hold.
export function replaceCode(bytes, bodies, added, elements = []) {
  const count = (list) => encodeU32(list.length);
  const all = [...bodies, ...added.map(({ body }) => body)];
  const within = ({ start, end }) =>
    replaceRanges(bytes, start, end, elements.filter(({ from }) => from >= start && from < end));
  const rewritten = {
    ...{ 4: within, 6: within, 7: within, 9: within },
    3: (section) => [
      count(all),
      bytes.subarray(section.start + count(bodies).length, section.end),
      ...added.map(({ type }) => encodeU32(type)),
    ],
    10: () => [count(all), ...all],
  };
  return replaceSections(bytes, rewritten);
}
