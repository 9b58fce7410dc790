// What is measured: tables of rows that do the same work. The first row of a table is
// Bide's; the others are its peers.
//
//   table: { title, unit, rows, samples? }   how many samples one process gives (1);
//          in the first, memory that later ones reuse is still being mapped
//   row: { name, command, programs?, bench, missing?, warmUps? }   command and arguments, and
//        the last of these if it changes from round to round; why it cannot run here; how many
//        samples come first that do not count
//
// SPDX-License-Identifier: MIT

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { howToInstall, root, which } from '../../wasm/setup.mjs';
import { findNode, flags, node26 as switching } from '../targets/stack_switching.mjs';
import { buildFolder, places } from './build.mjs';

const here = join(root, 'tests', 'bench');

const unlessBuilt = (path, packages) =>
  existsSync(path) ? undefined : `not built; to have it: ${packages}`;

function native(name, program, bench, packages = 'npm run bench') {
  const path = join(buildFolder('native'), program);
  return { name, command: [path], bench, missing: unlessBuilt(path, packages) };
}

const bide = (program, bench) => native('Bide', program, bench);
const boost = (name, bench) => native(name, 'boost', bench, 'apt-get install libboost-context-dev');
const libuv = (name, bench, program = 'libuv') =>
  native(name, program, bench, howToInstall('libuv'));
const cpp20 = (name, bench) => native(name, 'cpp20', bench, 'apt-get install g++');

function wasm(program, bench, name = 'Bide', warmUps = 1) {
  const path = join(buildFolder('wasi'), `${program}.wasm`);
  const command = [process.execPath, join(here, 'wasm.mjs'), path];
  return { name, command, bench, warmUps, missing: unlessBuilt(path, 'npm run bench') };
}

// The two WebAssembly backends and JSPI, in the engine that has them all.
function node26(name, bench, file, folder) {
  const path = folder ? join(buildFolder(folder), file) : join(here, 'peers', file);
  return {
    name,
    command: [findNode() ?? 'node', ...flags, ...(folder ? [join(here, 'wasm.mjs')] : []), path],
    bench,
    warmUps: folder ? 1 : 0,
    missing: switching.missing() ?? unlessBuilt(path, 'npm run bench'),
  };
}

const inNode26 = (title, unit, program, bench, peers = []) => ({
  title: `Node 26: ${title}`,
  unit,
  rows: [
    node26('Bide, stack switching', bench, `${program}.wasm`, 'stack_switching'),
    node26('Bide, Asyncify', bench, `${program}.wasm`, 'wasi'),
    ...peers.map(([name, its, file]) => node26(name, its, file)),
  ],
});

// C that never suspends, with what makes a module able to suspend and without.
function plain(what, bench) {
  const row = (name, program) => {
    const programs = places(buildFolder('wasi'), program);
    const command = [process.execPath, join(here, 'plain.mjs')];
    const missing = unlessBuilt(programs[0], 'npm run bench');
    return { name, command, programs, bench, warmUps: 15, missing };
  };
  return {
    title: `Node: C that never suspends, ${what}`,
    unit: 'us',
    samples: 25,
    rows: [row('Bide', 'plain'), row('linked only', 'plain_without')],
  };
}

function emscripten(bench) {
  const path = join(buildFolder('emscripten'), 'emscripten_fiber.js');
  return {
    name: 'emscripten_fiber_swap',
    // Its loader takes Node's fetch for a browser's.
    command: [process.execPath, '--no-experimental-fetch', path],
    bench,
    missing: unlessBuilt(path, howToInstall('emscripten')),
  };
}

const javascript = (name, bench) => ({
  name,
  command: [process.execPath, join(here, 'peers', 'javascript.mjs')],
  bench,
});

const python = (name, bench) => ({
  name,
  command: [which('python3'), join(here, 'peers', 'cpython.py')],
  bench,
  missing: which('python3') ? undefined : `not there; to have it: ${howToInstall('python3')}`,
});

function go(name, bench) {
  const path = join(buildFolder('go'), 'goroutines');
  return { name, command: [path], bench, missing: unlessBuilt(path, 'apt-get install golang-go') };
}

export const tables = [
  {
    title: 'native: fiber, resume and suspend',
    unit: 'ns',
    rows: [
      bide('fiber', 'switch'),
      boost('boost jump_fcontext', 'jump'),
      boost('boost fiber', 'fiber'),
      cpp20('C++20 coroutine (stackless)', 'resume'),
      native('ucontext', 'ucontext', 'swap'),
    ],
  },
  {
    title: 'native: the same with ten frames between',
    unit: 'ns',
    rows: [bide('fiber', 'switch_10'), boost('boost jump_fcontext', 'jump_10')],
  },
  {
    title: 'native: round robin over 1,000 fibers',
    unit: 'ns',
    rows: [
      bide('fiber', 'ring_1k'),
      boost('boost jump_fcontext', 'ring_1k'),
      cpp20('C++20 coroutine (stackless)', 'ring_1k'),
    ],
  },
  {
    title: 'native: round robin over 100,000 fibers',
    unit: 'ns',
    rows: [
      bide('fiber', 'ring_100k'),
      boost('boost jump_fcontext', 'ring_100k'),
      cpp20('C++20 coroutine (stackless)', 'ring_100k'),
    ],
  },
  {
    title: 'native: round robin over 1,000,000 fibers',
    unit: 'ns',
    rows: [
      bide('fiber', 'ring_1m'),
      boost('boost jump_fcontext', 'ring_1m'),
      cpp20('C++20 coroutine (stackless)', 'ring_1m'),
    ],
  },
  {
    title: 'native: create, run and destroy a fiber',
    unit: 'ns',
    rows: [
      bide('fiber', 'life'),
      boost('boost fiber, pooled stack', 'life'),
      cpp20('C++20 coroutine, pooled frame', 'life'),
    ],
  },
  {
    title: 'native: memory of a suspended fiber, smallest stack',
    unit: 'bytes',
    rows: [bide('fiber', 'memory'), boost('boost fcontext, 4 KiB of malloc', 'memory')],
  },
  {
    title: 'native: generator, send and yield with values',
    unit: 'ns',
    rows: [
      bide('object', 'send_generator'),
      boost('boost jump_fcontext, no values', 'jump'),
      cpp20('C++20 generator (stackless)', 'send'),
      python('CPython generator', 'send'),
    ],
  },
  {
    title: 'native: coroutine, send and suspend with values',
    unit: 'ns',
    rows: [bide('object', 'send_coroutine'), boost('boost jump_fcontext, no values', 'jump')],
  },
  {
    title: 'native: send through ten coroutines, each awaiting the next',
    unit: 'ns',
    rows: [bide('object', 'send_10'), boost('boost jump_fcontext, ten frames', 'jump_10')],
  },
  {
    title: 'native: an item of a for loop over a generator',
    unit: 'ns',
    rows: [bide('object', 'for_item'), boost('boost jump_fcontext, no values', 'jump')],
  },
  {
    title: 'native: await of a new coroutine that ends at once',
    unit: 'ns',
    rows: [
      bide('object', 'await_done'),
      cpp20('C++20 task (stackless)', 'await_done'),
      javascript('JavaScript async function', 'await_done'),
      python('CPython coroutine', 'await_done'),
    ],
  },
  {
    title: 'native: create, run and destroy a coroutine object',
    unit: 'ns',
    rows: [
      bide('object', 'life'),
      boost('boost fiber, pooled stack', 'life'),
      python('CPython coroutine', 'life'),
    ],
  },
  {
    title: 'native: loop, bide_sleep(0) in two tasks, a switch',
    unit: 'ns',
    rows: [
      bide('loop', 'take_turns'),
      libuv('Bide, on libuv', 'take_turns', 'loop_uv'),
      libuv('libuv, idle handles', 'take_turns'),
      go('Go, runtime.Gosched', 'take_turns'),
      javascript('JavaScript await undefined', 'take_turns'),
      python('asyncio.sleep(0)', 'take_turns'),
    ],
  },
  {
    title: 'native: loop, a message through a queue of one',
    unit: 'ns',
    rows: [
      bide('loop', 'queue'),
      go('Go, channel', 'queue'),
      javascript('JavaScript promises', 'queue'),
      python('asyncio.Queue', 'queue'),
    ],
  },
  {
    title: 'native: loop, start and gather 100,000 live tasks, a task',
    unit: 'ns',
    samples: 3,
    rows: [
      bide('loop', 'join'),
      go('Go, sync.WaitGroup', 'join'),
      javascript('Promise.all of async functions', 'join'),
      python('asyncio.gather', 'join'),
    ],
  },
  {
    title: 'native: loop, await of a new task, one after another',
    unit: 'ns',
    rows: [bide('loop', 'await_task'), python('asyncio.create_task', 'await_task')],
  },
  {
    title: 'native: loop, 100,000 sleeps over 1 to 100 ms',
    unit: 'ms',
    samples: 3,
    rows: [
      bide('loop', 'sleeps'),
      libuv('Bide, on libuv', 'sleeps', 'loop_uv'),
      libuv('libuv, timers', 'sleeps'),
      go('Go, time.Sleep', 'sleeps'),
      javascript('setTimeout', 'sleeps'),
      python('asyncio.sleep', 'sleeps'),
    ],
  },
  {
    title: 'Node: fiber, resume and suspend',
    unit: 'ns',
    rows: [wasm('fiber', 'switch'), emscripten('swap'), javascript('JavaScript generator', 'send')],
  },
  {
    title: 'Node: the same with ten frames between',
    unit: 'ns',
    rows: [
      wasm('fiber', 'switch_10'),
      emscripten('swap_10'),
      javascript('JavaScript yield* through ten', 'send_10'),
    ],
  },
  {
    title: 'Node: create, run and destroy a fiber',
    unit: 'ns',
    rows: [wasm('fiber', 'life')],
  },
  {
    title: 'Node: memory of a suspended fiber, smallest block',
    unit: 'bytes',
    rows: [wasm('fiber', 'memory', 'Bide', 0)],
  },
  {
    title: 'Node: generator, send and yield with values',
    unit: 'ns',
    rows: [
      wasm('object', 'send_generator', 'Bide, from C'),
      wasm('object', 'generate', 'Bide, from JavaScript'),
      javascript('JavaScript generator', 'send'),
    ],
  },
  {
    title: 'Node: await of a new coroutine that ends at once',
    unit: 'ns',
    rows: [wasm('object', 'await_done'), javascript('JavaScript async function', 'await_done')],
  },
  {
    title: 'Node: create, run and destroy a coroutine object',
    unit: 'ns',
    rows: [wasm('object', 'life')],
  },
  {
    title: 'Node: loop, bide_sleep(0) in two tasks, a switch',
    unit: 'ns',
    rows: [wasm('loop', 'take_turns'), javascript('JavaScript await undefined', 'take_turns')],
  },
  {
    title: 'Node: loop, a message through a queue of one',
    unit: 'ns',
    rows: [wasm('loop', 'queue'), javascript('JavaScript promises', 'queue')],
  },
  {
    title: 'Node: loop, start and gather 100,000 live tasks, a task',
    unit: 'ns',
    samples: 3,
    rows: [wasm('loop', 'join'), javascript('Promise.all of async functions', 'join')],
  },
  {
    title: 'Node: loop, 100,000 sleeps over 1 to 100 ms',
    unit: 'ms',
    samples: 3,
    rows: [wasm('loop', 'sleeps'), javascript('setTimeout', 'sleeps')],
  },
  plain('qsort', 'sort_outside'),
  plain('qsort in a coroutine', 'sort_inside'),
  plain('qsort by more than a comparison', 'sort_keys_outside'),
  plain('the same in a coroutine', 'sort_keys_inside'),
  plain('a parser', 'parse_outside'),
  plain('a parser in a coroutine', 'parse_inside'),
  plain('a hash', 'hash_outside'),
  plain('a hash in a coroutine', 'hash_inside'),
  plain('snprintf', 'print_outside'),
  plain('snprintf in a coroutine', 'print_inside'),
  inNode26('fiber, resume and suspend', 'ns', 'fiber', 'switch', [
    ['JSPI, a fulfilled promise', 'switch', 'jspi.mjs'],
    ['JavaScript generator', 'send', 'javascript.mjs'],
  ]),
  inNode26('the same with ten frames between', 'ns', 'fiber', 'switch_10', [
    ['JSPI, a fulfilled promise', 'switch_10', 'jspi.mjs'],
    ['JavaScript yield* through ten', 'send_10', 'javascript.mjs'],
  ]),
  inNode26('the same with a hundred frames between', 'ns', 'fiber', 'switch_100'),
  inNode26('round robin over 1,000 fibers', 'ns', 'fiber', 'ring_1k'),
  inNode26('create, run and destroy a fiber', 'ns', 'fiber', 'life', [
    ['JSPI, await of a call', 'life', 'jspi.mjs'],
  ]),
  inNode26('generator, send and yield with values', 'ns', 'object', 'send_generator', [
    ['JavaScript generator', 'send', 'javascript.mjs'],
  ]),
  inNode26('loop, bide_sleep(0) in two tasks, a switch', 'ns', 'loop', 'take_turns', [
    ['JavaScript await undefined', 'take_turns', 'javascript.mjs'],
  ]),
];
