// How the examples are run by the demo and the tests: what they are given to read,
// and the functions that JavaScript lends them. An example that is not listed is run
// with nothing.

export const examples = {
  endless: { args: ['9999'] },
  wordcount: { stdin: 'Coroutines are subroutines\nthat can be suspended\nand resumed.\n' },
};

// Answers after `ms`, as a slow network would.
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const TITLES = {
  '/river': { title: 'A river in spring', ms: 150 },
  '/hills': { title: 'Seven hills', ms: 50 },
  '/coast': { title: 'The long coast', ms: 100 },
};

// The imports that titles.c calls: an async function, which rejects for unknown pages.
export const imports = {
  async fetchTitle(url) {
    const page = TITLES[new URL(url).pathname];
    await later(page?.ms ?? 10);
    if (!page) throw new Error('404 Not Found');
    return page.title;
  },
};
