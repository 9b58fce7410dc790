// The table's second half, for calls that are made on fibers: used by stacks.mjs.
//
// A function in the table may be called by plain C, which is on the program's own stack, and on a
// fiber, where it must be called through one that moves the stack pointer. So the table is made twice
// as long: the first half is as it was linked, the second has those others, and what runs on fibers
// adds what lies between the halves to every index of such a type. Plain C is not changed: qsort
// calls a comparison as it did.
//
// This is for a table that stays as it was linked: a function that is put into it later would be in
// the first half only.
//
// SPDX-License-Identifier: MIT

import { encodeU32, signed } from './writer.mjs';

const [I32_CONST, I32_ADD, END] = [0x41, 0x6a, 0x0b];

// How far the halves are apart, or nothing if the table of `module` cannot have two.
export function distance({ tables, segments, openTable, changesTable }) {
  const [table, another] = tables;
  const stays = table && !another && !openTable && !changesTable;
  const simple = stays && segments.every(({ offset }) => offset !== undefined);
  return simple && table.flags <= 1 ? table.least : undefined;
}

// What makes the second half: ranges to replace outside of code. `other` gives the index of the
// function that is there for one in the first.
export function secondHalf({ tables: [table], segments, segmentCount }, other) {
  const limits = [1, ...encodeU32(2 * table.least), ...encodeU32(2 * table.least)];
  const copies = segments.flatMap(({ offset, functions }) => [
    ...[0, I32_CONST, ...signed(offset + table.least), END],
    ...[functions.length, ...functions.map(other)].flatMap(encodeU32),
  ]);
  return [
    { from: table.from, to: table.to, bytes: limits },
    { ...segmentCount, bytes: [...encodeU32(2 * segments.length), ...copies] },
  ];
}

// Where `fn` calls through the table by one of `types`, to call through the second half.
export const throughSecondHalf = (fn, types, apart) =>
  fn.throughTable
    .filter(({ type }) => types.has(type))
    .map(({ at }) => ({ from: at, to: at, bytes: [I32_CONST, ...signed(apart), I32_ADD] }));
