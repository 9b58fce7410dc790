// The native target as tools watch it that see what a plain run hides: AddressSanitizer with
// UndefinedBehaviorSanitizer, ThreadSanitizer, and valgrind.
//
// SPDX-License-Identifier: MIT

import { howToInstall, parts } from '../../wasm/setup.mjs';
import * as native from './native.mjs';

// `env`: what a program that is started otherwise than by `run` needs.
const watchedBy = (tool, built, env) => ({
  ...native,
  env,
  name: `native under ${tool}`,
  programPath: (program) => native.programPath(program, built),
  run: (path, how = {}) => native.run(path, { ...how, env: { ...env, ...how.env } }),
});

export const asan = watchedBy('AddressSanitizer', 'asan', {
  ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
});

// It would wait a second for races that show late, even where only fibers are left in the pool.
export const tsan = watchedBy('ThreadSanitizer', 'tsan', {
  TSAN_OPTIONS: 'halt_on_error=1:atexit_sleep_ms=0',
});

const options = [
  '--quiet',
  '--error-exitcode=99',
  '--leak-check=full',
  '--errors-for-leak-kinds=definite',
];
const memcheck = watchedBy('valgrind', 'native', { BIDE_UNDER_VALGRIND: '1' });
export const valgrind = {
  ...memcheck,
  missing: () =>
    parts.valgrind.find() ? undefined : `valgrind is not installed: ${howToInstall('valgrind')}`,
  run: (path, { args = [], ...how } = {}) =>
    memcheck.run(parts.valgrind.find(), { ...how, args: [...options, path, ...args] }),
};

export const watched = [asan, tsan, valgrind];
