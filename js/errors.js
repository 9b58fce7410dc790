// The errors of this package. Each carries a `code`, which never changes, and a message
// that says what to do.
//
// SPDX-License-Identifier: MIT

/** Anything that went wrong in C or on the way to it. */
export class BideError extends Error {
  constructor(
    message,
    { name = 'BideError', code = 'BIDE_ERROR', cause, types, errors, traceback } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    // A literal, not the class's name: minifiers rename classes.
    define(this, 'name', name);
    this.code = code;
    if (types) define(this, 'types', types);
    if (errors) define(this, 'errors', errors);
    if (traceback) {
      define(this, 'traceback', traceback);
      define(this, 'stack', `${this.stack}\n${traceback.replace(/^/gm, '    C: ')}`);
    }
  }
}

/** A task of C was cancelled. */
export class CancelledError extends BideError {
  constructor(message = '', options = {}) {
    super(message, { name: 'CancelledError', code: 'BIDE_CANCELLED', ...options });
  }
}

/** C trapped, or ran out of the engine's stack: nothing in the instance can be trusted any more. */
export class TrapError extends BideError {
  constructor(message, options = {}) {
    super(message, { name: 'TrapError', code: 'BIDE_TRAP', ...options });
  }
}

// Properties of an error that console.log need not repeat.
function define(error, key, value) {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}

/** The error of a C exception. `types` are the names of its class and of the bases of it. */
export function exceptionError({ types, message, cause, errors, traceback }) {
  const options = { cause, types, errors, traceback };
  if (types.includes('CancelledError')) return new CancelledError(message, options);
  return new BideError(message, { name: types[0], code: 'BIDE_EXCEPTION', ...options });
}

export const failure = (code, message, cause) => new BideError(message, { code, cause });

/** What `reason` says, for a message. */
export function describe(reason) {
  try {
    return reason instanceof Error ? reason.message : String(reason);
  } catch {
    return typeof reason; // an object without a usable toString
  }
}
