// Programs by one compiler with the library by another: the switch is inlined into both, and each
// side of one may be either's.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildFolder } from '../wasm/build.mjs';
import { howToInstall, parts, root, which } from '../wasm/setup.mjs';
import { skipUnless } from './programs.mjs';

const compilers = {
  gcc: { path: which('gcc'), missing: 'there is no gcc' },
  clang: { path: parts.clang.find(), missing: `clang is not installed: ${howToInstall('clang')}` },
};

let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), 'bide-compilers-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

// How CMake has that unit program compiled, but for the compiler and the output.
function flagsOf(unit) {
  const commands = JSON.parse(readFileSync(join(buildFolder('native'), 'compile_commands.json')));
  const { command } = commands.find(({ file }) => file.endsWith(`tests/unit/${unit}.c`));
  return command.split(' ').filter((word) => /^-([ID]|std=)/.test(word));
}

for (const [name, { path, missing }] of Object.entries(compilers))
  describe(`compiled by ${name}`, skipUnless(path ? undefined : missing), () => {
    for (const unit of ['fiber', 'switch'])
      for (const level of ['-O1', '-O2'])
        test(`${unit}, ${level}`, () => {
          const source = join(root, 'tests', 'unit', `${unit}.c`);
          const library = join(buildFolder('native'), 'src', 'libbide.a');
          const program = join(folder, `${unit}-${name}`);
          const args = [...flagsOf(unit), level, source, library, '-o', program];
          const run = (command, ...words) => {
            const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8' });
            assert.equal(status, 0, stdout + stderr);
          };
          run(path, ...args);
          run(program);
        });
  });
