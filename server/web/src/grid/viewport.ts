/**
 * Scroll positions beyond what a browser can scroll. The native scroller's content is at most `spacerMax` high (Chromium
 * stops at ~33.5 million pixels, Firefox at ~17.9); above that small movements count 1:1 and large ones in proportion.
 */

export const spacerMax = 8_000_000;

/** A native jump larger than this many screens came from the scroll bar, not from a wheel or a finger. */
const jumpScreens = 3;

export class ScrollMap {
  /** Height of the real content, of the screen, and of what the native scroller is told. */
  private content = 0;
  private view = 0;
  private spacer = 0;
  private native = 0;
  /** Distance of the screen's top from the content's. */
  top = 0;

  get spacerHeight(): number {
    return this.spacer;
  }

  get max(): number {
    return Math.max(0, this.content - this.view);
  }

  private get nativeMax(): number {
    return Math.max(0, this.spacer - this.view);
  }

  private get scaled(): boolean {
    return this.content > this.spacer;
  }

  /** New sizes. Returns the native position that belongs to the present top. */
  resize(content: number, view: number): number {
    this.content = content;
    this.view = view;
    this.spacer = Math.min(content, spacerMax);
    this.top = Math.min(this.top, this.max);
    this.native = this.toNative(this.top);
    return this.native;
  }

  /** The native scroller moved. Returns the new top. */
  moved(native: number): number {
    const delta = native - this.native;
    this.native = native;
    if (!this.scaled) this.top = Math.min(Math.max(native, 0), this.max);
    else if (Math.abs(delta) > jumpScreens * this.view) this.top = this.fromNative(native);
    else this.top = Math.min(Math.max(this.top + delta, 0), this.max);
    return this.top;
  }

  /** Goes to a place of the content. Returns the native position to set. */
  goTo(top: number): number {
    this.top = Math.min(Math.max(top, 0), this.max);
    this.native = this.toNative(this.top);
    return this.native;
  }

  /**
   * Small movements let the native position drift from its proportional place; this is where it belongs. To be set when
   * scrolling rests, or at once when the native scroller stands at an end that the content has not reached.
   */
  settled(): number {
    this.native = this.toNative(this.top);
    return this.native;
  }

  /** What the native scroller made of the position it was given: it may round. */
  sync(native: number): void {
    this.native = native;
  }

  get stuck(): boolean {
    if (!this.scaled) return false;
    return (this.native <= 0 && this.top > 0) || (this.native >= this.nativeMax && this.top < this.max);
  }

  private toNative(top: number): number {
    if (!this.scaled) return top;
    return Math.round((top / this.max) * this.nativeMax);
  }

  private fromNative(native: number): number {
    return this.nativeMax === 0 ? 0 : Math.min(Math.max((native / this.nativeMax) * this.max, 0), this.max);
  }
}
