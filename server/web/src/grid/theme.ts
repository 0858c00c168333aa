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
  avatar: '--c-avatar',
} as const;

export type Theme = { readonly [name in keyof typeof properties]: string } & {
  readonly options: Readonly<Record<ColorName, OptionColors>>;
  /** Texts for `ctx.font`: 13 px body and cells, the same at 500, 12 px chips, 11 px hints, 11 px bold flags. */
  readonly fonts: {
    readonly body: string;
    readonly strong: string;
    readonly chip: string;
    readonly label: string;
    readonly hint: string;
    readonly flag: string;
  };
};

/** `read` gives the value of a custom property; tests pass their own. */
export function themeFrom(read: (property: string) => string): Theme {
  const colors = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, read(property)]));
  const options = Object.fromEntries(
    colorNames.map((name) => [name, { bg: read(`--opt-${name}-bg`), fg: read(`--opt-${name}-fg`), solid: read(`--opt-${name}`) }]),
  );
  const size = (property: string): string => read(property) || '13px';
  const font = read('--font') || 'sans-serif';
  const fonts = {
    body: `400 ${size('--fs-body')} ${font}`,
    strong: `500 ${size('--fs-body')} ${font}`,
    chip: `500 ${size('--fs-label')} ${font}`,
    label: `400 ${size('--fs-label')} ${font}`,
    hint: `400 ${size('--fs-hint')} ${font}`,
    flag: `600 ${size('--fs-hint')} ${font}`,
  };
  return { ...colors, options, fonts } as Theme;
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
