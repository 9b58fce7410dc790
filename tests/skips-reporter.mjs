// A reporter for node --test that lists the skipped tests with their reasons.
//
// SPDX-License-Identifier: MIT

export default async function* skipped(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (typeof data.skip === 'string') yield `${data.name}: ${data.skip}\n`;
  }
}
