/** Formulas for CodeMirror: colors, and completion of fields and functions. Loaded with the editor only. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { StreamLanguage } from '@codemirror/language';
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

/** Completes `{field` and function names. */
export function completions(fields: readonly Field[], functions: readonly FormulaFunction[]): (context: CompletionContext) => CompletionResult | null {
  const ofFields = fields.map((field): Completion => ({ label: `{${field.name}}`, detail: field.type, type: 'variable', boost: 1 }));
  const ofFunctions = functions.map((entry): Completion => ({ label: entry.name, detail: entry.signature, info: entry.doc, type: 'function', apply: `${entry.name}(` }));
  return (context) => {
    const field = context.matchBefore(/\{[^{}]*/);
    if (field) return { from: field.from, options: ofFields, validFor: /^\{[^{}]*$/ };
    const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_.]*/u);
    if (!word && !context.explicit) return null;
    return { from: word?.from ?? context.pos, options: [...ofFunctions, ...ofFields], validFor: /^[\p{L}\p{N}_.]*$/u };
  };
}
