/**
 * Everything between the grid and the data. The store implements `GridSource` (what to show) and the view implements
 * `GridActions` (what people do); the grid asks, paints and reports, and never changes data by itself.
 *
 * Three coordinates, never mixed:
 * - *position*: index of a record in the view's order, 0-based, counting also records inside collapsed groups;
 * - *row*: index of a line on the screen (group headers and "new record" lines count), private to the grid;
 * - *record*: its id, which stays when the order changes.
 */
import type { CellValue, Field, FieldId, Person, RecordId, UserId } from '../fields/wire';
import type { Locale, Rect } from '../fields/types';

/** A run of lines. The order of segments is the order on the screen; their number is small (groups, not records). */
export type RowSegment =
  | GroupSegment
  /** Records at positions `start .. start + count`. */
  | { readonly kind: 'records'; readonly start: number; readonly count: number }
  /** The line that makes a new record, at the end of a group or of the table. */
  | { readonly kind: 'new'; readonly group: string | null };

export interface GroupSegment {
  readonly kind: 'group';
  /** Stable name of the group (values of its levels), for collapsing and for `newRecord`. */
  readonly key: string;
  /** 0 is the outermost. */
  readonly level: number;
  /** The field grouped by and its value: painted like a cell (a chip, an avatar). */
  readonly field: Field;
  readonly value: CellValue;
  /** What to write instead of the value, e.g. "(empty)" or a date bucket; absent: paint the value. */
  readonly label?: string;
  /** Color name of a select option, for the chip of `label`. */
  readonly color?: string;
  /** Records in the group, those of inner groups included. */
  readonly count: number;
  readonly collapsed: boolean;
  /** Summary texts of this group by field, ready to show ("avg 45%"). */
  readonly summaries?: Readonly<Record<FieldId, string>>;
}

export interface GridRecord {
  readonly id: RecordId;
  /** Missing means blank. The object is replaced, never changed, when a cell changes. */
  readonly cells: Readonly<Record<FieldId, CellValue>>;
  /** Row color of the view, a color name; painted as a 3 px bar before the first column. */
  readonly color?: string;
}

/** A visible column, in order. Hidden fields are not listed. The first column is the table's primary field. */
export interface GridColumn {
  readonly field: Field;
  readonly width: number;
  /** Frozen columns come first. */
  readonly frozen: boolean;
  /** False for computed fields, locked views and people without the right. */
  readonly editable: boolean;
  /** Small marks in the header. */
  readonly sorted?: 'asc' | 'desc';
  readonly filtered?: boolean;
}

/** Where somebody else is. */
export interface Presence {
  readonly session: string;
  readonly user: UserId;
  readonly record: RecordId;
  readonly field: FieldId;
  /** While they type. */
  readonly editing?: boolean;
  /** `performance.now()` of the last movement: the name flag fades 3 s after it. */
  readonly movedAt: number;
}

export type SourceChange =
  /** Segments, counts or order: the grid keeps the cursor on its record where `positionOf` knows it. */
  | { readonly kind: 'rows' }
  /** Some cells or newly arrived records: repaint. */
  | { readonly kind: 'cells' }
  | { readonly kind: 'columns' }
  /** People, presence or summaries. */
  | { readonly kind: 'marks' }
  /** An edit was refused and taken back: the cell flashes once. */
  | { readonly kind: 'refused'; readonly record: RecordId; readonly field: FieldId };

export interface GridSource {
  /** Replaced, never changed in place. */
  segments(): readonly RowSegment[];
  columns(): readonly GridColumn[];
  /** Number of records of the view. */
  readonly nRecords: number;
  /** The record at a position, or `undefined` while it is not loaded (a grey bar is painted). Must be O(1). */
  row(position: number): GridRecord | undefined;
  /** The position of a record, if the source knows it. */
  positionOf(record: RecordId): number | undefined;
  /**
   * The positions now on the screen (`from` inclusive, `to` exclusive), with some overscan in the direction of movement.
   * Called on every frame that moved, so it must be cheap; the source debounces its requests itself.
   */
  request(from: number, to: number): void;
  /**
   * Loads positions for a copy beyond the window. Resolves when `row` gives them, rejects when too many.
   * `spans` are as in `CellRange`.
   */
  load(spans: readonly Span[]): Promise<void>;
  person(id: UserId): Person | undefined;
  people(): Iterable<readonly [UserId, Person]>;
  presence(): readonly Presence[];
  /** Footer texts by field ("avg 49.8%"). */
  summaries(): Readonly<Record<FieldId, string>>;
  /** Calls `listener` after each change; returns the function that ends it. */
  listen(listener: (change: SourceChange) => void): () => void;
}

/** Positions `from .. to`, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A rectangle of cells. Several spans only where a collapsed group lies inside it. */
export interface CellRange {
  readonly spans: readonly Span[];
  readonly fields: readonly FieldId[];
}

export interface CellRef {
  readonly record: RecordId;
  readonly field: FieldId;
  readonly position: number;
}

/** What a right click, a long press or the menu key points at. */
export type MenuTarget =
  | { readonly kind: 'cell'; readonly cell: CellRef; readonly range: CellRange }
  | { readonly kind: 'records'; readonly spans: readonly Span[] }
  | { readonly kind: 'column'; readonly field: FieldId }
  | { readonly kind: 'group'; readonly key: string }
  /** The "+" after the last column. */
  | { readonly kind: 'newField' };

/** A rich editor is wanted over a cell. Rectangles are relative to the grid's host element. */
export interface EditorRequest {
  readonly field: Field;
  readonly record: RecordId;
  readonly value: CellValue;
  readonly rect: Rect;
  /** A text typed to open it; absent for Enter, F2 and double click. */
  readonly initial?: string | undefined;
  /** Wait for this before the editor takes the focus: an input method may be at work. */
  settled(): Promise<void>;
  /**
   * Ends the edit: commits `value` unless it is `undefined`, gives the focus back and moves the cursor. A promise is
   * committed when it is there; the cursor does not wait for it.
   */
  done(value: CellValue | undefined | Promise<CellValue | undefined>, move?: Move): void;
}

export type Move = 'stay' | 'down' | 'up' | 'right' | 'left';

/** What the person did. All return at once; the source tells later what came of it. */
export interface GridActions {
  edit(record: RecordId, field: FieldId, value: CellValue): void;
  /**
   * Texts for a range, row by row; the server makes values of them. Shorter than the range: repeated. Longer than the
   * table: the rest becomes new records. Also used for one typed text that the codec cannot read.
   */
  pasteText(range: CellRange, rows: readonly (readonly string[])[]): void;
  /** Values for a range, row by row, repeated when there are fewer rows than records. */
  fill(range: CellRange, rows: readonly (readonly CellValue[])[]): void;
  clear(range: CellRange): void;
  /** Deletes records (Ctrl+-, or the menu of the checked rows). */
  deleteRecords?(spans: readonly Span[]): void;
  openRecord(record: RecordId): void;
  /** `group` as in the segment; `after`: insert below this record where the view is not sorted (Shift+Enter). */
  newRecord(at: { readonly group: string | null; readonly after?: RecordId }): void;
  /** Puts records behind the one at `after` (`null`: first of the group), into that group. Settles when it is done or was refused. */
  moveRecords?(spans: readonly Span[], to: { readonly after: number | null; readonly group: string | null }): Promise<void>;
  toggleGroup(key: string): void;
  resizeColumn(field: FieldId, width: number): void;
  /** `before` is `null` for the end. */
  moveColumn(field: FieldId, before: FieldId | null): void;
  /** `point` is relative to the viewport of the page. */
  contextMenu(target: MenuTarget, point: { readonly x: number; readonly y: number }): void;
  openEditor(request: EditorRequest): void;
  /** The cell of the open editor moved (scrolled); `null`: it left the screen. */
  moveEditor?(rect: Rect | null): void;
  openUrl(url: string): void;
  undo(): void;
  redo(): void;
  find?(): void;
  /** The cursor or the range changed; `null` when nothing is selected. For presence and for the status line. */
  selected(cell: CellRef | null, range: CellRange | null): void;
  /** Rows checked in the gutter. */
  checked?(spans: readonly Span[]): void;
  /** Something a person should know ("Loading the range, press Ctrl+C again"). */
  notice?(text: GridNotice): void;
}

export type GridNotice = 'loadedPressCopyAgain' | 'rangeTooLarge' | 'readOnly' | 'sorted';

/** Words the grid itself writes. */
export interface GridWords {
  readonly newRecord: string;
  /** "412 records" */
  records(n: number): string;
  /** Accessible names. */
  readonly grid: string;
  readonly selectAll: string;
  readonly expand: string;
  readonly newField: string;
}

export type RowHeight = 28 | 34 | 44 | 68 | 112;

export interface GridOptions {
  readonly rowHeight: RowHeight;
  readonly locale: Locale;
  readonly words: GridWords;
  /** Whether to show "+" after the last column. */
  readonly canAddField: boolean;
  readonly readOnly: boolean;
  /** Whether rows can be put into an order by hand. */
  readonly canOrder: boolean;
}
