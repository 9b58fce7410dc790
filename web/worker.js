// worker.js - runs the programs, away from the page, so that an endless loop freezes only this.
//
// SPDX-License-Identifier: MIT

import { examples } from './examples/examples.mjs';

/** @typedef {{ id: number, app: any, started: number, stopped: boolean, stop(): void }} Running */
/** @type {Running | undefined} */
let running;

const asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const NOT_BUILT =
  'The examples are built, not shipped: “npm run playground” builds and serves them. ' +
  'With a server of your own, run “npm run build” and reload.';

/** An error with what to do about it. */
class Advice extends Error {
  constructor(message, advice) {
    super(message);
    this.advice = advice;
  }
}

const WINDOW = 16; // ms
const BURST = 100; // messages in that time, at most

// Sends what is written: at once, because a loop that never ends lets nothing happen later,
// but gathered when it is so much that the page could not keep up.
class Outbox {
  #id;
  #waiting = [];
  #since = 0; // when the burst began
  #sent = 0; // messages of the burst
  #timer = 0;

  constructor(id) {
    this.#id = id;
  }

  write(channel, text) {
    const last = this.#waiting.at(-1);
    if (last?.channel === channel) last.text += text;
    else this.#waiting.push({ channel, text });
    const now = performance.now();
    if (now - this.#since > WINDOW) {
      this.#since = now;
      this.#sent = 0;
    }
    if (this.#sent < BURST) this.flush();
    else this.#timer ||= setTimeout(() => this.flush(), WINDOW);
  }

  // A writer of bytes; a character may be cut by the end of a write.
  channel(name) {
    const decoder = new TextDecoder();
    return (bytes) => this.write(name, decoder.decode(bytes, { stream: true }));
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    for (const part of this.#waiting) postMessage({ type: 'output', id: this.#id, ...part });
    this.#sent += this.#waiting.length;
    this.#waiting = [];
  }
}

// Standard input: all at once, or a line every `pace` milliseconds.
async function* typed(text, pace) {
  const pieces = pace ? (text.match(/[^\n]*\n|[^\n]+/g) ?? []) : [text];
  const encoder = new TextEncoder();
  for (const piece of pieces) {
    if (pace) await pause(pace);
    if (piece) yield encoder.encode(piece);
  }
}

async function contents(files) {
  const entries = files.map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())]);
  return Object.fromEntries(await Promise.all(entries));
}

async function fetchModule(url) {
  const response = await fetch(url).catch(() => null);
  if (response?.ok) return response;
  const name = new URL(url).pathname.split('/').pop();
  throw new Advice(`${name} is not there${response ? ` (${response.status})` : ''}.`, NOT_BUILT);
}

async function importLoad() {
  try {
    return (await import('../js/index.js')).load;
  } catch (error) {
    throw new Advice(
      `The JavaScript side of Bide could not be loaded: ${error.message}`,
      'The page expects it at ../js/index.js, as “npm run playground” serves it.',
    );
  }
}

function show(value) {
  if (typeof value !== 'object' || value === null || value instanceof Error) return String(value);
  return JSON.stringify(value);
}

// Runs one program to its end: { how, status }.
async function execute(job, mine, outbox) {
  const example = examples.find(({ name }) => name === job.name);
  const load = await importLoad();
  const app = await load(await fetchModule(job.url), {
    args: [job.name, ...job.args],
    imports: example.imports,
    files: job.what === 'c' ? await contents(job.files) : {},
    stdin: typed(job.stdin, job.pace),
    stdout: outbox.channel('stdout'),
    stderr: outbox.channel('stderr'),
  });
  if (mine.stopped) return app[asyncDispose]();
  mine.app = app;
  mine.started = performance.now();
  if (job.what === 'c') return { how: 'exited', status: await app.run() };
  const log = (...values) => outbox.write('console', `${values.map(show).join(' ')}\n`);
  const console = { log };
  await example.javascript({ app, console, files: job.files, fetch });
  return { how: 'returned', status: null };
}

function failure(error) {
  const lines = [error instanceof Advice ? error.message : String(error)];
  for (let cause = error?.cause; cause && lines.length < 6; cause = cause.cause)
    lines.push(`caused by ${cause}`);
  return { how: 'failed', status: null, message: lines.join('\n'), advice: error?.advice ?? null };
}

// What is alive, before it is all let go; nothing that can be trusted after a failure.
async function dispose(app, how) {
  const stats = how === 'failed' ? null : app.stats();
  await app[asyncDispose]();
  return stats;
}

/** @param {import('./protocol.js').Run} job */
async function run(job) {
  const outbox = new Outbox(job.id);
  const started = performance.now(); // again when the module is loaded
  const mine = { id: job.id, app: undefined, started, stopped: false, stop: () => {} };
  const asked = new Promise((resolve) => (mine.stop = resolve));
  running = mine;

  const stopped = asked.then(() => ({ how: 'stopped', status: null }));
  const end = await Promise.race([execute(job, mine, outbox), stopped]).catch(failure);
  const ms = performance.now() - mine.started;
  const stats = mine.app ? await dispose(mine.app, end.how).catch(() => null) : null;
  outbox.flush();
  postMessage({ type: 'ended', id: job.id, message: null, advice: null, ...end, ms, stats });
}

onmessage = ({ data }) => {
  if (data.type === 'run') {
    run(data);
  } else if (running?.id === data.id) {
    running.stopped = true;
    running.stop();
  }
};
