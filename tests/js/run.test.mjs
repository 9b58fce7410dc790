// run(): C's main, with its arguments, its files, its clock and its end.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ConsoleStdout, File, OpenFile, WASI } from '@bjorn3/browser_wasi_shim';
import { TrapError } from 'bide';
import { close, deferred, later, open, path, program } from './apps.mjs';

test('arguments, environment, standard input and exit status', async () => {
  const app = await program(['args', 'more'], { env: { GREETING: 'hi' }, stdin: 'one\ntwo\n' });
  assert.equal(await app.run(), 3);
  assert.equal(app.printed, '3 arguments, GREETING=hi\nread one\nread two\nno newlinebye\n');
  assert.equal(await app.call('add', [20, 22]), 42, 'main has ended, its functions have not');
  await close(app);
});

test('main waits on its loop, where calls join it', async () => {
  const app = await program(['nap', '30']);
  const running = app.run();
  assert.equal(await app.call('add', [1, 2]), 3);
  assert.equal(await app.call('nap', [1]), 'slept');
  assert.equal(await running, 0);
  assert.equal(await app.call('nap', [1]), 'slept');
  await close(app);
});

test('calls that main leaves behind are cancelled, as by asyncio.run', async () => {
  const app = await program(['nap', '5']);
  const running = app.run();
  const asked = app.call('nap', [10000]).catch((e) => e);
  assert.equal(await running, 0);
  assert.equal((await asked).name, 'CancelledError');
  assert.equal((await asked).code, 'BIDE_CANCELLED');
  await close(app);
});

test('main can wait for a call', async () => {
  const asked = deferred();
  const app = await program(['gate'], {
    imports: { opened: () => (asked.resolve(), new Promise(() => {})) },
  });
  const running = app.run();
  await asked.promise;
  await app.call('open_gate', [5]);
  assert.equal(await running, 5);
  await close(app);
});

test('a deadlock is reported, not waited for', async () => {
  const app = await program(['deadlock']);
  assert.equal(await app.run(), 1);
  assert.match(app.printed, /RuntimeError: deadlock/);
  await close(app);
});

test('the virtual clock jumps', { timeout: 60_000 }, async () => {
  for (const options of [{ host: 'virtual' }, { env: { BIDE_HOST: 'virtual' } }]) {
    const app = await program(['tick'], options);
    assert.equal(await app.run(), 0);
    assert.equal(app.printed, '20 minutes\n40 minutes\n60 minutes\n');
    await close(app);
  }
});

test('a seed shuffles, and the same seed shuffles alike', async () => {
  const printed = new Set();
  for (let seed = 0; seed < 12; seed++) {
    const app = await open('bridge', { host: 'virtual', seed });
    const order = [];
    const calls = ['a', 'b', 'c'].map((name) => app.call('sleep_ms', [0]).then(() => order.push(name)));
    await Promise.all(calls);
    printed.add(order.join());
    await close(app);
  }
  assert.ok(printed.size > 2, [...printed].join(' '));
  await assert.rejects(program(['tick'], { seed: -1 }), { code: 'BIDE_BAD_OPTION' });
  await assert.rejects(program(['tick'], { seed: 1.5 }), { code: 'BIDE_BAD_OPTION' });
});

test('a trace is handed over piece by piece', async () => {
  for (const run of [(app) => app.run(), (app) => app.call('nap', [1])]) {
    let text = '';
    const app = await program(['tick'], {
      host: 'virtual',
      trace: (bytes) => (text += new TextDecoder().decode(bytes)),
    });
    await run(app);
    await close(app);
    const events = JSON.parse(text);
    assert.ok(events.some(({ ph }) => ph === 'B'), text);
  }
});

test('on the virtual clock time stands still while JavaScript owes an answer', async () => {
  const app = await open('bridge', { host: 'virtual', imports: { slow: () => later(20) } });
  const order = [];
  await Promise.all([
    app.call('call_import', ['slow', 0]).then(() => order.push('import')),
    app.call('sleep_ms', [3600000]).then(() => order.push('an hour')),
  ]);
  assert.deepEqual(order, ['import', 'an hour']);
  await close(app);
});

test('virtual files', async () => {
  const files = {
    'a.txt': 'text\n',
    'dir/sub/b.bin': new Uint8Array([98, 10]),
    '/c.txt': 'rooted\n',
  };
  for (const [name, printed] of [
    ['a.txt', 'text\n'],
    ['/a.txt', 'text\n'],
    ['dir/sub/b.bin', 'b\n'],
    ['c.txt', 'rooted\n'],
  ]) {
    const app = await program(['cat', name], { files });
    assert.equal(await app.run(), 0, app.printed);
    assert.equal(app.printed, printed);
    await close(app);
  }
  const app = await program(['cat', 'gone.txt'], { files });
  assert.equal(await app.run(), 1);
  assert.match(app.printed, /FileNotFoundError: gone.txt/);
  await close(app);
});

test('exit() ends main, and the instance', async () => {
  const app = await program(['exit']);
  const running = app.run();
  const asked = app.call('nap', [10000]).catch((e) => e);
  assert.equal(await running, 7);
  assert.equal(app.printed, 'leaving\n');
  assert.match((await asked).message, /ended with exit status 7: load\(\) it again/);
  await assert.rejects(app.call('add', [1, 2]), { code: 'BIDE_ENDED' });
  await close(app);
});

test('a trap in main rejects run()', async () => {
  const app = await program(['trap']);
  await assert.rejects(app.run(), TrapError);
  await assert.rejects(app.call('add', [1, 2]), { code: 'BIDE_TRAPPED' });
  await close(app);
});

test('main runs once; a module without main says so', async () => {
  const app = await program(['args']);
  await app.run();
  await assert.rejects(app.run(), { message: /main has been run already/ });
  await close(app);
  const bridge = await open();
  await assert.rejects(bridge.run(), { code: 'BIDE_NO_MAIN' });
  await close(bridge);
});

test('run() after calls', async () => {
  const app = await program(['nap', '1']);
  assert.equal(await app.call('add', [1, 2]), 3);
  assert.equal(await app.run(), 0);
  await close(app);
  const busy = await program(['nap', '1']);
  const asked = busy.call('nap', [20]);
  await assert.rejects(busy.run(), { code: 'BIDE_BUSY' });
  assert.equal(await asked, 'slept');
  await close(busy);
});

test('constructors run once, whatever is called first', async () => {
  const app = await program(['args']);
  assert.equal(await app.call('count_constructions'), 1);
  await app.run();
  assert.equal(await app.call('count_constructions'), 1);
  await close(app);
  const bridge = await open();
  assert.equal(await bridge.call('count_constructions'), 1);
  await close(bridge);
});

test('the same file runs under WASI, without the package', async () => {
  let printed = '';
  const output = new ConsoleStdout((bytes) => (printed += Buffer.from(bytes)));
  const fds = [new OpenFile(new File([])), output, output];
  const wasi = new WASI(['program', 'args'], [], fds, { debug: false });
  const { instance } = await WebAssembly.instantiate(await readFile(path('program')), {
    wasi_snapshot_preview1: wasi.wasiImport,
  });
  assert.equal(wasi.start(instance), 3);
  assert.equal(printed, '2 arguments, GREETING=\nno newlinebye\n');
});
