/** Whether records can be put into an order by hand. */
import type { OpenBase } from '../store/base.svelte';
import type { View } from '../api/types';

/** Not in a sorted view, whose order is the sort's; not in a locked one, whose order is its owner's. */
export function mayOrder(base: OpenBase, view: View): boolean {
  return base.canEdit && !view.locked && !view.settings.sort?.length;
}
