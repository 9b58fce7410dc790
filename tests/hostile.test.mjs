// The conformance cases where anything hidden shows: under sanitizers, under valgrind,
// and with every allocation that a case makes failing once.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { sections } from '../wasm/reader.mjs';
import { root } from '../wasm/setup.mjs';
import { encodeU32, sized } from '../wasm/writer.mjs';
import { everywhere } from './targets/index.mjs';
import { node26 } from './targets/stack_switching.mjs';
import * as wasmtime from './targets/wasmtime.mjs';
import { asan, tsan, valgrind } from './targets/watched.mjs';
import { expectedTrace, namesIn, skipUnless, transcript } from './programs.mjs';

const cases = namesIn('tests/conformance').filter((name) => /^[a-z]\d\d_/.test(name));
const program = 'conformance/conformance';

function checkTrace(name, { stdout, stderr, status }) {
  const expected = join(root, 'tests/conformance/expected', `${name}.expected`);
  assert.equal(stdout, readFileSync(expected, 'utf8'), stderr);
  assert.equal(status, 0, stderr);
}

for (const target of [asan, valgrind])
  describe(`conformance on ${target.name}`, skipUnless(target.missing()), () => {
    for (const name of cases)
      test(name, async () =>
        checkTrace(name, await target.run(target.programPath(program), { args: [name] })),
      );
  });

// Each run ends in its normal trace, or says MemoryError where it deviates; nothing is
// left alive. The program itself compares.
for (const target of [...everywhere, asan, tsan]) {
  describe(
    `conformance with each allocation failing once, on ${target.name}`,
    skipUnless(target.missing()),
    () => {
      after(() => target.close());
      for (const name of cases)
        test(name, async () => {
          const path = target.programPath(program);
          const result = await target.run(path, { args: ['--fail-each', name] });
          assert.equal(result.status, 0, transcript(result));
        });
    },
  );
}

// Several in each run, most of which is valgrind's own beginning.
describe(
  `conformance with each allocation failing once, on ${valgrind.name}`,
  skipUnless(valgrind.missing()),
  () => {
    for (let first = 0; first < cases.length; first += 16) {
      const batch = cases.slice(first, first + 16);
      test(`${batch[0]} to ${batch.at(-1)}`, async () => {
        const args = ['--fail-each', ...batch];
        const result = await valgrind.run(valgrind.programPath(program), { args });
        assert.equal(result.status, 0, transcript(result));
      });
    }
  },
);

const PAGE = 65536;

// The pages of memory that a module starts with, and the module with so many `more` at the most.
function memoryOf(bytes, more = 0) {
  const section = sections(bytes).find(({ id }) => id === 5);
  const limits = bytes.subarray(section.start, section.end);
  assert.deepEqual([...limits.subarray(0, 2)], [1, 0], 'one memory without a limit');
  const pages = [...limits.subarray(2)].reduce((sum, byte, i) => sum + (byte & 127) * 128 ** i, 0);
  const limited = Buffer.concat([
    bytes.subarray(0, section.whole),
    Buffer.from([5]),
    sized([[1, 1], encodeU32(pages), encodeU32(pages + more)]),
    bytes.subarray(section.end),
  ]);
  return { pages, limited };
}

// Where memory really ends, wherever it happens to: a case prints its normal trace or says
// MemoryError, and never traps or leaves anything alive.
function littleMemory(target, pages, runIn) {
  describe(`conformance in little memory, on ${target.name}`, skipUnless(target.missing()), () => {
    for (const name of cases)
      test(name, async () => {
        for (const more of pages) {
          const result = await runIn(target.programPath(program), name, more);
          const explained = /MemoryError|was never awaited/.test(result.stdout + result.stderr);
          if (!explained) assert.equal(result.stdout, expectedTrace(name, target));
          const ended = result.status === 0 || (result.status === 1 && explained);
          assert.ok(ended, transcript(result));
          assert.doesNotMatch(result.stderr, /still alive|still pending/);
        }
      });
  });
}

littleMemory(wasmtime, [0, 3], (path, name, more) => {
  const maxMemory = (memoryOf(readFileSync(path)).pages + more) * PAGE;
  return wasmtime.run(path, { args: [name], maxMemory });
});

const made = new Set(); // modules with less memory
after(() => made.forEach((path) => rmSync(path)));

// There main has a stack from memory, of four pages.
littleMemory(node26, [4, 5], async (path, name, more) => {
  const copy = `${path}.limited-${more}.wasm`;
  if (!made.has(copy)) writeFileSync(copy, memoryOf(readFileSync(path), more).limited);
  made.add(copy);
  return node26.run(copy, { args: [name] });
});
