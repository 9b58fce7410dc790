// C generators as generators of JavaScript, synchronous and asynchronous.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BideError } from 'bide';
import { close, later, open, turns, withApp } from './apps.mjs';

const dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
const asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

// --- generators ------------------------------------------------------------------------------

test('for..of, spread and the return value', () =>
  withApp({}, async (app) => {
    assert.deepEqual([...app.generate('countdown', [3])], [3, 2, 1]);
    const generator = app.generate('countdown', [1]);
    assert.deepEqual(generator.next(), { done: false, value: 1 });
    assert.deepEqual(generator.next(), { done: true, value: 'lift-off' });
    assert.deepEqual(generator.next(), { done: true, value: undefined });
  }));

test('it is a generator to JavaScript', () =>
  withApp({}, async (app) => {
    const generator = app.generate('countdown', [3]);
    assert.equal(Object.prototype.toString.call(generator), '[object Generator]');
    assert.equal(generator[Symbol.iterator](), generator);
    const [first] = generator;
    assert.equal(first, 3);
    assert.deepEqual(generator.next(), { done: true, value: undefined });
  }));

test('break runs the cleanup', () =>
  withApp({}, async (app) => {
    for (const n of app.generate('countdown', [5])) if (n === 4) break;
    assert.equal(app.printed, 'countdown ends\n');
  }));

test('next(v) sends, throw() raises, and the reason is kept', () =>
  withApp({}, async (app) => {
    const parrot = app.generate('parrot');
    assert.equal(parrot.next('dropped, as natively').value, 'ready');
    assert.equal(parrot.next('hello').value, 'hello');
    const thing = { x: 1 };
    assert.equal(parrot.next(thing).value, thing);
    const reason = new Error('out');
    assert.deepEqual(parrot.throw(reason).value, ['caught', reason]);
    assert.equal(parrot.next(1).value, 1);
    assert.deepEqual(parrot.return(9), { done: true, value: 9 });
    assert.deepEqual(parrot.next(), { done: true, value: undefined });
  }));

test('an exception of C ends it', () =>
  withApp({}, async (app) => {
    const parrot = app.generate('parrot');
    parrot.next();
    assert.throws(() => parrot.next('fail'), { name: 'ValueError', message: 'told to' });
    assert.deepEqual(parrot.next(), { done: true, value: undefined });
    const countdown = app.generate('countdown', [3]);
    countdown.next();
    const reason = new Error('not caught');
    assert.throws(
      () => countdown.throw(reason),
      (error) => error === reason,
    );
    assert.equal(app.printed, 'countdown ends\n');
  }));

test('return() and throw() on one that was never started run no C', () =>
  withApp({}, async (app) => {
    const generator = app.generate('noisy');
    assert.deepEqual(generator.return(1), { done: true, value: 1 });
    assert.deepEqual(generator.next(), { done: true, value: undefined });
    const other = app.generate('noisy');
    assert.throws(() => other.throw(new Error('early')), /early/);
    app.generate('noisy')[dispose]();
    assert.equal(app.printed, '');
  }));

test('one that yields while it is closed is an error, as in Python', () =>
  withApp({}, async (app) => {
    const generator = app.generate('stubborn');
    generator.next();
    assert.throws(() => generator.return(), {
      name: 'RuntimeError',
      message: 'generator ignored GeneratorExit',
    });
  }));

test('a value that cannot cross does not harm the generator’s object', () =>
  withApp({}, async (app) => {
    const parrot = app.generate('parrot');
    parrot.next();
    assert.throws(() => parrot.next(Symbol('s')), { code: 'BIDE_BAD_ARGUMENT' });
    parrot.return();
  }));

test('a generator cannot be stepped while C is running, and goes on afterwards', async () => {
  let generator;
  const refused = [];
  const stdout = () => {
    try {
      generator.next();
    } catch (error) {
      refused.push(error);
    }
  };
  const app = await open('bridge', { stdout });
  generator = app.generate('countdown', [2]);
  await app.call('print', ['x']);
  assert.equal(refused[0].code, 'BIDE_BUSY');
  assert.match(refused[0].message, /called by stdout, which C calls/);
  assert.equal(generator.next().value, 2);
  generator.return();
  await close(app);
});

test('generators interleave', () =>
  withApp({}, async (app) => {
    const all = Array.from({ length: 50 }, (_, i) => app.generate('countdown', [i + 1]));
    let sum = 0;
    for (let live = all; live.length;) {
      const steps = live.map((generator) => generator.next());
      for (const { done, value } of steps) if (!done) sum += value;
      live = live.filter((_, i) => !steps[i].done);
    }
    assert.equal(sum, 22100);
  }));

test('an abandoned generator is closed when it is collected', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const app = await open();
  app.generate('countdown', [3]).next();
  for (let i = 0; i < 20 && !app.printed; i++) {
    await later(5);
    gc();
  }
  assert.equal(app.printed, 'countdown ends\n');
  assert.equal(app.stats().objects, 0);
  await close(app);
});

// --- async generators --------------------------------------------------------------------------

test('for await', () =>
  withApp({}, async (app) => {
    const got = [];
    for await (const n of app.stream('ticks', [0, 4, 1])) got.push(n);
    assert.deepEqual(got, [0, 1, 2, 3]);
    assert.equal(app.printed, 'ticks end\n');
  }));

test('it is an async generator to JavaScript', () =>
  withApp({}, async (app) => {
    const stream = app.stream('ticks', [0, 1, 0]);
    assert.equal(Object.prototype.toString.call(stream), '[object AsyncGenerator]');
    assert.equal(stream[Symbol.asyncIterator](), stream);
    assert.deepEqual(await stream.next(), { done: false, value: 0 });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  }));

test('overlapping next() calls queue', () =>
  withApp({}, async (app) => {
    const stream = app.stream('ticks', [0, 3, 1]);
    const steps = await Promise.all([
      stream.next(),
      stream.next(),
      stream.next(),
      stream.next(),
      stream.next(),
    ]);
    assert.deepEqual(
      steps.map(({ value }) => value),
      [0, 1, 2, undefined, undefined],
    );
  }));

test('return() while next() is pending queues behind it', () =>
  withApp({}, async (app) => {
    const stream = app.stream('ticks', [0, 9, 2]);
    const [next, end] = await Promise.all([stream.next(), stream.return('end')]);
    assert.deepEqual(next, { done: false, value: 0 });
    assert.deepEqual(end, { done: true, value: 'end' });
    assert.equal(app.printed, 'ticks end\n');
  }));

test('break awaits the cleanup', () =>
  withApp({}, async (app) => {
    for await (const n of app.stream('ticks', [0, 9, 0])) if (n === 2) break;
    assert.equal(app.printed, 'ticks end\n');
  }));

test('next(v) sends and throw() raises', () =>
  withApp({}, async (app) => {
    const parrot = app.stream('async_parrot');
    assert.equal((await parrot.next()).value, 'ready');
    assert.equal((await parrot.next('hello')).value, 'hello');
    const reason = new Error('out');
    assert.deepEqual((await parrot.throw(reason)).value, ['caught', reason]);
    await parrot[asyncDispose]();
    assert.deepEqual(await parrot.next(), { done: true, value: undefined });
  }));

test('return() on one that was never started runs no C', () =>
  withApp({}, async (app) => {
    assert.deepEqual(await app.stream('ticks', [0, 1, 0]).return(5), { done: true, value: 5 });
    assert.equal(app.printed, '');
  }));

test('a signal ends it while it waits', () =>
  withApp({}, async (app) => {
    const controller = new AbortController();
    const stream = app.stream('ticks', [0, 9, 10000], { signal: controller.signal });
    const next = stream.next();
    await turns();
    controller.abort('enough');
    await assert.rejects(next, (reason) => reason === 'enough');
    assert.equal(app.printed, 'ticks end\n');
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  }));

test('a signal ends it between two items', () =>
  withApp({}, async (app) => {
    const controller = new AbortController();
    const stream = app.stream('ticks', [0, 9, 0], { signal: controller.signal });
    assert.equal((await stream.next()).value, 0);
    controller.abort('enough');
    await assert.rejects(stream.next(), (reason) => reason === 'enough');
    assert.equal(app.printed, 'ticks end\n');
  }));

test('a stream may be made by a function that C calls', async () => {
  let stream;
  const app = await open('bridge', { stdout: () => (stream ??= app.stream('async_parrot')) });
  await app.call('print', ['x']);
  assert.equal((await stream.next()).value, 'ready');
  await stream.return();
  await close(app);
});

// --- objects of C as values ----------------------------------------------------------------------

test('a generator among C’s values is a generator', () =>
  withApp({}, async (app) => {
    const generator = await app.call('give_generator', [3]);
    assert.deepEqual([...generator], [3, 2, 1]);
    const stream = await app.call('give_stream', [[1, 2].values()]);
    const got = [];
    for await (const x of stream) got.push(x);
    assert.deepEqual(got, [1, 2]);
  }));

test('coroutines, tasks and futures among C’s values are promises', () =>
  withApp({}, async (app) => {
    const promises = await app.call('give_tasks');
    for (const promise of promises) assert.ok(promise instanceof Promise);
    const [two, one, late] = await Promise.allSettled(promises);
    assert.deepEqual([two.value, one.value], [2, 1]);
    assert.ok(late.reason instanceof BideError);
    assert.equal(late.reason.message, 'late');
  }));

test('any other object is opaque, keeps its identity, and can be disposed of', () =>
  withApp({}, async (app) => {
    const point = await app.call('give_point');
    assert.equal(point.type, 'Point');
    assert.equal(await app.call('echo', [point]), point);
    assert.equal(await app.call('same', [point, point]), true);
    assert.match(await app.call('describe', [point]), /^Point <Point object/);
    point[dispose]();
    point[dispose]();
    await assert.rejects(app.call('echo', [point]), { code: 'BIDE_RELEASED' });
  }));

test('a generator can be given back to C', () =>
  withApp({}, async (app) => {
    const generator = app.generate('countdown', [3]);
    assert.equal(await app.call('echo', [generator]), generator);
    assert.match(await app.call('describe', [generator]), /^generator /);
    const stream = app.stream('ticks', [0, 3, 0]);
    assert.deepEqual(await app.call('collect', [stream]), [0, 1, 2]);
    generator.return();
    await stream.return();
  }));
