// JavaScript values that C holds: each has a number, for as long as it is held.
//
// A value is counted once for every time it crosses, because C may give up one
// crossing while the next is on its way.
//
// SPDX-License-Identifier: MIT

const THENABLE = 1;
const ITERABLE = 2;

export class Handles {
  #entries = new Map(); // number → { value, count, awaited, lost }
  #numbers = new Map(); // value → number
  #free = [];
  #onLost;

  /** `onLost(reason)` hears of rejections that C was given and never looked at. */
  constructor(onLost) {
    this.#onLost = onLost;
  }

  get size() {
    return this.#entries.size;
  }

  /** Keeps `value` for one crossing: its number and what C is to know of it. */
  retain(value) {
    let id = this.#numbers.get(value);
    if (id === undefined) {
      id = this.#free.pop() ?? this.#entries.size + 1; // 0 is for none
      this.#numbers.set(value, id);
      const entry = { value, count: 0, awaited: false, lost: undefined };
      this.#entries.set(id, entry);
      if (value instanceof Promise) this.#watch(entry);
    }
    this.#entries.get(id).count++;
    return { id, abilities: abilitiesOf(value), name: classNameOf(value) };
  }

  get(id) {
    return this.#entries.get(id)?.value;
  }

  /** C awaits it: from now on a rejection is C's. */
  awaited(id) {
    const entry = this.#entries.get(id);
    if (entry) entry.awaited = true;
    return entry?.value;
  }

  /** C gives up `count` crossings. */
  release(id, count) {
    const entry = this.#entries.get(id);
    if (!entry || (entry.count -= count) > 0) return;
    this.#entries.delete(id);
    this.#numbers.delete(entry.value);
    this.#free.push(id);
    if (entry.lost) this.#report(entry);
  }

  // A promise may reject before C comes to await it. That is not unhandled yet, and
  // would end a Node process if nobody listened.
  #watch(entry) {
    entry.value.then(undefined, (reason) => {
      entry.lost = { reason };
      if (entry.count <= 0) this.#report(entry);
    });
  }

  #report(entry) {
    if (!entry.awaited) this.#onLost(entry.lost.reason);
  }

  clear() {
    this.#entries.clear();
    this.#numbers.clear();
    this.#free.length = 0;
  }
}

// A getter or proxy of the value's may throw: then it has no such ability.
function has(value, key) {
  try {
    return typeof value[key] === 'function';
  } catch {
    return false;
  }
}

export const isThenable = (value) =>
  value !== null &&
  (typeof value === 'object' || typeof value === 'function') &&
  has(value, 'then');

function abilitiesOf(value) {
  if (value === null || value === undefined) return 0;
  const iterable =
    has(value, Symbol.asyncIterator) || has(value, Symbol.iterator) || has(value, 'getReader');
  return (isThenable(value) ? THENABLE : 0) | (iterable ? ITERABLE : 0);
}

function classNameOf(value) {
  try {
    const name = value?.constructor?.name;
    return typeof name === 'string' && name ? name : 'Object';
  } catch {
    return 'Object';
  }
}
