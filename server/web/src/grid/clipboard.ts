/** Cells as clipboard texts and back: tab-separated text as spreadsheets write it, and an HTML table. */

/** Quotes only where it must: a tab, a quote, or a line break inside the cell. */
export function toTsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((cell) => (/[\t\n\r"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join('\t')).join('\n');
}

export function toHtml(rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => `<td>${escape(text).replaceAll('\n', '<br>')}</td>`;
  return `<meta charset="utf-8"><table>${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('')}</table>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Reads tab-separated text with `\n`, `\r\n` or `\r`. A cell is quoted only if a quote opens it and one closes it before
 * the next tab or line end; any other quote is text (5" is a length). One line end at the very end does not count.
 */
export function fromTsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const quoted = text[at] === '"' ? readQuoted(text, at) : undefined;
    let end: number;
    if (quoted !== undefined) {
      row.push(quoted.cell);
      end = quoted.end;
    } else {
      end = at;
      while (end < text.length && text[end] !== '\t' && text[end] !== '\n' && text[end] !== '\r') end += 1;
      row.push(text.slice(at, end));
    }
    if (text[end] === '\t') {
      at = end + 1;
      continue;
    }
    rows.push(row);
    row = [];
    if (end >= text.length) break;
    at = end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1);
    if (at >= text.length) break;
  }
  return rows;
}

function readQuoted(text: string, start: number): { readonly cell: string; readonly end: number } | undefined {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    if (text[quote + 1] === '"') {
      at = quote + 2;
      continue;
    }
    const next = text[quote + 1];
    if (next !== undefined && next !== '\t' && next !== '\n' && next !== '\r') return undefined;
    return { cell: text.slice(start + 1, quote).replaceAll('""', '"').replaceAll('\r\n', '\n'), end: quote + 1 };
  }
}

/** Rows of the first table of an HTML clipboard; `undefined` when there is none. Merged cells repeat as blanks. */
export function fromHtml(html: string): string[][] | undefined {
  const table = new DOMParser().parseFromString(html, 'text/html').querySelector('table');
  if (table === null) return undefined;
  const rows = [...table.rows].map((tr) =>
    [...tr.cells].flatMap((td) => {
      for (const br of td.querySelectorAll('br')) br.replaceWith('\n');
      return [(td.textContent ?? '').trim(), ...Array.from({ length: Math.max(td.colSpan - 1, 0) }, () => '')];
    }),
  );
  return rows.length === 0 ? undefined : rows;
}

/** What was pasted: the plain text, which spreadsheets all write; the table only where it has more columns. */
export function pasted(plain: string, html: string): string[][] | undefined {
  if (plain === '') return html === '' ? undefined : fromHtml(html);
  if (!plain.includes('\t') && html.includes('<td')) {
    const rows = fromHtml(html);
    if (rows !== undefined && rows.some((row) => row.length > 1)) return rows;
  }
  return fromTsv(plain);
}

/**
 * Repeats what was pasted over a larger selection when it fits a whole number of times, as spreadsheets do; otherwise
 * it lands once, from the top left corner. Returns the rows and how many of them and of their columns to write.
 */
export function spread(
  rows: readonly (readonly string[])[],
  selected: { readonly rows: number; readonly columns: number },
): { readonly rows: readonly (readonly string[])[]; readonly nRows: number; readonly nColumns: number } {
  const height = rows.length;
  const width = rows.reduce((n, row) => Math.max(n, row.length), 0);
  const nRows = height > 0 && selected.rows % height === 0 ? Math.max(selected.rows, height) : height;
  const nColumns = width > 0 && selected.columns % width === 0 ? Math.max(selected.columns, width) : width;
  const wide = rows.map((row) => Array.from({ length: nColumns }, (_, c) => row[c % Math.max(width, 1)] ?? ''));
  return { rows: wide, nRows, nColumns };
}
