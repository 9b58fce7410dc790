// Runs programs for Windows under wine.
//
// Wine's server begins with the first program and ends some time after the last, and takes with it
// what begins just then. So one program, which waits for its input, stays as long as the others come.
//
// SPDX-License-Identifier: MIT

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root, which } from '../../wasm/setup.mjs';
import { runProcess } from './process.mjs';

export class Wine {
  #env;
  #waiting;
  #ready;

  // `name` is of wine's folder in build: one for each test file, as they run side by side.
  constructor(name) {
    this.#env = { WINEPREFIX: join(root, 'build', name), WINEDEBUG: '-all' };
  }

  // The first program makes wine's folder, which two must not do at the same time, and says so.
  async #begin() {
    const env = { ...process.env, ...this.#env };
    this.#waiting = spawn(which('wine'), ['cmd'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
    await this.#start('cmd', ['/c', 'exit']);
  }

  #start(program, args) {
    return runProcess(which('wine'), [program, ...args], { env: this.#env });
  }

  // As runProcess does, with the line ends of C.
  async run(program, args = []) {
    await (this.#ready ??= this.#begin());
    const result = await this.#start(program, args);
    return { ...result, stdout: result.stdout.replaceAll('\r\n', '\n') };
  }

  async end() {
    if (!this.#waiting) return;
    const ended = once(this.#waiting, 'close');
    this.#waiting.stdin.end();
    await ended;
  }
}
