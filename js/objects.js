// Objects of C that JavaScript holds: promises, generators, and opaque ones.
//
// C keeps each in a slot until JavaScript gives it back: by disposal, when a generator
// ends, or at last when the wrapper is collected. An object that crosses twice has one
// wrapper, found by its address, which C cannot reuse while the wrapper has a slot.

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
    if (hold && !hold.slot) throw failure('BIDE_RELEASED', 'this object of C was disposed of or has ended: it cannot be given to C any more');
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
    const hold = this.hold((held) => {
      if (this.#wrappers.get(address)?.hold === held) this.#wrappers.delete(address);
    });
    hold.fill(slot);
    const made = this.#make(kind, type, hold);
    this.#wrappers.set(address, { ref: new WeakRef(made), hold });
    return made;
  }

  /** Room for an object that is being made. */
  hold(released = () => {}) {
    const hold = new Hold((slot) => {
      released(hold);
      this.#instance.release(slot);
    });
    return hold;
  }

  generator(hold) {
    const instance = this.#instance;
    const step = (verb, value) => stepGenerator(instance, hold, verb, value);
    return this.#wrap(generatorOf({ step, check: () => instance.check(), release: () => hold.release() }), hold);
  }

  stream(hold, signal) {
    const step = (verb, value) => stepStream(this.#instance, hold, verb, value, signal);
    return this.#wrap(streamOf({ step, release: () => hold.release() }), hold);
  }

  #make(kind, type, hold) {
    if (kind === GENERATOR) return this.generator(hold);
    if (kind === STREAM) return this.stream(hold);
    return this.#wrap(new CObject(type, hold), hold);
  }

  #wrap(wrapper, hold) {
    this.#holds.set(wrapper, hold);
    this.#registry.register(wrapper, hold);
    return wrapper;
  }
}
