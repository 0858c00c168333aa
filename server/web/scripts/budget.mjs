// What the browser loads before the first picture: index.html, its scripts with their static imports, its styles.
// Fails over 120 KB gzipped, and on code that a strict content security policy or a closed network would refuse.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const dir = process.env.WEB_OUT_DIR ?? 'dist';
const limitKb = 120;

if (!existsSync(join(dir, 'index.html'))) {
  console.log('budget: no build to measure (npm run build), skipped');
  process.exit(0);
}

const html = readFileSync(join(dir, 'index.html'), 'utf8');
const first = new Set(['index.html']);
const queue = [...html.matchAll(/(?:src|href)="\/?([^"]+\.(?:js|css))"/g)].map((m) => m[1]);
while (queue.length > 0) {
  const file = queue.pop();
  if (first.has(file)) continue;
  first.add(file);
  if (!file.endsWith('.js')) continue;
  const code = readFileSync(join(dir, file), 'utf8');
  for (const m of code.matchAll(/(?:^|[;}\s])import\s*(?:[\w*{}\s,$]+from)?\s*["'](\.[^"']+)["']/g)) {
    queue.push(normalize(join(dirname(file), m[1])));
  }
}

let bytes = 0;
for (const file of first) bytes += gzipSync(readFileSync(join(dir, file)), { level: 9 }).length;
const kb = bytes / 1024;

const faults = [];
if (kb > limitKb) faults.push(`first load is ${kb.toFixed(1)} KB gz, the limit is ${limitKb}`);
for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css)$/.test(entry.name)) continue;
  const code = readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8');
  if (/[^.\w]eval\(|new Function\(/.test(code)) faults.push(`${entry.name} evaluates text as code`);
  const host = /https?:\/\/(?:cdn\.|fonts\.|unpkg\.|cdnjs\.|esm\.sh)[^"'`\s)]*/.exec(code);
  if (host) faults.push(`${entry.name} names a foreign host: ${host[0]}`);
}
if (faults.length > 0) {
  console.error(`budget: ${faults.join('\n        ')}`);
  process.exit(1);
}
console.log(`budget: first load ${kb.toFixed(1)} KB gz of ${limitKb} (${first.size} files)`);
