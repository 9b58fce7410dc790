// Values cross by copy where they can, and come back as they went.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { close, open, withApp } from './apps.mjs';

const copied = [
  undefined,
  true,
  false,
  0,
  -1,
  1.5,
  -0,
  NaN,
  Infinity,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 40 + 7,
  -(2 ** 40) - 7,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 60,
  1e300,
  '',
  'plain',
  'Grüße, 世界 👋\0end',
  [],
  [1, 'two', [3, [undefined, true]]],
  new Uint8Array([0, 1, 255]),
  new Uint8Array(0),
  new Uint8Array(300000).fill(7),
  'x'.repeat(300000),
];

test('values come back as they went', () =>
  withApp({}, async (app) => {
    for (const value of copied) assert.deepEqual(await app.call('echo', [value]), value);
  }));

test('null arrives as undefined, a BigInt within the safe integers as a number', () =>
  withApp({}, async (app) => {
    assert.equal(await app.call('echo', [null]), undefined);
    assert.equal(await app.call('echo', [5n]), 5);
    assert.equal(await app.call('echo', [-5n]), -5);
  }));

test('an int64 beyond the safe integers is a BigInt', () =>
  withApp({}, async (app) => {
    for (const text of [
      '9007199254740993',
      '-9007199254740993',
      '9223372036854775807',
      '-9223372036854775808',
    ]) {
      assert.equal(await app.call('give_int', [text]), BigInt(text));
      assert.equal(await app.call('echo', [BigInt(text)]), BigInt(text));
    }
    assert.equal(await app.call('give_int', ['9007199254740991']), 9007199254740991);
    assert.equal(await app.call('give_int', ['-4294967296']), -4294967296);
  }));

test('bytes are copied', () =>
  withApp({}, async (app) => {
    const sent = new Uint8Array([1, 2, 3]);
    const asked = app.call('echo', [sent]);
    sent[0] = 9;
    const got = await asked;
    assert.deepEqual(got, new Uint8Array([1, 2, 3]));
    assert.deepEqual(
      await app.call('echo', [new Uint8Array([4, 5]).buffer]),
      new Uint8Array([4, 5]),
    );
    assert.deepEqual(await app.call('echo', [Buffer.from('abc')]), new Uint8Array([97, 98, 99]));
  }));

test('arguments arrive as None, as the one, or as a tuple', () =>
  withApp({}, async (app) => {
    assert.equal(await app.call('describe'), 'NoneType None');
    assert.equal(await app.call('describe', [[1, 2]]), 'list [1, 2]');
    assert.equal(await app.call('describe', [1, 'x']), "tuple (1, 'x')");
    assert.equal(await app.call('describe', [1.5]), 'float 1.5');
    assert.equal(await app.call('describe', [new Uint8Array([65])]), "bytes b'A'");
  }));

test('anything else is a handle, and comes back as the very same thing', () =>
  withApp({}, async (app) => {
    class Reading {}
    for (const value of [
      {},
      { a: 1 },
      () => 1,
      new Map(),
      new Reading(),
      new Date(),
      /x/,
      Object.create(null),
    ])
      assert.equal(await app.call('echo', [value]), value);
    const thing = { deep: true };
    assert.equal((await app.call('echo', [[1, [thing]]]))[1][0], thing);
    assert.equal(await app.call('describe', [new Reading()]), 'Reading <JavaScript Reading>');
    assert.equal(await app.call('same', [thing, thing]), true);
    assert.equal(await app.call('same', [thing, {}]), false);
  }));

test('a handle is held as long as C holds it, and no longer', async () => {
  const app = await open();
  const thing = {};
  await app.call('keep', [thing]);
  assert.equal(app.stats().handles, 1);
  await app.call('echo', [[thing, thing, thing]]);
  assert.equal(app.stats().handles, 1);
  assert.equal(await app.call('take'), thing);
  await app.call('echo'); // C tells of what it dropped when it next returns
  assert.equal(app.stats().handles, 0);
  await close(app);
});

test('a value with hostile getters is a handle without abilities', () =>
  withApp({}, async (app) => {
    const hostile = new Proxy(
      {},
      {
        get(target, key) {
          throw new Error(`no ${String(key)}`);
        },
      },
    );
    assert.equal(await app.call('describe', [hostile]), 'Object <JavaScript Object>');
  }));

test('what has no counterpart in C is refused', () =>
  withApp({}, async (app) => {
    const endless = [];
    endless.push(endless);
    await assert.rejects(app.call('echo', [Symbol('s')]), {
      code: 'BIDE_BAD_ARGUMENT',
      message: /argument 1 is a symbol/,
    });
    await assert.rejects(app.call('echo', [{}, [1, Symbol('s')]]), {
      message: /argument 2\[1\] is a symbol/,
    });
    await assert.rejects(app.call('echo', [2n ** 63n]), {
      message: /beyond 64 bits: pass it as a string/,
    });
    await assert.rejects(app.call('echo', [endless]), { message: /contains itself/ });
  }));

test('what has no counterpart in JavaScript is refused in C', () =>
  withApp({}, async (app) => {
    await assert.rejects(app.call('give_pointer'), {
      name: 'TypeError',
      message: 'a pointer cannot be given to JavaScript',
    });
    await assert.rejects(app.call('give_endless'), {
      name: 'ValueError',
      message: /nested deeper than 64/,
    });
  }));
