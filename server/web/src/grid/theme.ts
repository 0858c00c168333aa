/** Colours and fonts of the design language, read once from the custom properties and kept until the theme changes. */
import { colorNames, type ColorName } from '../fields/wire';

export interface OptionColors {
  readonly bg: string;
  readonly fg: string;
  readonly solid: string;
}

const properties = {
  bg: '--c-bg',
  canvas: '--c-canvas',
  sunken: '--c-sunken',
  raised: '--c-raised',
  line: '--c-line',
  lineStrong: '--c-line-strong',
  fg: '--c-fg',
  fg2: '--c-fg-2',
  fg3: '--c-fg-3',
  fg4: '--c-fg-4',
  accent: '--c-accent',
  accentSoft: '--c-accent-soft',
  onAccent: '--c-on-accent',
  danger: '--c-danger',
  hover: '--c-hover',
  press: '--c-press',
  select: '--c-select',
  ring: '--c-ring',
  star: '--c-star',
  starOff: '--c-star-off',
} as const;

export type Theme = { readonly [name in keyof typeof properties]: string } & {
  readonly options: Readonly<Record<ColorName, OptionColors>>;
  /** Font families, for `ctx.font`. */
  readonly font: string;
  readonly mono: string;
};

/** `read` gives the value of a custom property; tests pass their own. */
export function themeFrom(read: (property: string) => string): Theme {
  const colors = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, read(property)]));
  const options = Object.fromEntries(
    colorNames.map((name) => [name, { bg: read(`--opt-${name}-bg`), fg: read(`--opt-${name}-fg`), solid: read(`--opt-${name}`) }]),
  );
  return { ...colors, options, font: read('--font'), mono: read('--font-mono') } as Theme;
}

export function themeOf(element: Element): Theme {
  const style = getComputedStyle(element);
  return themeFrom((property) => style.getPropertyValue(property).trim());
}

/** The colours of an option, a person or a group: a name of the design language, or any CSS colour. */
export function colorsOf(theme: Theme, color: string): OptionColors {
  const named = (theme.options as Record<string, OptionColors | undefined>)[color];
  return named ?? (color.startsWith('#') || color.startsWith('rgb') ? { bg: color, fg: theme.fg, solid: color } : theme.options.gray);
}
