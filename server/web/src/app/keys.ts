/** Keys as written ("Mod+Shift+Z"), matched against events, and the list that `?` shows. */
export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

export function matches(keys: string, event: KeyboardEvent): boolean {
  const parts = keys.split('+');
  const key = parts.pop() ?? '';
  const mod = parts.includes('Mod');
  if (mod !== (isMac ? event.metaKey : event.ctrlKey)) return false;
  if (parts.includes('Alt') !== event.altKey) return false;
  // "?" is Shift+/ on most layouts: Shift counts only where it is named or the key is a letter.
  if (/^[A-Z]$/.test(key) && parts.includes('Shift') !== event.shiftKey) return false;
  return event.key.toUpperCase() === key.toUpperCase();
}

/** "Ctrl K" or "⌘ K". */
export function shown(keys: string): string {
  if (isMac) return keys.replace('Mod', '⌘').replace('Shift', '⇧').replace('Alt', '⌥').split('+').join(' ');
  return keys.replace('Mod', 'Ctrl').split('+').join(' ');
}

/** Whether the event is typed into something: plain keys are then text. */
export function typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return target !== null && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Keys of the grid, which handles them itself; name is a key of `words().keys`. */
export const gridKeys = [
  ['move', '← ↑ → ↓'], ['edge', 'Mod+←'], ['range', 'Shift+←'], ['next', 'Tab'], ['edit', 'Enter'], ['edit2', 'F2'], ['clear', 'Delete'],
  ['open', 'Space'], ['copy', 'Mod+C'], ['cut', 'Mod+X'], ['paste', 'Mod+V'], ['fillDown', 'Mod+D'], ['fillRight', 'Mod+R'], ['all', 'Mod+A'],
  ['today', 'Mod+;'], ['deleteRecords', 'Mod+-'], ['below', 'Shift+Enter'], ['moveRecord', 'Alt+↑'], ['find', 'Mod+F'],
] as const;
export const appKeys = [['palette', 'Mod+K'], ['undo', 'Mod+Z'], ['redo', 'Mod+Shift+Z'], ['keys', '?'], ['close', 'Escape']] as const;
