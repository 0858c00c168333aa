/** The little Markdown of a text block: titles, lists, paragraphs, bold. Gives pieces, never HTML. */
export type Piece = { readonly text: string; readonly strong: boolean };
export type Paragraph = { readonly kind: 'title' | 'item' | 'text'; readonly pieces: readonly Piece[] };

export function paragraphs(text: string): Paragraph[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const m = /^(#{1,3}|[-*•])\s+(.*)$/.exec(line);
      const kind = !m ? 'text' : m[1]?.startsWith('#') ? 'title' : 'item';
      return { kind, pieces: pieces(m ? (m[2] ?? '') : line) };
    });
}

function pieces(line: string): Piece[] {
  return line.split(/\*\*(.+?)\*\*/).map((text, i) => ({ text, strong: i % 2 === 1 })).filter((piece) => piece.text !== '');
}
