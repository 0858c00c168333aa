// End-to-end tests in a real Chromium. Vitest is only the runner here: playwright-core drives the browser.
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: join(import.meta.dirname, '../node_modules/.vite-e2e'),
  test: {
    root: import.meta.dirname,
    include: ['*.spec.ts'],
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One browser at a time: tests share two cores with whatever they test.
    fileParallelism: false,
    // When the page does not even start, every further test would only wait.
    bail: 3,
  },
});
