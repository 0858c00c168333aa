/** Rhai for CodeMirror: a stream mode, and completion of what scripts may call. Loaded with the editor only. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { StreamLanguage } from '@codemirror/language';

const keywords = new Set('let const if else switch while loop for in do until break continue return throw try catch fn private import export as this is_def_var'.split(' '));
const atoms = new Set(['true', 'false', 'record', 'this']);

interface State {
  /** How deep a block comment is nested. */
  comment: number;
  /** Inside a back-quoted string, which may span lines. */
  string: boolean;
}

export const rhai = StreamLanguage.define<State>({
  name: 'rhai',
  startState: () => ({ comment: 0, string: false }),
  token(stream, state) {
    if (state.comment > 0) return blockComment(stream, state);
    if (state.string) return template(stream, state);
    if (stream.eatSpace()) return null;
    if (stream.match('//')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match('/*')) {
      state.comment = 1;
      return blockComment(stream, state);
    }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)'/)) return 'string';
    if (stream.eat('`')) {
      state.string = true;
      return template(stream, state);
    }
    if (stream.match(/^(?:0x[\da-f_]+|0b[01_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)/i)) return 'number';
    if (stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u)) {
      const word = stream.current();
      if (keywords.has(word)) return 'keyword';
      if (atoms.has(word)) return 'atom';
      return stream.match(/^\s*\(/, false) ? 'variableName.function' : null;
    }
    if (stream.match(/^(?:=>|\.\.=?|[-+*/%=<>!&|^~]+)/)) return 'operator';
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '//', block: { open: '/*', close: '*/' } }, closeBrackets: { brackets: ['(', '[', '{', '"', '`'] } },
});

type Stream = Parameters<Parameters<typeof StreamLanguage.define<State>>[0]['token']>[0];

function blockComment(stream: Stream, state: State): string {
  while (state.comment > 0 && !stream.eol()) {
    if (stream.match('/*')) state.comment++;
    else if (stream.match('*/')) state.comment--;
    else stream.next();
  }
  return 'comment';
}

function template(stream: Stream, state: State): string {
  while (!stream.eol()) {
    const ch = stream.next();
    if (ch === '`') {
      state.string = false;
      break;
    }
  }
  return 'string';
}

/** What a script may call (engine/src/automation/script.rs; docs/automations.md): to write, how to call it, what it does. */
const functions: readonly (readonly [string, string, string])[] = [
  ['table(', '(name)', 'A table of the base'],
  ['all()', 'table.all()', 'All its records'],
  ['find(', 'table.find(formula | #{field: value})', 'Records for which the formula is true, or with these values'],
  ['count()', 'table.count()', 'How many records it has'],
  ['create(', 'table.create(#{field: value})', 'Makes a record'],
  ['get(', 'table.get(id), record.get(field)', 'A record, or a cell of one'],
  ['set(', 'record.set(field, value), record.set(#{…})', 'Writes cells'],
  ['delete()', 'record.delete()', 'Deletes the record'],
  ['today()', 'date', 'The day in the time zone of the base'],
  ['now()', 'date with time', 'The moment of the run'],
  ['date(', '(text)', 'Reads a date'],
  ['add_days(', 'date.add_days(n)', 'n days later'],
  ['add_months(', 'date.add_months(n)', 'n months later'],
  ['add_hours(', 'date.add_hours(n)', 'n hours later'],
  ['format(', 'date.format("YYYY-MM-DD")', 'The date as text'],
  ['notify(', '(people, text)', 'Writes into the inbox of people'],
  ['http(', '(#{url, method, headers, body})', 'Sends a request when the run has ended'],
  ['log(', '(value)', 'Writes into the log of the run'],
  ['round()', 'number.round()', ''],
  ['len()', 'list.len()', ''],
];

export function rhaiCompletions(fields: readonly string[]): (context: CompletionContext) => CompletionResult | null {
  const ofFunctions = functions.map(([label, detail, info]): Completion => ({ label, detail, ...(info ? { info } : {}), type: 'function' }));
  return (context) => {
    const index = context.matchBefore(/record\["[^"]*/);
    if (index) return { from: index.from + 8, options: fields.map((name) => ({ label: name, type: 'variable' })), validFor: /^[^"]*$/ };
    const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*/u);
    if (!word && !context.explicit) return null;
    return { from: word?.from ?? context.pos, options: [...ofFunctions, { label: 'record', type: 'variable' }, ...[...keywords].map((label) => ({ label, type: 'keyword' }))] };
  };
}
