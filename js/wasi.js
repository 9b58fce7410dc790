// The WASI imports of a module: the kept library, set up from load()'s options.
//
// A function of the user's that throws while C is on the stack must not unwind C, so its
// error is told elsewhere and the write succeeds.
//
// SPDX-License-Identifier: MIT

import {
  ConsoleStdout,
  Directory,
  File,
  OpenFile,
  PreopenDirectory,
  WASI,
} from '@bjorn3/browser_wasi_shim';
import { bytesAtHand } from './iteration.js';

const encoder = new TextEncoder();

/** Where C writes its trace, if there is the option for it. */
export const TRACE_FILE = '/bide-trace.json';

// A file whose contents go to a descriptor as they are written.
class Sink extends File {
  constructor(descriptor) {
    super(new ArrayBuffer(0));
    this.descriptor = descriptor;
  }

  path_open() {
    return { ret: 0, fd_obj: this.descriptor };
  }
}

/**
 * A WASI for these options. `calledByC` has the name of the user's function that C is in,
 * while it is in one; `report` hears what C says on standard error, `unhandled` what stdout, stderr
 * and trace throw.
 */
export function makeWasi(options, calledByC, report, unhandled) {
  const { args, env, stdin, stdout, stderr, trace, files } = options;
  const showError = stderr ?? defaultOutput('stderr', 'error');
  const output = (name, write) =>
    new ConsoleStdout((bytes) => {
      calledByC.name = name;
      try {
        write(bytes.slice());
      } catch (error) {
        unhandled(error);
      } finally {
        calledByC.name = undefined;
      }
    });
  const root = tree(files);
  if (trace) root.set(TRACE_FILE.slice(1), new Sink(output('trace', trace)));
  const descriptors = [
    new OpenFile(new File(bytesAtHand(stdin) ?? new Uint8Array(0))),
    output('stdout', stdout ?? defaultOutput('stdout', 'log')),
    output('stderr', (bytes) => {
      report.hear(bytes);
      showError(bytes);
    }),
    new PreopenDirectory('/', root),
  ];
  const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const wasi = new WASI(args, environment, descriptors, { debug: false });
  wasi.wasiImport.clock_time_get = makeClock(wasi, wasi.wasiImport.clock_time_get);
  return wasi;
}

const MONOTONIC = 1;

// The clock that loops ask, which makes no garbage. `other` serves for the other clocks.
function makeClock(wasi, other) {
  let view = new DataView(new ArrayBuffer(0));
  let { buffer } = view;
  return (id, precision, at) => {
    if (id !== MONOTONIC) return other(id, precision, at);
    // Memory that has grown since is in another buffer, and this one is empty.
    if (buffer.byteLength === 0) {
      ({ buffer } = wasi.inst.exports.memory);
      view = new DataView(buffer);
    }
    const time = Math.round(performance.now() * 1e6);
    view.setUint32(at, time, true);
    view.setUint32(at + 4, time / 2 ** 32, true);
    return 0;
  };
}

// To the process where there is one; to the console by lines elsewhere.
function defaultOutput(stream, method) {
  const process = globalThis.process;
  if (typeof process?.[stream]?.write === 'function')
    return (bytes) => process[stream].write(bytes);
  const decoder = new TextDecoder();
  let line = '';
  return (bytes) => {
    const lines = (line + decoder.decode(bytes, { stream: true })).split('\n');
    line = lines.pop();
    for (const whole of lines) console[method](whole);
  };
}

// { 'a/b.txt': content } as directories and files.
function tree(files) {
  const top = new Map();
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/').filter(Boolean);
    const name = parts.pop();
    let folder = top;
    for (const part of parts) {
      if (!folder.has(part)) folder.set(part, new Map());
      folder = folder.get(part);
    }
    folder.set(name, new File(typeof content === 'string' ? encoder.encode(content) : content));
  }
  const directories = (map) =>
    new Map(
      [...map].map(([name, entry]) => [
        name,
        entry instanceof Map ? new Directory(directories(entry)) : entry,
      ]),
    );
  return directories(top);
}
