// The last step of a WebAssembly build, and the one place that runs wasm-opt.
//
// A linked module imports asyncify.start_unwind and its three siblings. Binaryen's
// Asyncify pass supplies them and rewrites every function that may be suspended,
// so that it can save its locals, return, and later be entered again half-way.
//
//   node wasm/finish.mjs in.wasm out.wasm [-O2 | -Oz | ...] [-g]

import { spawnSync } from 'node:child_process';
import { realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPackage } from './packages.mjs';

const BINARYEN = '132.0.0'; // the version this was tested with, as in package.json

// What every engine since Node 20 has. Asking for all features would write
// encodings that none of them reads yet.
const FEATURES = [
  '--enable-mutable-globals',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-bulk-memory',
  '--enable-multivalue',
  '--enable-reference-types',
];

// Returns the path of Binaryen's wasm-opt.
function findWasmOpt() {
  const main = findPackage('binaryen');
  if (main) return join(dirname(main), 'bin', 'wasm-opt');
  throw new Error(
    'The npm package binaryen is not installed, and without it a WebAssembly program ' +
      `cannot suspend.\nInstall it in the project's folder:  npm install binaryen@${BINARYEN}`,
  );
}

// Instruments `input` for suspension and writes `output`, which may be the same file.
export function finish(input, output, options = ['-O2']) {
  const wasmOpt = findWasmOpt();
  const unfinished = `${output}.tmp`;
  const args = [
    '--liftoff-only', // compiling wasm-opt itself with the optimising tier takes longer than running it
    wasmOpt,
    input,
    ...FEATURES,
    '--asyncify',
    // No import ever suspends: waiting is done by C code that has returned.
    '--pass-arg=asyncify-ignore-imports',
    ...options,
    '-o',
    unfinished,
  ];
  const result = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) {
    rmSync(unfinished, { force: true });
    const how = result.error?.message ?? `status ${result.status ?? result.signal}`;
    throw new Error(`wasm-opt failed on ${input} (${how})`);
  }
  renameSync(unfinished, output);
}

function main([input, output, ...options]) {
  if (!input || !output) {
    console.error('usage: node finish.mjs in.wasm out.wasm [-O2 | -Oz | ...] [-g]');
    return 2;
  }
  try {
    finish(resolve(input), resolve(output), options.length ? options : undefined);
    return 0;
  } catch (error) {
    console.error(`finish: ${error.message}`);
    return 1;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
