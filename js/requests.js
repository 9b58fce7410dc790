// What C asks of JavaScript, and the answers.
//
// C writes requests into a queue (src/js/request.h), which is read here whenever C has
// returned. All of it is read before any of it is done, because doing it may call C.
//
// SPDX-License-Identifier: MIT

import { failure } from './errors.js';
import { isThenable } from './handles.js';
import { chunks, iterate } from './iteration.js';

const CALL = 1;
const AWAIT = 2;
const NEXT = 3;
const CLOSE = 4;
const ABORT = 5;
const RELEASE = 6;
const FORGET = 7;
const RESOLVE = 8;
const REJECT = 9;
const UNHANDLED = 10;

const RESULT = 0;
const ERROR = 1;
const END = 2;

export class Requests {
  #link;
  #imports;
  #stdin;
  #context; // of which `this` in an import is made: the imports, and a signal
  #asks = new WeakMap(); // that `this` → the request
  #waiting = new Map(); // slot → { serial, controller }
  #iterators = new Map(); // number → iterator, or 'ended'

  constructor(link, { imports, stdin }) {
    this.#link = link;
    this.#imports = imports;
    this.#stdin = stdin;
    const asks = this.#asks;
    this.#context = Object.create(imports, {
      signal: {
        get() {
          return (asks.get(this).controller ??= new AbortController()).signal;
        },
      },
    });
  }

  /** Reads the requests that `reader` has: functions that do them, in order. */
  read(reader) {
    const todo = [];
    while (reader.more) {
      const work = this.#readOne(reader.u8(), reader);
      if (work) todo.push(work);
    }
    return todo;
  }

  #readOne(kind, reader) {
    const link = this.#link;
    const number = kind === UNHANDLED ? 0 : reader.u32();
    switch (kind) {
      case CALL:
      case AWAIT:
      case NEXT:
      case CLOSE:
        return this.#readAsk(kind, number, reader);
      case ABORT: {
        const serial = reader.u32();
        return () => this.#abort(number, serial);
      }
      case RELEASE:
        link.handles.release(number, reader.u32());
        return undefined;
      case FORGET:
        reader.u32();
        return () => this.#forget(number);
      case RESOLVE:
      case REJECT: {
        const value = reader.value();
        return () => link.settle(number, kind === RESOLVE, value);
      }
      case UNHANDLED: {
        const message = reader.text();
        const error = reader.value() ?? failure('BIDE_UNHANDLED', message);
        return () => link.unhandled(error);
      }
      default:
        throw failure(
          'BIDE_MALFORMED',
          `the module asked for something unknown (${kind}): build it and the package from the same version of Bide`,
        );
    }
  }

  #readAsk(kind, slot, reader) {
    const ask = { slot, serial: reader.u32(), controller: undefined };
    const work = this.#readWork(kind, ask, reader);
    return () => {
      this.#waiting.set(slot, ask);
      this.#answerWith(ask, work);
    };
  }

  #readWork(kind, ask, reader) {
    if (kind === CALL) {
      const name = reader.text();
      const args = reader.value() ?? [];
      return () => this.#call(ask, name, args);
    }
    if (kind === AWAIT) {
      const thenable = this.#link.handles.awaited(reader.u32());
      return () => thenable;
    }
    const number = reader.u32();
    if (kind === CLOSE) return () => this.#close(number);
    const id = reader.u32();
    const source = id ? this.#link.handles.get(id) : undefined;
    ask.iterating = true;
    return () => this.#next(number, source);
  }

  // Does `work` and answers with what it returns, now if that is there, or when it settles.
  #answerWith(ask, work) {
    let result;
    try {
      result = work();
      if (!isThenable(result)) return this.#done(ask, result);
    } catch (error) {
      return this.#answer(ask, ERROR, error);
    }
    Promise.resolve(result).then(
      (value) => this.#done(ask, value),
      (error) => this.#answer(ask, ERROR, error),
    );
  }

  #done(ask, result) {
    if (!ask.iterating) this.#answer(ask, RESULT, result);
    else if (result.done) this.#answer(ask, END);
    else this.#answer(ask, RESULT, result.value);
  }

  // Of a request that C gave up nobody wants the answer.
  #answer(ask, how, value) {
    if (this.#waiting.get(ask.slot) !== ask) return;
    this.#waiting.delete(ask.slot);
    this.#link.answer(ask.slot, ask.serial, how, value);
  }

  #abort(slot, serial) {
    const ask = this.#waiting.get(slot);
    if (ask?.serial !== serial) return;
    this.#waiting.delete(slot);
    ask.controller?.abort();
  }

  #call(ask, name, args) {
    const target = Object.hasOwn(this.#imports, name) ? this.#imports[name] : undefined;
    if (typeof target !== 'function') {
      const names = Object.keys(this.#imports).join(', ') || 'none';
      throw failure(
        'BIDE_MISSING_IMPORT',
        `C calls '${name}', which is not among the functions in load()'s imports (${names})`,
      );
    }
    const self = Object.create(this.#context);
    this.#asks.set(self, ask);
    return Reflect.apply(target, self, args);
  }

  #next(number, source) {
    let iterator = this.#iterators.get(number);
    if (iterator === 'ended') return { done: true };
    if (!iterator) {
      iterator = iterate(source ?? chunks(this.#stdin));
      this.#iterators.set(number, iterator);
    }
    const ended = (result) => {
      if (result.done) this.#iterators.set(number, 'ended');
      return result;
    };
    const failed = (error) => {
      this.#iterators.set(number, 'ended');
      throw error;
    };
    let step;
    try {
      step = iterator.next();
    } catch (error) {
      failed(error);
    }
    return isThenable(step) ? step.then(ended, failed) : ended(step);
  }

  #close(number) {
    const iterator = this.#iterators.get(number);
    this.#iterators.set(number, 'ended');
    const ended = typeof iterator === 'object' ? iterator.close() : undefined;
    return isThenable(ended) ? Promise.resolve(ended).then(() => undefined) : undefined;
  }

  #forget(number) {
    const iterator = this.#iterators.get(number);
    this.#iterators.delete(number);
    if (typeof iterator !== 'object') return;
    // Nobody is left in C to hear of it.
    Promise.resolve()
      .then(() => iterator.forget())
      .catch(() => {});
  }

  /** The instance is gone: what JavaScript does for it is aborted. */
  close() {
    for (const ask of this.#waiting.values()) ask.controller?.abort();
    this.#waiting.clear();
    for (const number of [...this.#iterators.keys()]) this.#forget(number);
  }
}
