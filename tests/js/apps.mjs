// What the tests of the package share: loading the two test modules.
//
// SPDX-License-Identifier: MIT

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'bide';
import { buildFolder } from '../../wasm/build.mjs';

export const path = (name) =>
  join(buildFolder(process.env.BIDE_PRESET ?? 'wasi'), 'js', `${name}.wasm`);

const modules = new Map();

async function compiled(name) {
  if (!modules.has(name)) modules.set(name, await WebAssembly.compile(await readFile(path(name))));
  return modules.get(name);
}

// An App of bridge.wasm or program.wasm; what it prints is in `app.printed`.
export async function open(name = 'bridge', options = {}) {
  const decoder = new TextDecoder();
  let printed = '';
  const print = (bytes) => (printed += decoder.decode(bytes, { stream: true }));
  const app = await load(await compiled(name), { stdout: print, stderr: print, ...options });
  Object.defineProperty(app, 'printed', { get: () => printed });
  return app;
}

export const program = (args, options) =>
  open('program', { args: ['program', ...args], ...options });

export const close = (app) => app[Symbol.asyncDispose]();

export const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Lets C do what it has begun: its turns come from setImmediate, in order.
export async function turns() {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

// A promise with its resolve and reject.
export function deferred() {
  let resolve;
  let reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

// Runs `body` with an App, and checks that nothing is left of what it did.
export async function withApp(options, body) {
  const app = await open('bridge', options);
  await body(app);
  await turns();
  const { tasks, handles, objects } = app.stats();
  await close(app);
  if (tasks || handles || objects)
    throw new Error(`left behind: ${tasks} tasks, ${handles} handles, ${objects} objects`);
}
