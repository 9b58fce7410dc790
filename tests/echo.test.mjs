// The echo server and its load client (web/examples/native): many connections, timeouts, and a
// graceful end. Only on this machine itself, on ports that are free.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { howToInstall, parts } from '../wasm/setup.mjs';
import { skipUnless } from './programs.mjs';
import * as native from './targets/native.mjs';
import { asan, tsan } from './targets/watched.mjs';

const missing = parts.libuv.find() ? undefined : `libuv is not installed: ${howToInstall('libuv')}`;

// A running server: its port, and `end`, which interrupts it and gives what it printed.
async function serve(t, target, ...args) {
  const child = spawn(target.programPath('examples/echo_server'), args.map(String), {
    env: { ...process.env, ...target.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  const listening = new Promise((resolve) => {
    child.stdout.on('data', (text) => {
      stdout += text;
      const port = stdout.match(/listening on port (\d+)\n/)?.[1];
      if (port) resolve(Number(port));
    });
    ended.then(() => resolve(undefined));
  });
  const port = await listening;
  assert.ok(port, `it does not listen: ${stdout}${stderr}`);
  return {
    port,
    async end() {
      child.kill('SIGINT');
      const [status, signal] = await ended;
      return { status: signal ?? status, lines: stdout.trim().split('\n').slice(1), stderr };
    },
  };
}

const runClient = (target, ...args) =>
  target.run(target.programPath('examples/echo_client'), { args: args.map(String) });

// A connection made by Node, on which one message was echoed.
async function speak(t, port) {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write('hello');
  const [echoed] = await once(socket, 'data');
  assert.equal(String(echoed), 'hello');
  return socket;
}

for (const target of [native, asan, tsan])
  describe(`echo server and client, ${target.name}`, skipUnless(missing), () => {
    test('hundreds of connections, and a graceful end', async (t) => {
      const server = await serve(t, target, 0, 60_000, 60_000);
      const client = await runClient(target, server.port, 300, 5);
      assert.equal(client.stdout, '300 connections of 5 messages, 0 failed\n');
      assert.equal(client.status, 0);
      const { status, lines, stderr } = await server.end();
      const bytes = [...Array(300).keys()].reduce(
        (sum, i) => sum + 5 * `message 0 of connection ${i}`.length,
        0,
      );
      assert.deepEqual(lines, [
        'closing',
        `300 connections, ${bytes} bytes, 0 timed out, 0 failed, 0 cut off`,
      ]);
      assert.equal(stderr, '');
      assert.equal(status, 0);
    });

    test('an open connection is served on after the interrupt, a new one is refused', async (t) => {
      const server = await serve(t, target, 0, 60_000, 60_000);
      const socket = await speak(t, server.port);
      const ended = server.end();
      for (let refused = false; !refused; ) {
        const late = connect(server.port, '127.0.0.1');
        refused = await new Promise((resolve) => {
          late.on('connect', () => resolve(false));
          late.on('error', (error) => resolve(error.code === 'ECONNREFUSED'));
        });
        late.destroy();
      }
      socket.write('still there');
      assert.equal(String((await once(socket, 'data'))[0]), 'still there');
      socket.end();
      const { status, lines } = await ended;
      assert.match(lines[1], /^\d+ connections, 16 bytes, 0 timed out, \d+ failed, 0 cut off$/);
      assert.equal(status, 0);
    });

    test('a connection that does not end is cut off', async (t) => {
      const server = await serve(t, target, 0, 60_000, 50);
      const socket = await speak(t, server.port);
      const closed = once(socket, 'close');
      const { status, lines } = await server.end();
      assert.equal(lines[1], '1 connections, 5 bytes, 0 timed out, 0 failed, 1 cut off');
      assert.equal(status, 1);
      await closed;
    });

    test('a silent connection is closed', async (t) => {
      const server = await serve(t, target, 0, 50);
      const socket = connect(server.port, '127.0.0.1');
      t.after(() => socket.destroy());
      socket.resume();
      await once(socket, 'close');
      const { status, lines } = await server.end();
      assert.equal(lines[1], '1 connections, 0 bytes, 1 timed out, 0 failed, 0 cut off');
      assert.equal(status, 0);
    });

    test('a connection that falls silent is closed', async (t) => {
      const server = await serve(t, target, 0, 2000); // much longer than a message takes
      const socket = await speak(t, server.port);
      await once(socket, 'close');
      const { status, lines } = await server.end();
      assert.equal(lines[1], '1 connections, 5 bytes, 1 timed out, 0 failed, 0 cut off');
      assert.equal(status, 0);
    });

    test('a client without a server says so, once', async (t) => {
      const server = await serve(t, target, 0);
      await server.end();
      const { stdout, status } = await runClient(target, server.port, 20, 1);
      assert.equal(
        stdout,
        `connection 0: ConnectionRefusedError: Connection refused: 127.0.0.1 port ${server.port}\n` +
          '20 connections of 1 messages, 20 failed\n',
      );
      assert.equal(status, 1);
    });
  });
