// load: from where a module lies to an App, with a clear error for everything that is
// not a module of Bide's.
//
// SPDX-License-Identifier: MIT

import { App } from './app.js';
import { backendOf, lacksSwitching } from './backend.js';
import { describe, failure } from './errors.js';
import { Instance } from './instance.js';
import { Plain } from './plain.js';
import { ABI, Port } from './port.js';
import { Report } from './report.js';
import { makeWasi, TRACE_FILE } from './wasi.js';

/** Loads a WebAssembly module made with Bide; see index.d.ts. */
export async function load(source, options = {}) {
  const checked = checkOptions(options);
  const module = await compile(await source);
  const names = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  checkModule(module, names);
  let instance;
  const calledByC = { name: undefined };
  const report = new Report();
  const wasi = makeWasi(checked, calledByC, report, (error) => instance.unhandled(error));
  const { exports } = await WebAssembly.instantiate(module, {
    wasi_snapshot_preview1: wasi.wasiImport,
  });
  wasi.inst = { exports };
  if (names.has(BRIDGE)) {
    checkAbi(exports);
    report.ask(exports.bide_js_stack_left);
    instance = new Instance(new Port(exports), checked, calledByC, report);
    instance.start();
  } else {
    instance = new Plain(exports, checked, report);
  }
  return new App(instance, exports, backendOf(names));
}

// --- options ----------------------------------------------------------------------------

const KINDS = {
  imports: 'object',
  args: 'array',
  env: 'object',
  stdin: 'any',
  stdout: 'function',
  stderr: 'function',
  files: 'object',
  onUnhandled: 'function',
  host: 'string',
  seed: 'number',
  debug: 'boolean',
  trace: 'function',
};

function checkOptions(options) {
  if (options === null || typeof options !== 'object')
    throw badOption('the options', 'object', options);
  for (const [name, kind] of Object.entries(KINDS)) {
    const value = options[name];
    if (value === undefined || kind === 'any') continue;
    const is = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    if (is !== kind) throw badOption(`the option '${name}'`, kind, value);
  }
  if (options.host !== undefined && options.host !== 'virtual')
    throw failure(
      'BIDE_BAD_OPTION',
      `load(): host '${options.host}' is unknown: leave it out, or say 'virtual' for a clock that jumps`,
    );
  if (options.seed !== undefined && !(Number.isSafeInteger(options.seed) && options.seed >= 0))
    throw failure(
      'BIDE_BAD_OPTION',
      `load(): the seed must be a whole number, 0 or greater, not ${options.seed}`,
    );
  checkStdin(options.stdin);
  const { imports = {}, args = ['bide'], files = {}, ...rest } = options;
  return { ...rest, imports, args: args.map(String), env: environment(options), files };
}

// What C is told by variables of its own.
function environment({ env = {}, host, seed, debug, trace }) {
  const own = {
    BIDE_HOST: host,
    BIDE_SEED: seed,
    BIDE_DEBUG: debug && 1,
    BIDE_TRACE: trace && TRACE_FILE,
  };
  const given = Object.entries(own).filter(([, value]) => value !== undefined && value !== false);
  return { ...env, ...Object.fromEntries(given) };
}

function badOption(what, kind, value) {
  return failure(
    'BIDE_BAD_OPTION',
    `load(): ${what} must be ${kind === 'function' ? 'a' : 'an'} ${kind}, not ${value === null ? 'null' : typeof value}`,
  );
}

function checkStdin(stdin) {
  if (stdin === undefined || stdin === null || typeof stdin === 'string') return;
  const is = (key) => typeof stdin[key] === 'function';
  const readable =
    is(Symbol.asyncIterator) ||
    is(Symbol.iterator) ||
    is('getReader') ||
    is('stream') ||
    stdin.body;
  if (!readable && !(stdin instanceof ArrayBuffer))
    throw failure(
      'BIDE_BAD_OPTION',
      "load(): the option 'stdin' must be a string, bytes, a Blob, a Response, a ReadableStream or an async iterable",
    );
}

// --- the module --------------------------------------------------------------------------

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  const { bytes, from } = await read(source);
  const magic = new Uint8Array(
    bytes.buffer ?? bytes,
    bytes.byteOffset ?? 0,
    Math.min(4, bytes.byteLength),
  );
  if (magic.join() !== '0,97,115,109')
    throw failure(
      'BIDE_NOT_WASM',
      `load(): ${from} is not a WebAssembly module: its first bytes are "${new TextDecoder().decode(magic)}". Is the path right, and does the server send the file rather than a page?`,
    );
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const reason = lacksSwitching(bytes, from);
    if (reason) throw reason;
    throw failure(
      'BIDE_NOT_WASM',
      `load(): ${from} cannot be compiled: ${describe(error)}. Is the file complete?`,
      error,
    );
  }
}

async function read(source) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source))
    return { bytes: source, from: `the ${source.byteLength} bytes given` };
  if (typeof Response === 'function' && source instanceof Response) return readResponse(source);
  if (typeof source !== 'string' && !(source instanceof URL))
    throw failure(
      'BIDE_BAD_SOURCE',
      `load(): the source must be a URL, a string, a Response, bytes or a WebAssembly.Module, not ${source === null ? 'null' : typeof source}`,
    );
  return readUrl(source);
}

async function readResponse(response) {
  const from = response.url || 'the response';
  if (!response.ok)
    throw failure(
      'BIDE_BAD_SOURCE',
      `load(): ${from} answered ${response.status} ${response.statusText}: is the path right?`,
    );
  return { bytes: await response.arrayBuffer(), from };
}

// In Node fetch does not read files, and a string may be a path.
async function readUrl(source) {
  const url = source instanceof URL ? source : parse(source);
  const isFile = url ? url.protocol === 'file:' : globalThis.process?.versions?.node;
  try {
    if (!isFile) return await readResponse(await fetch(url ?? source));
    const files = 'node:fs/promises'; // not a literal: bundlers for the web would look for it
    const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ files);
    return { bytes: await readFile(url ?? source), from: String(source) };
  } catch (error) {
    if (error.code?.startsWith?.('BIDE_')) throw error;
    throw failure(
      'BIDE_BAD_SOURCE',
      `load(): ${source} cannot be read: ${describe(error.cause ?? error)}`,
      error,
    );
  }
}

function parse(text) {
  try {
    return new URL(text);
  } catch {
    return undefined; // relative to the page, or a path
  }
}

const BRIDGE = 'bide_js_abi_version';

// An unfinished module still imports what finish.mjs supplies.
function checkModule(module, names) {
  const foreign = WebAssembly.Module.imports(module).find(
    ({ module: from }) => from !== 'wasi_snapshot_preview1',
  );
  if (['asyncify', 'stack_switching'].includes(foreign?.module))
    throw failure(
      'BIDE_NOT_INSTRUMENTED',
      'load(): the module was linked but not finished: run wasm/finish.mjs on it, or build it with bide_add_executable, which does',
    );
  const finished = backendOf(names) !== undefined;
  // A program without a loop has no bridge, and needs none.
  if (!names.has(BRIDGE) && !(finished && names.has('_start')))
    throw failure(
      'BIDE_NOT_BIDE',
      'load(): this WebAssembly module was not made with Bide, or has nothing that JavaScript can call: name its functions with BIDE_EXPORT_COROUTINE and its kin, or give it a main',
    );
  if (!finished)
    throw failure(
      'BIDE_NOT_INSTRUMENTED',
      'load(): the module was built without Asyncify, so it cannot wait: run wasm/finish.mjs on it, or build it with bide_add_executable, which does',
    );
  if (foreign)
    throw failure(
      'BIDE_NOT_BIDE',
      `load(): the module imports ${foreign.module}.${foreign.name}, which Bide does not provide: call JavaScript through bide_js_call`,
    );
}

function checkAbi(exports) {
  const version = exports.bide_js_abi_version();
  if (version !== ABI)
    throw failure(
      'BIDE_ABI',
      `load(): the module speaks version ${version} of the bridge, this package version ${ABI}: build the module with the Bide that the package came with`,
    );
}
