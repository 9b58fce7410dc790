// Runs one program with the npm package:  node node-main.mjs OPTIONS-AS-JSON program.wasm [argument]...

import { readFile } from 'node:fs/promises';
import { writeSync } from 'node:fs';
import { load } from 'bide';
import { imports } from '../examples.mjs';

const [options, program, ...args] = process.argv.slice(2);

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
  args: [program, ...args],
  ...JSON.parse(options), // env and files
  imports,
  stdin: process.stdin,
  stdout: (bytes) => writeAll(1, bytes),
  stderr: (bytes) => writeAll(2, bytes),
});
const status = await app.run();
await app[Symbol.asyncDispose]?.();
process.exit(status);
