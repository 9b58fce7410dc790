// Random programs run by Bide on every target must print what they print in Python
// (tests/differential/README.md).
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { root, which } from '../wasm/setup.mjs';
import { everywhere, targets } from './targets/index.mjs';
import { tsan, valgrind, watched } from './targets/watched.mjs';
import { namesIn, skipUnless } from './programs.mjs';

const folder = join(root, 'tests', 'differential');
const read = (name) => readFileSync(join(folder, 'seeds', name), 'utf8');
const kept = namesIn('tests/differential/seeds', '.program');
// What writes programs, and the digests of Python's traces by seed: without a loop, and in one.
const kinds = [
  { words: [], generator: 'generate.py', recorded: recordedIn('recorded.txt') },
  { words: ['loop'], generator: 'loop_generate.py', recorded: recordedIn('recorded_loop.txt') },
];
const BATCH = 50; // programs in one run: their text may be an argument

function recordedIn(name) {
  const lines = read(name).split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split(' ')));
}

const interpreter = ['python3.14', 'python3.13', 'python3']
  .map((name) => which(name))
  .find((path) => path && spawnSync(path, ['--version']).status === 0);
const python = (script, ...args) =>
  spawnSync(interpreter, [join(folder, script), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });

// Runs programs ({ name: text }) on a target, and gives its output.
async function run(target, programs, ...options) {
  const text = Object.entries(programs).map(([name, lines]) => `== ${name}\n${lines}`);
  const { stdout, stderr, status } = await target.run(target.programPath('differential/run'), {
    args: [...options, 'programs'],
    files: { programs: text.join('') },
  });
  assert.equal(status, 0, stdout.slice(-2000) + stderr);
  return stdout;
}

// { name: lines of its trace }
async function traces(target, programs) {
  const stdout = await run(target, programs);
  const parts = stdout.split(/^== /m).slice(1);
  const lines = parts.map((part) => part.trimEnd().split('\n'));
  return Object.fromEntries(lines.map(([name, ...trace]) => [name, trace]));
}

// compare.py, comparable: up to where CPython forgets what Bide goes on closing.
function comparable(lines) {
  const end = lines.findIndex((line) => /^unraisable.* ignored GeneratorExit$/.test(line));
  return end < 0 ? lines : lines.slice(0, end + 1);
}

const digest = (lines) =>
  createHash('sha256').update(comparable(lines).join('\n')).digest('hex').slice(0, 16);

// The programs of these seeds, { seed: text }; they are the same for every target.
const batches = new Map();
function generated({ generator }, seeds) {
  const key = [generator, ...seeds].join(' ');
  if (!batches.has(key)) {
    const { stdout, stderr, status } = python(generator, ...seeds);
    assert.equal(status, 0, stderr);
    const programs = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    batches.set(key, Object.fromEntries(programs.map(({ seed, program }) => [seed, program])));
  }
  return batches.get(key);
}

const noPython = interpreter ? undefined : 'python3 is not installed: apt-get install python3';

// There it would take minutes to let every allocation fail once.
const slow = [tsan, valgrind];

for (const target of [...everywhere, ...watched]) {
  describe(`random programs on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());

    test('those that once differed', async () => {
      const programs = Object.fromEntries(kept.map((name) => [name, read(`${name}.program`)]));
      const outcome = await traces(target, programs);
      for (const name of kept)
        assert.deepEqual(outcome[name], read(`${name}.expected`).trimEnd().split('\n'), name);
    });

    for (const kind of kinds) {
      const seeds = [...kind.recorded.keys()];
      for (let first = 0; first < seeds.length; first += BATCH) {
        const batch = seeds.slice(first, first + BATCH);
        const name = ['seeds', ...kind.words, batch[0], 'to', batch.at(-1)].join(' ');
        test(name, skipUnless(noPython), async () => {
          const programs = generated(kind, batch);
          const outcome = await traces(target, programs);
          if (!slow.includes(target)) await run(target, programs, '--fail-each'); // nothing is left alive
          for (const seed of batch) {
            const about = `seed ${seed}\n${programs[seed]}`;
            assert.equal(digest(outcome[seed] ?? []), kind.recorded.get(seed), about);
          }
        });
      }
    }
  });
}

// The digests stand for Python; where it is new enough, more seeds run beside it.
if (interpreter && python('compare.py', '--record', '0').status === 0)
  for (const { words } of kinds)
    test(['random programs', ...words, 'beside Python itself'].join(' '), () => {
      const native = targets[0].programPath('differential/run');
      const { stdout, status } = python('compare.py', native, '1000', '300', ...words);
      assert.equal(status, 0, stdout);
    });
