// What C last said of itself on standard error: when it traps after that, this is why.
//
// SPDX-License-Identifier: MIT

import { TrapError, describe } from './errors.js';

const LONGEST = 1024; // bytes; a name of the user's may be in it
const OURS = /(?:^|\n)(bide: [^\n]+)\n$/; // a line of the C library's (src/fiber/complain.c)

export class Report {
  #tail = new Uint8Array(0);

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
    return line ? `${describe(error)}, ${line}` : describe(error);
  }

  /** The TrapError for it. */
  trap(error) {
    return new TrapError(
      `C trapped (${this.reason(error)}), and its memory cannot be trusted any more: load() a new instance`,
      { cause: error },
    );
  }
}
