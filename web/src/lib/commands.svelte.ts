/** What the palette offers here and now, and what each command does. */
import { api } from './api';
import { help } from './help.svelte';
import { logOut } from './leaving';
import { LANGUAGES } from './phrase';
import type { Command } from './palette';
import { prefs } from './prefs.svelte';
import { projects } from './projects.svelte';
import { navigate, route } from './route.svelte';
import { openCount } from './status';
import { may, who } from './who.svelte';
import { LANGUAGE_NAMES, switchLanguage, t } from './words.svelte';
import { GIVEN, ownViews } from './views.svelte';

export interface Doable extends Command {
  do: () => void;
}

const ISSUES_MAX = 7;

function goTo(address: string): () => void {
  return () => navigate(address);
}

/** What the side offers, the palette offers: one list of pages, in the reader's language. */
function pages(): Doable[] {
  const links = document.querySelectorAll<HTMLAnchorElement>('aside nav[aria-label] a[href]');
  return [...links].map((link) => ({
    id: `page ${link.pathname}`,
    group: 'page',
    label: (link.querySelector('span') ?? link).textContent?.trim() ?? link.pathname,
    do: () => link.click(),
  }));
}

/** The page's own keys, which stand here with their names. */
function keys(): Doable[] {
  if (!prefs.singleKeys) return [];
  const page = route.place.page;
  const offered: [string, string][] =
    page === 'issue'
      ? [
          ['e', t('help.move')],
          ['a', t('help.assign')],
          ['m', t('help.mute')],
          ['c', t('help.comment')],
          ['y', t('help.copy')],
          ['r', t('help.raw')],
        ]
      : page === 'issues'
        ? [
            ['e', t('help.move')],
            ['a', t('help.assign')],
            ['m', t('help.mute')],
          ]
        : [];
  return offered.map(([key, label]) => ({
    id: `key ${key}`,
    group: 'action',
    label,
    keys: key,
    do: () => {
      const code = `Key${key.toUpperCase()}`;
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true }));
    },
  }));
}

/** Pages that the side does not name, and the way out. */
function trust(): Doable[] {
  const page = (path: string, label: string): Doable => ({
    id: `page ${path}`,
    group: 'page',
    label,
    do: goTo(path),
  });
  const own = who.person
    ? [
        page('/account', t('account.title')),
        {
          id: 'logout',
          group: 'action' as const,
          label: t('account.logOut'),
          hint: who.person.name,
          do: () => void logOut(),
        },
      ]
    : [];
  const administrators = may('administrator')
    ? [page('/keys', t('keys.title')), page('/audit', t('audit.title'))]
    : [];
  return [...administrators, ...own];
}

function actions(): Doable[] {
  const themes = (['auto', 'light', 'dark'] as const).map((theme): Doable => ({
    id: `theme ${theme}`,
    group: 'action',
    label: `${t('prefs.theme')}: ${t(`prefs.${theme}`)}`,
    do: () => (prefs.theme = theme),
  }));
  const languages = LANGUAGES.map((language): Doable => ({
    id: `language ${language}`,
    group: 'action',
    label: LANGUAGE_NAMES[language],
    hint: t('prefs.language'),
    do: () => void switchLanguage(language),
  }));
  const sheet: Doable = {
    id: 'help',
    group: 'action',
    label: t('help.title'),
    keys: '?',
    do: () => (help.open = true),
  };
  return [...keys(), sheet, ...themes, ...languages];
}

export function commands(): Doable[] {
  const lists = projects.items.map((project): Doable => ({
    id: `project ${project.project_id}`,
    group: 'project',
    label: project.project_id,
    hint: t('projects.open', { n: openCount(project) }),
    do: goTo(`/issues?${new URLSearchParams({ project_id: project.project_id })}`),
  }));
  const views = [
    ...ownViews(),
    ...GIVEN.map(({ name, query }) => ({ name: t(`views.${name}`), query })),
  ].map(({ name, query }): Doable => ({
    id: `view ${name}`,
    group: 'view',
    label: name,
    hint: t('views.title'),
    do: goTo(query ? `/issues?${query}` : '/issues'),
  }));
  return [...pages(), ...trust(), ...lists, ...views, ...actions()];
}

export function searchFor(typed: string): Doable {
  return {
    id: 'search',
    group: 'search',
    label: t('palette.searchFor', { query: typed.trim() }),
    do: goTo(`/issues?${new URLSearchParams({ q: typed.trim(), status: 'all' })}`),
  };
}

/** Issues that a text finds, in every status. A text that is no query finds none. */
export async function findIssues(typed: string, signal: AbortSignal): Promise<Doable[]> {
  const query = new URLSearchParams({ q: typed.trim(), limit: String(ISSUES_MAX) });
  const { items } = await api.issues(query, signal);
  return items.map((issue) => ({
    id: `issue ${issue.id}`,
    group: 'issue',
    label: `${issue.type}: ${issue.message}`,
    hint: `${issue.project_id} · ${t(`status.${issue.status}`)}`,
    do: goTo(`/issues/${issue.id}`),
  }));
}
