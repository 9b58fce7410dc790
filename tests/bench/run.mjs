// npm run bench: builds and measures Bide beside its peers, in one run.
//
// A round measures every row of every table once, each in a process of its own pinned to
// one processor; the rounds repeat, so that a noisy minute strikes all alike. Minimum and
// median of all samples are shown, and how Bide's minimum compares with each peer's. All
// of it is left in build/bench.json.
//
//   node tests/bench/run.mjs [WORD...]   only tables whose title contains a WORD
//
// SPDX-License-Identifier: MIT

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parts, root, setup, which } from '../../wasm/setup.mjs';
import { build, kinds } from './build.mjs';
import { sizes } from './sizes.mjs';

const ROUNDS = 7;
const LIMIT = 60_000; // ms for one measurement
const pin = which('taskset') && cpus().length > 1 ? [which('taskset'), '-c', '1'] : [];

// One process's samples. Those of its warm-up do not count: an engine's compilers are at work then,
// as samples.mjs allows them for JavaScript. A row that fails says why and is not asked again.
function measure(row, round) {
  const { warmUps = 0, programs = [] } = row;
  const program = programs.length ? [programs[round % programs.length]] : [];
  const asked = [...program, row.bench, String(row.samples + warmUps)];
  const [command, ...args] = [...pin, ...row.command, ...asked];
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: LIMIT });
  if (result.status === 0) return result.stdout.trim().split('\n').slice(warmUps).map(Number);
  const why = result.error?.code === 'ETIMEDOUT' ? `took over ${LIMIT / 1000} s` : result.stderr;
  row.missing = `failed: ${why.trim().split('\n').at(-1)}`;
  return [];
}

const keyOf = (row) => [...row.command, ...(row.programs ?? []), row.bench].join(' ');

// Fills samples: key → numbers. Rows that stand in several tables are measured once.
function measureAll(tables) {
  const rows = new Map();
  for (const { rows: those, samples = 1 } of tables)
    for (const row of those) rows.set(keyOf(row), { samples, ...row });
  const samples = new Map([...rows.keys()].map((key) => [key, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    process.stderr.write(`\r  round ${round} of ${ROUNDS}`);
    for (const [key, row] of rows) if (!row.missing) samples.get(key).push(...measure(row, round));
  }
  process.stderr.write('\r\x1b[K');
  return (row) => ({ samples: samples.get(keyOf(row)), missing: rows.get(keyOf(row)).missing });
}

function summary(row, { samples, missing }) {
  const sorted = [...samples].sort((a, b) => a - b);
  if (!sorted.length) return { name: row.name, skipped: missing ?? 'no samples' };
  return {
    name: row.name,
    minimum: sorted[0],
    median: sorted[Math.floor(sorted.length / 2)],
    samples: sorted.length,
  };
}

const number = (value) =>
  (value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 100 ? 2 : 0)).padStart(10);

function printTable({ title, unit, rows }) {
  console.log(`\n${title} (${unit})`);
  const [own] = rows;
  for (const row of rows) {
    const name = `  ${row.name.padEnd(34)}`;
    if (row.skipped) {
      console.log(`${name}skipped: ${row.skipped}`);
      continue;
    }
    const ratio = row === own || own.skipped ? '' : `   Bide takes ${(own.minimum / row.minimum).toFixed(2)} of it`;
    console.log(`${name}${number(row.minimum)}${number(row.median)}${ratio}`);
  }
}

function printSizes(list) {
  console.log(`\nsizes (bytes)${' '.repeat(26)}raw   gzip -9`);
  for (const { name, raw, gzip, growth } of list) {
    const more = growth === undefined ? '' : `   ${(growth * 100).toFixed(1)} % more for Asyncify`;
    console.log(`  ${name.padEnd(34)}${number(raw)}${number(gzip)}${more}`);
  }
}

async function main(words) {
  setup('demo');
  if (!parts['node 26'].find()) parts['node 26'].install();
  console.log('Build');
  for (const kind of kinds) build(kind);
  // After the build, because rows look for what was built.
  const { tables } = await import('./tables.mjs');
  const wanted = tables.filter(
    ({ title }) => !words.length || words.some((word) => title.includes(word)),
  );
  console.log(`Measure: minimum and median of ${ROUNDS} or more`);
  const started = Date.now();
  const result = measureAll(wanted);
  const measured = wanted.map(({ title, unit, rows }) => ({
    title,
    unit,
    rows: rows.map((row) => summary(row, result(row))),
  }));
  measured.forEach(printTable);
  const weights = sizes();
  printSizes(weights);
  const machine = { processor: cpus()[0].model, node: process.version };
  writeFileSync(
    join(root, 'build', 'bench.json'),
    `${JSON.stringify({ machine, tables: measured, sizes: weights }, null, 2)}\n`,
  );
  console.log(`\nMeasured in ${((Date.now() - started) / 1000).toFixed(0)} s on ${machine.processor}, Node ${machine.node}.`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
