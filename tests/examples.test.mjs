// Runs every example on every target, and as built by Emscripten: each must print what
// tests/examples/expected/NAME.out holds. Then what else wordcount promises, and the
// JavaScript that the playground shows beside an example.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { examples as table } from '../web/examples/examples.mjs';
import { howToInstall, parts, root } from '../wasm/setup.mjs';
import { examples } from './examples.mjs';
import { namesIn, skipUnless } from './programs.mjs';
import { targets } from './targets/index.mjs';
import * as chromium from './targets/chromium.mjs';
import * as node from './targets/node.mjs';
import * as wasmtime from './targets/wasmtime.mjs';

const noEmscripten = parts.emscripten.find() ? undefined : `Emscripten is not installed: ${howToInstall('emscripten')}`;

const expected = (name, kind = 'out') => readFile(join(root, 'tests', 'examples', 'expected', `${name}.${kind}`), 'utf8');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Standard error is for progress, which depends on the time it takes.
async function prints(name, running) {
  const { stdout, stderr, status } = await running;
  assert.equal(stdout, await expected(name), stderr);
  assert.equal(status, 0, stderr);
}

test('the table lists every example', () => {
  assert.deepEqual(table.map((example) => example.name).sort(), namesIn('web/examples'));
});

// What wordcount does beside counting, on a target.
function wordcountOn(target, preset) {
  const wordcount = (options) => target.run(target.programPath('examples/wordcount', preset), options);

  test('wordcount: a file that is not there is reported and the others are counted', async () => {
    const { stdout, stderr, status } = await wordcount({ args: ['nowhere', 'one', 'two'], files: { one: 'a b\n', two: 'c' } });
    assert.match(stderr, /^wordcount: nowhere: No such file or directory$/m);
    assert.equal(stdout, '      1       2       4 one\n      0       1       1 two\n      1       3       5 total\n');
    assert.equal(status, 1);
  });

  test('wordcount: input that is closed at once', async () => {
    const { stdout, stderr, status } = await wordcount({});
    assert.deepEqual({ stdout, stderr, status }, { stdout: '      0       0       0\n', stderr: '', status: 0 });
  });

  test('wordcount: more input than any buffer holds, and words cut by its edges', async () => {
    const { stdout, status } = await wordcount({ stdin: 'twelve chars\n'.repeat(50_000) });
    assert.deepEqual({ stdout, status }, { stdout: '  50000  100000  650000\n', status: 0 });
  });
}

// A pipe that is slow; the page of the Chromium target is given all its input at once.
function slowPipeOn(target, preset) {
  test('wordcount: progress goes on while a slow pipe is read', async () => {
    async function* slowly() {
      for (const word of ['one ', 'two\n', 'three\n']) {
        await pause(250);
        yield word;
      }
    }
    const program = target.programPath('examples/wordcount', preset);
    const { stdout, stderr, status } = await target.run(program, { stdin: slowly() });
    assert.deepEqual({ stdout, status }, { stdout: '      2       3      14\n', status: 0 });
    assert.ok(stderr.split('\n').length > 4, `progress was reported:\n${stderr}`);
    assert.match(stderr, /^wordcount: 8 bytes so far$/m);
  });
}

function examplesOn(target, preset, title, missing) {
  describe(title, skipUnless(missing), () => {
    after(() => target.close());
    for (const { name } of table)
      test(name, () => prints(name, target.run(target.programPath(`examples/${name}`, preset), examples[name])));
    wordcountOn(target, preset);
    if (target !== chromium) slowPipeOn(target, preset);
  });
}

for (const target of targets) examplesOn(target, undefined, `examples on ${target.name}`, target.missing());
for (const target of [node, wasmtime])
  examplesOn(target, 'emscripten', `examples by Emscripten on ${target.name}`, noEmscripten ?? target.missing());

describe('JavaScript that calls the examples', () => {
  const given = { wordcount: { files: [new File(['one two\nthree'], 'a.txt'), new File(['\n\n'], 'b.txt')] } };

  for (const { name, imports, javascript } of table.filter((example) => example.javascript))
    test(name, async () => {
      const { load } = await import('bide');
      const lines = [];
      const console = { log: (...values) => lines.push(values.join(' ')) };
      const app = await load(await readFile(node.programPath(`examples/${name}`)), { imports, stdout() {}, stderr() {} });
      await javascript({ app, console, files: [], ...given[name] });
      assert.equal(`${lines.join('\n')}\n`, await expected(name, 'javascript.out'));
      await app[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]();
    });
});
