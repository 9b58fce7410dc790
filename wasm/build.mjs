// Configures and builds presets:  node wasm/build.mjs [preset...]  (native and wasi)
//
// The sources and flags are CMake's (CMakeLists.txt); this only picks the generator
// that the machine has and shows progress.
//
// SPDX-License-Identifier: MIT

import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, setup, which } from './setup.mjs';

// Runs a command to its end. Its output is shown when it fails, or always if `loud`.
function run(command, args, loud) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    const collect = (bytes) => (loud ? process.stdout.write(bytes) : output.push(bytes));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) return resolve();
      process.stderr.write(Buffer.concat(output));
      reject(new Error(`${command} ${args.join(' ')} failed with status ${status}`));
    });
  });
}

// The arguments that choose a generator: ninja, which may be the venv's, or make.
export function generator() {
  const ninja = which('ninja');
  return ninja ? ['-G', 'Ninja', `-DCMAKE_MAKE_PROGRAM=${ninja}`] : ['-G', 'Unix Makefiles'];
}

export function buildFolder(preset) {
  return join(root, 'build', preset);
}

// Brings build/PRESET up to date, or one target of it.
export async function build(preset, { loud = false, target = 'all' } = {}) {
  const cmake = which('cmake');
  const started = Date.now();
  process.stdout.write(`  ${preset}: building\n`);
  const configured = ['build.ninja', 'Makefile'].some((name) =>
    existsSync(join(buildFolder(preset), name)),
  );
  if (!configured) await run(cmake, ['--preset', preset, ...generator()], loud);
  await run(
    cmake,
    [
      '--build',
      buildFolder(preset),
      '--parallel',
      String(availableParallelism()),
      '--target',
      target,
    ],
    loud,
  );
  process.stdout.write(`  ${preset}: built in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

// Builds them, two at a time: configuring one leaves processors to the other. Nothing more is begun
// after a failure.
export async function buildAll(presets) {
  const left = [...presets];
  const lane = async () => {
    while (left.length) await build(left.shift());
  };
  const stop = (error) => {
    left.length = 0;
    throw error;
  };
  const ends = await Promise.allSettled([lane().catch(stop), lane().catch(stop)]);
  const failed = ends.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const presets = process.argv.slice(2);
  try {
    setup('demo');
    for (const preset of presets.length ? presets : ['native', 'wasi'])
      await build(preset, { loud: true });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
