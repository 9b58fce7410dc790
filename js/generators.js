// Generators of C as generators of JavaScript.
//
// The protocol is the engine's own: a native generator drives C's. So overlapping
// next() calls queue, a finished one stays finished, and return() on one that was never
// started runs nothing. What is added around it: C is not entered while it is running,
// and what C holds for the generator is given back when it ends.
//
// A `source` steps C: step(verb, value) → { done, value }; for generators check(), which
// throws where C cannot be entered; and release().
//
// SPDX-License-Identifier: MIT

export const SEND = 0;
export const THROW = 1;
export const CLOSE = 2;

// The argument of the first next() is dropped, as by a native generator.
function* drive(source) {
  let verb = SEND;
  let value;
  let open = true;
  try {
    for (;;) {
      open = false; // a step that throws has ended it
      const step = source.step(verb, value);
      if (step.done) return step.value;
      open = true;
      try {
        value = yield step.value;
        verb = SEND;
      } catch (error) {
        value = error;
        verb = THROW;
      }
    }
  } finally {
    if (open) source.step(CLOSE);
  }
}

async function* driveAsync(source) {
  let verb = SEND;
  let value;
  let open = true;
  try {
    for (;;) {
      open = false;
      const step = await source.step(verb, value);
      if (step.done) return step.value;
      open = true;
      try {
        value = yield step.value;
        verb = SEND;
      } catch (error) {
        value = error;
        verb = THROW;
      }
    }
  } finally {
    if (open) await source.step(CLOSE);
  }
}

function define(target, key, value) {
  Object.defineProperty(target, key, { value, writable: true, configurable: true });
}

export function generatorOf(source) {
  const generator = drive(source);
  let ended = false;
  for (const name of ['next', 'return', 'throw']) {
    const native = generator[name];
    define(generator, name, (value) => {
      if (!ended) source.check();
      try {
        const result = native.call(generator, value);
        ended = result.done;
        return result;
      } catch (error) {
        ended = true;
        throw error;
      } finally {
        if (ended) source.release();
      }
    });
  }
  define(generator, Symbol.dispose ?? Symbol.for('Symbol.dispose'), () => void generator.return());
  return generator;
}

export function streamOf(source) {
  const stream = driveAsync(source);
  for (const name of ['next', 'return', 'throw']) {
    const native = stream[name];
    define(stream, name, async (value) => {
      try {
        const result = await native.call(stream, value);
        if (result.done) source.release();
        return result;
      } catch (error) {
        source.release();
        throw error;
      }
    });
  }
  define(
    stream,
    Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose'),
    async () => void (await stream.return()),
  );
  return stream;
}
