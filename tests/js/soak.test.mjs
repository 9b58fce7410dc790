// A random mix of everything, with signals aborted at random moments: whatever happens,
// nothing is left behind.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { close, later, open, turns } from './apps.mjs';

async function* slowly(n, ms) {
  for (let i = 0; i < n; i++) {
    await later(ms());
    yield { i };
  }
}

const verbs = [
  (app, options) => app.call('echo', [{}], options),
  (app, options, ms) => app.call('sleep_ms', [ms()], options),
  (app, options, ms) => app.call('call_import', ['slow', ms()], options),
  (app, options) => app.call('call_import', ['fail', 0], options),
  (app, options, ms) => app.call('await_it', [later(ms())], options),
  (app, options, ms) => app.call('collect', [slowly(3, ms)], options),
  async (app, options, ms) => {
    for await (const n of app.stream('ticks', [0, 3, ms()], options)) if (ms() > 7) break;
  },
  async (app, options, ms) => {
    for (const n of app.generate('countdown', [3])) if (ms() > 7) break;
  },
];

for (const seed of [1, 2, 3])
  test(`soak ${seed}`, async () => {
    let state = seed;
    const random = (n) => (state = (state * 1103515245 + 12345) & 0x7fffffff) % n;
    const ms = () => random(10);
    const fail = async () => {
      throw new Error('on purpose');
    };
    const app = await open('bridge', { imports: { slow: later, fail } });
    const jobs = [];
    for (let i = 0; i < 1000; i++) {
      const controller = new AbortController();
      const verb = verbs[random(verbs.length)];
      const job = verb(app, { signal: controller.signal }, ms);
      jobs.push(
        job.then(
          () => undefined,
          (error) => error,
        ),
      );
      if (random(3) === 0) setTimeout(() => controller.abort(), ms());
      if (random(6) === 0) controller.abort();
      if (random(50) === 0) await later(ms());
    }
    const results = await Promise.allSettled(jobs);
    for (const { reason } of results)
      if (reason)
        assert.ok(reason.name === 'AbortError' || reason.message === 'on purpose', reason);
    await later(20);
    await turns();
    await app.call('echo'); // C tells of what it dropped when it next returns
    const { tasks, handles, objects } = app.stats();
    assert.deepEqual({ tasks, handles, objects }, { tasks: 0, handles: 0, objects: 0 });
    await close(app);
  });
