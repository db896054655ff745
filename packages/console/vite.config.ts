import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    // What knows light-dark() and fetch streams; nothing is polyfilled.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Everything is a file of its own: the page's policy allows no data: and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    // The graph's parts and its layout worker are loaded with the first graph.
    chunkSizeWarningLimit: 700,
  },
});
