import { expect, test } from 'vitest';
import { editMeaning, meaning, type Key } from './keyboard';

const key = (name: string, more: Partial<Key> = {}): Key => ({ key: name, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
const ctrl = { ctrlKey: true };

test('the keys of a spreadsheet', () => {
  expect(meaning(key('ArrowDown'), false)).toEqual({ do: 'move', dx: 0, dy: 1, extend: false, edge: false });
  expect(meaning(key('ArrowRight', { ...ctrl, shiftKey: true }), false)).toEqual({ do: 'move', dx: 1, dy: 0, extend: true, edge: true });
  expect(meaning(key('Tab', { shiftKey: true }), false)).toEqual({ do: 'step', dx: -1, dy: 0 });
  expect(meaning(key('PageDown', { shiftKey: true }), false)).toEqual({ do: 'page', dy: 1, extend: true });
  expect(meaning(key('ArrowUp', { altKey: true }), false)).toEqual({ do: 'shiftRecord', by: -1 });
  for (const [name, more, what] of [
    ['Enter', {}, 'enter'], ['F2', {}, 'edit'], ['Delete', {}, 'clear'], ['Backspace', {}, 'clear'], [' ', {}, 'open'], ['Escape', {}, 'escape'],
    ['a', ctrl, 'all'], ['z', ctrl, 'undo'], ['Z', { ...ctrl, shiftKey: true }, 'redo'], ['d', ctrl, 'fillDown'], ['r', ctrl, 'fillRight'], [';', ctrl, 'today'],
    ['f', ctrl, 'find'], ['Enter', { shiftKey: true }, 'newRecord'], ['ContextMenu', {}, 'menu'],
  ] as const) {
    expect([name, meaning(key(name, more), false)?.do]).toEqual([name, what]);
  }
});

test('copy, paste, reload and letters are left to the browser', () => {
  for (const k of [key('c', ctrl), key('x', ctrl), key('v', ctrl), key('R', { ...ctrl, shiftKey: true }), key('a'), key('k', ctrl), key('中')]) {
    expect(meaning(k, false)).toBeUndefined();
  }
});

test('on a Mac it is Cmd', () => {
  expect(meaning(key('a', { metaKey: true }), true)?.do).toBe('all');
  expect(meaning(key('a', ctrl), true)).toBeUndefined();
});

test('keys of an input method are never commands', () => {
  expect(meaning(key('Process', { keyCode: 229 }), false)).toBeUndefined();
  expect(meaning(key('Enter', { isComposing: true }), false)).toBeUndefined();
  expect(editMeaning(key('Enter', { isComposing: true }), { multiline: false, typed: true })).toBeUndefined();
  expect(editMeaning(key('Escape', { keyCode: 229 }), { multiline: false, typed: true })).toBeUndefined();
});

test('while editing', () => {
  const plain = { multiline: false, typed: false };
  expect(editMeaning(key('Enter'), plain)).toEqual({ commit: true, move: 'down' });
  expect(editMeaning(key('Enter', { shiftKey: true }), plain)).toEqual({ commit: true, move: 'up' });
  expect(editMeaning(key('Enter', { altKey: true }), { multiline: true, typed: false })).toBe('newline');
  expect(editMeaning(key('Tab'), plain)).toEqual({ commit: true, move: 'right' });
  expect(editMeaning(key('Escape'), plain)).toEqual({ commit: false, move: 'stay' });
  expect(editMeaning(key('ArrowLeft'), plain)).toBeUndefined();
  expect(editMeaning(key('ArrowLeft'), { multiline: false, typed: true })).toEqual({ commit: true, move: 'left' });
});
