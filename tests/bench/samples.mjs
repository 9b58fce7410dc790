// What the measured programs in JavaScript share: `node program.mjs NAME [SAMPLES]`
// prints one number a line, as bench.h does for C.
//
// SPDX-License-Identifier: MIT

export async function runBenches(benches, [name, samples = '1'] = process.argv.slice(2)) {
  const measure = benches[name];
  if (!measure) throw new Error(`no benchmark ${name}; there are ${Object.keys(benches)}`);
  await measure(); // the compilers warm up
  for (let i = 0; i < Number(samples); i++) console.log((await measure()).toFixed(3));
}
