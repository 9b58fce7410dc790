// runner.js - the page's end of the Worker: one run at a time, and a Stop that always works.
//
// SPDX-License-Identifier: MIT

import { GRACE } from './protocol.js';

/** @typedef {import('./protocol.js').Ended} Ended */

export class Runner {
  #worker = this.#spawn();
  #onOutput;
  /** @type {{ id: number, started: number, settle: (end: Ended) => void, timer: number } | null} */
  #current = null;
  #lastId = 0;

  /** @param {(channel: import('./protocol.js').Channel, text: string) => void} onOutput */
  constructor(onOutput) {
    this.#onOutput = onOutput;
  }

  get running() {
    return this.#current !== null;
  }

  /**
   * Runs a program; resolves when it has ended, in whatever way.
   * @param {Omit<import('./protocol.js').Run, 'type' | 'id'>} job
   * @returns {Promise<Ended>}
   */
  run(job) {
    if (this.#current) throw new Error('a program is running already');
    const id = ++this.#lastId;
    return new Promise((settle) => {
      this.#current = { id, started: performance.now(), settle, timer: 0 };
      this.#worker.postMessage({ type: 'run', id, ...job });
    });
  }

  /** Asks the program to end, and ends its Worker if it does not listen. */
  stop() {
    const current = this.#current;
    if (!current || current.timer) return;
    this.#worker.postMessage({ type: 'stop', id: current.id });
    current.timer = setTimeout(() => {
      this.#respawn();
      this.#end({ how: 'terminated' });
    }, GRACE);
  }

  #spawn() {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }) => {
      if (data.id !== this.#current?.id) return;
      if (data.type === 'output') this.#onOutput(data.channel, data.text);
      else this.#end(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const message = event.message ?? 'worker.js could not be loaded.';
      if (!this.#current) return;
      this.#respawn();
      this.#end({ how: 'failed', message });
    };
    return worker;
  }

  #respawn() {
    this.#worker.terminate();
    this.#worker = this.#spawn();
  }

  /** @param {Partial<Ended>} end */
  #end(end) {
    const { id, settle, started, timer } = this.#current;
    clearTimeout(timer);
    this.#current = null;
    const ms = performance.now() - started;
    const nothing = { status: null, stats: null, message: null, advice: null };
    settle({ type: 'ended', id, ms, ...nothing, ...end });
  }
}
