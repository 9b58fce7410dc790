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

const ATTEMPTS = 5;

export class Wine {
  #env;
  #waiting;
  #ready;

  // `name` is of wine's folder in build: one for each test file, as they run side by side.
  constructor(name) {
    this.#env = { WINEPREFIX: join(root, 'build', name), WINEDEBUG: '-all' };
  }

  // Starts what waits, and waits until it does; whether it could, which it cannot where an earlier
  // server just ends. The first program ever makes wine's folder, which two must not do together.
  async #keep() {
    const env = { ...process.env, ...this.#env };
    const child = spawn(which('wine'), ['cmd'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = once(child, 'exit').then(() => false);
    const prompt = once(child.stdout, 'data').then(() => true);
    if (!(await Promise.race([ended, prompt]))) return false;
    child.stdout.resume();
    this.#waiting = { child, ended };
    return true;
  }

  async #begin() {
    for (let i = 0; i < ATTEMPTS; i++) if (await this.#keep()) return;
    throw new Error(`wine cmd ended at once, ${ATTEMPTS} times`);
  }

  // As runProcess does, with the line ends of C.
  async run(program, args = []) {
    await (this.#ready ??= this.#begin());
    const result = await runProcess(which('wine'), [program, ...args], { env: this.#env });
    return { ...result, stdout: result.stdout.replaceAll('\r\n', '\n') };
  }

  async end() {
    this.#waiting?.child.stdin.end();
    await this.#waiting?.ended;
  }
}
