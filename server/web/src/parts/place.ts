/** Where a floating box goes: below its anchor if it fits, else above; kept inside the screen. */
export type Anchor = Element | { readonly x: number; readonly y: number; readonly w?: number; readonly h?: number };
export type Side = 'below' | 'belowEnd' | 'right' | 'over';

const gap = 4;
const margin = 8;

export function anchorBox(anchor: Anchor): { x: number; y: number; w: number; h: number } {
  if (!(anchor instanceof Element)) return { x: anchor.x, y: anchor.y, w: anchor.w ?? 0, h: anchor.h ?? 0 };
  const box = anchor.getBoundingClientRect();
  return { x: box.left, y: box.top, w: box.width, h: box.height };
}

export function place(
  at: { x: number; y: number; w: number; h: number },
  size: { w: number; h: number },
  screen: { w: number; h: number },
  side: Side,
): { x: number; y: number; maxHeight: number } {
  let x = at.x;
  let y = at.y + at.h + gap;
  if (side === 'belowEnd') x = at.x + at.w - size.w;
  if (side === 'right') {
    x = at.x + at.w + gap;
    y = at.y - gap;
    if (x + size.w > screen.w - margin) x = at.x - size.w - gap;
  }
  if (side === 'over') y = at.y;
  if (side !== 'right' && side !== 'over' && y + size.h > screen.h - margin) {
    const above = at.y - gap - size.h;
    const [roomAbove, roomBelow] = [at.y - gap - margin, screen.h - margin - y];
    if (above >= margin) y = above;
    else if (roomAbove > roomBelow) return { x: clamp(x, size.w, screen.w), y: margin, maxHeight: roomAbove };
    else return { x: clamp(x, size.w, screen.w), y, maxHeight: roomBelow };
  }
  return { x: clamp(x, size.w, screen.w), y: clamp(y, size.h, screen.h), maxHeight: screen.h - 2 * margin };
}

function clamp(at: number, size: number, screen: number): number {
  return Math.max(margin, Math.min(at, screen - size - margin));
}
