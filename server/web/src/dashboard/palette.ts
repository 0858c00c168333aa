/** Colors and type of charts, read from the tokens: a theme change reads them again. */
export interface Palette {
  readonly series: readonly string[];
  readonly fg: string;
  readonly fg2: string;
  readonly fg3: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly raised: string;
  readonly font: string;
  /** Pixels of labels. */
  readonly size: number;
  option(name: string): string;
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (property: string): string => style.getPropertyValue(property).trim();
  return {
    series: Array.from({ length: 8 }, (_, i) => read(`--chart-${i + 1}`)),
    fg: read('--c-fg'), fg2: read('--c-fg-2'), fg3: read('--c-fg-3'), line: read('--c-line'), lineStrong: read('--c-line-strong'), raised: read('--c-raised'),
    font: read('--font'), size: Number.parseFloat(read('--fs-label')) || 12,
    option: (name) => read(`--opt-${name}`) || name,
  };
}
