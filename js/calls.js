// JavaScript calls C: coroutines as promises, generators, async generators.
//
// SPDX-License-Identifier: MIT

import { CancelledError } from './errors.js';
import { CLOSE, THROW } from './generators.js';

const YIELDED = 1;

const valueOf = (verb, value) => (writer) =>
  verb === THROW ? writer.reason(value) : writer.value(value, 'the value');
const invitation = (name, args) => (writer) => writer.name(name).args(args);

/** A promise of a task that runs body(...args). */
export function callCoroutine(instance, body, name, args, signal) {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const message = instance.compose(invitation(name, args));
  return task(instance, message, signal, () => instance.enter('bide_js_call', body));
}

/** A generator over body(...args). */
export function makeGenerator(instance, body, name, args) {
  instance.check();
  return instance.objects.generator(() => {
    let made;
    instance.visit(() => {
      instance.send(invitation(name, args));
      made = makeObject(instance, 'bide_js_generator', body);
    });
    return made;
  });
}

/** An async generator over body(...args), which `signal` ends. */
export function makeStream(instance, body, name, args, signal) {
  if (instance.refusal) throw instance.refusal;
  const message = instance.compose(invitation(name, args));
  const make = (done, failed) =>
    instance.whenFree(() => {
      instance.put(message);
      done(makeObject(instance, 'bide_js_stream', body));
    }, failed);
  return instance.objects.stream(make, signal);
}

function makeObject(instance, maker, body) {
  const slot = slotFrom(instance, instance.enter(maker, body));
  return { slot, address: instance.enter('bide_js_address', slot) >>> 0 };
}

/** One step of a generator. */
export function stepGenerator(instance, hold, verb, value) {
  instance.check();
  let step;
  instance.visit(() => {
    instance.send(valueOf(verb, value));
    const status = instance.enter('bide_js_step', hold.slot, verb);
    const reply = instance.reply();
    if (status < 0) throw reply;
    step = { done: status !== YIELDED, value: reply };
  });
  return step;
}

/** One step of an async generator. */
export async function stepStream(instance, hold, verb, value, signal) {
  if (signal?.aborted && verb !== CLOSE) {
    await stepStream(instance, hold, CLOSE);
    throw signal.reason;
  }
  const message = instance.compose(valueOf(verb, value));
  const begin = () => instance.enter('bide_js_stream_step', hold.slot, verb);
  const [done, item] = await task(instance, message, verb === CLOSE ? undefined : signal, begin);
  return { done, value: item };
}

function slotFrom(instance, slot) {
  if (!slot) throw instance.reply();
  return slot;
}

// The promise of a task of C: `begin`, called when `message` lies in C's inbox, answers
// its slot. An aborted signal cancels the task; when that has ended it, the reason is
// the signal's.
function task(instance, message, signal, begin) {
  return new Promise((resolve, reject) => {
    let slot = 0;
    const waiting = {
      resolve(value) {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      },
      reject(error) {
        signal?.removeEventListener('abort', abort);
        reject(signal?.aborted && error instanceof CancelledError ? signal.reason : error);
      },
    };
    const cancel = () => {
      if (slot && instance.isAwaited(slot, waiting)) instance.enter('bide_js_cancel', slot);
    };
    const abort = () => instance.whenFree(cancel, () => {});
    signal?.addEventListener('abort', abort);
    instance.whenFree(() => {
      if (instance.refusal) throw instance.refusal;
      instance.needLoop();
      instance.put(message);
      slot = slotFrom(instance, begin());
      instance.await(slot, waiting);
    }, waiting.reject);
  });
}
