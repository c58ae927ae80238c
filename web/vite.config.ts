import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/**
 * Puts `src/theme.js` into every page's head as a classic script with a hashed name.
 * It has to run before the first paint, which a module script never does, and the content
 * security policy forbids an inline one.
 */
function themeScript(): Plugin {
  const source = readFileSync(new URL('./src/theme.js', import.meta.url), 'utf8');
  const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
  let building = false;
  return {
    name: 'theme-script',
    configResolved(config) {
      building = config.command === 'build';
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: `assets/theme-${hash}.js`, source });
    },
    transformIndexHtml() {
      const src = building ? `/assets/theme-${hash}.js` : '/src/theme.js';
      return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }];
    },
  };
}

export default defineConfig({
  plugins: [svelte(), themeScript()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // Inlined assets would be data: addresses, which the policy allows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The API page is one big prebuilt component and is only loaded on /docs.
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      input: { index: 'index.html', docs: 'docs.html' },
      output: {
        // One chunk for all that several pages use, instead of a dozen tiny ones.
        codeSplitting: {
          groups: [{ name: 'shared', test: /\/src\/|\/svelte\//, minShareCount: 2 }],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8002', '/openapi.json': 'http://127.0.0.1:8002' } },
});
