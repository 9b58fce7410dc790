// The module's side of the crossing: its exports, and the state and buffers in its
// memory (src/js/exports.h). Memory may move whenever C runs, so views are made anew.
//
// SPDX-License-Identifier: MIT

import { failure } from './errors.js';

/** The version of the crossing that this package speaks: BIDE__JS_ABI. */
export const ABI = 2;

export class Port {
  #exports;
  #bytes; // all of the memory, as it was last seen
  #view;
  #state; // address of bide__js_state
  #entered = false;

  constructor(exports) {
    this.#exports = exports;
  }

  /** Whether C is on the stack. */
  get entered() {
    return this.#entered;
  }

  get isReactor() {
    return typeof this.#exports._initialize === 'function';
  }

  /** Calls an export. */
  enter(name, ...args) {
    this.#entered = true;
    try {
      return this.#exports[name](...args);
    } finally {
      this.#entered = false;
    }
  }

  /** Puts `bytes` where the next call finds its values. */
  put(bytes) {
    const at = this.enter('bide_js_inbox', bytes.length);
    if (!at)
      throw failure('BIDE_NO_MEMORY', `C has no memory for a message of ${bytes.length} bytes`);
    this.#look();
    this.#bytes.set(bytes, at >>> 0);
  }

  /** Calls `read(bytes, view, start, end)` with what C asks, once; not if it asks nothing. */
  takeRequests(read) {
    return this.enter('bide_js_take_requests') ? this.#read(16, read) : undefined;
  }

  /** Likewise with the answer to a call that answered at once; not if there is none. */
  reply(read) {
    return this.#read(24, read);
  }

  /** Where the root fiber stands: whether a loop waits, until when, and main's status. */
  root() {
    const at = this.#look();
    return {
      waiting: this.#view.getUint32(at, true) === 1,
      status: this.#view.getInt32(at + 4, true),
      delay: this.#view.getFloat64(at + 8, true),
    };
  }

  stats() {
    this.enter('bide_js_look');
    const at = this.#look();
    return {
      tasks: this.#view.getUint32(at + 40, true),
      handles: this.#view.getUint32(at + 32, true),
      objects: this.#view.getUint32(at + 36, true),
      memory: this.#bytes.length,
    };
  }

  // Looks at the memory where it is now; the address of the state.
  #look() {
    this.#state ??= this.enter('bide_js_look') >>> 0;
    const { buffer } = this.#exports.memory;
    if (this.#view?.buffer !== buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#state;
  }

  #read(field, read) {
    const state = this.#look();
    const start = this.#view.getUint32(state + field, true);
    const size = this.#view.getUint32(state + field + 4, true);
    return size ? read(this.#bytes, this.#view, start, start + size) : undefined;
  }
}
