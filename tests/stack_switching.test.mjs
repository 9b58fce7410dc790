// The second WebAssembly backend seen from JavaScript: the whole suite of the package in Node 26,
// and what load() says of a module.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { join } from 'node:path';
import { buildFolder } from '../wasm/build.mjs';
import { root } from '../wasm/setup.mjs';
import { findNode, flags, node26 } from './targets/stack_switching.mjs';
import { runProcess } from './targets/process.mjs';
import { namesIn, skipUnless, transcript } from './programs.mjs';

const preset = node26.preset;
const built = (name) => join(buildFolder(preset), 'js', `${name}.wasm`);

// Runs JavaScript in Node 26, in which `bytes(path)` reads a file and `load` is the package's.
function evaluate(source, ...options) {
  const prelude = `
    import { load } from '${join(root, 'js/index.js')}';
    import { readFileSync as bytes } from 'node:fs';`;
  return runProcess(findNode(), [...options, '--input-type=module', '-e', prelude + source]);
}

const LIMIT = 600_000; // ms for a whole test file, which may finish programs

// Those of Asyncify's analysis have nothing to do with this backend.
const suites = [
  ...namesIn('tests/js', '.test.mjs').filter((name) => !['suspending', 'tighten'].includes(name)),
  ...['stacks', 'reentry'].map((name) => `../safety/${name}`),
];

describe('stack switching in Node 26', skipUnless(node26.missing()), () => {
  for (const name of suites)
    test(join('js', name), async () => {
      const file = join(root, 'tests', 'js', `${name}.test.mjs`);
      const env = { BIDE_PRESET: preset, NODE_TEST_CONTEXT: '' };
      const result = await runProcess(findNode(), [...flags, file], { env, limit: LIMIT });
      assert.equal(result.status, 0, transcript(result));
      assert.match(result.stdout, /^# pass [1-9]|ℹ pass [1-9]/m);
    });

  test('load() tells which backend a module has', async () => {
    const asyncify = join(buildFolder('wasi'), 'js', 'bridge.wasm');
    const { stdout, stderr } = await evaluate(
      `for (const path of ${JSON.stringify([built('bridge'), asyncify])})
         console.log((await load(bytes(path))).backend);`,
      ...flags,
    );
    assert.equal(stdout, 'stack-switching\nasyncify\n', stderr);
  });

  test('an engine without it is told of, before its own errors', async () => {
    const { stdout, stderr } = await evaluate(
      `try { await load(bytes('${built('bridge')}')) } catch (error) { console.log(error.code, error.message) }`,
    );
    assert.match(
      stdout,
      /^BIDE_NO_STACK_SWITCHING load\(\): the \d+ bytes given was built for engines with WebAssembly stack switching.*--experimental-wasm-wasmfx.*BIDE_FIBER=asyncify/,
      stderr,
    );
  });

  test('what cannot be compiled for another reason is not blamed on the engine', async () => {
    const { stdout, stderr } = await evaluate(
      `const all = bytes('${built('bridge')}');
       const half = all.subarray(0, all.length / 2);
       try { await load(half) } catch (error) { console.log(error.code) }`,
      ...flags,
    );
    assert.equal(stdout, 'BIDE_NOT_WASM\n', stderr);
  });
});
