/** Cells of computed fields: painted and written like the type of their result; lists and errors besides. */
import { paintText } from './draw';
import { kindOf } from './registry';
import type { CodecContext, PaintContext, Rect } from './types';
import { isCellError, isLinkRef, type CellValue, type Field, type FieldType } from './wire';

const asResult = new WeakMap<Field, Field>();

/** Types whose cells already are lists; a flat list of them is one of their cells. */
const lists: Partial<Record<FieldType, FieldType>> = { singleSelect: 'multiSelect', multiSelect: 'multiSelect', person: 'person', link: 'link' };

/** The field as if it stored its result. `fallback` is for servers that send no `result`. */
export function resultField(field: Field, fallback: FieldType): Field {
  let made = asResult.get(field);
  if (made === undefined) {
    const type = field.result?.type ?? fallback;
    const own = field.type as FieldType;
    made = { ...field, type: type === own ? fallback : type, options: { ...field.options, ...field.result?.options }, computed: true };
    asResult.set(field, made);
  }
  return made;
}

export function paintResult(p: PaintContext, rect: Rect, value: CellValue, field: Field, fallback: FieldType): void {
  if (value === null) return;
  if (isCellError(value)) return paintText(p, rect, value.error, { color: p.theme.danger });
  const result = resultField(field, fallback);
  if (!Array.isArray(value)) {
    const list = lists[result.type];
    return kindOf(result).paint(p, rect, list !== undefined && list !== 'multiSelect' ? [value] : value, result);
  }
  const list = lists[result.type];
  if (list !== undefined) return kindOf({ type: list }).paint(p, rect, value.filter((item) => !isCellError(item)), { ...result, type: list });
  if (value.length === 1) return paintResult(p, rect, value[0] ?? null, field, fallback);
  paintText(p, rect, formatResult(value, field, p, fallback));
}

export function formatResult(value: CellValue, field: Field, c: CodecContext, fallback: FieldType): string {
  if (value === null) return '';
  if (isCellError(value)) return value.error;
  if (isLinkRef(value)) return value.title;
  const result = resultField(field, fallback);
  if (!Array.isArray(value)) {
    const list = lists[result.type];
    return kindOf(result).codec.format(list !== undefined && list !== 'multiSelect' ? [value] : value, result, c);
  }
  const list = lists[result.type];
  if (list !== undefined) return kindOf({ type: list }).codec.format(value.filter((item) => !isCellError(item)), { ...result, type: list }, c);
  return value.map((item) => formatResult(item, field, c, fallback)).join(', ');
}
