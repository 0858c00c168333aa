/** Copies a text and says so. `navigator.clipboard` is missing on plain http: the old way then. */
import { notify } from '../store/notices.svelte';
import { words } from '../i18n/index.svelte';

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  notify({ text: words().copied });
}
