/** A Chromium for tests, and the dev page of the grid served by Vite. CHROMIUM names the program. */
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { createServer } from 'vite';

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
    ],
  });
}

/** The dev page over a synthetic source; `query` as in dev/grid.ts. */
export async function serveDevPage(): Promise<{ readonly url: (query?: string) => string; close(): Promise<void> }> {
  const root = join(import.meta.dirname, '..');
  const server = await createServer({
    root,
    // The page needs no packages; scanning the app for them would tie these tests to its state.
    optimizeDeps: { noDiscovery: true, include: [] },
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (address === null || address === undefined || typeof address === 'string') throw new Error('no port');
  return { url: (query = '') => `http://127.0.0.1:${address.port}/dev/grid.html?${query}`, close: () => server.close() };
}
