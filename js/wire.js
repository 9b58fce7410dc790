// Values as bytes, for the crossing between JavaScript and C; the other half is
// src/js/wire.h, where the format is described.
//
// Reading checks every tag and size: a module that writes something else is reported,
// not believed.
//
// SPDX-License-Identifier: MIT

import { describe, exceptionError, failure } from './errors.js';

const NONE = 0;
const FALSE = 1;
const TRUE = 2;
const INT = 3;
const FLOAT = 4;
const STR = 5;
const BYTES = 6;
const LIST = 7;
const TUPLE = 8;
const JS = 9;
const OBJECT = 10;
const ERROR = 11;
const REASON = 12;

const SMALL = 256; // bytes of a buffer to begin with
const LARGE = 65536; // beyond which it is not kept
const DEEPEST = 64;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes values. `handles` keeps what cannot be copied; `objects` knows the objects of C. */
export class Writer {
  #handles;
  #objects;
  #bytes = new Uint8Array(SMALL);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;
  #kept = []; // handles that the value under way has retained

  constructor(handles, objects) {
    this.#handles = handles;
    this.#objects = objects;
  }

  /** What was written since the last call of it; valid until the next write. */
  take() {
    const written = this.#bytes.subarray(0, this.#size);
    this.#size = 0;
    if (this.#bytes.length > LARGE) this.#resize(SMALL);
    return written;
  }

  /** A name. */
  name(text) {
    this.#u8(STR);
    this.#text(text);
    return this;
  }

  /** Writes `value`; `what` names it in errors. Nothing is written or kept if it throws. */
  value(value, what) {
    return this.#whole(() => this.#put(value, what, 0));
  }

  /** The arguments of a function, as C receives them: none, one as it is, or a tuple. */
  args(args) {
    return this.#whole(() => {
      if (args.length === 0) return this.#u8(NONE);
      if (args.length === 1) return this.#put(args[0], 'argument 1', 0);
      this.#u8(TUPLE);
      this.#u32(args.length);
      for (let i = 0; i < args.length; i++) this.#put(args[i], `argument ${i + 1}`, 1);
    });
  }

  /** What was thrown or rejected. Whatever it is, it crosses. */
  reason(reason) {
    return this.#whole(() => {
      this.#u8(REASON);
      this.#text(describe(reason));
      const copied = ['string', 'number', 'boolean'].includes(typeof reason);
      if (copied) this.#put(reason, 'the reason', 0);
      else this.#handle(reason);
    });
  }

  #whole(write) {
    const start = this.#size;
    this.#kept = [];
    try {
      write();
    } catch (error) {
      this.#size = start;
      for (const id of this.#kept) this.#handles.release(id, 1);
      throw error;
    }
    return this;
  }

  #put(value, what, depth) {
    switch (typeof value) {
      case 'undefined':
        return this.#u8(NONE);
      case 'boolean':
        return this.#u8(value ? TRUE : FALSE);
      case 'number':
        return this.#number(value);
      case 'bigint':
        return this.#bigint(value, what);
      case 'string':
        this.#u8(STR);
        return this.#text(value);
      case 'symbol':
        throw failure(
          'BIDE_BAD_ARGUMENT',
          `${what} is a symbol, which has no counterpart in C: pass its description, or an object that holds it`,
        );
      default:
        return this.#object(value, what, depth);
    }
  }

  #object(value, what, depth) {
    if (value === null) return this.#u8(NONE);
    if (Array.isArray(value)) return this.#list(value, what, depth);
    if (value instanceof Uint8Array) return this.#data(value);
    if (value instanceof ArrayBuffer) return this.#data(new Uint8Array(value));
    const slot = this.#objects.slotOf(value);
    if (slot === undefined) return this.#handle(value);
    this.#u8(OBJECT);
    this.#u32(slot);
  }

  #list(list, what, depth) {
    if (depth === DEEPEST)
      throw failure(
        'BIDE_BAD_ARGUMENT',
        `${what} is an array nested deeper than ${DEEPEST}, or one that contains itself`,
      );
    this.#u8(LIST);
    this.#u32(list.length);
    for (let i = 0; i < list.length; i++) this.#put(list[i], `${what}[${i}]`, depth + 1);
  }

  #handle(value) {
    const { id, abilities, name } = this.#handles.retain(value);
    this.#kept.push(id);
    this.#u8(JS);
    this.#u32(id);
    this.#u8(abilities);
    this.#text(name);
  }

  #number(value) {
    const exact = Number.isSafeInteger(value) && !Object.is(value, -0);
    const at = this.#reserve(9);
    this.#view.setUint8(at, exact ? INT : FLOAT);
    if (!exact) return this.#view.setFloat64(at + 1, value, true);
    this.#view.setUint32(at + 1, value >>> 0, true); // the low half, of two's complement
    this.#view.setInt32(at + 5, Math.floor(value / 2 ** 32), true);
  }

  #bigint(value, what) {
    if (value < MIN_INT64 || value > MAX_INT64)
      throw failure('BIDE_BAD_ARGUMENT', `${what} is a BigInt beyond 64 bits: pass it as a string`);
    const at = this.#reserve(9);
    this.#view.setUint8(at, INT);
    this.#view.setBigInt64(at + 1, value, true);
  }

  #data(bytes) {
    this.#u8(BYTES);
    this.#u32(bytes.length);
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #text(text) {
    const start = this.#reserve(4);
    const at = this.#reserve(text.length * 3);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(at));
    this.#view.setUint32(start, written, true);
    this.#size = at + written;
  }

  #u8(value) {
    const at = this.#reserve(1); // first: it may replace the array
    this.#bytes[at] = value;
  }

  #u32(value) {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  #reserve(size) {
    const at = this.#size;
    this.#size += size;
    if (this.#size > this.#bytes.length) {
      const old = this.#bytes;
      this.#resize(Math.max(this.#size, old.length * 2));
      this.#bytes.set(old);
    }
    return at;
  }

  #resize(size) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** Reads values from `start` to `end` of a memory that nothing changes meanwhile. */
export class Reader {
  #handles;
  #objects;
  #bytes;
  #view;
  #at;
  #end;

  constructor(bytes, view, start, end, handles, objects) {
    this.#bytes = bytes;
    this.#view = view;
    this.#at = start;
    this.#end = end;
    this.#handles = handles;
    this.#objects = objects;
  }

  get more() {
    return this.#at < this.#end;
  }

  u8() {
    return this.#view.getUint8(this.#advance(1));
  }

  u32() {
    return this.#view.getUint32(this.#advance(4), true);
  }

  text() {
    return decoder.decode(this.#sized());
  }

  value() {
    const tag = this.u8();
    switch (tag) {
      case NONE:
        return undefined;
      case FALSE:
      case TRUE:
        return tag === TRUE;
      case INT:
        return this.#int();
      case FLOAT:
        return this.#view.getFloat64(this.#advance(8), true);
      case STR:
        return this.text();
      case BYTES:
        return this.#sized().slice();
      case LIST:
      case TUPLE:
        return this.#list();
      case JS:
        return this.#handles.get(this.u32());
      case OBJECT:
        return this.#objects.wrapper(this.u32(), this.u8(), this.u32(), this.text());
      case ERROR:
        return this.#error();
      default:
        throw malformed();
    }
  }

  #int() {
    const at = this.#advance(8);
    const number = this.#view.getInt32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true);
    return Number.isSafeInteger(number) ? number : this.#view.getBigInt64(at, true);
  }

  #list() {
    const count = this.u32();
    const list = [];
    for (let i = 0; i < count; i++) list.push(this.value());
    return list;
  }

  // A C exception; one that carries what JavaScript threw is that very thing.
  #error() {
    const types = [];
    for (let name = this.text(); name; name = this.text()) types.push(name);
    const message = this.text();
    const thrown = types[0] === 'JSError' && this.#bytes[this.#at] !== NONE;
    const reason = this.value();
    const cause = this.value();
    const errors = this.value();
    const traceback = this.text().trimEnd();
    if (thrown) return reason;
    return exceptionError({ types, message, cause, errors, traceback });
  }

  #sized() {
    const size = this.u32();
    const at = this.#advance(size);
    return this.#bytes.subarray(at, at + size);
  }

  #advance(size) {
    const at = this.#at;
    if (at + size > this.#end) throw malformed();
    this.#at += size;
    return at;
  }
}

const malformed = () =>
  failure(
    'BIDE_MALFORMED',
    'the module wrote a message that this version of the package cannot read: build both from the same version of Bide',
  );
