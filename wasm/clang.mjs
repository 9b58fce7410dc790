#!/usr/bin/env -S node --liftoff-only
// The npm package @yowasp/clang as a compiler for CMake: clang and lld, themselves
// WebAssembly, so that a machine with Node alone can build for WASI.
//
// That clang sees no disk, only a tree of files given to it. This wrapper hands
// over the sources, headers, objects and archives which the arguments lead to,
// and writes back what the compiler was asked for. In the tree the machine's root
// is /machine, because the compiler has a /usr of its own and empties /tmp.
//
// SPDX-License-Identifier: MIT

import { readFileSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findPackage } from './packages.mjs';

const HEADERS = new Set(['.h', '.inc', '.def']);
const INCLUDE_FLAGS = ['-I', '-isystem', '-iquote', '-idirafter'];
const OUTPUT_FLAGS = ['-o', '-MF'];
export const ROOT = '/machine';

// Replaces each @file by the arguments it holds, as compilers do.
export function expand(args) {
  return args.flatMap((arg) => {
    if (!arg.startsWith('@')) return [arg];
    const words =
      readFileSync(arg.slice(1), 'utf8').match(/(?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")+/g) ?? [];
    return expand(words.map((word) => word.replace(/\\(.)|"/g, '$1')));
  });
}

// Moves every path in the arguments under ROOT. Returns the arguments, with the
// files and the include directories to read and the files that will be written.
export function resolvePaths(args) {
  const plan = { args: [`-ffile-prefix-map=${ROOT}=`], files: [], includes: [], outputs: [] };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const joined = INCLUDE_FLAGS.find((flag) => arg.startsWith(flag) && arg !== flag);
    if (OUTPUT_FLAGS.includes(arg)) {
      const path = resolve(args[++i]);
      plan.outputs.push(path);
      plan.args.push(arg, ROOT + path);
    } else if (INCLUDE_FLAGS.includes(arg) || joined) {
      const path = resolve(joined ? arg.slice(joined.length) : args[++i]);
      plan.includes.push(path);
      plan.args.push(joined ?? arg, ROOT + path);
    } else if (arg === '-MD') {
      plan.args.push('-MMD'); // its own headers are not on the disk to be watched
    } else if (!arg.startsWith('-') && isFile(arg)) {
      plan.files.push(resolve(arg));
      plan.args.push(ROOT + resolve(arg));
    } else {
      plan.args.push(arg);
    }
  }
  return plan;
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

const split = (path) => (ROOT + path).split('/').filter(Boolean);

// Puts the bytes of `path` into the tree.
function addFile(tree, path) {
  const names = split(path);
  const last = names.pop();
  for (const name of names) tree = tree[name] ??= {};
  tree[last] ??= new Uint8Array(readFileSync(path));
}

function addHeaders(tree, directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) addHeaders(tree, path);
    } else if (HEADERS.has(extname(entry.name))) {
      addFile(tree, path);
    }
  }
}

function collect(plan) {
  const tree = {};
  for (const file of plan.files) addFile(tree, file);
  const sources = plan.files.filter((file) => /\.(c|cc|cpp|S)$/.test(file));
  for (const directory of new Set([...plan.includes, ...sources.map(dirname)]))
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) addHeaders(tree, directory);
  return tree;
}

// Writes what was asked for. Returns whether the first output, the object or the
// program, is there: the package answers success to arguments it cannot make out.
function writeOutputs(plan, tree) {
  const contents = plan.outputs.map((path) =>
    split(path).reduce((node, name) => node?.[name], tree),
  );
  plan.outputs.forEach((path, i) => {
    if (typeof contents[i] === 'string')
      writeFileSync(path, contents[i].replaceAll(`${ROOT}/`, '/'));
    else if (contents[i]) writeFileSync(path, contents[i]);
  });
  return contents.every((content) => content !== undefined);
}

// A stream for the compiler's messages, in which paths are the machine's again.
function messages(stream) {
  const decoder = new TextDecoder();
  return (bytes) =>
    bytes && stream.write(decoder.decode(bytes, { stream: true }).replaceAll(`${ROOT}/`, '/'));
}

// Runs one of the package's commands, clang or ar, with the files it needs.
// Returns its exit status.
export async function run(command, plan) {
  const main = findPackage('@yowasp/clang');
  if (!main) {
    console.error(
      'clang.mjs: the npm package @yowasp/clang is not installed; run  npm install @yowasp/clang',
    );
    return 127;
  }
  const { commands, Exit } = await import(pathToFileURL(main));
  const options = { stdout: messages(process.stdout), stderr: messages(process.stderr) };
  try {
    await commands[command](null, {}, { fetchProgress: () => {} }); // loads it, from the disk
    return writeOutputs(plan, await commands[command](plan.args, collect(plan), options)) ? 0 : 1;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    throw error;
  }
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = await run('clang', resolvePaths(expand(process.argv.slice(2))));
