// The examples: one table for the playground, for `npm run demo` and for tests/examples.test.mjs.
//
// Each is NAME.c beside this file; what it prints is in tests/examples/expected/NAME.out, the same
// natively, under wasmtime, in Node and in browsers.
//
// SPDX-License-Identifier: MIT

/**
 * @typedef {object} Example
 * @property {string} name
 * @property {string} title
 * @property {string} about one sentence
 * @property {string[]} args for main, after the program's name
 * @property {string | null} stdin what is on standard input; null: nothing, and it is not asked for
 * @property {Record<string, string>} files what is in the current directory
 * @property {Record<string, Function>} imports what JavaScript lends to C; see load() of `bide`
 * @property {{ args?: string[] }} [playground] where the page differs from the test
 * @property {(given: Given) => Promise<void>} [javascript] JavaScript that calls the example's
 *   exports. The playground shows its body and runs it.
 *
 * @typedef {object} Given
 * @property {any} app what load() resolved to
 * @property {{ log(...values: unknown[]): void }} console
 * @property {File[]} files chosen by the visitor; may be none
 * @property {typeof fetch} fetch
 */

/** Resolves after `ms`, or rejects as soon as the signal is aborted. */
function delay(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

// A small internet that is the same everywhere: path, title, milliseconds until it answers.
const pages = {
  '/river': ['A river in spring', 150],
  '/hills': ['Seven hills', 50],
  '/coast': ['The long coast', 100],
};

/** What titles.c calls. `this.signal` is aborted when C no longer wants the answer. */
async function fetchTitle(url) {
  const [title, ms] = pages[new URL(url).pathname] ?? [null, 10];
  await delay(ms, this?.signal);
  if (title === null) throw new Error('404 Not Found');
  return title;
}

/** @type {Example[]} */
export const examples = [
  {
    name: 'greetings',
    title: 'Greetings',
    about: 'One coroutine awaits another, three times: the smallest program.',
    args: [],
    stdin: null,
    files: {},
    imports: {},
  },
  {
    name: 'countdown',
    title: 'Countdown',
    about: 'A generator written in C, driven by a loop in C and by for…of in JavaScript.',
    args: [],
    stdin: null,
    files: {},
    imports: {},
    javascript: async ({ app, console }) => {
      for (const n of app.generate('countdown', [3])) console.log(n);

      // Leaving early closes the generator: its cleanup in C has run.
      for (const n of app.generate('countdown', [1000])) {
        if (n < 998) break;
        console.log(n);
      }

      // By hand, the value that C returned is there too.
      const generator = app.generate('countdown', [0]);
      console.log(generator.next().value);
    },
  },
  {
    name: 'wordcount',
    title: 'Word count',
    about: 'Async for over real input, several sources at once, while a task reports progress.',
    args: ['spring.txt', '-'],
    stdin: 'no hurry at all\nthe pipe will say when it has\nsomething to read\n',
    files: {
      'spring.txt': 'The old pond is still.\nA frog jumps in, and the sound\nof water answers.\n',
    },
    imports: {},
    playground: { args: [] },
    javascript: async ({ app, console, files, fetch }) => {
      // The chosen files; without any, what fetch() streams from this site.
      const sources = files.length
        ? files.map((file) => ({ name: file.name, stream: file.stream() }))
        : await Promise.all(
            ['greetings', 'countdown', 'wordcount'].map(async (name) => {
              const response = await fetch(`./examples/${name}.c`);
              return { name: `${name}.c`, stream: response.body };
            }),
          );

      const streams = sources.map((source) => source.stream);
      const counts = await app.call('count_streams', [streams]);
      counts.forEach(([lines, words, bytes], i) => {
        console.log(`${sources[i].name}: ${lines} lines, ${words} words, ${bytes} bytes`);
      });
    },
  },
  {
    name: 'titles',
    title: 'Titles',
    about: 'C awaits promises of an async JavaScript function, four at once, one of which rejects.',
    args: [],
    stdin: null,
    files: {},
    imports: { fetchTitle },
    javascript: async ({ app, console }) => {
      // JavaScript calls C, which calls JavaScript: promises on both sides.
      console.log(await app.call('title_of', ['https://example.org/hills']));

      try {
        await app.call('title_of', ['https://example.org/nowhere']);
      } catch (error) {
        console.log(`${error.name}: ${error.message}`); // the very object that fetchTitle threw
      }

      // An AbortSignal cancels the coroutine, and that aborts what it waits for.
      const signal = AbortSignal.timeout(20);
      await app.call('title_of', ['https://example.org/river'], { signal }).catch((error) => {
        console.log(error === signal.reason ? `gave up: ${error.name}` : error);
      });
    },
  },
  {
    name: 'endless',
    title: 'Endless loop',
    about: 'A loop that never awaits holds up every other task; only Stop can end it.',
    args: ['100000'],
    stdin: null,
    files: {},
    imports: {},
    playground: { args: [] },
  },
];
