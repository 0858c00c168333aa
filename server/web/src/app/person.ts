/** The menu of the signed-in person: language, theme, tokens, sign out. */
import Languages from '@lucide/svelte/icons/languages';
import SunMoon from '@lucide/svelte/icons/sun-moon';
import KeyRound from '@lucide/svelte/icons/key-round';
import LogOut from '@lucide/svelte/icons/log-out';
import { i18n, type Words } from '../i18n/index.svelte';
import { session } from '../store/session.svelte';
import { chooseTheme, chosenTheme, type Theme } from '../styles/theme';
import type { MenuEntry } from '../parts/menu';
import { route } from './route.svelte';

export function appearanceMenu(w: Words): MenuEntry[] {
  const themes: readonly Theme[] = ['system', 'light', 'dark'];
  return [
    {
      label: w.nav.language,
      icon: Languages,
      items: ([['zh', '中文'], ['en', 'English']] as const).map(([language, label]) => ({
        label,
        checked: i18n.language === language,
        run: () => i18n.choose(language),
      })),
    },
    {
      label: w.nav.theme,
      icon: SunMoon,
      items: themes.map((theme) => ({ label: w.nav.themes[theme], checked: chosenTheme() === theme, run: () => chooseTheme(theme) })),
    },
  ];
}

export function personMenu(w: Words): MenuEntry[] {
  return [
    { label: session.person?.name ?? '' },
    ...appearanceMenu(w),
    { label: w.nav.tokens, icon: KeyRound, run: () => route.go({ at: 'tokens' }) },
    'line',
    { label: w.login.out, icon: LogOut, run: () => void session.logout() },
  ];
}
