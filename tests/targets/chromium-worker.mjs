// Runs one program inside a browser's Worker and posts what it printed.
//
// SPDX-License-Identifier: MIT

import { load } from '../../js/index.js';
import { examples } from '../../web/examples/examples.mjs';
import { encode } from './encode.mjs';

const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

async function* chunks(list) {
  for (const chunk of list) yield fromBase64(chunk);
}

// What the program writes, as text, piece by piece.
function collector(output, name) {
  const decoder = new TextDecoder();
  return (bytes) => (output[name] += decoder.decode(bytes, { stream: true }));
}

async function runProgram({ url, name, args, env, files, stdin }) {
  const output = { stdout: '', stderr: '' };
  try {
    const app = await load(new URL(url), {
      args,
      env,
      files: encode(files),
      imports: examples.find((example) => example.name === name)?.imports ?? {},
      stdin: chunks(stdin),
      stdout: collector(output, 'stdout'),
      stderr: collector(output, 'stderr'),
    });
    const status = await app.run();
    await app[Symbol.asyncDispose]?.(); // a well-known symbol that not every browser knows
    return { ...output, status };
  } catch (error) {
    return { ...output, stderr: `${output.stderr}${error.stack ?? error}\n`, status: 'error' };
  }
}

self.onmessage = async ({ data }) => self.postMessage(await runProgram(data));
