// The last step of a WebAssembly build, and the one place that runs Binaryen.
//
// A linked module imports asyncify.start_unwind and its three siblings. Binaryen's
// Asyncify pass supplies them and rewrites every function that may be suspended,
// so that it can save its locals, return, and later be entered again half-way.
//
// One that was built with BIDE_FIBER=stack_switching imports from stack_switching: it is
// joined to switch.wat, where the proposal's instructions are, and nothing is rewritten.
//
//   node wasm/finish.mjs in.wasm out.wasm [-O2 | -Oz | ...] [-g]
//
// SPDX-License-Identifier: MIT

import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPackage } from './packages.mjs';
import { findBodies } from './bodies.mjs';
import { checkFrames } from './frames.mjs';
import { guardImports } from './imports.mjs';
import { Unsupported, outline, refusedMemory } from './reader.mjs';
import { guardStacks } from './stacks.mjs';
import { analyse } from './suspending.mjs';
import { tighten } from './tighten.mjs';

const BINARYEN = '132.0.0'; // the version this was tested with, as in package.json

// What every engine since Node 20 has. Asking for all features would write
// encodings that none of them reads yet.
const FEATURES = [
  '--enable-mutable-globals',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-bulk-memory',
  '--enable-multivalue',
  '--enable-reference-types',
];

// What an engine with stack switching has besides: continuations are typed references.
const SWITCHING = ['--enable-gc', '--enable-exception-handling', '--enable-stack-switching'];

// What a program exports for these steps is for nobody else.
const HIDDEN = '--remove-exports=bide_fiber*';

// Returns the path of one of Binaryen's tools.
function findTool(name) {
  const main = findPackage('binaryen');
  if (main) return join(dirname(main), 'bin', name);
  throw new Error(
    'The npm package binaryen is not installed, and without it a WebAssembly program ' +
      `cannot suspend.\nInstall it in the project's folder:  npm install binaryen@${BINARYEN}`,
  );
}

// Gives wasm-opt the functions that can be suspended, in files beside `output`.
// Returns the module to instrument, the arguments that name the list, and the lists.
function prepare(input, output, omitted, coroutines) {
  const bytes = readFileSync(input);
  try {
    const { bytes: named, suspending: all, ends } = analyse(bytes, coroutines);
    const suspending = all.filter((name) => !omitted.includes(name));
    writeFileSync(`${output}.named`, named);
    writeFileSync(`${output}.list`, suspending.join('\n'));
    const list = suspending.length ? [`--pass-arg=asyncify-onlylist@@${output}.list`] : [];
    return { module: `${output}.named`, list, known: { suspending, ends } };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    console.error(
      `finish: ${input}: ${error.message}; all that may be suspended is instrumented, which is larger`,
    );
    return { module: input, list: [] };
  }
}

// Runs one of Binaryen's tools; what it said.
function run(tool, ...options) {
  // --liftoff-only: compiling the tool with the optimising tier takes longer than running it.
  const args = ['--liftoff-only', findTool(tool), ...options];
  const result = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  process.stderr.write(result.stderr ?? '');
  if (result.status !== 0)
    throw new Error(
      `${tool} failed (${result.error?.message ?? `status ${result.status ?? result.signal}`})`,
    );
  return result.stderr;
}

// What is there for tools only goes with the names.
const strip = (options) =>
  options.includes('-g') ? [] : ['--strip-producers', '--strip-target-features'];

// The level of optimisation that options stand for, for passes that only ask what it is.
function level(options) {
  const name = options.findLast((option) => /^-O[0-4sz]?$/.test(option))?.slice(2) ?? '0';
  const [optimize, shrink] = { s: [2, 1], z: [2, 2], '': [2, 1] }[name] ?? [name, 0];
  return ['--optimize-level', `${optimize}`, '--shrink-level', `${shrink}`];
}

// Makes the module `input`, in place, quicker to suspend.
function quicken(input) {
  try {
    writeFileSync(input, tighten(readFileSync(input)));
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    console.error(`finish: ${input}: ${error.message}; a suspend takes longer than it could`);
  }
}

// What must stay a function of its own until it is instrumented: see fiber/asyncify.c for the
// switch and for cold paths, and fiber_switch.h for barriers, which are known by their names.
const OWN_FUNCTIONS = ['bide__fiber*', 'bide__barrier*', 'bide__cold*'].map(
  (names) => `--no-inline=${names}`,
);

// Where size counts. With --stack-first nothing lies below the first KiB but the end of main's
// stack, so an address that was added up does not wrap around to there.
const SMALL = ['--low-memory-unused'];

// What Asyncify exports for JavaScript to drive it; start_unwind stays, by which it is known.
const UNUSED_EXPORTS = ['asyncify_stop_*', 'asyncify_start_rewind', 'asyncify_get_state'].map(
  (names) => `--remove-exports=${names}`,
);

// Inlining before anything is instrumented leaves fewer functions to instrument.
function shrink(input, output, options) {
  const smaller = `${output}.small`;
  const few = '--one-caller-inline-max-function-size=60';
  run('wasm-opt', input, ...FEATURES, '-g', ...OWN_FUNCTIONS, ...options, few, '-o', smaller);
  return smaller;
}

function asyncify(input, output, given, omitted, coroutines) {
  const instrumented = `${output}.instrumented`;
  const unfinished = `${output}.tmp`;
  const small = given.includes('-Oz') && !given.includes('-g');
  const options = small ? [...SMALL, ...given] : given;
  const linked = small ? shrink(input, output, options) : input;
  const { module, list, known } = prepare(linked, output, omitted, small ? undefined : coroutines);
  const debugged = options.join() === '-g';
  const once = debugged || options.includes('-Oz'); // quicker is, compressed, a little larger
  const coldApart = '--no-inline=bide__cold*'; // see fiber/asyncify.c
  const unused = small ? UNUSED_EXPORTS : [];
  const all = [coldApart, HIDDEN, ...unused, ...strip(options), ...options];
  const said = run(
    'wasm-opt',
    module,
    ...FEATURES,
    '--asyncify',
    // No import ever suspends: waiting is done by C code that has returned.
    '--pass-arg=asyncify-ignore-imports',
    ...list,
    ...(once ? all : [...level(options), '-g', '--strip-dwarf']),
    '-o',
    once ? unfinished : instrumented,
  );
  // A name on the list that matches nothing would be a function left out.
  if (said.includes('non-existing'))
    throw new Error('wasm-opt did not find a function that can be suspended');
  if (!once) {
    quicken(instrumented);
    run('wasm-opt', instrumented, ...FEATURES, ...all, '-o', unfinished);
  }
  if (known && debugged) {
    const { suspending, ends } = known;
    writeFileSync(unfinished, checkFrames(readFileSync(unfinished), suspending, ends));
  }
}

const switchModule = fileURLToPath(new URL('switch.wat', import.meta.url));

function joinSwitch(input, output, options) {
  const features = [...FEATURES, ...SWITCHING];
  const merged = `${output}.merged`;
  const names = options.includes('-g') ? ['-g'] : [];
  const modules = [input, 'program', switchModule, 'stack_switching'];
  run('wasm-merge', ...modules, ...features, ...names, '-o', merged);
  run('wasm-opt', merged, ...features, HIDDEN, ...strip(options), ...options, '-o', `${output}.tmp`);
}

// What is known of bodies in a module as the linker left it; the steps after it say what is wrong
// with one that cannot be read.
function bodiesOf(linked) {
  try {
    return findBodies(linked);
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    return undefined;
  }
}

// Makes `input` able to suspend, keeps its C stacks apart (stacks.mjs), and writes `output`, which
// may be the same file. With -g alone, as for a debugger, Asyncify's frames are checked at run time
// (frames.mjs); `omitted` functions are left out on purpose, to see that they are found.
export function finish(input, output, options = ['-O3'], { omitted = [] } = {}) {
  try {
    const linked = readFileSync(input);
    const warn = (what) => console.error(`finish: ${input}: ${what}`);
    const refused = refusedMemory(linked);
    if (refused) throw new Error(refused);
    const coroutines = bodiesOf(linked);
    const changed = guardStacks(guardImports(linked), warn, coroutines);
    const module = changed === linked ? input : `${output}.changed`;
    if (changed !== linked) writeFileSync(module, changed);
    if (outline(linked).imports.has('stack_switching')) joinSwitch(module, output, options);
    else asyncify(module, output, options, omitted, coroutines);
    renameSync(`${output}.tmp`, output);
  } catch (error) {
    error.message = `${input}: ${error.message}`;
    throw error;
  } finally {
    for (const ending of ['tmp', 'changed', 'named', 'list', 'instrumented', 'small', 'merged'])
      rmSync(`${output}.${ending}`, { force: true });
  }
}

// Writes what `input` would be without any of these steps, as optimised as they leave it: to compare
// with. It cannot suspend, and its imports from asyncify are open.
export function optimiseOnly(input, output, options) {
  const small = options.includes('-Oz') ? SMALL : [];
  run('wasm-opt', input, ...FEATURES, HIDDEN, ...strip(options), ...small, ...options, '-o', output);
}

// Writes `input` as it would be behind so many other functions: where one stands decides with which
// others its jumps share a line of the processor's cache, and that shows in what is measured.
export function placeBehind(input, output, count) {
  const others = `${output}.others`;
  const each = (_, i) => `(func (export "other${i}") (result i32) (i32.const ${i}))`;
  try {
    writeFileSync(others, `(module ${Array.from({ length: count }, each).join(' ')})`);
    run('wasm-merge', others, 'others', input, 'program', ...FEATURES, '-o', output);
  } finally {
    rmSync(others, { force: true });
  }
}

function main([input, output, ...options]) {
  if (!input || !output) {
    console.error('usage: node finish.mjs in.wasm out.wasm [-O2 | -Oz | ...] [-g]');
    return 2;
  }
  try {
    finish(resolve(input), resolve(output), options.length ? options : undefined);
    return 0;
  } catch (error) {
    console.error(`finish: ${error.message}`);
    return 1;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
