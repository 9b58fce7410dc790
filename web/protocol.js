// protocol.js - every message between the page and its Worker, as types.
//
// The page sends Run and Stop. The Worker answers each Run with any number of Outputs and exactly
// one Ended, unless the page has terminated it.
//
// SPDX-License-Identifier: MIT

/**
 * @typedef {object} Run page to Worker: runs a program. One at a time.
 * @property {'run'} type
 * @property {number} id repeated in every answer
 * @property {string} name of the example
 * @property {string} url of its module
 * @property {'c' | 'javascript'} what C's main, or the JavaScript that calls C
 * @property {string[]} args for main
 * @property {string} stdin what is on standard input
 * @property {number} pace milliseconds before every line of it; 0: all at once
 * @property {File[]} files what is in the current directory
 */

/**
 * @typedef {object} Stop page to Worker: ends a run as politely as it lets itself be ended.
 * @property {'stop'} type
 * @property {number} id
 */

/**
 * @typedef {object} Output Worker to page
 * @property {'output'} type
 * @property {number} id
 * @property {Channel} channel
 * @property {string} text any number of lines, or a part of one
 *
 * @typedef {'stdout' | 'stderr' | 'console'} Channel
 */

/**
 * @typedef {object} Ended Worker to page
 * @property {'ended'} type
 * @property {number} id
 * @property {'exited' | 'returned' | 'stopped' | 'terminated' | 'failed'} how main exited; the
 *   JavaScript returned; it was stopped; it had to be stopped with its Worker; it could not be run
 * @property {number | null} status main's exit status
 * @property {number} ms how long it took, without loading it
 * @property {Record<string, number> | null} stats what was alive at the end
 * @property {string | null} message what went wrong, if it failed
 * @property {string | null} advice what to do about it
 */

// How long a program has to end by itself after Stop, in milliseconds.
export const GRACE = 500;
