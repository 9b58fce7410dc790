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

// A queue of one, as promises make it.
class Slot {
  #item;
  #full = false;
  #wake = { putter: undefined, getter: undefined };

  #wait(who) {
    return new Promise((resolve) => (this.#wake[who] = resolve));
  }

  async put(item) {
    if (this.#full) await this.#wait('putter');
    this.#item = item;
    this.#full = true;
    this.#wake.getter?.();
    this.#wake.getter = undefined;
  }

  async get() {
    if (!this.#full) await this.#wait('getter');
    this.#full = false;
    this.#wake.putter?.();
    this.#wake.putter = undefined;
    return this.#item;
  }
}

async function queue() {
  const messages = 100_000;
  const slot = new Slot();
  const produce = async () => {
    for (let i = 0; i < messages; i++) await slot.put(i);
  };
  const consume = async () => {
    for (let i = 0; i < messages; i++)
      if ((await slot.get()) !== i) throw new Error('an item came out of order');
  };
  const start = performance.now();
  await Promise.all([produce(), consume()]);
  return ((performance.now() - start) * 1e6) / messages;
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
  queue,
  join,
  sleeps,
});
