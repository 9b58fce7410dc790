// One instance of a module: entering C, coming back, and when C runs.
//
// C is entered from one place, and never while it is on the stack: what a function that
// C calls (stdout, say) wants of C waits until C has returned. After every visit the
// requests that C left are done, and it is decided when C runs next. Tasks of C run only
// in macrotasks of their own, within a budget.
//
// SPDX-License-Identifier: MIT

import { WASIProcExit } from '@bjorn3/browser_wasi_shim';
import { TrapError, failure } from './errors.js';
import { Handles } from './handles.js';
import { Objects } from './objects.js';
import { Requests } from './requests.js';
import { Scheduler } from './scheduler.js';
import { Reader, Writer } from './wire.js';

const BUDGET = 8; // milliseconds of C before the page or process gets a turn
const ANSWER_ERROR = 1;

// Calls after which it is known when C wants to run; all others may have given it work.
const RUNS = new Set(['bide_js_main', 'bide_js_serve', 'bide_js_resume']);

export class Instance {
  #port;
  #scheduler = new Scheduler(() => this.#turn());
  #requests;
  #writer;
  #onUnhandled;
  #promises = new Map(); // slot → { resolve, reject }
  #endings = new Set(); // called as (error, status) when the root has ended
  #later = []; // what waits until C has returned
  #visiting = false;
  #nudged = false; // C was given work since it last ran
  #due = Infinity;
  #waiting = false; // a loop of C waits for us
  #refusal; // why nothing can be called any more
  #calledByC;
  #report;

  constructor(port, options, calledByC, report) {
    this.#port = port;
    this.#calledByC = calledByC;
    this.#report = report;
    this.#onUnhandled = options.onUnhandled;
    this.handles = new Handles((reason) => this.unhandled(reason));
    this.objects = new Objects(this);
    this.#requests = new Requests(this, options);
    this.#writer = new Writer(this.handles, this.objects);
  }

  /** Prepares the module: runs its constructors. */
  start() {
    const { isReactor } = this.#port;
    this.visit(() => {
      if (isReactor) this.enter('_initialize');
      this.enter('bide_js_init', isReactor ? 0 : 1, this.#onUnhandled ? 1 : 0);
    });
  }

  get refusal() {
    return this.#refusal;
  }

  /** Throws if C cannot be entered right now. */
  check() {
    if (this.#refusal) throw this.#refusal;
    if (this.#port.entered)
      throw failure(
        'BIDE_BUSY',
        `C is running, and this was called by ${this.#calledByC.name ?? 'a function'}, which C calls: no coroutine can suspend through JavaScript's frame, so a generator can only be made or stepped later. call() and stream() may be used here`,
      );
  }

  stats() {
    if (this.#refusal) return { tasks: 0, handles: 0, objects: 0, memory: 0 };
    this.check();
    return this.#port.stats();
  }

  // --- main ------------------------------------------------------------------------------

  /** Runs main; the promise of its exit status. */
  main() {
    return new Promise((resolve, reject) => {
      this.whenFree(() => {
        if (this.#refusal) throw this.#refusal;
        if (this.#waiting) this.#endIdleLoop();
        this.#endings.add((error, status) => (error ? reject(error) : resolve(status)));
        this.enter('bide_js_main', performance.now(), BUDGET);
      }, reject);
    });
  }

  // The loop for calls stands in main's way; while nobody uses it it can go.
  #endIdleLoop() {
    const busy = () =>
      failure(
        'BIDE_BUSY',
        'run() came while C was working for calls: await those first, or call run() before them',
      );
    if (this.#promises.size > 0) throw busy();
    this.enter('bide_js_stop');
    for (let turns = 0; this.#waiting; turns++) {
      if (turns === 100) throw busy();
      this.enter('bide_js_resume', performance.now(), BUDGET);
    }
  }

  // --- promises of C -----------------------------------------------------------------------

  /** Makes sure that a loop runs, for tasks to be made on. */
  needLoop() {
    if (!this.#waiting) this.enter('bide_js_serve', performance.now(), BUDGET);
  }

  /** `waiting` hears how the awaitable in `slot` ends. */
  await(slot, waiting) {
    this.#promises.set(slot, waiting);
  }

  isAwaited(slot, waiting) {
    return this.#promises.get(slot) === waiting;
  }

  /** The promise of an awaitable of C. */
  promise(slot) {
    return new Promise((resolve, reject) => this.await(slot, { resolve, reject }));
  }

  /** C tells how an awaitable ended. */
  settle(slot, fulfilled, value) {
    const waiting = this.#promises.get(slot);
    this.#promises.delete(slot);
    if (fulfilled) waiting?.resolve(value);
    else waiting?.reject(value);
  }

  // --- giving things to C --------------------------------------------------------------------

  /** The answer to a request of C. */
  answer(slot, serial, how, value) {
    this.whenFree(() => {
      if (this.#refusal) return;
      let kind = how;
      try {
        this.send((writer) =>
          how === ANSWER_ERROR ? writer.reason(value) : writer.value(value, 'the result'),
        );
      } catch (error) {
        kind = ANSWER_ERROR;
        this.send((writer) => writer.reason(error));
      }
      this.enter('bide_js_settle', slot, serial, kind);
    });
  }

  /** Gives an object back to C. */
  release(slot) {
    this.whenFree(() => {
      if (!this.#refusal) this.enter('bide_js_release', slot);
    });
  }

  /** What `write` writes, as bytes to be sent later. */
  compose(write) {
    try {
      write(this.#writer);
      return this.#writer.take().slice();
    } finally {
      this.#writer.take();
    }
  }

  /** Puts what `write` writes where the next call of C finds it. */
  send(write) {
    this.put(this.compose(write));
  }

  put(bytes) {
    if (this.#refusal) throw this.#refusal;
    this.#port.put(bytes);
  }

  /** The value that the last call left. */
  reply() {
    const read = this.#port.reply((...memory) => ({ value: this.#reader(memory).value() }));
    if (read) return read.value;
    return failure('BIDE_NO_MEMORY', 'C has no memory to say what went wrong');
  }

  #reader(memory) {
    return new Reader(...memory, this.handles, this.objects);
  }

  /** An error that nobody else is told of. */
  unhandled(error) {
    if (!this.#onUnhandled) return void Promise.reject(error); // as any other that nobody handles
    try {
      this.#onUnhandled(error);
    } catch (worse) {
      Promise.reject(worse);
    }
  }

  // --- visiting C ----------------------------------------------------------------------------

  /** Does `work`, which enters C, now or as soon as C is not on the stack. */
  whenFree(work, failed = (error) => this.unhandled(error)) {
    const guarded = () => {
      try {
        work();
      } catch (error) {
        failed(error);
      }
    };
    if (this.#port.entered || this.#visiting) this.#later.push(guarded);
    else this.visit(guarded);
  }

  /** Does `work`, and then all that it led to, until JavaScript has nothing left to do for C. */
  visit(work) {
    if (this.#visiting) return void work(); // an import that steps a generator
    this.#visiting = true;
    try {
      work();
      this.#serve();
    } finally {
      this.#visiting = false;
      if (this.#later.length)
        this.visit(() => {}); // `work` threw before they were done
      else this.#arm();
    }
  }

  #serve() {
    for (;;) {
      if (!this.#refusal) this.#readRequests();
      const work = this.#later.shift();
      if (!work) return;
      work();
    }
  }

  #readRequests() {
    this.#port.takeRequests((...memory) => {
      const requests = this.#requests.read(this.#reader(memory));
      this.#later = requests.concat(this.#later);
    });
  }

  /** Calls an export. What C throws is the end of the instance. */
  enter(name, ...args) {
    if (this.#refusal) throw this.#refusal;
    let result;
    try {
      result = this.#port.enter(name, ...args);
    } catch (error) {
      throw this.#ended(error);
    }
    if (RUNS.has(name)) this.#ran();
    else this.#nudged = true;
    return result;
  }

  #ran() {
    const { waiting, status, delay } = this.#port.root();
    this.#waiting = waiting;
    this.#nudged = false;
    this.#due = waiting ? performance.now() + delay : Infinity;
    if (!waiting) this.#tellEndings(undefined, status);
  }

  #tellEndings(error, status) {
    const endings = [...this.#endings];
    this.#endings.clear();
    for (const ending of endings) ending(error, status);
  }

  // --- when C runs next ------------------------------------------------------------------------

  #arm() {
    if (this.#waiting && !this.#refusal) this.#scheduler.at(this.#nudged ? -Infinity : this.#due);
  }

  #turn() {
    if (this.#refusal || !this.#waiting) return;
    const end = performance.now() + BUDGET;
    const told = this.#promises.size > 0 || this.#endings.size > 0;
    try {
      this.visit(() => {
        let now = performance.now();
        do {
          this.enter('bide_js_resume', now, Math.max(end - now, 0));
          this.#serve();
          now = performance.now();
        } while (this.#waiting && (this.#nudged || this.#due <= now) && now < end);
      });
    } catch (error) {
      const known = error === this.#refusal || (told && error instanceof TrapError);
      if (!known) this.unhandled(error);
    }
  }

  // --- the end -----------------------------------------------------------------------------------

  /** Cancels what runs, lets it clean up for at most `grace` ms, and refuses everything from then on. */
  async dispose(refusal, grace) {
    if (this.#waiting && !this.#refusal) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, grace);
        this.#endings.add(() => {
          clearTimeout(timer);
          resolve();
        });
        this.whenFree(() => this.enter('bide_js_stop'));
      });
    }
    try {
      if (!this.#refusal) this.visit(() => this.enter('bide_js_close'));
    } finally {
      this.#end(refusal, refusal);
    }
  }

  #ended(error) {
    if (this.#refusal) return this.#refusal;
    if (error instanceof WASIProcExit) {
      const refusal = failure(
        'BIDE_ENDED',
        `the program has ended with exit status ${error.code}: load() it again to call it again`,
      );
      this.#tellEndings(undefined, error.code);
      return this.#end(refusal, refusal);
    }
    const trap = this.#report.trap(error);
    const refusal = failure(
      'BIDE_TRAPPED',
      `this instance has trapped (${this.#report.reason(error)}) and cannot be called any more: load() a new one`,
      trap,
    );
    return this.#end(refusal, trap);
  }

  // Refuses everything from now on; what is under way fails with `error`.
  #end(refusal, error) {
    this.#refusal ??= refusal;
    this.#waiting = false;
    this.#scheduler.close();
    this.#requests.close();
    this.handles.clear();
    const promises = [...this.#promises.values()];
    this.#promises.clear();
    for (const { reject } of promises) reject(error);
    this.#tellEndings(error);
    return error;
  }
}
