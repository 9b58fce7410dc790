// The pieces of the WebAssembly toolchain that a person meets when something is
// missing or wrong, and the compiler of last resort, the npm clang.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { build } from '../wasm/build.mjs';
import { root } from '../wasm/setup.mjs';
import * as wasmtime from './targets/wasmtime.mjs';
import { skipUnless } from './programs.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'bide-toolchain-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const node = (...args) => spawnSync(process.execPath, args, { cwd: scratch, encoding: 'utf8' });

describe('finish.mjs', () => {
  test('says how to get Binaryen when it is not installed', () => {
    const folder = join(scratch, 'installed');
    cpSync(join(root, 'wasm'), folder, { recursive: true });
    writeFileSync(join(scratch, 'empty.wasm'), new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    const { status, stderr } = node(join(folder, 'finish.mjs'), 'empty.wasm', 'out.wasm');
    assert.equal(status, 1);
    assert.match(stderr, /npm install binaryen@132\.0\.0/);
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(devDependencies.binaryen, '132.0.0');
  });

  test('refuses what is not WebAssembly and leaves nothing behind', () => {
    writeFileSync(join(scratch, 'text.wasm'), 'this is text');
    const { status, stderr } = node(join(root, 'wasm', 'finish.mjs'), 'text.wasm', 'out.wasm');
    assert.equal(status, 1);
    assert.match(stderr, /text\.wasm: not a WebAssembly module/);
    for (const name of ['out.wasm', 'out.wasm.tmp', 'out.wasm.named', 'out.wasm.list']) {
      assert.ok(!existsSync(join(scratch, name)), name);
    }
  });

  test('says how it is called', () => {
    assert.equal(node(join(root, 'wasm', 'finish.mjs')).status, 2);
  });
});

describe('clang.mjs', () => {
  const clang = join(root, 'wasm', 'clang.mjs');

  test('shows errors with the paths of this machine', () => {
    const source = join(scratch, 'wrong.c');
    writeFileSync(source, '#include "missing.h"\n');
    const { status, stderr } = node(clang, '-c', 'wrong.c', '-o', 'wrong.o');
    assert.equal(status, 1);
    assert.ok(stderr.startsWith(`${source}:1:10: fatal error: 'missing.h' file not found`), stderr);
  });

  test('reads response files and headers, and writes dependencies', () => {
    writeFileSync(join(scratch, 'right.h'), 'int right(void);\n');
    writeFileSync(
      join(scratch, 'right.c'),
      '#include <stdio.h>\n#include "right.h"\nint right(void) { return 1; }\n',
    );
    writeFileSync(join(scratch, 'arguments'), '-c right.c "-DNAME=a b" -o right.o');
    const { status, stderr } = node(clang, '-MD', '-MT', 'right.o', '-MF', 'right.d', '@arguments');
    assert.equal(status, 0, stderr);
    assert.ok(existsSync(join(scratch, 'right.o')));
    const dependencies = readFileSync(join(scratch, 'right.d'), 'utf8');
    assert.ok(dependencies.includes(join(scratch, 'right.h')), dependencies);
    assert.doesNotMatch(dependencies, /stdio\.h/); // it is not on this machine
  });

  test('builds a program that suspends', skipUnless(wasmtime.missing()), async () => {
    await build('wasi-npm', { target: 'greetings' });
    const { stdout } = await wasmtime.run(wasmtime.programPath('examples/greetings', 'wasi-npm'));
    assert.equal(stdout, readFileSync(join(root, 'tests/examples/expected/greetings.out'), 'utf8'));
  });
});
