/**
 * The words of the app. `words()` in a template follows the language; a key missing in `zh.ts` does not compile.
 *
 *     const w = $derived(words());   →   {w.record.create}, {w.records(412)}
 */
import { en } from './en';
import { zh } from './zh';

export type Words = typeof en;
export type Language = 'en' | 'zh';

const key = 'sheaf.language';
const dictionaries: Record<Language, Words> = { en, zh };

class I18n {
  language = $state<Language>(first());

  choose(language: Language): void {
    this.language = language;
    try {
      localStorage.setItem(key, language);
    } catch {
      // Not kept, but shown.
    }
    if (typeof document !== 'undefined') document.documentElement.lang = this.tag;
  }

  get tag(): string {
    return this.language === 'zh' ? 'zh-CN' : 'en';
  }
}

/** The language for a list of wishes such as `navigator.languages`. */
export function pickLanguage(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    if (/^zh\b/i.test(wish)) return 'zh';
    if (/^en\b/i.test(wish)) return 'en';
  }
  return 'en';
}

function first(): Language {
  try {
    const kept = localStorage.getItem(key);
    if (kept === 'en' || kept === 'zh') return kept;
  } catch {
    // No storage: the browser's language.
  }
  return typeof navigator === 'undefined' ? 'en' : pickLanguage(navigator.languages);
}

export const i18n = new I18n();

export function words(): Words {
  return dictionaries[i18n.language];
}

/** Numbers with separators. */
export function number(n: number): string {
  return new Intl.NumberFormat(i18n.tag).format(n);
}

/** "3 minutes ago" and the like. */
export function ago(time: string): string {
  const seconds = (Date.parse(time) - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(i18n.tag, { numeric: 'auto' });
  const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3600], ['minute', 60]];
  for (const [unit, length] of steps) if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  return format.format(Math.trunc(seconds), 'second');
}
