// main.js - the playground: choosing an example, reading it, running it.
//
// SPDX-License-Identifier: MIT

import { examples } from './examples/examples.mjs';
import { highlight } from './highlight.js';
import { introOf, splitIntro } from './intro.js';
import { Output } from './output.js';
import { Runner } from './runner.js';
import { javascriptOf } from './snippet.js';

const MODULES = new URL('../build/wasi/examples/', import.meta.url);
const PACE = 250; // ms between the lines of slow input, as index.html says

const $ = (id) => document.getElementById(id);
const output = new Output($('output'));
const runner = new Runner((channel, text) => output.append(channel, text));

let example = examples[0];
let what = 'c'; // what is shown and run: C's main, or the JavaScript that calls C
const edited = new Map(); // the visitor's standard input, by example

// --- reading -------------------------------------------------------------------------------------

function listExamples() {
  for (const { name, title } of examples) {
    const link = document.createElement('a');
    link.href = `#${name}`;
    link.textContent = title;
    const item = document.createElement('li');
    item.append(link);
    $('examples').append(item);
  }
}

const sources = new Map(); // promises of C sources, by example

function sourceOf(name) {
  if (!sources.has(name)) {
    const url = new URL(`examples/${name}.c`, import.meta.url);
    const text = fetch(url).then((response) => {
      if (!response.ok) throw new Error(`${name}.c is not there (${response.status}).`);
      return response.text();
    });
    sources.set(name, text);
    text.catch(() => sources.delete(name));
  }
  return sources.get(name);
}

async function showSource() {
  const shown = [example, what];
  const source = what === 'c' ? sourceOf(example.name) : javascriptOf(example);
  const text = await source.catch((error) => `/* ${error.message} */`);
  if (shown[0] !== example || shown[1] !== what) return; // another one was chosen meanwhile
  const { blocks, rest, line } = splitIntro(text.trimEnd());
  $('intro').replaceChildren(...introOf(blocks));
  $('gutter').textContent = rest.split('\n').map((_, i) => line + i).join('\n');
  $('source').replaceChildren(highlight(rest, what));
  $('code').scrollTo(0, 0);
}

function showTabs() {
  for (const tab of document.querySelectorAll('[role=tab]')) {
    const chosen = tab.dataset.what === what;
    tab.setAttribute('aria-selected', String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    tab.hidden = tab.dataset.what === 'javascript' && !example.javascript;
    if (chosen) $('code').setAttribute('aria-labelledby', tab.id);
  }
}

// What there is to give the program: the same boxes for every example that reads.
function showInput() {
  $('input').hidden = example.stdin === null;
  $('stdin-part').hidden = what === 'javascript';
}

function choose(name) {
  runner.stop();
  edited.set(example.name, $('stdin').value);
  example = examples.find((one) => one.name === name) ?? examples[0];
  what = 'c';
  $('title').textContent = example.title;
  $('about').textContent = example.about;
  document.title = `${example.title} · Bide playground`;
  for (const link of document.querySelectorAll('#examples a')) {
    if (link.hash === `#${example.name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  $('stdin').value = edited.get(example.name) ?? example.stdin ?? '';
  $('files').value = '';
  reset();
  showTabs();
  showInput();
  return showSource();
}

function chooseTab(tab) {
  what = tab.dataset.what;
  showTabs();
  showInput();
  showSource();
}

// --- running -------------------------------------------------------------------------------------

function setStatus(state, text, elapsed = '') {
  $('status').dataset.state = state;
  $('status-text').textContent = text;
  $('elapsed').textContent = elapsed;
  const running = state === 'running' || state === 'stopping';
  $('run').setAttribute('aria-disabled', String(running));
  $('stop').setAttribute('aria-disabled', String(!running));
}

function reset() {
  output.clear();
  $('stats').replaceChildren();
  setStatus('ready', 'Ready');
}

const duration = (ms) =>
  ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;

function jobOf() {
  const reads = example.stdin !== null;
  const files = reads ? [...$('files').files] : [];
  const args = example.playground?.args ?? example.args;
  return {
    name: example.name,
    url: new URL(`${example.name}.wasm`, MODULES).href,
    what,
    args: files.length ? [...files.map((file) => file.name), '-'] : args,
    stdin: reads ? $('stdin').value : '',
    pace: $('slowly').checked ? PACE : 0,
    files,
  };
}

// While a program runs, shows for how long.
function watch(started) {
  return setInterval(() => {
    const ms = performance.now() - started;
    if (ms > 300) $('elapsed').textContent = duration(ms);
  }, 100);
}

async function run() {
  if (runner.running) return;
  const shown = example;
  reset();
  setStatus('running', 'Running');
  const watching = watch(performance.now());
  revealOutput();
  const end = await runner.run(jobOf());
  clearInterval(watching);
  if (shown === example) showEnd(end);
}

function stop() {
  if (!runner.running) return;
  runner.stop();
  setStatus('stopping', 'Stopping');
}

const ENDS = {
  exited: ({ status }) => [status === 0 ? 'done' : 'failed', `Exit status ${status}`],
  returned: () => ['done', 'Done'],
  stopped: () => ['stopped', 'Stopped'],
  terminated: () => ['stopped', 'Stopped with its Worker'],
  failed: () => ['failed', 'Failed'],
};

/** @param {import('./protocol.js').Ended} end */
function showEnd(end) {
  if (end.message) output.note('failure', end.message);
  if (end.advice) output.note('advice', end.advice);
  if (!$('output').hasChildNodes()) output.note('note', 'It printed nothing.');
  showStats(end.stats ?? {});
  setStatus(...ENDS[end.how](end), duration(end.ms));
}

// What was alive when it ended: zeros, if nothing is lost.
function showStats({ memory, ...counted }) {
  const figures = Object.entries(counted).map(([name, count]) => [name, String(count)]);
  if (memory) figures.push(['memory', `${Math.round(memory / 1024)} KiB`]);
  const pairs = figures.map(([name, figure]) => {
    const pair = document.createElement('div');
    for (const [tag, text] of Object.entries({ dt: name, dd: figure }))
      pair.append(Object.assign(document.createElement(tag), { textContent: text }));
    return pair;
  });
  $('stats').replaceChildren(...pairs);
}

// On a narrow screen the output is below the source.
function revealOutput() {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  $('status').scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' });
}

// --- keys and clicks -----------------------------------------------------------------------------

function onTabKey(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const tabs = [...document.querySelectorAll('[role=tab]')].filter((tab) => !tab.hidden);
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  chooseTab(next);
  next.focus();
}

function onKey(event) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
  else if (event.key === 'Escape') stop();
}

listExamples();
$('run').addEventListener('click', run);
$('stop').addEventListener('click', stop);
$('input').addEventListener('submit', (event) => event.preventDefault());
for (const tab of document.querySelectorAll('[role=tab]')) {
  tab.addEventListener('click', () => chooseTab(tab));
  tab.addEventListener('keydown', onTabKey);
}
document.addEventListener('keydown', onKey);
addEventListener('hashchange', () => choose(location.hash.slice(1)));
choose(location.hash.slice(1));
