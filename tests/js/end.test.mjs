// How an instance ends: disposal, traps, exit.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrapError } from 'bide';
import { close, later, open, program, turns } from './apps.mjs';

test('disposal cancels tasks, runs their cleanup, and lets go of everything', async () => {
  const app = await open();
  const asked = app.call('wait_forever', ['cleaned up']).catch((e) => e);
  const generator = app.generate('countdown', [3]);
  generator.next();
  await app.call('keep', [{}]);
  await close(app);
  assert.equal((await asked).name, 'CancelledError');
  assert.equal(app.printed, 'cleaned up\ncountdown ends\n');
  assert.deepEqual(app.stats(), { tasks: 0, handles: 0, objects: 0, memory: 0 });
});

test('a promise that never settles does not hold disposal up', async () => {
  let signal;
  const imports = {
    never() {
      signal = this.signal;
      return new Promise(() => {});
    },
  };
  const app = await open('bridge', { imports });
  const calls = [
    app.call('call_import', ['never', 0]),
    app.call('await_it', [new Promise(() => {})]),
  ];
  const ends = Promise.allSettled(calls);
  await turns();
  await close(app);
  for (const { reason } of await ends) assert.equal(reason.name, 'CancelledError');
  assert.equal(signal.aborted, true);
});

test('cleanup that never ends is given up after a second', { timeout: 60_000 }, async () => {
  const app = await open('bridge', { imports: { flush: () => new Promise(() => {}) } });
  const asked = app.call('slow_cleanup').catch((e) => e);
  await turns();
  await close(app);
  assert.equal((await asked).code, 'BIDE_DISPOSED');
});

test('cleanup may wait for JavaScript', async () => {
  let flushed = false;
  const app = await open('bridge', {
    imports: { flush: () => later(20).then(() => (flushed = true)) },
  });
  const asked = app.call('slow_cleanup').catch((e) => e);
  await turns();
  await close(app);
  assert.equal(flushed, true);
  assert.equal((await asked).name, 'CancelledError');
});

test('a call after disposal is refused', async () => {
  const app = await open();
  const generator = app.generate('countdown', [3]);
  const stream = app.stream('ticks', [0, 3, 0]);
  const first = close(app);
  await assert.rejects(app.call('echo'), {
    code: 'BIDE_DISPOSED',
    message: /disposed of: load\(\) the module again/,
  });
  assert.equal(close(app), first);
  await first;
  await assert.rejects(app.call('echo'), { code: 'BIDE_DISPOSED' });
  await assert.rejects(app.run(), { code: 'BIDE_DISPOSED' });
  assert.throws(() => app.generate('countdown', [3]), { code: 'BIDE_DISPOSED' });
  assert.throws(() => app.stream('ticks', [0, 1, 2]), { code: 'BIDE_DISPOSED' });
  assert.throws(() => generator.next(), { code: 'BIDE_DISPOSED' });
  await assert.rejects(stream.next(), { code: 'BIDE_DISPOSED' });
});

test('disposal in the middle of main ends main', async () => {
  const app = await program(['nap', '10000']);
  const running = app.run();
  await turns();
  await close(app);
  assert.equal(await running, 1);
  assert.match(app.printed, /CancelledError/);
});

test('a trap is told once, and the instance refuses what follows', async () => {
  const app = await open();
  const other = app.call('sleep_ms', [10000]).catch((e) => e);
  const generator = app.generate('countdown', [3]);
  const trap = await app.call('trap').catch((e) => e);
  assert.ok(trap instanceof TrapError);
  assert.equal(trap.name, 'TrapError');
  assert.match(trap.message, /^C trapped \(unreachable\).*load\(\) a new instance$/);
  assert.ok(trap.cause instanceof WebAssembly.RuntimeError);
  assert.equal(await other, trap);
  await assert.rejects(app.call('echo'), { code: 'BIDE_TRAPPED', cause: trap });
  assert.throws(() => generator.next(), { code: 'BIDE_TRAPPED' });
  assert.throws(() => app.generate('countdown', [1]), { code: 'BIDE_TRAPPED' });
  await close(app);
});

test('a trap does not touch other instances', async () => {
  const [one, two] = await Promise.all([open(), open()]);
  const asked = two.call('sleep_ms', [5]);
  await assert.rejects(one.call('trap'), TrapError);
  assert.equal(await asked, 5);
  await close(one);
  await close(two);
});

test('exit() in a call ends the instance with one clear error', async () => {
  const app = await open();
  await assert.rejects(app.call('leave', [4]), { code: 'BIDE_ENDED', message: /exit status 4/ });
  await assert.rejects(app.call('echo'), { code: 'BIDE_ENDED' });
  await close(app);
});
