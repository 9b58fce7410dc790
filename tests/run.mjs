// npm test: sets up, builds for every target, runs every test, and last lists what
// was skipped and the commands that would install what it lacked.
//
// With BIDE_NO_SKIPS=1 a skipped part is a failure. With arguments, only the test
// files whose paths contain one of them are run.
//
// SPDX-License-Identifier: MIT

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { buildAll } from '../wasm/build.mjs';
import { backends, parts, root, setup } from '../wasm/setup.mjs';

// Every *.test.mjs below `folder`.
function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path);
    return entry.name.endsWith('.test.mjs') ? [relative(root, path)] : [];
  });
}

// What is to be built; what takes longest first.
function presetsHere() {
  const presets = ['wasi', 'wasi-stack-switching', 'native', 'asan', 'tsan'];
  if (parts.clang.find()?.endsWith('clang-19')) presets.push('clang');
  if (parts.emscripten.find()) presets.push('emscripten');
  for (const { preset, part } of backends)
    if (!part || parts[part].find()) presets.push(preset);
  return presets;
}

// Those that take minutes: begun first, so that no processor is idle while the last of them ends.
const LONG = ['hostile', 'toolchain', 'differential', 'unit', 'conformance', 'hazards', 'browser'];
const place = (file) => LONG.findIndex((name) => file.includes(name)) + 1 || LONG.length + 1;

function testsToRun(filters) {
  return testFiles(join(root, 'tests'))
    .filter((file) => !filters.length || filters.some((part) => file.includes(part)))
    .sort((a, b) => place(a) - place(b));
}

// Runs them, shows how it goes, and resolves to whether all passed and the lines of what was skipped.
// (`node --test` would sort the files by their names, and leave one processor unused: but the tests
// wait for their programs.)
async function runTests(filters) {
  const files = testsToRun(filters);
  console.log(`Tests: ${files.length} files`);
  process.chdir(root);
  const tests = run({ files, concurrency: availableParallelism() });
  const skips = new Set();
  let passed = true;
  tests.on('test:pass', ({ name, skip }) => {
    if (typeof skip === 'string') skips.add(`${name}: ${skip}`);
  });
  tests.on('test:fail', () => (passed = false));
  const shown = tests.compose(new spec());
  shown.pipe(process.stdout);
  await once(shown, 'end');
  return { passed, skips: [...skips] };
}

async function main(filters) {
  const absent = setup('test');
  console.log('Build');
  await buildAll(presetsHere());
  const { passed, skips } = await runTests(filters);
  if (absent.length || skips.length) {
    console.log('\nSkipped:');
    for (const { name, why, command } of absent)
      console.log(`  ${name} (${why}); to have it:  ${command}`);
    for (const line of skips) console.log(`  ${line}`);
  }
  const complete = !absent.length && !skips.length;
  if (!complete && process.env.BIDE_NO_SKIPS)
    console.log('Nothing may be skipped here (BIDE_NO_SKIPS): this is a failure.');
  return passed && (complete || !process.env.BIDE_NO_SKIPS) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
