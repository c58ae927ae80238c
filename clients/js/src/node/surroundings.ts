// What a server finds out by itself: its name, its version, its commit.

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Options } from '../types.js';

/** Where hosts and build systems put the commit. */
const COMMIT_NAMES = [
  'COMMIT_HASH',
  'GIT_COMMIT',
  'COMMIT_SHA',
  'GITHUB_SHA',
  'CI_COMMIT_SHA',
  'VERCEL_GIT_COMMIT_SHA',
  'RENDER_GIT_COMMIT',
  'RAILWAY_GIT_COMMIT_SHA',
  'HEROKU_SLUG_COMMIT',
  'SOURCE_VERSION',
  'BITBUCKET_COMMIT',
  'CIRCLE_SHA1',
];

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function packageOf(folder: string): { name?: string; version?: string } {
  try {
    return JSON.parse(text(join(folder, 'package.json')) ?? '{}') as { name?: string };
  } catch {
    return {};
  }
}

/** The commit that is checked out, without running git. */
function commitOf(folder: string): string | undefined {
  for (let above = folder; ; above = dirname(above)) {
    const head = text(join(above, '.git', 'HEAD'));
    if (head !== undefined) {
      const ref = /^ref: (.+)$/.exec(head)?.[1];
      if (!ref) return head;
      const loose = text(join(above, '.git', ref));
      const packed = text(join(above, '.git', 'packed-refs'));
      return loose ?? packed?.split('\n').find((line) => line.endsWith(` ${ref}`))?.split(' ')[0];
    }
    if (dirname(above) === above) return undefined;
  }
}

/** Options that nobody gave. */
export function foundOptions(rootDir: string, given: Options): Options {
  const about = given.project && given.version ? {} : packageOf(rootDir);
  const commit = COMMIT_NAMES.map((name) => process.env[name]).find(Boolean);
  const found: Options = { rootDir };
  if (about.name) found.project = about.name;
  if (about.version) found.version = about.version;
  const hash = given.commitHash ?? commit ?? commitOf(rootDir);
  if (hash) found.commitHash = hash;
  if (process.env.NODE_ENV) found.environment = process.env.NODE_ENV;
  return found;
}

const SERVER = process.env.LOG_CENTER_SERVER_NAME || hostname();

export const surroundings = (): Record<string, unknown> => ({
  server_name: SERVER,
  runtime: `node ${process.version}`,
  pid: process.pid,
});
