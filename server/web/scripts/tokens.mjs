// Colours and font sizes live in src/styles/tokens.css only; anything else refuses the check.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const faults = [];
for (const entry of readdirSync('src', { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (!entry.isFile() || path.endsWith('tokens.css') || /\.(test|d)\.ts$/.test(path)) continue;
  const kind = /\.(css|svelte|ts)$/.exec(path)?.[1];
  if (!kind) continue;
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, n) => {
      const hex = kind === 'ts' ? /(['"`])#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\1/i : /[\s:(,'"]#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b(?!['"]?\s*\})/i;
      const inStyle = kind !== 'svelte' || /[:;{}]/.test(line);
      if (inStyle && hex.test(line) && !/href=|\{#(each|if|key|await|snippet)/.test(line)) faults.push(`${path}:${n + 1}: colour outside tokens.css: ${line.trim()}`);
      if (kind !== 'ts' && /font(-size)?:[^;]*\d(px|rem|pt)\b/.test(line)) faults.push(`${path}:${n + 1}: font size outside tokens.css: ${line.trim()}`);
    });
}
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
console.log('tokens: ok');
