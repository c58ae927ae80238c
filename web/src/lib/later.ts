/** Parts that the first page does not wait for, each with the words it needs. */
import { addWords, type WordSet } from './words.svelte';

async function withWords<Part>(load: () => Promise<Part>, also?: WordSet): Promise<Part> {
  const [part] = await Promise.all([load(), addWords('later'), also && addWords(also)]);
  return part;
}

export type Finding = typeof import('../pages/finding');
let finding: Promise<Finding | undefined> | undefined;

/** Completion, the palette, saved views: nothing comes when the server was upgraded meanwhile. */
export function loadFinding(): Promise<Finding | undefined> {
  finding ??= withWords(() => import('../pages/finding')).catch(() => (finding = undefined));
  return finding;
}

export function loadIssuesPage() {
  return withWords(() => import('../pages/IssuesPage.svelte'));
}

export function loadIssuePage() {
  return withWords(() => import('../pages/IssuePage.svelte'));
}

export function loadBoardPage() {
  return withWords(() => import('../pages/BoardPage.svelte'));
}

export function loadLivePage() {
  return withWords(() => import('../pages/LivePage.svelte'));
}

export function loadStatisticsPage() {
  return withWords(() => import('../pages/StatisticsPage.svelte'));
}

export function loadNotificationsPage() {
  return withWords(() => import('../pages/NotificationsPage.svelte'), 'notifying');
}

export type Trust = typeof import('../pages/trust');

/** Who may what: people, keys, the record, one's own account, and the menu in the bar. */
export function loadTrust() {
  return withWords(() => import('../pages/trust'));
}

export function loadBeside() {
  return withWords(() => import('../pages/beside'));
}
