// The options with their defaults.

import type { Level, Options } from './types.js';
import { levelOf } from './kinds.js';
import { safeText } from './safe.js';

export interface Settings extends Options {
  url: string;
  project: string;
  environment: string;
  level: Level;
  sampleRate: number;
  ignore: (string | RegExp)[];
  scrub: (string | RegExp)[];
  inApp: (string | RegExp)[];
  rootDir: string;
  bodies: 'small' | 'never';
  timeout: number;
  maxQueue: number;
  enabled: boolean;
  debug: boolean;
}

const TIMEOUT_MAX_MS = 60_000;

export function withoutAbsent<T extends object>(value: T): T {
  for (const name of Object.keys(value) as (keyof T)[]) {
    if (value[name] === undefined || value[name] === '') delete value[name];
  }
  return value;
}

/** Puts defaults under options; what is out of range becomes the default. */
export function settle(given: Options): Settings {
  const options = withoutAbsent({ ...given });
  const rate = Number(options.sampleRate ?? 1);
  return {
    ...options,
    url: safeText(options.url ?? '').replace(/\/+$/, ''),
    project: projectName(options.project),
    environment: safeText(options.environment ?? 'production').slice(0, 64),
    level: levelOf(options.level) ?? 'debug',
    sampleRate: rate >= 0 && rate <= 1 ? rate : 1,
    ignore: rules(options.ignore),
    scrub: rules(options.scrub),
    inApp: rules(options.inApp),
    exposeCodes: rules(options.exposeCodes) as string[],
    rootDir: safeText(options.rootDir ?? ''),
    bodies: options.bodies === 'never' ? 'never' : 'small',
    timeout: Math.min(positive(options.timeout, 3_000), TIMEOUT_MAX_MS),
    maxQueue: Math.ceil(positive(options.maxQueue, 100)),
    enabled: options.enabled !== false,
    debug: options.debug === true,
  };
}

/** One rule alone is a list of one; what is no rule is left out. */
const rules = (given: unknown): (string | RegExp)[] =>
  (Array.isArray(given) ? given : [given]).filter(
    (one): one is string | RegExp =>
      (typeof one === 'string' && one !== '') || one instanceof RegExp,
  );

const positive = (value: unknown, otherwise: number): number => {
  const given = Number(value);
  return given > 0 && Number.isFinite(given) ? given : otherwise;
};

/** A name the server takes: `@shop/web` is `shop-web`. */
function projectName(name: unknown): string {
  const text = safeText(name ?? '').replace(/^@/, '').replace(/[/\\?#%\s\p{Cc}]+/gu, '-');
  return /^\.*$/.test(text) ? 'javascript' : text.slice(0, 64);
}
