import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The server of `cargo run`; `npm run dev` shows the app with hot reload and passes everything else on to it.
const server = process.env.SHEAF_URL ?? 'http://127.0.0.1:7300';

export default defineConfig({
  plugins: [svelte()],
  build: {
    // server/build.rs points this into its OUT_DIR.
    outDir: process.env.WEB_OUT_DIR ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // No inlined data: URLs: the content security policy allows images and fonts from 'self' only.
    assetsInlineLimit: 0,
  },
  // Two copies of these break editors in ways that look like lost key presses.
  resolve: { dedupe: ['@codemirror/state', '@codemirror/view', 'svelte'] },
  server: { proxy: { '/api': { target: server, ws: true }, '/v0': server, '/open-apis': server } },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
  },
});
