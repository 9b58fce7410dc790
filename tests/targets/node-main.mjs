// Runs one program with the npm package:  node node-main.mjs program.wasm JOB
// where JOB is what job() of node.mjs says, as JSON.
//
// SPDX-License-Identifier: MIT

import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { load } from 'bide';
import { examples } from '../../web/examples/examples.mjs';
import { encode } from './encode.mjs';

const [program, sent] = process.argv.slice(2);
const { name, args, env, files } = JSON.parse(sent);

// All of `bytes` at once, however slow the reader: what the program wrote must not
// be lost when it ends.
function writeAll(fd, bytes) {
  while (bytes.length) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const app = await load(await readFile(program), {
  args,
  env,
  files: encode(files),
  imports: examples.find((example) => example.name === name)?.imports ?? {},
  stdin: process.stdin,
  stdout: (bytes) => writeAll(1, bytes),
  stderr: (bytes) => writeAll(2, bytes),
});
const status = await app.run();
await app[Symbol.asyncDispose]();
process.exit(status);
