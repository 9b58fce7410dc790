// The examples by name, as the demo and the tests run them. The table itself is the
// playground's.

import { examples as table } from '../web/examples/examples.mjs';

// What to give to a target's run().
export const examples = Object.fromEntries(
  table.map(({ name, args, stdin, files }) => [name, { args, stdin: stdin ?? undefined, files }]),
);

// The functions that JavaScript lends to them, which no two examples name alike.
export const imports = Object.assign({}, ...table.map((example) => example.imports));
