/** The values that the server has for the keys of a search, asked for when a search begins. */
import { api } from './api';
import type { Known } from './complete';
import { prefs } from './prefs.svelte';
import { projects } from './projects.svelte';
import { seen } from './search.svelte';

const FRESH_MS = 60_000;
const DAYS = 30;
const DAY_MS = 86_400_000;

let counted = $state.raw<{ env: string[]; version: string[] }>({ env: [], version: [] });
let askedAt = 0;
let askedFor = '';

/** Those with the most reports come first, or the newest: as the server orders them. */
async function keysOf(by: 'environment' | 'version', project: string): Promise<string[]> {
  const since = new Date(Date.now() - DAYS * DAY_MS).toISOString();
  const stats = await api.stats({ by, interval: 'day', since, project_id: project });
  return stats.series.map((one) => one.key).filter((key) => key !== '' && key !== '(other)');
}

/** Reads environments and versions, at most once a minute for a project. */
export async function readKnown(project: string): Promise<void> {
  if (Date.now() - askedAt < FRESH_MS && askedFor === project) return;
  askedAt = Date.now();
  askedFor = project;
  try {
    const [env, version] = await Promise.all([
      keysOf('environment', project),
      keysOf('version', project),
    ]);
    counted = { env, version };
  } catch {
    // Without them the box still offers keys and fixed values.
    askedAt = 0;
  }
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value): value is string => !!value))];
}

export function known(): Known {
  const { issues } = seen;
  return {
    project: projects.items.map((one) => one.project_id),
    env: counted.env,
    version: counted.version,
    type: distinct(issues.map((one) => one.type)),
    code: distinct(issues.map((one) => one.code)),
    file: distinct(issues.map((one) => one.file_path.split('/').at(-1) ?? null)),
    assignee: distinct([prefs.user, ...issues.map((one) => one.assignee)]),
  };
}
