// What C last said of itself on standard error: when it traps after that, this is why.
//
// SPDX-License-Identifier: MIT

import { TrapError, describe } from './errors.js';

const LOW = 256; // bytes of stack: at most 128 of them are used without moving its pointer
const OVERFLOW =
  'stack overflow: C that does not await used up the stack of the program. Make the recursion ' +
  'shallower or move large arrays to the heap, or link with -Wl,-z,stack-size=BYTES; ' +
  '-DBIDE_CHECK_STACKS=ON tells which coroutine it was';

const LONGEST = 1024; // bytes; a name of the user's may be in it
const OURS = /(?:^|\n)(bide: [^\n]+)\n$/; // a line of the C library's (src/fiber/complain.c)

export class Report {
  #tail = new Uint8Array(0);
  #stackLeft = () => Infinity;

  /** C can be asked how much is left of its stack, even when it has trapped. */
  ask(stackLeft) {
    this.#stackLeft = stackLeft;
  }

  /** C wrote these bytes. */
  hear(bytes) {
    const whole = new Uint8Array(this.#tail.length + bytes.length);
    whole.set(this.#tail);
    whole.set(bytes, this.#tail.length);
    this.#tail = whole.slice(-LONGEST);
  }

  /** What happened when C threw `error`. */
  reason(error) {
    const [, line] = OURS.exec(new TextDecoder().decode(this.#tail)) ?? [];
    if (line) return `${describe(error)}, ${line}`;
    return this.#stackLeft() < LOW ? `${describe(error)}: ${OVERFLOW}` : describe(error);
  }

  /** The TrapError for it. */
  trap(error) {
    return new TrapError(
      `C trapped (${this.reason(error)}), and its memory cannot be trusted any more: load() a new instance`,
      { cause: error },
    );
  }
}
