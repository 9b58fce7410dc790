// C's async for over what JavaScript gives: iterators, streams, standard input.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { close, deferred, later, open, turns, withApp } from './apps.mjs';

// An async generator that notes how it ended.
async function* counting(n, log, ms = 0) {
  try {
    for (let i = 0; i < n; i++) {
      if (ms) await later(ms);
      yield i;
    }
    log.push('done');
  } finally {
    log.push('ended');
  }
}

test('async iterables, iterables and streams', () =>
  withApp({}, async (app) => {
    const log = [];
    assert.deepEqual(await app.call('collect', [counting(3, log, 1)]), [0, 1, 2]);
    assert.deepEqual(log, ['done', 'ended']);
    assert.deepEqual(await app.call('collect', [new Set([1, 'b'])]), [1, 'b']);
    assert.deepEqual(await app.call('collect', [new Map([[1, 2]])]), [[1, 2]]);
    assert.deepEqual(await app.call('collect', [[1, 2, 3].values()]), [1, 2, 3]);
    assert.deepEqual(await app.call('collect', [[Promise.resolve(1), 2].values()]), [1, 2]);
    assert.deepEqual(await app.call('collect', [ReadableStream.from?.(['x']) ?? ['x'].values()]), [
      'x',
    ]);
    assert.deepEqual(await app.call('collect', [Readable.from(['a', 'b'])]), ['a', 'b']);
    const body = new Response('hello').body;
    assert.deepEqual(Buffer.concat(await app.call('collect', [body])).toString(), 'hello');
  }));

test('a stream that is not iterable is read through its reader', () =>
  withApp({}, async (app) => {
    const log = [];
    const stream = (items) => {
      const inner = new ReadableStream({
        pull(controller) {
          if (items.length) controller.enqueue(items.shift());
          else controller.close();
        },
        cancel: () => void log.push('cancelled'),
      });
      return { getReader: () => inner.getReader() };
    };
    assert.deepEqual(await app.call('collect', [stream([1, 2, 3])]), [1, 2, 3]);
    assert.deepEqual(log, []);
    assert.equal(await app.call('first_of', [stream([1, 2, 3])]), 1);
    assert.deepEqual(log, ['cancelled']);
  }));

test('leaving the loop ends the iterator, and waits for it', () =>
  withApp({}, async (app) => {
    const log = [];
    assert.equal(await app.call('first_of', [counting(3, log)]), 0);
    assert.deepEqual(log, ['ended']);
  }));

test('what the iterator throws is raised where C waits', () =>
  withApp({}, async (app) => {
    const reason = new Error('broken');
    async function* breaking() {
      yield 1;
      throw reason;
    }
    assert.equal(await app.call('collect', [breaking()]).catch((e) => e), reason);
    const odd = { [Symbol.asyncIterator]: () => ({ next: () => 5 }) };
    await assert.rejects(app.call('collect', [odd]), /gave 5, not an object/);
    const worse = {
      [Symbol.asyncIterator]() {
        throw reason;
      },
    };
    assert.equal(await app.call('collect', [worse]).catch((e) => e), reason);
  }));

test('what is not iterable: CPython says so', () =>
  withApp({}, async (app) => {
    await assert.rejects(app.call('collect', [{}]), {
      name: 'TypeError',
      message: "'async for' requires an object with __aiter__ method, got Object",
    });
  }));

test('cancelling C does not wait for an iterator that waits', async () => {
  const never = deferred();
  async function* waiting() {
    yield 1;
    await never.promise;
  }
  await withApp({}, async (app) => {
    const controller = new AbortController();
    const asked = app.call('collect', [waiting()], { signal: controller.signal });
    await turns();
    controller.abort('enough');
    await assert.rejects(asked, (reason) => reason === 'enough');
  });
});

test('items cross while other tasks run', () =>
  withApp({}, async (app) => {
    const log = [];
    const [items, slept] = await Promise.all([
      app.call('collect', [counting(5, log, 4)]),
      app.call('sleep_ms', [2]),
    ]);
    assert.deepEqual(items, [0, 1, 2, 3, 4]);
    assert.equal(slept, 2);
  }));

test('a C stream over a JavaScript stream over a C stream', () =>
  withApp({}, async (app) => {
    const got = [];
    async function* through(stream) {
      yield* stream;
    }
    const ticks = through(app.stream('ticks', [0, 5, 0]));
    for await (const n of app.stream('relay', [through(app.stream('relay', [ticks]))])) got.push(n);
    assert.deepEqual(got, [0, 1, 2, 3, 4]);
  }));

// --- standard input --------------------------------------------------------------------------------

const inputs = {
  'a string': ['hello', 'hello|'],
  bytes: [new TextEncoder().encode('hello'), 'hello|'],
  nothing: [undefined, ''],
  'a Blob': [new Blob(['hello']), 'hello|'],
  'a Response': [new Response('hello'), 'hello|'],
  'a ReadableStream': [new Response('hello').body, 'hello|'],
  'an array of chunks': [['he', Buffer.from('llo')], 'he|llo|'],
  'a Node stream': [Readable.from([Buffer.from('he'), 'llo']), 'he|llo|'],
};

for (const [name, [stdin, expected]] of Object.entries(inputs))
  test(`stdin: ${name}`, async () => {
    const app = await open('bridge', { stdin });
    assert.equal(await app.call('read_stdin'), expected);
    await close(app);
  });

test('stdin arrives in chunks of at most 64 KiB', async () => {
  const app = await open('bridge', { stdin: 'x'.repeat(150000) });
  const pieces = (await app.call('read_stdin')).split('|').map((piece) => piece.length);
  assert.deepEqual(pieces, [65536, 65536, 18928, 0]);
  await close(app);
});

test('stdin that gives something else is an error', async () => {
  const app = await open('bridge', { stdin: [{ not: 'bytes' }] });
  await assert.rejects(
    app.call('read_stdin'),
    /stdin gave a object, not bytes or a string|stdin gave an object/,
  );
  await close(app);
});
