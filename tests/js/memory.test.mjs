// Every allocation of the bridge's fails once: nothing hangs, nothing traps, nothing is
// left behind, and what fails says MemoryError.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { close, later, open, turns } from './apps.mjs';

const scenarios = {
  'a call': (app) => app.call('echo', [[1, 'two', { three: 3 }, new Uint8Array(4)]]),
  'an import': (app) => app.call('call_import', ['sum', 1, 2]),
  'a promise': (app) => app.call('await_it', [later(0).then(() => 'x')]),
  'a rejection': (app) => app.call('catch_reason', [Promise.reject(new Error('no'))]),
  iteration: (app) => app.call('collect', [new Set([1, 2])]),
  'a generator': (app) => [...app.generate('countdown', [3])],
  async 'an async generator'(app) {
    for await (const n of app.stream('ticks', [0, 2, 0])) assert.ok(n < 2);
  },
  'objects of C': async (app) => [...(await app.call('give_generator', [2]))],
};

const withoutMemory = (error) =>
  error.name === 'MemoryError' ||
  error.message === 'no' || // a promise that C had to drop
  error.code === 'BIDE_NO_MEMORY' ||
  /no running event loop/.test(error.message);

for (const [name, scenario] of Object.entries(scenarios))
  test(`failing allocations: ${name}`, async () => {
    const app = await open('bridge', {
      imports: { sum: (a, b) => a + b },
      onUnhandled: (error) => assert.ok(withoutMemory(error), error.stack),
    });
    let failures = 0;
    for (let n = 1; n <= 40; n++) {
      try {
        await app.call('break_memory', [n]); // its own end may be what fails
        await scenario(app);
      } catch (error) {
        assert.ok(withoutMemory(error), error.stack);
        failures++;
      }
      await app.call('break_memory', [0]).catch(() => app.call('break_memory', [0]));
      await turns();
    }
    assert.ok(failures > 3, `${failures} failures`);
    await app.call('echo');
    const { tasks, objects, handles } = app.stats();
    assert.deepEqual({ tasks, objects, handles }, { tasks: 0, objects: 0, handles: 0 });
    await close(app);
  });
