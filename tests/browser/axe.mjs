// axe-core in a page: what it finds against WCAG 2.2 AA, in a line each.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Evaluated, not added as a script: the page's policy forbids that. */
export async function findings(page) {
  await page.evaluate(source);
  const { violations } = await page.evaluate(
    (tags) => window.axe.run(document, { runOnly: { type: 'tag', values: tags } }),
    TAGS,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

const EVERY_LOOK = ['light', 'dark'].flatMap((colorScheme) =>
  ['en-GB', 'zh-CN', 'ru-RU'].map((locale) => ({ colorScheme, locale })),
);

/** Light and dark, in the three languages: what a page has to be read in. In the short form each
 * of the five, and with LOG_CENTER_TEST_LONG every pair. */
export const LOOKS = process.env.LOG_CENTER_TEST_LONG
  ? EVERY_LOOK
  : EVERY_LOOK.filter((_, at) => at % 2 === 0);

/** Opens a page in every look and width, and says what is wrong with it anywhere. */
export async function faultsOf(open, path, ready) {
  const all = [];
  for (const look of LOOKS) {
    for (const width of [360, 1280]) {
      const viewport = { width, height: 800 };
      const { page, faults, context } = await open(path, { ...look, viewport });
      await page.locator(ready).first().waitFor();
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wider > 0) faults.push(`${wider} pixels too wide`);
      faults.push(...(await findings(page)));
      all.push(...faults.map((fault) => `${look.colorScheme} ${look.locale} ${width}: ${fault}`));
      await context.close();
    }
  }
  return all;
}
