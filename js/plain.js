// A program that has no loop, and so no bridge to JavaScript: its main runs from beginning
// to end, as under any other host of WASI.
//
// SPDX-License-Identifier: MIT

import { WASIProcExit } from '@bjorn3/browser_wasi_shim';

export class Plain {
  #exports;
  #onUnhandled;
  #report;
  #refusal;

  constructor(exports, { onUnhandled }, report) {
    this.#exports = exports;
    this.#report = report;
    this.#onUnhandled = onUnhandled;
  }

  get refusal() {
    return this.#refusal;
  }

  /** Runs main; its exit status. */
  main() {
    try {
      this.#exports._start();
      return 0;
    } catch (error) {
      if (error instanceof WASIProcExit) return error.code;
      this.#refusal = this.#report.trap(error);
      throw this.#refusal;
    }
  }

  stats() {
    return { tasks: 0, handles: 0, objects: 0, memory: this.#exports.memory.buffer.byteLength };
  }

  unhandled(error) {
    if (!this.#onUnhandled) return void Promise.reject(error);
    try {
      this.#onUnhandled(error);
    } catch (worse) {
      Promise.reject(worse);
    }
  }

  async dispose(refusal) {
    this.#refusal ??= refusal;
  }
}
