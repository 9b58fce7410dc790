// The module's side of the crossing: its exports, and the state and buffers in its
// memory (src/js/exports.h). Memory may move whenever C runs, so views are made anew.
//
// SPDX-License-Identifier: MIT

import { failure } from './errors.js';

/** The version of the crossing that this package speaks: BIDE__JS_ABI. */
export const ABI = 1;

const STATE_SIZE = 48;
const ROOT_WAITING = 1;

export class Port {
  #exports;
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
    new Uint8Array(this.#exports.memory.buffer, at >>> 0, bytes.length).set(bytes);
  }

  /** What C asks, once; undefined if it asks nothing. */
  takeRequests() {
    return this.enter('bide_js_take_requests') ? this.#copy(16) : undefined;
  }

  /** The answer to a call that answered at once; empty if there was no memory for it. */
  reply() {
    return this.#copy(24);
  }

  /** Where the root fiber stands: whether a loop waits, until when, and main's status. */
  root() {
    const state = this.#view();
    return {
      waiting: state.getUint32(0, true) === ROOT_WAITING,
      status: state.getInt32(4, true),
      delay: state.getFloat64(8, true),
    };
  }

  stats() {
    this.enter('bide_js_look');
    const state = this.#view();
    return {
      tasks: state.getUint32(40, true),
      handles: state.getUint32(32, true),
      objects: state.getUint32(36, true),
      memory: this.#exports.memory.buffer.byteLength,
    };
  }

  #view() {
    this.#state ??= this.enter('bide_js_look') >>> 0;
    return new DataView(this.#exports.memory.buffer, this.#state, STATE_SIZE);
  }

  #copy(field) {
    const state = this.#view();
    const at = state.getUint32(field, true);
    return new Uint8Array(
      this.#exports.memory.buffer,
      at,
      state.getUint32(field + 4, true),
    ).slice();
  }
}
