// npm run demo: sets up, builds, runs every program of web/examples on every target
// side by side, and shows what each printed. Status 0 only if all targets agree.
//
// SPDX-License-Identifier: MIT

import { build } from '../wasm/build.mjs';
import { setup } from '../wasm/setup.mjs';
import { examples } from '../web/examples/examples.mjs';
import { transcript } from './programs.mjs';
import { targets } from './targets/index.mjs';

// Runs one example on one target; what goes wrong in running it is its output.
async function attempt(target, example) {
  const started = performance.now();
  try {
    const result = await target.run(target.programPath(`examples/${example.name}`), example);
    return { ...result, ms: performance.now() - started };
  } catch (error) {
    return {
      stdout: '',
      stderr: `${error.message}\n`,
      status: 'error',
      ms: performance.now() - started,
    };
  }
}

// Standard error is for people, progress lines and the like; it is not compared.
const sameAs = (first) => (result) =>
  result.stdout === first.stdout && result.status === first.status;

// Runs one example everywhere. Returns the row of the table, and whether all agree.
async function show(example, present) {
  const results = await Promise.all(present.map((target) => attempt(target, example)));
  const [first] = results;
  const agree = results.every(sameAs(first));
  console.log(`\n${example.name}: ${example.about}`);
  for (const line of first.stdout.trimEnd().split('\n')) console.log(`    ${line}`);
  if (!agree)
    results.forEach((result, i) => {
      if (i === 0 || !sameAs(first)(result))
        console.log(`  ${present[i].name} printed:\n${transcript(result)}`);
    });
  const cells = results.map((result) =>
    sameAs(first)(result) ? `${result.ms.toFixed(0)} ms` : 'DIFFERS',
  );
  return { name: example.name, cells, agree };
}

function printTable(present, rows) {
  const width = Math.max(12, ...rows.map((row) => row.name.length + 2));
  const cells = (list) => list.map((cell) => cell.padEnd(12)).join('');
  console.log(`\n${''.padEnd(width)}${cells(present.map((target) => target.name))}`);
  for (const { name, cells: row, agree } of rows)
    console.log(`${name.padEnd(width)}${cells(row)}${agree ? 'same' : 'NOT THE SAME'}`);
}

async function main() {
  setup('demo');
  console.log('Build');
  for (const preset of new Set(targets.map((target) => target.preset))) 
    await build(preset, { target: 'examples' });
  const present = targets.filter((target) => !target.missing());
  const rows = [];
  for (const example of examples) rows.push(await show(example, present));
  await Promise.all(present.map((target) => target.close()));
  printTable(present, rows);
  for (const target of targets)
    if (target.missing()) console.log(`skipped: ${target.name}: ${target.missing()}`);
  const agree = rows.every((row) => row.agree);
  console.log(agree ? 'All targets agree.' : 'The targets do not agree.');
  return agree ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
