// load(): from where a module may come, and what is said of what is not one.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFile, rm, writeFile, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load } from 'bide';
import { close, path } from './apps.mjs';

const bytes = await readFile(path('bridge'));

async function works(source) {
  const app = await load(source);
  assert.equal(await app.call('echo', [1]), 1);
  await close(app);
}

test('from a URL, a path, bytes, a Module, a Response or its promise', async () => {
  await works(pathToFileURL(path('bridge')));
  await works(pathToFileURL(path('bridge')).href);
  await works(path('bridge'));
  await works(bytes);
  await works(new Uint8Array(bytes).buffer);
  await works(await WebAssembly.compile(bytes));
  await works(new Response(bytes));
  await works(
    Promise.resolve(new Response(bytes, { headers: { 'content-type': 'application/wasm' } })),
  );
});

test('over HTTP', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/gone.wasm') response.writeHead(404).end('<!doctype html>');
    else if (request.url === '/page.wasm')
      response.writeHead(200).end('<!doctype html><title>App</title>');
    else response.end(bytes);
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  await works(`${base}/app.wasm`);
  await works(new URL('/app.wasm', base));
  await works(fetch(`${base}/app.wasm`));
  await assert.rejects(load(`${base}/gone.wasm`), {
    code: 'BIDE_BAD_SOURCE',
    message: /gone\.wasm answered 404 Not Found: is the path right\?/,
  });
  await assert.rejects(load(`${base}/page.wasm`), {
    code: 'BIDE_NOT_WASM',
    message: /first bytes are "<!do".*a page\?/,
  });
  server.close();
  server.closeAllConnections();
  await assert.rejects(load(`${base}/app.wasm`), {
    code: 'BIDE_BAD_SOURCE',
    message: /cannot be read/,
  });
});

test('what is no module', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bide-'));
  t.after(() => rm(folder, { recursive: true }));
  const notWasm = join(folder, 'text.wasm');
  await writeFile(notWasm, 'just text');
  await assert.rejects(load(join(folder, 'gone.wasm')), {
    code: 'BIDE_BAD_SOURCE',
    message: /gone\.wasm cannot be read: ENOENT/,
  });
  await assert.rejects(load(notWasm), {
    code: 'BIDE_NOT_WASM',
    message: /text\.wasm is not a WebAssembly module/,
  });
  await assert.rejects(load(bytes.subarray(0, 1000)), {
    code: 'BIDE_NOT_WASM',
    message: /cannot be compiled.*Is the file complete\?/,
  });
  await assert.rejects(load(new Uint8Array(0)), { code: 'BIDE_NOT_WASM' });
  for (const odd of [5, null, undefined, {}, () => {}])
    await assert.rejects(load(odd), {
      code: 'BIDE_BAD_SOURCE',
      message: /must be a URL, a string/,
    });
});

// --- modules written by hand ---------------------------------------------------------------------

const name = (text) => [text.length, ...Buffer.from(text)];
const section = (id, items) => [id, items.flat().length + 1, items.length, ...items.flat()];
// Functions of type () → i32 that answer `version`, under the names of `exports`.
function moduleWith({ exports = [], imports = [], version = 1 }) {
  const count = imports.length;
  return new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, [[0x60, 0, 1, 0x7f]]),
    ...(count
      ? section(
          2,
          imports.map(([from, what]) => [...name(from), ...name(what), 0, 0]),
        )
      : []),
    ...section(3, [[0]]),
    ...section(
      7,
      exports.map((what) => [...name(what), 0, count]),
    ),
    ...section(10, [[4, 0, 0x41, version, 0x0b]]),
  ]);
}

test('modules that are not Bide’s, or not finished', async () => {
  const abi = 'bide_js_abi_version';
  const finished = [abi, 'asyncify_start_unwind'];
  await assert.rejects(load(moduleWith({ exports: ['main'] })), {
    code: 'BIDE_NOT_BIDE',
    message: /not made with Bide.*BIDE_EXPORT_COROUTINE/,
  });
  await assert.rejects(load(moduleWith({ exports: [abi] })), {
    code: 'BIDE_NOT_INSTRUMENTED',
    message: /without Asyncify.*finish\.mjs/,
  });
  await assert.rejects(
    load(moduleWith({ exports: [abi], imports: [['asyncify', 'start_unwind']] })),
    {
      code: 'BIDE_NOT_INSTRUMENTED',
      message: /linked but not finished.*finish\.mjs/,
    },
  );
  await assert.rejects(load(moduleWith({ exports: finished, imports: [['env', 'draw']] })), {
    code: 'BIDE_NOT_BIDE',
    message: /imports env\.draw.*bide_js_call/,
  });
  await assert.rejects(load(moduleWith({ exports: finished, version: 9 })), {
    code: 'BIDE_ABI',
    message: /version 9 of the bridge, this package version 2/,
  });
});

test('wrong options', async () => {
  for (const [options, message] of [
    [{ imports: 5 }, /'imports' must be an object, not number/],
    [{ args: 'a b' }, /'args' must be an array, not string/],
    [{ stdout: {} }, /'stdout' must be a function/],
    [{ host: 'other' }, /host 'other' is unknown/],
    [{ stdin: 5 }, /'stdin' must be a string, bytes/],
    [null, /the options must be an object, not null/],
  ])
    await assert.rejects(load(bytes, options), { code: 'BIDE_BAD_OPTION', message });
});

test('unknown exports, and the wrong verb for one', async () => {
  const app = await load(bytes);
  await assert.rejects(app.call('gone'), {
    code: 'BIDE_UNKNOWN_EXPORT',
    message: /exports no coroutine 'gone': it has echo, .*BIDE_EXPORT_COROUTINE\(gone\)/,
  });
  await assert.rejects(app.call('countdown'), {
    message: "call(): 'countdown' is a generator: use generate()",
  });
  assert.throws(() => app.generate('echo'), {
    message: "generate(): 'echo' is a coroutine: use call()",
  });
  assert.throws(() => app.stream('gone'), { message: /exports no stream 'gone': it has ticks/ });
  await assert.rejects(app.call('echo', 5), {
    code: 'BIDE_BAD_ARGUMENT',
    message: /args must be an array of arguments, not number/,
  });
  await assert.rejects(app.call('echo', [], { signal: {} }), {
    code: 'BIDE_BAD_ARGUMENT',
    message: /must be an AbortSignal/,
  });
  assert.ok(app.exports.some(({ name: of, kind }) => of === 'countdown' && kind === 'generator'));
  await close(app);
});

test('nothing global is touched', async () => {
  const before = Reflect.ownKeys(globalThis);
  await works(bytes);
  assert.deepEqual(Reflect.ownKeys(globalThis), before);
});
