// One program and one browser for all the tests of a file.

import { after, before } from 'node:test';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

/** Theirs from the first test on; every file runs in a process of its own. */
export let program;
export let browser;

/**
 * Starts both before the tests of the file that calls it, and ends them behind the last. `fill`
 * runs once the program can be asked.
 */
export function serve(fill) {
  before(async () => {
    program = await startProgram();
    browser = await startBrowser();
    await fill?.();
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });
}

/** A page of the program that was opened, with the faults that it tells. */
export async function opened(path, options) {
  const watched = await watchedPage(browser, program.url, options);
  await watched.page.goto(program.url + path);
  return watched;
}
