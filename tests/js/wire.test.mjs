// The reader believes nothing: malformed messages are reported, whatever they say.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Handles } from '../../js/handles.js';
import { Reader, Writer } from '../../js/wire.js';

const noObjects = { slotOf: () => undefined, wrapper: () => 'object' };

function read(bytes, handles = new Handles()) {
  const array = Uint8Array.from(bytes);
  return new Reader(array, new DataView(array.buffer), 0, array.length, handles, noObjects).value();
}

test('messages cut short are malformed, at whatever byte', () => {
  const writer = new Writer(new Handles(), noObjects);
  const whole = [...writer.value([1, 'text', [2.5, new Uint8Array([1, 2])], true], 'x').take()];
  assert.equal(read(whole).length, 4);
  for (let size = 0; size < whole.length; size++)
    assert.throws(() => read(whole.slice(0, size)), { code: 'BIDE_MALFORMED' });
});

test('unknown tags and wild sizes are malformed', () => {
  assert.throws(() => read([99]), { code: 'BIDE_MALFORMED' });
  assert.throws(() => read([5, 255, 255, 255, 255]), { code: 'BIDE_MALFORMED' });
  assert.throws(() => read([7, 255, 255, 255, 255, 0]), { code: 'BIDE_MALFORMED' });
});

test('a value that is refused leaves no handle behind', () => {
  const handles = new Handles();
  const writer = new Writer(handles, noObjects);
  assert.throws(() => writer.value([{}, {}, Symbol('s')], 'x'));
  assert.equal(handles.size, 0);
  assert.equal(writer.take().length, 0);
});

test('handles are counted by crossing', () => {
  const handles = new Handles();
  const thing = {};
  const { id } = handles.retain(thing);
  assert.equal(handles.retain(thing).id, id);
  handles.release(id, 1);
  assert.equal(handles.get(id), thing);
  handles.release(id, 1);
  assert.equal(handles.size, 0);
  assert.equal(handles.retain({}).id, id, 'numbers are used again');
});
