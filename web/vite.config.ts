import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { guideFile, guideMarkup } from './plugins/guide.ts';
import { snippets } from './plugins/snippets.ts';

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

/** Tests put components on a page: without this, Node gets those that only write HTML. */
function componentsInTests(): Plugin {
  return {
    name: 'components-in-tests',
    config: (_config, { mode }) =>
      mode === 'test' ? { resolve: { conditions: ['browser'] } } : undefined,
  };
}

export default defineConfig({
  plugins: [
    componentsInTests(),
    snippets(),
    svelte({ extensions: ['.svelte', '.md'], preprocess: [guideMarkup(), vitePreprocess()] }),
    guideFile(),
    themeScript(),
  ],
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
      input: { index: 'index.html', docs: 'docs.html', guide: 'guide.html' },
      output: {
        // One chunk for all that several pages use, instead of a dozen tiny ones.
        codeSplitting: {
          // The API page takes the switch alone: the dashboard's styles would reach into it.
          groups: [
            {
              name: 'shared',
              test: /\/src\/(?!styles\/switch)|\/svelte\//,
              tags: ['$initial'],
              minShareCount: 2,
              priority: 2,
            },
            // What only pages that come later share: the first page does not wait for it.
            { name: 'later', test: /\/src\/(?!styles\/switch)/, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  // The guide's text lies beside this folder.
  server: {
    fs: { allow: ['..'] },
    proxy: { '/api': 'http://127.0.0.1:8002', '/openapi.json': 'http://127.0.0.1:8002' },
  },
});
