/** Keys → what they mean. A table without state; `grid.ts` does what it says. */

export type KeyMeaning =
  | { readonly do: 'move'; readonly dx: number; readonly dy: number; readonly extend: boolean; readonly edge: boolean }
  | { readonly do: 'page'; readonly dy: number; readonly extend: boolean }
  /** Tab and Enter: walk on. */
  | { readonly do: 'step'; readonly dx: number; readonly dy: number }
  /** Alt, with Shift or without: some window managers keep Alt and an arrow for themselves. */
  | { readonly do: 'shiftRecord'; readonly by: -1 | 1 }
  | { readonly do: 'enter' | 'edit' | 'clear' | 'open' | 'escape' | 'all' | 'undo' | 'redo' | 'fillDown' | 'fillRight' | 'today' | 'find' | 'menu' | 'newRecord' | 'checkRow' };

export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing?: boolean;
  readonly keyCode?: number;
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What a key means while no cell is being edited; `undefined`: not ours (copy, paste and typing come as their own events). */
export function meaning(key: Key, mac: boolean): KeyMeaning | undefined {
  // 229: the input method takes this key; whatever it stands for, it is not a command.
  if (key.isComposing === true || key.keyCode === 229) return undefined;
  const mod = mac ? key.metaKey : key.ctrlKey;
  const other = mac ? key.ctrlKey : key.metaKey;
  if (other) return undefined;
  const arrow = arrows[key.key];
  if (arrow !== undefined) {
    const [dx, dy] = arrow;
    if (key.altKey) return dy === 0 || mod ? undefined : { do: 'shiftRecord', by: dy < 0 ? -1 : 1 };
    return { do: 'move', dx, dy, extend: key.shiftKey, edge: mod };
  }
  if (key.altKey) return undefined;
  return mod ? withMod(key) : alone(key);
}

function alone(key: Key): KeyMeaning | undefined {
  switch (key.key) {
    case 'Tab':
      return { do: 'step', dx: key.shiftKey ? -1 : 1, dy: 0 };
    case 'Enter':
      return { do: key.shiftKey ? 'newRecord' : 'enter' };
    case 'F2':
      return { do: 'edit' };
    case 'Delete':
    case 'Backspace':
      return { do: 'clear' };
    case ' ':
      return { do: key.shiftKey ? 'checkRow' : 'open' };
    case 'Escape':
      return { do: 'escape' };
    case 'Home':
      return { do: 'move', dx: -1, dy: 0, extend: key.shiftKey, edge: true };
    case 'End':
      return { do: 'move', dx: 1, dy: 0, extend: key.shiftKey, edge: true };
    case 'PageUp':
      return { do: 'page', dy: -1, extend: key.shiftKey };
    case 'PageDown':
      return { do: 'page', dy: 1, extend: key.shiftKey };
    case 'ContextMenu':
      return { do: 'menu' };
    case 'F10':
      return key.shiftKey ? { do: 'menu' } : undefined;
    default:
      return undefined;
  }
}

function withMod(key: Key): KeyMeaning | undefined {
  switch (key.key.toLowerCase()) {
    case 'a':
      return { do: 'all' };
    case 'z':
      return { do: key.shiftKey ? 'redo' : 'undo' };
    case 'y':
      return { do: 'redo' };
    case 'd':
      return { do: 'fillDown' };
    case 'r':
      // With Shift it is the browser's reload.
      return key.shiftKey ? undefined : { do: 'fillRight' };
    case 'f':
      return { do: 'find' };
    case ';':
      return { do: 'today' };
    case 'home':
      return { do: 'page', dy: -Infinity, extend: key.shiftKey };
    case 'end':
      return { do: 'page', dy: Infinity, extend: key.shiftKey };
    default:
      return undefined;
  }
}

/** What ends an edit in the text area, and where the cursor goes; `undefined`: the key belongs to the text. */
export function editMeaning(
  key: Key,
  text: { readonly multiline: boolean; readonly typed: boolean },
): { readonly commit: boolean; readonly move: 'stay' | 'down' | 'up' | 'right' | 'left' } | 'newline' | undefined {
  if (key.isComposing === true || key.keyCode === 229) return undefined;
  switch (key.key) {
    case 'Escape':
      return { commit: false, move: 'stay' };
    case 'Tab':
      return { commit: true, move: key.shiftKey ? 'left' : 'right' };
    case 'Enter':
      if (text.multiline && (key.altKey || key.shiftKey || key.ctrlKey)) return 'newline';
      return { commit: true, move: key.shiftKey ? 'up' : 'down' };
    case 'ArrowUp':
    case 'ArrowDown':
    case 'ArrowLeft':
    case 'ArrowRight':
      // Somebody who just typed goes on to the next cell; after F2 or a double click arrows move in the text.
      if (!text.typed || key.shiftKey || key.ctrlKey || key.metaKey || key.altKey) return undefined;
      return { commit: true, move: key.key.slice(5).toLowerCase() as 'down' | 'up' | 'right' | 'left' };
    default:
      return undefined;
  }
}
