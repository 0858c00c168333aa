import { expect, test } from 'vitest';
import { fromTsv, pasted, spread, toHtml, toTsv } from './clipboard';

test('both line ends split rows, and a last one adds none', () => {
  expect(fromTsv('A1\tx\nA2\ty\n')).toEqual([['A1', 'x'], ['A2', 'y']]);
  expect(fromTsv('A1\tx\r\nA2\ty\r\n')).toEqual([['A1', 'x'], ['A2', 'y']]);
  expect(fromTsv('a\rb')).toEqual([['a'], ['b']]);
  expect(fromTsv('one')).toEqual([['one']]);
});

test('blank cells and blank rows are kept', () => {
  expect(fromTsv('a\t\n\t\n\nb\t')).toEqual([['a', ''], ['', ''], [''], ['b', '']]);
});

test('quoted cells hold tabs, line breaks and quotes', () => {
  expect(fromTsv('"a\tb"\t"c\nd"\n"say ""hi"""\tx')).toEqual([['a\tb', 'c\nd'], ['say "hi"', 'x']]);
});

test('a quote that is not a whole cell is text', () => {
  expect(fromTsv('5" pipe\t"quoted" word\t"open')).toEqual([['5" pipe', '"quoted" word', '"open']]);
});

test('what is copied reads back', () => {
  const rows = [['plain', 'tab\there', 'line\nbreak'], ['"quotes"', '', '数据']];
  expect(fromTsv(toTsv(rows))).toEqual(rows);
});

test('html is a table and escapes', () => {
  expect(toHtml([['a<b', 'c\nd']])).toBe('<meta charset="utf-8"><table><tr><td>a&lt;b</td><td>c<br>d</td></tr></table>');
});

test('plain text is enough', () => {
  expect(pasted('a\tb', '')).toEqual([['a', 'b']]);
  expect(pasted('', '')).toBeUndefined();
});

test('one copied cell fills a selection; what does not divide it lands once', () => {
  expect(spread([['x']], { rows: 3, columns: 2 })).toEqual({ rows: [['x', 'x']], nRows: 3, nColumns: 2 });
  expect(spread([['a'], ['b']], { rows: 3, columns: 1 })).toMatchObject({ nRows: 2, nColumns: 1 });
  expect(spread([['a', 'b']], { rows: 1, columns: 1 })).toEqual({ rows: [['a', 'b']], nRows: 1, nColumns: 2 });
});
