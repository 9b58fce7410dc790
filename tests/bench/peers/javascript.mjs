// JavaScript's own generators and promises, the same work as programs/*.c:
//
//   node javascript.mjs NAME [SAMPLES]
//
// SPDX-License-Identifier: MIT

import { runBenches } from '../samples.mjs';

const MANY = 100_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function* accumulate() {
  for (let sum = 0; ; ) sum += yield sum;
}

function send() {
  const rounds = 500_000;
  const generator = accumulate();
  generator.next();
  let last;
  const start = performance.now();
  for (let i = 0; i < rounds; i++) last = generator.next(1).value;
  const time = performance.now() - start;
  if (last !== rounds) throw new Error('values were lost');
  return (time * 1e6) / rounds;
}

function* nest(depth) {
  return depth > 1 ? yield* nest(depth - 1) : yield* accumulate();
}

function send10() {
  const rounds = 30_000;
  const generator = nest(10);
  generator.next();
  const start = performance.now();
  for (let i = 0; i < rounds; i++) generator.next(1);
  return ((performance.now() - start) * 1e6) / rounds;
}

async function plusOne(n) {
  return n + 1;
}

async function awaitDone() {
  const awaits = 200_000;
  let sum = 0;
  const start = performance.now();
  for (let i = 0; i < awaits; i++) sum = await plusOne(sum);
  const time = performance.now() - start;
  if (sum !== awaits) throw new Error('awaits were lost');
  return (time * 1e6) / awaits;
}

async function yieldOften(n) {
  for (let i = 0; i < n; i++) await undefined;
}

async function takeTurns() {
  const turns = 150_000;
  const start = performance.now();
  await Promise.all([yieldOften(turns), yieldOften(turns)]);
  return ((performance.now() - start) * 1e6) / (2 * turns);
}

async function yieldOnce() {
  await undefined;
}

async function join() {
  const start = performance.now();
  await Promise.all(Array.from({ length: MANY }, yieldOnce));
  return ((performance.now() - start) * 1e6) / MANY;
}

async function sleeps() {
  const start = performance.now();
  await Promise.all(Array.from({ length: MANY }, (_, i) => sleep((i % 100) + 1)));
  return performance.now() - start;
}

await runBenches({
  send,
  send_10: send10,
  await_done: awaitDone,
  take_turns: takeTurns,
  join,
  sleeps,
});
