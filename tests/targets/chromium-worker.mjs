// Runs one program inside a browser's Worker and posts what it printed.

import { load } from '../../js/index.js';
import { imports } from '../examples.mjs';

const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

async function* chunks(list) {
  for (const chunk of list) yield fromBase64(chunk);
}

async function runProgram({ url, args, env, files, stdin }) {
  const output = { stdout: '', stderr: '' };
  const collect = (name) => {
    const decoder = new TextDecoder();
    return (bytes) => (output[name] += decoder.decode(bytes, { stream: true }));
  };
  try {
    const options = { args, env, files, imports, stdin: chunks(stdin), stdout: collect('stdout'), stderr: collect('stderr') };
    const app = await load(new URL(url), options);
    const status = await app.run();
    await app[Symbol.asyncDispose]?.();
    return { ...output, status };
  } catch (error) {
    return { ...output, stderr: `${output.stderr}${error.stack ?? error}\n`, status: 'error' };
  }
}

self.onmessage = async ({ data }) => self.postMessage(await runProgram(data));
