// Async iteration over JavaScript on behalf of C.
//
// An iterator is made when C first asks for an item, and ended when C closes it or
// drops it, as `break` ends a for await.
//
// SPDX-License-Identifier: MIT

const encoder = new TextEncoder();
const CHUNK = 65536;

/** An iterator over `source` with next() and close(). */
export function iterate(source) {
  if (typeof source[Symbol.asyncIterator] === 'function')
    return new Iterating(source[Symbol.asyncIterator](), source);
  if (typeof source.getReader === 'function') return new Reading(source.getReader());
  return new Iterating(source[Symbol.iterator](), source);
}

class Iterating {
  #iterator;
  #source;
  #pending = 0;

  constructor(iterator, source) {
    this.#iterator = iterator;
    this.#source = source;
  }

  // A step of a synchronous iterator is answered at once; a promise among its items
  // is awaited, as for await does.
  next() {
    const step = this.#iterator.next();
    if (typeof step?.then !== 'function') return this.#check(step);
    this.#pending++;
    return Promise.resolve(step).then(
      (result) => {
        this.#pending--;
        return this.#check(result);
      },
      (error) => {
        this.#pending--;
        throw error;
      },
    );
  }

  #check(step) {
    if (step === null || typeof step !== 'object')
      throw new TypeError(`the iterator's next() gave ${step}, not an object`);
    if (step.done || typeof step.value?.then !== 'function') return step;
    return Promise.resolve(step.value).then((value) => ({ done: false, value }));
  }

  // An async generator that waits ends only when its wait does, and C does not wait
  // for that; a Node stream can be told to end at once.
  close() {
    const waiting = this.#pending > 0;
    if (waiting && typeof this.#source.destroy === 'function') this.#source.destroy();
    const ended = this.#iterator.return?.();
    if (!waiting) return ended;
    Promise.resolve(ended).catch(() => {});
  }

  // C dropped it without closing. What the iterable itself is, its owner may go on with.
  forget() {
    if (this.#iterator !== this.#source) return this.close();
  }
}

class Reading {
  #reader;

  constructor(reader) {
    this.#reader = reader;
  }

  next() {
    return this.#reader.read();
  }

  close() {
    const ended = this.#reader.cancel();
    this.#reader.releaseLock();
    return ended;
  }

  forget() {
    this.#reader.releaseLock();
  }
}

const bytesOf = (chunk) =>
  typeof chunk === 'string'
    ? encoder.encode(chunk)
    : chunk instanceof ArrayBuffer
      ? new Uint8Array(chunk)
      : chunk;

/** The whole of a `stdin` that is there already, as bytes; undefined if it is a stream. */
export function bytesAtHand(stdin) {
  if (stdin === undefined || stdin === null) return new Uint8Array(0);
  if (typeof stdin === 'string' || stdin instanceof ArrayBuffer) return bytesOf(stdin);
  return stdin instanceof Uint8Array ? stdin : undefined;
}

/** load()'s `stdin` as an async iterable of chunks of bytes. */
export async function* chunks(stdin) {
  const whole = bytesAtHand(stdin);
  const iterator = iterate(
    whole ? [whole] : (stdin.body ?? (typeof stdin.stream === 'function' ? stdin.stream() : stdin)),
  );
  let open = true;
  try {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) open = false;
      if (done) return;
      const bytes = bytesOf(value);
      if (!(bytes instanceof Uint8Array))
        throw new TypeError(`stdin gave a ${typeof value}, not bytes or a string`);
      for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
    }
  } finally {
    if (open) await iterator.close();
  }
}
