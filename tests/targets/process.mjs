// Runs a child process to its end: what the native, wasmtime and Node targets share.
//
// SPDX-License-Identifier: MIT

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIMIT = 60_000; // ms; a program that takes longer is stuck

// Writes `stdin` (a string, bytes, or an async iterable of either) to the child.
async function feed(stream, stdin) {
  stream.on('error', () => {}); // the program may end without reading it all
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) stream.write(stdin);
  else for await (const chunk of stdin ?? []) if (!stream.write(chunk)) await once(stream, 'drain');
  stream.end();
}

// Runs `command` and returns { stdout, stderr, status }. A program that a signal
// ended has the signal's name for its status. `hear` is given what it writes to
// stderr, as it comes.
export async function runProcess(command, args, { stdin, env, cwd, hear, limit = LIMIT } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: limit,
    killSignal: 'SIGKILL',
  });
  const collected = { stdout: [], stderr: [] };
  for (const name of ['stdout', 'stderr'])
    child[name].on('data', (bytes) => collected[name].push(bytes));
  if (hear) child.stderr.on('data', (bytes) => hear(String(bytes)));
  const ended = once(child, 'close');
  feed(child.stdin, stdin).catch(() => child.kill());
  const [code, signal] = await ended;
  const text = (name) => Buffer.concat(collected[name]).toString();
  return { stdout: text('stdout'), stderr: text('stderr'), status: signal ?? code };
}

// Calls `use` with a new directory that holds `files` ({ name: contents }), and
// removes it afterwards.
export async function withDirectory(files = {}, use) {
  const directory = await mkdtemp(join(tmpdir(), 'bide-'));
  try {
    for (const [name, contents] of Object.entries(files))
      await writeFile(join(directory, name), contents);
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
