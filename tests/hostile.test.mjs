// The conformance cases where anything hidden shows: under sanitizers, under valgrind,
// and with every allocation that a case makes failing once.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { buildFolder } from '../wasm/build.mjs';
import { howToInstall, parts, root } from '../wasm/setup.mjs';
import { everywhere, targets } from './targets/index.mjs';
import { runProcess } from './targets/process.mjs';
import { expectedTrace, namesIn, skipUnless, transcript } from './programs.mjs';

const cases = namesIn('tests/conformance').filter((name) => /^[a-z]\d\d_/.test(name));
const program = (preset) => join(buildFolder(preset), 'conformance', 'conformance');
const sanitizers = {
  ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

function checkTrace(name, { stdout, stderr, status }) {
  const expected = join(root, 'tests/conformance/expected', `${name}.expected`);
  assert.equal(stdout, readFileSync(expected, 'utf8'), stderr);
  assert.equal(status, 0, stderr);
}

describe('conformance under the sanitizers', () => {
  for (const name of cases)
    test(name, async () =>
      checkTrace(name, await runProcess(program('asan'), [name], { env: sanitizers })),
    );
});

const noValgrind = parts.valgrind.find()
  ? undefined
  : `valgrind is not installed: ${howToInstall('valgrind')}`;
describe('conformance under valgrind', skipUnless(noValgrind), () => {
  const options = [
    '--quiet',
    '--error-exitcode=99',
    '--leak-check=full',
    '--errors-for-leak-kinds=definite',
  ];
  for (const name of cases)
    test(name, async () => {
      const args = [...options, program('native'), name];
      const env = { BIDE_UNDER_VALGRIND: '1' };
      checkTrace(name, await runProcess(parts.valgrind.find(), args, { env }));
    });
});

// Each run ends in its normal trace, or says MemoryError where it deviates; nothing is
// left alive. The program itself compares.
describe('conformance with each allocation failing once, under the sanitizers', () => {
  for (const name of cases)
    test(name, async () => {
      const args = ['--fail-each', name];
      const result = await runProcess(program('asan'), args, { env: sanitizers });
      assert.equal(result.status, 0, transcript(result));
    });
});

for (const target of everywhere) {
  describe(
    `conformance with each allocation failing once, on ${target.name}`,
    skipUnless(target.missing()),
    () => {
      after(() => target.close());
      for (const name of cases)
        test(name, async () => {
          const path = target.programPath('conformance/conformance');
          const result = await target.run(path, { args: ['--fail-each', name] });
          assert.equal(result.status, 0, transcript(result));
        });
    },
  );
}

// The memory that a module starts with, in bytes.
function initialMemory(path) {
  const module = new WebAssembly.Module(readFileSync(path));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => 0;
  return new WebAssembly.Instance(module, imports).exports.memory.buffer.byteLength;
}

// Here memory really ends, wherever it happens to: a case prints its normal trace or says
// MemoryError, and never traps or leaves anything alive.
const wasmtime = targets.find((target) => target.name === 'wasmtime');
describe('conformance in little memory, on wasmtime', skipUnless(wasmtime.missing()), () => {
  const PAGE = 65536;
  for (const name of cases)
    test(name, async () => {
      const path = wasmtime.programPath('conformance/conformance');
      for (const pages of [0, 3]) {
        const maxMemory = initialMemory(path) + pages * PAGE;
        const result = await wasmtime.run(path, { args: [name], maxMemory });
        const explained = /MemoryError|was never awaited/.test(result.stdout + result.stderr);
        if (!explained) assert.equal(result.stdout, expectedTrace(name, wasmtime));
        assert.ok(result.status === 0 || (result.status === 1 && explained), transcript(result));
        assert.doesNotMatch(result.stderr, /still alive|still pending/);
      }
    });
});
