/** How a block writes its names and numbers for this person. */
import type { OpenBase } from '../store/base.svelte';
import type { Measure } from '../api/types';
import { i18n } from '../i18n/index.svelte';
import { localeOf } from '../store/locale';
import { figure, shortFigure } from './figures';
import type { Writing } from './options';
import type { Naming } from './series';
import { dashboardWords } from './words';

export function namingOf(base: OpenBase): Naming {
  const w = dashboardWords();
  return {
    tag: i18n.tag,
    empty: w.empty,
    measure: (measure: Measure) => {
      const name = w.functions[measure.function];
      const field = measure.field && base.field(measure.field);
      return field ? w.of(name, field.name) : name;
    },
    rank: (by, key) => {
      const field = base.field(by.field);
      return ((field?.result?.options ?? field?.options)?.options ?? []).findIndex((option) => option.id === key);
    },
  };
}

export function writingOf(base: OpenBase): Writing {
  const locale = localeOf(base);
  const field = (measure: Measure) => (measure.field ? base.field(measure.field) : undefined);
  return {
    full: (value, measure) => figure(value, measure, field(measure), locale),
    short: (value, measure) => shortFigure(value, measure, field(measure), locale),
  };
}
