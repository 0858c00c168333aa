/** The present place, kept in step with the address bar. `go` adds to the history, `replace` does not. */
import { href, parse, type Place } from './router';

class Route {
  place = $state.raw<Place>(typeof location === 'undefined' ? { at: 'bases' } : parse(location.pathname, location.search));

  constructor() {
    if (typeof window !== 'undefined') window.addEventListener('popstate', () => (this.place = parse(location.pathname, location.search)));
  }

  go(place: Place): void {
    if (href(place) === href(this.place)) return;
    history.pushState(null, '', href(place));
    this.place = place;
  }

  replace(place: Place): void {
    history.replaceState(null, '', href(place));
    this.place = place;
  }

  /** Opens or closes the record panel on the table shown. */
  record(record: string | null): void {
    if (this.place.at !== 'table') return;
    const { record: _, ...rest } = this.place;
    const was = this.place.record !== undefined;
    const next: Place = record ? { ...rest, record } : rest;
    // From record to record is one step of the history.
    if (was && record) this.replace(next);
    else this.go(next);
  }
}

export const route = new Route();

/** For `<a href>`: keeps modified clicks to the browser. */
export function follow(event: MouseEvent, place: Place): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  route.go(place);
}
