/** How values of this base are written for this person: what codecs and painters ask for. */
import type { CodecContext, Locale } from '../fields/types';
import { i18n, words } from '../i18n/index.svelte';
import type { OpenBase } from './base.svelte';

export function localeOf(base: OpenBase): Locale {
  const w = words();
  return { tag: i18n.tag, zone: base.info.time_zone, yes: w.yes, no: w.no };
}

export function codecContext(base: OpenBase): CodecContext {
  return {
    locale: localeOf(base),
    person: (id) => base.person(id),
    people: () => base.info.people.map((person) => [person.id, person] as const),
  };
}
