// npm test: sets up, builds for every target, runs every test, and last lists what
// was skipped and the commands that would install what it lacked.
//
// With BIDE_NO_SKIPS=1 a skipped part is a failure. With arguments, only the test
// files whose paths contain one of them are run.
//
// SPDX-License-Identifier: MIT

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
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

// Node would leave one processor unused: but the tests wait for their programs. (Before 20.10 there
// is no such option.)
function concurrency() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const known = major > 20 || minor >= 10;
  return known ? [`--test-concurrency=${availableParallelism()}`] : [];
}

function runTests(filters) {
  const report = join(root, 'build', 'skipped.txt');
  rmSync(report, { force: true });
  const files = testFiles(join(root, 'tests')).filter(
    (file) => !filters.length || filters.some((part) => file.includes(part)),
  );
  console.log(`Tests: ${files.length} files`);
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./tests/skips-reporter.mjs',
    `--test-reporter-destination=${report}`,
  ];
  const { status } = spawnSync(
    process.execPath,
    ['--test', ...concurrency(), ...reporters, ...files],
    { cwd: root, stdio: 'inherit' },
  );
  const skips = existsSync(report) ? readFileSync(report, 'utf8').split('\n').filter(Boolean) : [];
  return { passed: status === 0, skips: [...new Set(skips)] };
}

async function main(filters) {
  const absent = setup('test');
  console.log('Build');
  await buildAll(presetsHere());
  const { passed, skips } = runTests(filters);
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
