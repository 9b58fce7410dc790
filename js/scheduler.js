// When C runs next: in a macrotask of its own at once, or when a deadline comes.
//
// Never a microtask: those keep a page from painting and Node from reading. A zero
// timeout is clamped to 4 ms by browsers, so MessageChannel or setImmediate serve.
//
// SPDX-License-Identifier: MIT

const LONGEST_TIMEOUT = 2 ** 31 - 1; // a longer one would fire at once

export class Scheduler {
  #run;
  #channel;
  #queued = false;
  #timer;
  #due = Infinity;
  #closed = false;

  /** `run` is what a turn does. */
  constructor(run) {
    this.#run = run;
  }

  /** Runs at `due`, on performance.now()'s clock, and not at what was asked before. */
  at(due) {
    if (this.#closed) return;
    if (due <= performance.now()) {
      this.#clearTimer();
      if (!this.#queued) this.#queue();
    } else if (due !== this.#due) {
      this.#clearTimer();
      if (due === Infinity) return;
      this.#due = due;
      const delay = Math.min(Math.ceil(due - performance.now()), LONGEST_TIMEOUT);
      this.#timer = setTimeout(() => {
        this.#due = Infinity;
        this.#turn();
      }, delay);
    }
  }

  close() {
    this.#closed = true;
    this.#clearTimer();
    this.#channel?.port1.close();
  }

  #clearTimer() {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }

  #queue() {
    this.#queued = true;
    const turn = () => {
      this.#queued = false;
      this.#turn();
    };
    if (typeof setImmediate === 'function') {
      setImmediate(turn);
    } else if (typeof MessageChannel === 'function') {
      if (!this.#channel) this.#channel = new MessageChannel();
      this.#channel.port1.onmessage = turn;
      this.#channel.port2.postMessage(undefined);
    } else {
      setTimeout(turn, 0);
    }
  }

  #turn() {
    if (!this.#closed) this.#run();
  }
}
