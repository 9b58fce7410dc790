/// <reference lib="esnext.disposable" />
// The package: C coroutines for JavaScript.
//
//     import { load } from 'bide';
//     await using app = await load(new URL('./app.wasm', import.meta.url), {
//       imports: { fetchText: async (url: string) => (await fetch(url)).text() },
//     });
//     const title = await app.call<string>('fetch_title', [url], { signal });
//     for (const n of app.generate<number>('countdown', [10])) …
//     for await (const line of app.stream<string>('lines', [readable])) …
//
// Values cross by copy: undefined, booleans, numbers and BigInts, strings, Uint8Array and
// ArrayBuffer, and arrays of them. null arrives in C as None and comes back as undefined. An int
// of C beyond the safe integers is a BigInt. Anything else is held by C as a handle, which comes
// back as the very same object; C can await it if it is a thenable, and iterate it if it is an
// iterable, an async iterable or a ReadableStream. Coroutines, futures and tasks of C arrive as
// promises, generators and async generators as generators, other objects as CObject.
//
// SPDX-License-Identifier: MIT

/** WebAssembly.Module, where the project's types know of it: those of Node alone do not. */
export type WasmModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer M } };
}
  ? M
  : object;

/** From where a module is loaded. A string is a URL or, in Node, also a path. */
export type Source =
  URL | string | Response | PromiseLike<Response> | ArrayBuffer | ArrayBufferView | WasmModule;

/** What C may read as its standard input. */
export type Input =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Response
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

/**
 * What C calls by its name with bide_js_call. A promise that it returns is awaited. What it throws
 * or rejects with is a JSError in C, and comes back as it was.
 */
export type Import = (this: ImportContext, ...args: any[]) => unknown;

/** `this` of an import: the object of the imports, and a signal. */
export interface ImportContext {
  /** Aborted when the task of C that waits for this call is cancelled. */
  readonly signal: AbortSignal;
  [name: string]: any;
}

export interface LoadOptions {
  /** The functions that C may call. */
  imports?: Record<string, Import>;
  /** argv, from argv[0] on. */
  args?: readonly string[];
  env?: Record<string, string>;
  /** What bide_fd_stream(0) reads; if it is a string or bytes, also what C's own stdio reads. */
  stdin?: Input;
  /** Receives what C writes. Without it: the process's stdout, or console.log by lines. */
  stdout?: (bytes: Uint8Array) => void;
  stderr?: (bytes: Uint8Array) => void;
  /** The files that C sees below '/', by path. They are in memory, and may be written. */
  files?: Record<string, Uint8Array | string>;
  /**
   * Receives errors that have nowhere else to go, such as the exception of a task that nobody
   * awaits. Without it, C prints its own to stderr, and others are unhandled rejections.
   */
  onUnhandled?: (error: unknown) => void;
  /** 'virtual': time jumps to the next deadline, but stands still while a promise is awaited. */
  host?: 'virtual';
  /**
   * Shuffles what has no specified order: the same seed, a whole number from 0 on, repeats the same
   * order on the virtual clock.
   */
  seed?: number;
  /** asyncio's debug mode: slow steps are reported, and where things were made. */
  debug?: boolean;
  /**
   * Receives what tasks do as JSON text in the Trace Event Format, piece by piece, to be opened with
   * Perfetto. The text ends when main does, or with the App.
   */
  trace?: (bytes: Uint8Array) => void;
}

/**
 * Loads a WebAssembly module made with Bide. Nothing of it runs but its constructors. May be
 * called any number of times: instances are apart.
 */
export function load(source: Source, options?: LoadOptions): Promise<App>;

/** A function of C: BIDE_EXPORT_COROUTINE, _GENERATOR or _ASYNC_GENERATOR. */
export interface Export {
  readonly name: string;
  /** To be used with call(), generate() or stream(). */
  readonly kind: 'coroutine' | 'generator' | 'stream';
}

export interface CallOptions {
  /** Cancels the task. The promise rejects with the signal's reason when the task has ended. */
  signal?: AbortSignal;
}

/** One instance of a module. */
export interface App {
  /** The functions that it exports. */
  readonly exports: Export[];

  /**
   * How its C suspends: by Asyncify, which runs everywhere, or by WebAssembly's stack switching, in
   * a module that was built with BIDE_FIBER=stack_switching. Such a module load() refuses where the
   * engine lacks it, with the code 'BIDE_NO_STACK_SWITCHING'.
   */
  readonly backend: 'asyncify' | 'stack-switching';

  /**
   * Runs C's main, once: its exit status. While main waits in bide_run, calls run on its loop, and
   * are cancelled when it ends; later calls get a loop of their own.
   */
  run(): Promise<number>;

  /**
   * Calls a coroutine of C: a promise of its result. It runs as a task, beside whatever else runs,
   * and never before call() has returned. An exception is a BideError, unless it came from
   * JavaScript, then it is what was thrown.
   */
  call<T = unknown>(name: string, args?: readonly unknown[], options?: CallOptions): Promise<T>;

  /**
   * A generator of C. It runs when it is stepped, synchronously. C that is running already cannot
   * be entered: a function that C calls can neither make nor step one.
   */
  generate<T = unknown, R = unknown, N = unknown>(
    name: string,
    args?: readonly unknown[],
  ): CGenerator<T, R, N>;

  /** An async generator of C. Overlapping calls of next() queue. */
  stream<T = unknown, N = unknown>(
    name: string,
    args?: readonly unknown[],
    options?: CallOptions,
  ): CAsyncGenerator<T, N>;

  /** What the instance holds right now. All but `memory` are 0 when all has been let go. */
  stats(): Stats;

  /**
   * Ends the instance: its tasks are cancelled and may clean up, for one second at most, and
   * everything that it held is let go. Calls are refused from now on.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Stats {
  /** Tasks of C that are not done. */
  tasks: number;
  /** JavaScript values that C holds. */
  handles: number;
  /** Objects of Bide's that are alive in C. */
  objects: number;
  /** Bytes of WebAssembly memory. */
  memory: number;
}

export interface CGenerator<T = unknown, R = unknown, N = unknown> extends Generator<T, R, N> {
  [Symbol.dispose](): void;
}

export interface CAsyncGenerator<T = unknown, N = unknown> extends AsyncGenerator<T, undefined, N> {
  [Symbol.asyncDispose](): Promise<void>;
}

/** An object of C that JavaScript can only keep, and give back to C. */
export interface CObject {
  /** The name of its type. */
  readonly type: string;
  /** Lets go of it now, rather than when it is collected. */
  [Symbol.dispose](): void;
}

/** Anything that went wrong in C or on the way to it. */
export class BideError extends Error {
  protected constructor();
  /** For a C exception the name of its type, such as 'ValueError'. */
  readonly name: string;
  /** 'BIDE_EXCEPTION' for a C exception; otherwise what is wrong, and never changes. */
  readonly code: string;
  /** What it was raised from, or while handling. */
  readonly cause?: unknown;
  /** Of a C exception: the name of its type and those of the bases of that. */
  readonly types?: readonly string[];
  /** The members of an exception group. */
  readonly errors?: readonly unknown[];
  /** Where it passed in C. */
  readonly traceback?: string;
}

/** A task of C was cancelled. */
export class CancelledError extends BideError {
  readonly name: 'CancelledError';
}

/** C trapped. The message has what the C library said before, if it did, and whether the program's
 *  own stack was used up. The instance refuses everything from then on. */
export class TrapError extends BideError {
  readonly name: 'TrapError';
}
