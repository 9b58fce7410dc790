// What programs weigh. The smallest with a generator: it runs on every target, and links what it uses.
// And one with a loop, printf and all of the bridge, for what being able to suspend adds to it.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build, buildFolder } from '../wasm/build.mjs';
import { optimiseOnly } from '../wasm/finish.mjs';
import { readModule } from '../wasm/reader.mjs';
import { analyse } from '../wasm/suspending.mjs';
import { skipUnless, transcript } from './programs.mjs';
import { targets } from './targets/index.mjs';

// What complaint.c has to say.
const COMPLAINT = `Exception ignored in keep:
GeneratorExit

During handling of the above exception, another exception occurred:

Traceback (most recent await last):
  File "complaint.c", line 12, in keep
ValueError: cannot give back
`;

async function complains(target, preset) {
  const result = await target.run(target.programPath('smallest/complaint', preset));
  assert.equal(result.status, 0, transcript(result));
  assert.equal(result.stderr, COMPLAINT);
}

for (const target of targets) {
  describe(`the smallest program on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());
    test('runs', async () => {
      const result = await target.run(target.programPath('smallest/smallest'));
      assert.equal(result.status, 0, transcript(result));
    });
    test('complains', () => complains(target));
    if (target.preset === 'wasi')
      test('its malloc', async () => {
        const result = await target.run(target.programPath('smallest/malloc'));
        assert.equal(result.status, 0, transcript(result));
      });
  });
}

const linked = readModule(readFileSync(join(buildFolder('wasi'), 'smallest/linked.wasm')));
const names = [...linked.names.values()];

// What a program that only has a generator must not be given, by the names of its functions.
const FOREIGN = {
  'the loop': /^bide__(loop|task|future|host|run|timer)|^bide_(run|main|task|sleep)/,
  'the bridge to JavaScript': /^bide_+js/,
  'async generators': /^bide__agen_a|^bide_a(send|throw|close)/,
  'awaiting': /^bide_await|^bide__await_inline|^bide__coroutine_await/,
  'lists': /^bide_(list|tuple)|^bide__collect|_iterator/,
  'groups of exceptions': /^check_members|^add_members|^bide_error_group/,
  "the C library's printf": /printf|^fwrite$|^fputs$/,
  "floats as text": /float|^counted_digits|^shortest_digits/,
};

describe('the smallest program links', () => {
  test('names, so that the following can fail', () => {
    assert.ok(names.includes('bide__fiber_resume'), names.join(' '));
    assert.ok(names.includes('countdown'), names.join(' '));
  });
  for (const [what, pattern] of Object.entries(FOREIGN))
    test(`nothing of ${what}`, () => {
      assert.deepEqual(
        names.filter((name) => pattern.test(name)),
        [],
      );
    });
  test('no import but those of WASI and Asyncify', () => {
    const modules = linked.functions.flatMap((fn) => fn.import?.module ?? []);
    assert.deepEqual([...new Set(modules)].sort(), ['asyncify', 'wasi_snapshot_preview1']);
  });
});

const zippedSize = (path) => gzipSync(readFileSync(path), { level: 9 }).length;

// In bytes, with gzip -9. It is 5,030 with one clang; another one differs a little.
const MOST = { raw: 9500, gzip: 5120 };
// The unit programs about what is written otherwise there.
const UNITS = ['blocks', 'fiber', 'limit', 'overflow'];

describe('the smallest program where size counts', () => {
  const program = join(buildFolder('wasi-small'), 'smallest/smallest.wasm');
  before(async () => {
    for (const target of ['smallest', 'complaint', ...UNITS.map((unit) => `unit_${unit}`)])
      await build('wasi-small', { target });
  });
  test('weighs little', () => {
    const bytes = readFileSync(program);
    assert.ok(bytes.length <= MOST.raw, `${bytes.length} bytes`);
    const zipped = zippedSize(program);
    assert.ok(zipped <= MOST.gzip, `${zipped} bytes with gzip`);
  });
  for (const target of targets.filter(({ preset }) => preset === 'wasi'))
    describe(`on ${target.name}`, skipUnless(target.missing()), () => {
      after(() => target.close());
      test('runs', async () => {
        const result = await target.run(target.programPath('smallest/smallest', 'wasi-small'));
        assert.equal(result.status, 0, transcript(result));
      });
      test('complains', () => complains(target, 'wasi-small'));
      for (const unit of UNITS)
        test(`unit ${unit}`, async () => {
          const result = await target.run(target.programPath(`unit/${unit}`, 'wasi-small'));
          assert.equal(result.status, 0, transcript(result));
        });
    });
});

// There types alone tell which functions are bodies of coroutines, so that calling one more function
// of their type can make everything suspend.
describe('being able to suspend, where size counts,', () => {
  const [application, linked, without] = ['application', 'linked', 'without'].map((name) =>
    join(buildFolder('wasi-small'), 'growth', `${name}.wasm`),
  );
  before(async () => {
    for (const target of ['growth', 'growth_linked']) await build('wasi-small', { target });
  });
  test('is nothing of what formats, prints and reports', () => {
    const { suspending } = analyse(readFileSync(linked));
    assert.ok(suspending.includes('greet_all'), suspending.join(' '));
    const plain = /printf|fwrite|bide_(strf|repr|raise|error)|bide__text|traceback|report/;
    assert.deepEqual(
      suspending.filter((name) => plain.test(name)),
      [],
    );
  });
  test('adds at most a tenth, compressed', () => {
    optimiseOnly(linked, without, ['-Oz']);
    const [own, other] = [zippedSize(application), zippedSize(without)];
    assert.ok(own <= other * 1.1, `${own} bytes with gzip, ${other} without Asyncify`);
  });
});
