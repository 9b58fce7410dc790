// JSPI, where JavaScript's promises suspend WebAssembly: a suspension on a promise that is
// fulfilled already, at two depths, and a call that does not suspend.
//
//   node jspi.mjs NAME [SAMPLES]
//
// SPDX-License-Identifier: MIT

import { runBenches } from '../samples.mjs';

// (import "js" "wait" (func)); (func (param i32)) that calls `wait` so often, and nine more
// that each call the one before; all are exported by their numbers.
const DEPTH = 10;
const section = (id, body) => [id, body.length, ...body];
const loop = [0x03, 0x40, 0x10, 0, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b];
const bodies = Array.from({ length: DEPTH }, (_, i) => [
  0, // no locals
  ...(i === 0 ? loop : [0x20, 0, 0x10, i]),
  0x0b,
]);
const bytes = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...section(1, [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
  ...section(2, [1, 2, 106, 115, 4, 119, 97, 105, 116, 0, 0]),
  ...section(3, [DEPTH, ...bodies.map(() => 1)]),
  ...section(7, [DEPTH, ...bodies.flatMap((_, i) => [1, 48 + i, 0, i + 1])]),
  ...section(10, [DEPTH, ...bodies.flatMap((body) => [body.length, ...body])]),
]);

const fulfilled = Promise.resolve();
const start = (wait) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { js: { wait } }).exports;

async function suspensions(depth) {
  const rounds = 300_000;
  const exports = start(new WebAssembly.Suspending(() => fulfilled));
  const run = WebAssembly.promising(exports[depth - 1]);
  const started = performance.now();
  await run(rounds);
  return ((performance.now() - started) * 1e6) / rounds;
}

async function life() {
  const lives = 100_000;
  let count = 0;
  const run = WebAssembly.promising(start(() => count++)[0]);
  const started = performance.now();
  for (let i = 0; i < lives; i++) await run(1);
  const time = performance.now() - started;
  if (count !== lives) throw new Error('calls were lost');
  return (time * 1e6) / lives;
}

await runBenches({ switch: () => suspensions(1), switch_10: () => suspensions(DEPTH), life });
