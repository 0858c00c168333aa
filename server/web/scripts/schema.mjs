// src/api/schema.d.ts is made from ../openapi.json, which a test of the server keeps up to date. Without --write: only looks.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const [from, to] = ['../openapi.json', 'src/api/schema.d.ts'];
const head = '// Made from server/openapi.json by `npm run api`. Do not edit.\n\n';
const types = head + astToString(await openapiTS(JSON.parse(readFileSync(from, 'utf8')), { immutable: true, alphabetize: true }));
if (process.argv.includes('--write')) writeFileSync(to, types);
let committed = '';
try {
  committed = readFileSync(to, 'utf8');
} catch {
  // Not there is not up to date.
}
if (committed !== types) {
  console.error(`${to} is older than server/openapi.json: npm run api`);
  process.exit(1);
}
console.log('schema: ok');
