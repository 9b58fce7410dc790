// Runs one measured program in Node through the npm package:
//
//   node wasm.mjs program.wasm NAME [SAMPLES]      main(NAME, SAMPLES)
//   node wasm.mjs object.wasm generate [SAMPLES]   C's generator, driven by JavaScript
//
// SPDX-License-Identifier: MIT

import { readFile } from 'node:fs/promises';
import { writeSync } from 'node:fs';
import { load } from 'bide';
import { runBenches } from './samples.mjs';

const [program, ...rest] = process.argv.slice(2);

const app = await load(await readFile(program), {
  args: ['bench', ...rest],
  stdout: (bytes) => writeSync(1, bytes),
  stderr: (bytes) => writeSync(2, bytes),
});

function generate() {
  const rounds = 30_000;
  const generator = app.generate('accumulate');
  generator.next();
  let last;
  const start = performance.now();
  for (let i = 0; i < rounds; i++) last = generator.next(1).value;
  const time = performance.now() - start;
  if (last !== rounds) throw new Error('values were lost');
  generator.return();
  return (time * 1e6) / rounds;
}

if (rest[0] === 'generate') await runBenches({ generate }, rest);
else process.exitCode = await app.run();
