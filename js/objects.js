// Objects of C that JavaScript holds: promises, generators, and opaque ones.
//
// C keeps each in a slot until JavaScript gives it back: by disposal, when a generator
// ends, or at last when the wrapper is collected. An object that crosses twice has one
// wrapper, found by its address, which C cannot reuse while the wrapper has a slot.
//
// SPDX-License-Identifier: MIT

import { failure } from './errors.js';
import { stepGenerator, stepStream } from './calls.js';
import { generatorOf, streamOf } from './generators.js';

const PROMISE = 1;
const GENERATOR = 2;
const STREAM = 3;

/** Any other object of C: it can be kept and handed back to C. */
class CObject {
  #type;
  #hold;

  constructor(type, hold) {
    this.#type = type;
    this.#hold = hold;
  }

  /** The name of its type in C. */
  get type() {
    return this.#type;
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.#hold.release();
  }
}

// One slot, given back once.
class Hold {
  #slot = 0;
  #error;
  #released = false;
  #release;

  constructor(release) {
    this.#release = release;
  }

  /** 0 before it is filled and after it was given back. */
  get slot() {
    if (this.#error) throw this.#error;
    return this.#slot;
  }

  fill(slot) {
    if (this.#released) this.#release(slot);
    else this.#slot = slot;
  }

  /** There will never be an object: using it throws `error`. */
  fail(error) {
    this.#error = error;
  }

  release() {
    const slot = this.#slot;
    this.#slot = 0;
    this.#released = true;
    if (slot) this.#release(slot);
  }
}

export class Objects {
  #instance;
  #holds = new WeakMap(); // wrapper → Hold
  #wrappers = new Map(); // address → { ref: WeakRef, hold }
  #registry = new FinalizationRegistry((hold) => hold.release());

  constructor(instance) {
    this.#instance = instance;
  }

  /** The slot of a wrapper; undefined if `value` is no wrapper. */
  slotOf(value) {
    const hold = this.#holds.get(value);
    if (hold && !hold.slot)
      throw failure(
        'BIDE_RELEASED',
        'this object of C was disposed of or has ended: it cannot be given to C any more',
      );
    return hold?.slot;
  }

  /** What JavaScript sees of the object in `slot`. */
  wrapper(slot, kind, address, type) {
    if (kind === PROMISE) return this.#instance.promise(slot);
    const known = this.#wrappers.get(address);
    const wrapper = known?.hold.slot ? known.ref.deref() : undefined;
    if (wrapper) {
      this.#instance.release(slot);
      return wrapper;
    }
    const hold = new Hold((given) => this.#release(given, address, hold));
    const made = this.#make(kind, type, hold);
    this.#fill(hold, made, slot, address);
    return made;
  }

  /** A generator that `make` makes, now: it answers { slot, address }. */
  generator(make) {
    return this.#wrap(this.#generator.bind(this), (done) => done(make()));
  }

  /** An async generator that `make(done, failed)` makes, now or later; `signal` ends it. */
  stream(make, signal) {
    return this.#wrap((hold) => this.#stream(hold, signal), make);
  }

  #wrap(wrap, make) {
    let at;
    const hold = new Hold((slot) => this.#release(slot, at, hold));
    const wrapper = wrap(hold);
    const ref = new WeakRef(wrapper); // being made later must not keep it alive
    const done = ({ slot, address }) => {
      at = address;
      this.#fill(hold, ref.deref(), slot, address);
    };
    this.#keep(wrapper, hold);
    make(done, (error) => hold.fail(error));
    return wrapper;
  }

  #fill(hold, wrapper, slot, address) {
    hold.fill(slot);
    if (wrapper && hold.slot) this.#wrappers.set(address, { ref: new WeakRef(wrapper), hold });
  }

  #release(slot, address, hold) {
    if (this.#wrappers.get(address)?.hold === hold) this.#wrappers.delete(address);
    this.#instance.release(slot);
  }

  #make(kind, type, hold) {
    if (kind === GENERATOR) return this.#keep(this.#generator(hold), hold);
    if (kind === STREAM) return this.#keep(this.#stream(hold), hold);
    return this.#keep(new CObject(type, hold), hold);
  }

  #keep(wrapper, hold) {
    this.#holds.set(wrapper, hold);
    this.#registry.register(wrapper, hold);
    return wrapper;
  }

  #generator(hold) {
    const instance = this.#instance;
    return generatorOf({
      step: (verb, value) => stepGenerator(instance, hold, verb, value),
      check: () => instance.check(),
      release: () => hold.release(),
    });
  }

  #stream(hold, signal) {
    return streamOf({
      step: (verb, value) => stepStream(this.#instance, hold, verb, value, signal),
      release: () => hold.release(),
    });
  }
}
