/**
 * What a field type brings to the browser. One folder `src/fields/<type>/` with `paint.ts`, `codec.ts`, `index.ts` and,
 * loaded when first needed, `Editor.svelte` and `Settings.svelte`; one line in `src/fields/index.ts`.
 */
import type { Theme } from '../grid/theme';
import type { TextCache } from '../grid/text';
import type { CellValue, Field, FieldType, Person, UserId } from './wire';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** How values are written for this person: language, time zone, words that painters need. */
export interface Locale {
  /** BCP 47, for `Intl`: "en", "zh-CN". */
  readonly tag: string;
  /** IANA zone in which times are shown when the field names none. */
  readonly zone: string;
  readonly yes: string;
  readonly no: string;
}

/** What codecs may ask for. */
export interface CodecContext {
  readonly locale: Locale;
  person(id: UserId): Person | undefined;
  /** All people who may be typed by name; only asked when text is read. */
  people(): Iterable<readonly [UserId, Person]>;
}

/** What painters may ask for. The context is clipped to the cell; the painter leaves no state of its own behind. */
export interface PaintContext extends CodecContext {
  readonly ctx: CanvasRenderingContext2D;
  readonly theme: Theme;
  /** Widths and ellipses, cached. */
  readonly text: TextCache;
  /** Height of one line of chips and text: painters of tall rows wrap in steps of it. */
  readonly lineHeight: number;
  /** Whether the pointer is over this cell (links are underlined, empty stars shown). */
  readonly hover: boolean;
}

/** Draws one value inside `rect` (the cell without its lines). Never fetches. */
export type Paint = (p: PaintContext, rect: Rect, value: CellValue, field: Field) => void;

/** Value ↔ text, for the clipboard, the text editor, the ARIA mirror and search. */
export interface Codec {
  /** The text a person reads. */
  format(value: CellValue, field: Field, c: CodecContext): string;
  /**
   * The text that the inline editor starts from, where it differs from `format` (a number without separators).
   * Default: `format`.
   */
  edit?(value: CellValue, field: Field, c: CodecContext): string;
  /** The value of a typed text; `undefined` when only the server can tell (it then gets the text itself). */
  parse(text: string, field: Field, c: CodecContext): CellValue | undefined;
}

/** As in docs/protocol.md, section 2. */
export type FilterOperator =
  | 'is'
  | 'isNot'
  | 'contains'
  | 'doesNotContain'
  | 'startsWith'
  | 'isEmpty'
  | 'isNotEmpty'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'isAnyOf'
  | 'isNoneOf'
  | 'hasAnyOf'
  | 'hasAllOf'
  | 'hasNoneOf'
  | 'isBefore'
  | 'isAfter'
  | 'isOnOrBefore'
  | 'isOnOrAfter'
  | 'isWithin';

/** What a click inside a painted cell asks for. */
export type CellClick =
  | { readonly kind: 'edit'; readonly value: CellValue }
  | { readonly kind: 'open'; readonly url: string };

/** Props of every `Editor.svelte`: it shows `value`, and calls `done` exactly once. */
export interface EditorProps {
  readonly field: Field;
  readonly value: CellValue;
  /** Text already typed when a key opened the editor. */
  readonly initial?: string | undefined;
  /**
   * Where the cursor goes afterwards; `undefined` as value means nothing changed. A promise: the value is still being
   * found out, and the editor may close meanwhile.
   */
  readonly done: (value: CellValue | undefined | Promise<CellValue | undefined>, move?: 'stay' | 'down' | 'up' | 'right' | 'left') => void;
}

export interface FieldKind {
  readonly type: FieldType;
  readonly name: { readonly en: string; readonly zh: string };
  /** Paths of a 24 × 24 line icon (stroke 2, Lucide), for the canvas and for `<svg>`. */
  readonly icon: readonly string[];
  readonly paint: Paint;
  readonly codec: Codec;
  /**
   * How the grid edits: `text` in its own textarea, `toggle` by click, Enter or Space, `rich` by `openEditor`,
   * `none` for computed fields.
   */
  readonly editing: 'text' | 'toggle' | 'rich' | 'none';
  readonly align?: 'left' | 'right';
  readonly operators: readonly FilterOperator[];
  /**
   * A click at (x, y) relative to the cell, `mod` with Ctrl or Cmd held; `undefined` means it only selects.
   * An `edit` is ignored where the cell may not be edited.
   */
  readonly click?: (rect: Rect, x: number, y: number, value: CellValue, field: Field, mod: boolean) => CellClick | undefined;
  /** Svelte components; `unknown` because this file imports nothing of Svelte. */
  readonly Editor?: () => Promise<{ default: unknown }>;
  readonly Settings?: () => Promise<{ default: unknown }>;
  /** Width of a new column. */
  readonly width?: number;
}
