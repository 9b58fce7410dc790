// C coroutines as promises, and promises awaited by C.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BideError } from 'bide';
import { close, deferred, later, open, turns, withApp } from './apps.mjs';

test('call always gives a promise, and runs C later', () =>
  withApp({}, async (app) => {
    const asked = app.call('print', ['here']);
    assert.ok(asked instanceof Promise);
    await Promise.resolve();
    assert.equal(app.printed, '', 'C does not run in a microtask');
    await asked;
    assert.equal(app.printed, 'here\n');
  }));

test('many calls run side by side', () =>
  withApp({}, async (app) => {
    const calls = Array.from({ length: 100 }, (_, i) => app.call('sleep_ms', [50 + (i % 3)]));
    await turns();
    assert.equal(app.stats().tasks, 100);
    const results = await Promise.all(calls);
    assert.deepEqual(results.slice(0, 4), [50, 51, 52, 50]);
  }));

test('C awaits any thenable', () =>
  withApp({}, async (app) => {
    assert.equal(await app.call('await_it', [Promise.resolve(7)]), 7);
    assert.equal(await app.call('await_it', [later(5).then(() => 'later')]), 'later');
    const thenable = { then: (resolve) => resolve('own') };
    assert.equal(await app.call('await_it', [thenable]), 'own');
    const promise = Promise.resolve([1, { x: 1 }]);
    assert.deepEqual(await app.call('await_it', [promise]), [1, { x: 1 }]);
  }));

test('what is no thenable cannot be awaited: CPython says so', () =>
  withApp({}, async (app) => {
    await assert.rejects(app.call('await_it', [new Map()]), {
      name: 'TypeError',
      message: "object Map can't be used in 'await' expression",
    });
  }));

test('imports are called with what C gives, and their promises awaited', () => {
  const imports = {
    sum: (...numbers) => numbers.reduce((a, b) => a + b, 0),
    slow: async (x) => (await later(5), x),
    other() {
      return this.sum(1, 2);
    },
  };
  return withApp({ imports }, async (app) => {
    assert.equal(await app.call('call_import', ['sum', 1, 2, 3]), 6);
    assert.equal(await app.call('call_import', ['sum', 0]), 0);
    assert.equal(await app.call('call_import', ['slow', 'x']), 'x');
    assert.equal(await app.call('call_import', ['other', 0]), 3);
  });
});

// --- errors ---------------------------------------------------------------------------------

test('an exception of C is a rejection', () =>
  withApp({}, async (app) => {
    const error = await app.call('fail', ['it is 90 degrees']).catch((e) => e);
    assert.ok(error instanceof BideError && error instanceof Error);
    assert.equal(error.name, 'TooHot');
    assert.equal(error.message, 'it is 90 degrees');
    assert.equal(error.code, 'BIDE_EXCEPTION');
    assert.deepEqual(error.types, ['TooHot', 'ValueError', 'Exception', 'BaseException']);
    assert.match(error.traceback, /bridge\.c/);
    assert.match(error.stack, /bridge\.c/);
    assert.equal(String(error), 'TooHot: it is 90 degrees');
  }));

test('a rejection reaches C with its reason, and JavaScript again as that very reason', () =>
  withApp({}, async (app) => {
    const reason = new RangeError('too far');
    assert.equal(await app.call('await_it', [Promise.reject(reason)]).catch((e) => e), reason);
    assert.deepEqual(await app.call('catch_reason', [Promise.reject(reason)]), ['too far', reason]);
    for (const odd of ['text', 5, undefined, null, Symbol.iterator, 10n ** 30n, { name: 'plain' }])
      assert.equal(await app.call('await_it', [Promise.reject(odd)]).catch((e) => e), odd);
    assert.equal((await app.call('catch_reason', [Promise.reject('text')]))[0], 'text');
  }));

test('the cause of an exception is preserved', () =>
  withApp({}, async (app) => {
    const reason = new Error('404');
    const error = await app.call('fail_from', [Promise.reject(reason)]).catch((e) => e);
    assert.equal(error.name, 'RuntimeError');
    assert.equal(error.cause, reason);
  }));

test('an exception group has its members', () =>
  withApp({}, async (app) => {
    const error = await app.call('fail_in_group').catch((e) => e);
    assert.equal(error.name, 'ExceptionGroup');
    assert.deepEqual(
      error.errors.map(({ name, message }) => [name, message]),
      [
        ['KeyError', 'one'],
        ['IndexError', 'two'],
      ],
    );
  }));

test('exceptions among results are errors', () =>
  withApp({}, async (app) => {
    const [seven, error] = await app.call('gather', [
      [Promise.resolve(7), Promise.reject(new Error('no'))],
    ]);
    assert.equal(seven, 7);
    assert.equal(error.message, 'no');
  }));

test('an import that throws is an exception where C awaits it', () => {
  const reason = new TypeError('thrown at once');
  const imports = {
    bad() {
      throw reason;
    },
    async worse() {
      throw reason;
    },
    odd: () => Symbol('s'),
  };
  return withApp({ imports }, async (app) => {
    assert.equal(await app.call('call_import', ['bad', 0]).catch((e) => e), reason);
    assert.equal(await app.call('call_import', ['worse', 0]).catch((e) => e), reason);
    await assert.rejects(app.call('call_import', ['odd', 0]), {
      code: 'BIDE_BAD_ARGUMENT',
      message: /the result is a symbol/,
    });
  });
});

test('a missing import is named, with those that there are', () =>
  withApp({ imports: { here() {} } }, async (app) => {
    for (const name of ['gone', 'toString', 'signal'])
      await assert.rejects(app.call('call_import', [name, 0]), {
        code: 'BIDE_MISSING_IMPORT',
        message: `C calls '${name}', which is not among the functions in load()'s imports (here)`,
      });
  }));

test('a promise that rejects before C awaits it is not unhandled; one that C ignores is', async () => {
  const lost = [];
  const app = await open('bridge', { onUnhandled: (error) => lost.push(error) });
  const reason = new Error('early');
  await app.call('keep', [Promise.reject(reason)]);
  await later(5);
  const promise = await app.call('take').catch((e) => e);
  assert.equal(promise, reason, 'a promise that C gives is adopted');
  await app.call('echo');
  assert.deepEqual(lost, [reason], 'C never looked at it');
  await close(app);
});

test('an exception that nobody takes is told to onUnhandled', async () => {
  const lost = [];
  const app = await open('bridge', { onUnhandled: (error) => lost.push(error) });
  await app.call('lose_a_task');
  await app.call('echo');
  assert.deepEqual(
    lost.map(({ name, message }) => [name, message]),
    [['TooHot', 'nobody looks']],
  );
  await close(app);
});

// --- cancelling ------------------------------------------------------------------------------

test('an aborted signal cancels the task; the reason is the signal’s', () =>
  withApp({}, async (app) => {
    const controller = new AbortController();
    const asked = app.call('wait_forever', ['cleaned up'], { signal: controller.signal });
    await turns();
    const reason = new Error('changed my mind');
    controller.abort(reason);
    assert.equal(app.printed, '');
    assert.equal(await asked.catch((e) => e), reason);
    assert.equal(app.printed, 'cleaned up\n');
  }));

test('a signal that is aborted already keeps C from running', () =>
  withApp({}, async (app) => {
    const signal = AbortSignal.abort('early');
    assert.equal(await app.call('print', [{}], { signal }).catch((e) => e), 'early');
    const controller = new AbortController();
    const asked = app.call('print', ['never'], { signal: controller.signal });
    controller.abort('at once');
    assert.equal(await asked.catch((e) => e), 'at once');
    assert.equal(app.printed, '');
  }));

test('C may refuse to be cancelled', () =>
  withApp({}, async (app) => {
    const controller = new AbortController();
    const asked = app.call('shrug_off', [], { signal: controller.signal });
    await turns();
    controller.abort();
    assert.equal(await asked, 'still here');
    controller.abort('again');
  }));

test('a cancelled task aborts what it waits for, and a late answer finds nobody', async () => {
  const answer = deferred();
  let signal;
  const imports = {
    fetch() {
      signal = this.signal;
      return answer.promise;
    },
  };
  await withApp({ imports }, async (app) => {
    const controller = new AbortController();
    const asked = app.call('call_import', ['fetch', 0], { signal: controller.signal });
    await turns();
    assert.equal(signal.aborted, false);
    controller.abort('enough');
    await assert.rejects(asked, (error) => error === 'enough');
    await turns();
    assert.equal(signal.aborted, true);
    const next = app.call('call_import', ['fetch', 0]); // takes the slot of the first
    await turns();
    answer.resolve('late');
    assert.equal(await next, 'late');
  });
});

test('a late rejection after a cancellation is nobody’s', async () => {
  const answer = deferred();
  await withApp({}, async (app) => {
    const controller = new AbortController();
    const asked = app.call('await_it', [answer.promise], { signal: controller.signal });
    await turns();
    controller.abort();
    await assert.rejects(asked, { name: 'AbortError' });
    answer.reject(new Error('too late'));
    await turns();
  });
});

// --- order -----------------------------------------------------------------------------------

test('a settled promise never resumes C inside resolve()', async () => {
  const notes = [];
  const imports = { note: (x) => void notes.push(x) };
  await withApp({ imports }, async (app) => {
    const one = deferred();
    let resolveOwn;
    const own = { then: (resolve) => (resolveOwn = resolve) };
    const calls = [
      app.call('await_and_note', [one.promise, 'promise']),
      app.call('await_and_note', [own, 'thenable']),
    ];
    await turns();
    one.resolve();
    resolveOwn();
    assert.deepEqual(notes, []);
    await Promise.resolve();
    assert.deepEqual(notes, []);
    await Promise.all(calls);
    assert.deepEqual([...notes].sort(), ['promise', 'thenable']);
  });
});

test('settlements resume C in their order', async () => {
  const notes = [];
  const imports = { note: (x) => void notes.push(x) };
  await withApp({ imports }, async (app) => {
    const waits = Array.from({ length: 20 }, deferred);
    const calls = waits.map(({ promise }, i) => app.call('await_and_note', [promise, i]));
    await turns();
    const order = waits.map((_, i) => (i * 7) % 20);
    for (const i of order) waits[i].resolve();
    await Promise.all(calls);
    assert.deepEqual(notes, order);
  });
});

test('C that never waits does not keep timers from firing', () =>
  withApp({}, async (app) => {
    let fired = 0;
    const controller = new AbortController();
    const timer = setInterval(() => ++fired === 3 && controller.abort(), 5);
    const spinning = app.call('spin', [1e9], { signal: controller.signal });
    await assert.rejects(spinning, { name: 'AbortError' });
    clearInterval(timer);
  }));

test('a function that C calls may call C: it runs later', async () => {
  let app;
  let inner;
  const stdout = () => (inner ??= app.call('echo', ['from inside']));
  app = await open('bridge', { stdout });
  await app.call('print', ['x']);
  assert.equal(await inner, 'from inside');
  await close(app);
});

test('an import may call C and wait for it', async () => {
  let app;
  const imports = {
    again: async (n) => (n > 0 ? 1 + (await app.call('call_import', ['again', n - 1])) : 0),
  };
  app = await open('bridge', { imports });
  assert.equal(await app.call('call_import', ['again', 10]), 10);
  assert.equal(app.stats().tasks, 0);
  await close(app);
});

test('what stdout throws does not unwind C', async () => {
  const lost = [];
  const stdout = () => {
    throw new Error('broken pipe');
  };
  const app = await open('bridge', { stdout, onUnhandled: (error) => lost.push(error.message) });
  await app.call('print', ['x']);
  assert.equal(lost[0], 'broken pipe');
  assert.equal(await app.call('echo', [1]), 1);
  await close(app);
});
