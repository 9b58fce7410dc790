// Text files for load(), which takes bytes: in Node and in a browser alike.
//
// SPDX-License-Identifier: MIT

export function encode(files) {
  const encoder = new TextEncoder();
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, encoder.encode(text)]),
  );
}
