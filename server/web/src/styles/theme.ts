/** The theme the person chose, kept in this browser. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'sheaf.theme';
const system = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

export function chosenTheme(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    // Storage is refused in some embedded browsers; the system's theme is then right.
    return 'system';
  }
}

/** Chooses a theme and shows it. Canvas painters learn of it by the `sheaf:theme` event on `window`. */
export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Not kept, but shown.
  }
  showTheme();
}

/** Puts the theme on the root element; call once at start, before the first paint. */
export function startTheme(): void {
  system().addEventListener('change', showTheme);
  showTheme();
}

function showTheme(): void {
  const chosen = chosenTheme();
  const shown = chosen === 'system' ? (system().matches ? 'dark' : 'light') : chosen;
  document.documentElement.dataset.theme = shown;
  window.dispatchEvent(new CustomEvent('sheaf:theme', { detail: shown }));
}
