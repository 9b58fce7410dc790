/* absent.c - what the loop finds where there can be no JavaScript.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/js_bridge.h"

const bide__js_bridge *bide__js;
