// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { loadNotifying, notifying } from '../lib/channels.svelte';
import { plainRule, TRIGGERS } from '../lib/notifying';
import { addWords } from '../lib/words.svelte';
import RuleForm from './RuleForm.svelte';
import { button, served, staged } from './stage';

const OFFERED = ['Files', 'Versions', 'Search', 'Whom to mention (optional)'];

/** Names of the fields that stand in the page. */
function labels(): string[] {
  return [...document.querySelectorAll('label')].map((one) => one.textContent.trim());
}

test.each([0, 1])('the form of a new rule has every field beside %d rules', async (count) => {
  const rules = [{ ...plainRule(), id: 1, name: 'First' }].slice(0, count);
  served({
    '/api/v1/channels': { items: [], next_cursor: null },
    '/api/v1/rules': { items: rules, default: count ? null : plainRule(), next_cursor: null },
  });
  await loadNotifying();
  expect(notifying.rules).toHaveLength(count);
  await addWords('notifying');
  await staged(RuleForm, { back: '/', ondone: () => undefined });
  const boxes = [...document.querySelectorAll<HTMLInputElement>('.one > label > input')];
  expect(boxes.map(({ value }) => value)).toEqual([...TRIGGERS]);
  expect(labels()).toEqual(expect.arrayContaining(OFFERED));
  expect(button('Try it on the last 7 days')).toBeDefined();
});
