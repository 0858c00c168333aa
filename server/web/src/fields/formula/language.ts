/** Formulas for CodeMirror: colors, and completion of fields and functions. Loaded with the editor only. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { StreamLanguage } from '@codemirror/language';
import type { EditorView } from '@codemirror/view';
import type { Field, FormulaFunction } from '../../api/types';

export const formulaLanguage = StreamLanguage.define<null>({
  name: 'formula',
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^\{[^}]*\}?/)) return 'variableName.special';
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return 'string';
    if (stream.match(/^\d+(\.\d+)?%?/)) return 'number';
    if (stream.match(/^(true|false|blank)\b/i)) return 'bool';
    if (stream.match(/^[A-Za-z_][\w.]*(?=\s*\()/)) return 'variableName.function';
    if (stream.match(/^(and|or|not)\b/i)) return 'keyword';
    if (stream.match(/^[-+*/^&=<>!]+/)) return 'operator';
    if (!stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u)) stream.next();
    return null;
  },
});

/** What a function does, with its examples. */
function described({ doc, examples }: FormulaFunction): Node {
  const box = document.createElement('div');
  box.append(doc);
  for (const [formula = '', gives = ''] of examples.slice(0, 2)) {
    const line = document.createElement('code');
    line.textContent = `${formula} → ${gives}`;
    box.append(line);
  }
  return box;
}

/** Completes `{field` and function names. */
export function completions(fields: readonly Field[], functions: readonly FormulaFunction[]): (context: CompletionContext) => CompletionResult | null {
  // The editor closes braces by itself: the one after the cursor is the field's.
  const apply = (view: EditorView, chosen: Completion, from: number, to: number): void => {
    const end = view.state.sliceDoc(to, to + 1) === '}' ? to + 1 : to;
    view.dispatch({ changes: { from, to: end, insert: chosen.label }, selection: { anchor: from + chosen.label.length }, userEvent: 'input.complete' });
  };
  const ofFields = fields.map((field): Completion => ({ label: `{${field.name}}`, detail: field.type, type: 'variable', boost: 1, apply }));
  const ofFunctions = functions.map((entry): Completion => ({ label: entry.name, detail: entry.signature, info: () => described(entry), type: 'function', apply: `${entry.name}(` }));
  return (context) => {
    const field = context.matchBefore(/\{[^{}]*/);
    if (field) return { from: field.from, options: ofFields, validFor: /^\{[^{}]*$/ };
    const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_.]*/u);
    if (!word && !context.explicit) return null;
    return { from: word?.from ?? context.pos, options: [...ofFunctions, ...ofFields], validFor: /^[\p{L}\p{N}_.]*$/u };
  };
}
