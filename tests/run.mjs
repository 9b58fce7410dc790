// npm test: sets up, builds for every target, runs every test, and last lists what
// was skipped and the commands that would install what it lacked.
//
// With BIDE_NO_SKIPS=1 a skipped part is a failure. With arguments, only the test
// files whose paths contain one of them are run.
//
// SPDX-License-Identifier: MIT

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from '../wasm/build.mjs';
import { backends, parts, root, setup } from '../wasm/setup.mjs';

// Every *.test.mjs below `folder`.
function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path);
    return entry.name.endsWith('.test.mjs') ? [relative(root, path)] : [];
  });
}

async function buildAll() {
  console.log('Build');
  const presets = ['native', 'wasi', 'wasi-stack-switching', 'asan', 'tsan'];
  if (parts.clang.find()?.endsWith('clang-19')) presets.push('clang');
  if (parts.emscripten.find()) presets.push('emscripten');
  for (const { preset, part } of backends)
    if (!part || parts[part].find()) presets.push(preset);
  for (const preset of presets) await build(preset);
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
  const { status } = spawnSync(process.execPath, ['--test', ...reporters, ...files], {
    cwd: root,
    stdio: 'inherit',
  });
  const skips = existsSync(report) ? readFileSync(report, 'utf8').split('\n').filter(Boolean) : [];
  return { passed: status === 0, skips: [...new Set(skips)] };
}

async function main(filters) {
  const absent = setup('test');
  await buildAll();
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
