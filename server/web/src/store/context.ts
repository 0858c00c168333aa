/** The open base for components deep inside (editors, settings of fields), without handing it through each level. */
import { getContext, setContext } from 'svelte';
import type { OpenBase } from './base.svelte';

const key = Symbol('base');

export function provideBase(base: () => OpenBase): void {
  setContext(key, base);
}

export function useBase(): OpenBase {
  return (getContext(key) as () => OpenBase)();
}
