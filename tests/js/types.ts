// Never run: that this compiles under tsc --strict is the test of index.d.ts.
//
// SPDX-License-Identifier: MIT

import { load, BideError, CancelledError, TrapError } from 'bide';
import type { App, CObject, Export, LoadOptions, Stats } from 'bide';

const options: LoadOptions = {
  imports: {
    async fetchText(url: string) {
      const response = await fetch(url, { signal: this.signal });
      return response.text();
    },
    plain: (a: number, b: number) => a + b,
  },
  args: ['app', '-v'] as const,
  env: { HOME: '/' },
  stdin: new Response('text').body ?? 'text',
  stdout: (bytes) => void bytes.length,
  files: { 'a.txt': 'text', 'b.bin': new Uint8Array(1) },
  onUnhandled: (error: unknown) => console.error(error),
  host: 'virtual',
  seed: 42,
  debug: true,
  trace: (bytes) => console.log(bytes.length),
};

export async function use(): Promise<void> {
  await using app: App = await load(new URL('./app.wasm', import.meta.url), options);
  await load('app.wasm');
  await load(fetch('app.wasm'));
  await load(new Uint8Array(1));
  const names: readonly Export[] = app.exports;
  const status: number = await app.run();
  const sum: number = await app.call<number>('add', [1, 2], { signal: AbortSignal.timeout(1) });
  const anything: unknown = await app.call('anything');
  for (const n of app.generate<number>('countdown', [3])) n.toFixed();
  using generator = app.generate<number, string, Error>('countdown');
  const step = generator.next(new Error('sent'));
  if (step.done) step.value.toUpperCase();
  else step.value.toFixed();
  for await (const line of app.stream<string>('lines', [names, status, sum, anything]))
    line.toUpperCase();
  await using stream = app.stream<string, number>('lines');
  await stream.next(1);
  const point = await app.call<CObject>('give_point');
  point.type.toUpperCase();
  point[Symbol.dispose]();
  const { tasks, handles, objects, memory }: Stats = app.stats();
  (tasks + handles + objects + memory).toFixed();
  // @ts-expect-error args are an array
  await app.call('add', 1);
  // @ts-expect-error there is one other host
  await load('app.wasm', { host: 'real' });
  // @ts-expect-error errors are made by the package
  throw new BideError();
}

export function tell(error: unknown): string {
  if (error instanceof TrapError || error instanceof CancelledError) return error.code;
  if (error instanceof BideError) return `${error.name}: ${error.types?.join()} ${error.traceback}`;
  return String(error);
}
