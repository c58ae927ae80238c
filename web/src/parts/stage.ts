/** Puts a component on a page without a browser, for the tests of components. */
import { flushSync, mount, tick, unmount, type Component } from 'svelte';
import { afterEach, vi } from 'vitest';
import { addWords, chooseLanguage } from '../lib/words.svelte';

/** Parts are compiled when they are first asked for: on a busy machine that takes its time. */
const WAIT_MS = 20_000;
vi.setConfig({ testTimeout: 2 * WAIT_MS });

const shown: Record<string, unknown>[] = [];

afterEach(async () => {
  for (const component of shown.splice(0)) await unmount(component);
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  await chooseLanguage('en');
});

export async function staged<Props extends Record<string, unknown>>(
  component: Component<Props>,
  props: Props,
): Promise<HTMLElement> {
  await addWords('later');
  shown.push(mount(component, { target: document.body, props }) as Record<string, unknown>);
  flushSync();
  return document.body;
}

/** Waits until something is there: a condition, not a time. */
export async function found<Thing>(look: () => Thing | null | undefined): Promise<Thing> {
  return vi.waitFor(() => {
    const thing = look();
    if (thing === null || thing === undefined) throw new Error(document.body.innerText);
    return thing;
  }, WAIT_MS);
}

export async function press(button: HTMLElement): Promise<void> {
  button.click();
  await tick();
}

/** The button that says this. */
export function button(text: string | RegExp): HTMLButtonElement | undefined {
  const says = (one: HTMLElement) => one.textContent.replace(/\s+/g, ' ').trim();
  const matches = (said: string) =>
    typeof text === 'string' ? said === text : text.test(said);
  return [...document.querySelectorAll('button')].find((one) => matches(says(one)));
}

/** Answers every request of the page by its path, and tells what was asked. */
export function served(answers: Record<string, unknown>) {
  const asked: { method: string; path: string; body: unknown }[] = [];
  vi.stubGlobal('fetch', (address: string, options: RequestInit) => {
    const path = address.split('?')[0] ?? '';
    const body = typeof options.body === 'string' ? JSON.parse(options.body) : undefined;
    asked.push({ method: options.method ?? 'GET', path: address, body });
    const answer = answers[path];
    const status = answer === undefined ? 404 : 200;
    return Promise.resolve(new Response(JSON.stringify(answer ?? {}), { status }));
  });
  return asked;
}
