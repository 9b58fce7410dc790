// App: what load() gives.
//
// SPDX-License-Identifier: MIT

import { callCoroutine, makeGenerator, makeStream } from './calls.js';
import { failure } from './errors.js';

const GRACE = 1000; // milliseconds for cleanup when an App is disposed of
const EXPORT = /^bide:(coroutine|generator|stream):(.*)$/;
const USE = { coroutine: 'call', generator: 'generate', stream: 'stream' };

export class App {
  #instance;
  #bodies = new Map(); // name → { kind, body }
  #hasMain;
  #ran = false;
  #disposed;
  #backend;

  constructor(instance, exports, backend) {
    this.#instance = instance;
    this.#backend = backend;
    this.#hasMain = typeof exports._start === 'function';
    for (const [key, value] of Object.entries(exports)) {
      const [, kind, name] = EXPORT.exec(key) ?? [];
      if (kind) this.#bodies.set(name, { kind, body: value() });
    }
  }

  get backend() {
    return this.#backend;
  }

  get exports() {
    return [...this.#bodies].map(([name, { kind }]) => ({ name, kind }));
  }

  async run() {
    this.#check();
    if (!this.#hasMain)
      throw failure(
        'BIDE_NO_MAIN',
        'run(): this module has no main: use call(), generate() or stream()',
      );
    if (this.#ran)
      throw failure(
        'BIDE_ENDED',
        'run(): main has been run already: load() the module again to run it again',
      );
    this.#ran = true;
    return this.#instance.main();
  }

  async call(name, args = [], { signal } = {}) {
    this.#check();
    return callCoroutine(
      this.#instance,
      this.#body('coroutine', name, args, signal),
      name,
      args,
      signal,
    );
  }

  generate(name, args = []) {
    this.#check();
    return makeGenerator(this.#instance, this.#body('generator', name, args), name, args);
  }

  stream(name, args = [], { signal } = {}) {
    this.#check();
    return makeStream(this.#instance, this.#body('stream', name, args, signal), name, args, signal);
  }

  stats() {
    return this.#instance.stats();
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    const refusal = failure(
      'BIDE_DISPOSED',
      'this App was disposed of: load() the module again to use it',
    );
    this.#disposed ??= { refusal, done: this.#instance.dispose(refusal, GRACE) };
    return this.#disposed.done;
  }

  #check() {
    const refusal = this.#instance.refusal ?? this.#disposed?.refusal;
    if (refusal) throw refusal;
  }

  #body(kind, name, args, signal) {
    const verb = USE[kind];
    const known = this.#bodies.get(name);
    if (known?.kind !== kind) throw this.#unknown(kind, name, known);
    if (!Array.isArray(args))
      throw failure(
        'BIDE_BAD_ARGUMENT',
        `${verb}('${name}', args): args must be an array of arguments, not ${args === null ? 'null' : typeof args}`,
      );
    if (signal !== undefined && typeof signal?.addEventListener !== 'function')
      throw failure('BIDE_BAD_ARGUMENT', `${verb}('${name}'): signal must be an AbortSignal`);
    return known.body;
  }

  #unknown(kind, name, known) {
    const verb = USE[kind];
    if (known)
      return failure(
        'BIDE_UNKNOWN_EXPORT',
        `${verb}(): '${name}' is a ${known.kind}: use ${USE[known.kind]}()`,
      );
    const names = [...this.#bodies].filter(([, { kind: of }]) => of === kind).map(([n]) => n);
    const list = names.length ? `it has ${names.join(', ')}` : 'it has none';
    return failure(
      'BIDE_UNKNOWN_EXPORT',
      `${verb}(): the module exports no ${kind} '${String(name)}': ${list}. In C: BIDE_EXPORT_${kind === 'stream' ? 'ASYNC_GENERATOR' : kind.toUpperCase()}(${String(name)})`,
    );
  }
}
