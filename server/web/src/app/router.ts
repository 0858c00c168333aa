/**
 * Addresses of the app. Pure: `parse` and `href` are inverses of each other; `route.svelte.ts` holds the present one.
 * The record panel is `?r=` on whatever shows records.
 */
export type Place =
  | { readonly at: 'bases' }
  | { readonly at: 'login' }
  | { readonly at: 'setup'; readonly token?: string }
  | { readonly at: 'tokens' }
  | { readonly at: 'base'; readonly base: string }
  | { readonly at: 'table'; readonly base: string; readonly table: string; readonly view?: string; readonly record?: string }
  | { readonly at: 'dashboard'; readonly base: string; readonly dashboard: string }
  | { readonly at: 'automations'; readonly base: string; readonly automation?: string }
  | { readonly at: 'settings'; readonly base: string }
  | { readonly at: 'lost' };

export function parse(path: string, query = ''): Place {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const search = new URLSearchParams(query);
  const [first, base, kind, id, vee, view] = parts;
  if (first === undefined) return { at: 'bases' };
  if (parts.length === 1) {
    if (first === 'login' || first === 'tokens') return { at: first };
    if (first === 'setup') {
      const token = search.get('token');
      return { at: 'setup', ...(token ? { token } : {}) };
    }
  }
  if (first !== 'b' || base === undefined) return { at: 'lost' };
  if (kind === undefined) return { at: 'base', base };
  if (kind === 't' && id !== undefined && (vee === undefined || (vee === 'v' && view !== undefined))) {
    const record = search.get('r');
    return { at: 'table', base, table: id, ...(view ? { view } : {}), ...(record ? { record } : {}) };
  }
  if (kind === 'd' && id !== undefined && parts.length === 4) return { at: 'dashboard', base, dashboard: id };
  if (kind === 'automations' && parts.length <= 4) return { at: 'automations', base, ...(id ? { automation: id } : {}) };
  if (kind === 'settings' && parts.length === 3) return { at: 'settings', base };
  return { at: 'lost' };
}

export function href(place: Place): string {
  const e = encodeURIComponent;
  switch (place.at) {
    case 'bases':
    case 'lost':
      return '/';
    case 'login':
    case 'tokens':
      return `/${place.at}`;
    case 'setup':
      return place.token ? `/setup?token=${e(place.token)}` : '/setup';
    case 'base':
      return `/b/${e(place.base)}`;
    case 'table':
      return `/b/${e(place.base)}/t/${e(place.table)}${place.view ? `/v/${e(place.view)}` : ''}${place.record ? `?r=${e(place.record)}` : ''}`;
    case 'dashboard':
      return `/b/${e(place.base)}/d/${e(place.dashboard)}`;
    case 'automations':
      return `/b/${e(place.base)}/automations${place.automation ? `/${e(place.automation)}` : ''}`;
    case 'settings':
      return `/b/${e(place.base)}/settings`;
  }
}
