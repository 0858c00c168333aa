/** Lets the field menu and the grid open a panel of the toolbar. */
class PanelRequest {
  panel = $state<'fields' | 'filter' | 'group' | 'sort' | null>(null);
  search = $state(false);
}

export const panelRequest = new PanelRequest();
