// The options with their defaults.

import type { Level, Options } from './types.js';
import { levelOf } from './kinds.js';

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
    url: String(options.url ?? '').replace(/\/+$/, ''),
    project: projectName(options.project),
    environment: String(options.environment ?? 'production').slice(0, 64),
    level: levelOf(options.level) ?? 'debug',
    sampleRate: rate >= 0 && rate <= 1 ? rate : 1,
    ignore: options.ignore ?? [],
    scrub: options.scrub ?? [],
    inApp: options.inApp ?? [],
    rootDir: options.rootDir ?? '',
    bodies: options.bodies === 'never' ? 'never' : 'small',
    timeout: positive(options.timeout, 3_000),
    maxQueue: positive(options.maxQueue, 100),
    enabled: options.enabled !== false,
    debug: options.debug === true,
  };
}

const positive = (value: unknown, otherwise: number): number => {
  const given = Number(value);
  return given > 0 && Number.isFinite(given) ? given : otherwise;
};

/** A name the server takes: `@shop/web` is `shop-web`. */
function projectName(name: unknown): string {
  const text = String(name ?? '').replace(/^@/, '').replace(/[/\\?#%\s\p{Cc}]+/gu, '-');
  return text.slice(0, 64) || 'javascript';
}
