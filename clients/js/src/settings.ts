// The options that a server's environment gives; each that can be text has a variable.

import type { Level, Options } from './types.js';
import { levelOf } from './kinds.js';
import { withoutAbsent } from './settle.js';

type Environment = Record<string, string | undefined>;

const list = (text: string | undefined): string[] | undefined =>
  text?.split(',').map((one) => one.trim()).filter(Boolean);

const flag = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : /^(1|true|yes|on)$/i.test(text);

function number(text: string | undefined): number | undefined {
  const value = text ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** `ValidationError=error,RequestError=warn` */
function levels(text: string | undefined): Record<string, Level> | undefined {
  if (!text) return undefined;
  const found: Record<string, Level> = {};
  for (const pair of list(text) ?? []) {
    const [code, name] = pair.split('=');
    const level = levelOf(name);
    if (code && level) found[code.trim()] = level;
  }
  return found;
}

/** What the environment says. */
export function optionsOf(env: Environment): Options {
  const propagate = env.LOG_CENTER_PROPAGATE;
  return withoutAbsent({
    url: env.LOG_CENTER_URL,
    project: env.LOG_CENTER_PROJECT,
    environment: env.LOG_CENTER_ENVIRONMENT || env.ENVIRONMENT,
    version: env.LOG_CENTER_VERSION || env.APP_VERSION,
    commitHash: env.LOG_CENTER_COMMIT_HASH,
    key: env.LOG_CENTER_KEY,
    level: levelOf(env.LOG_CENTER_LEVEL),
    sampleRate: number(env.LOG_CENTER_SAMPLE_RATE),
    ignore: list(env.LOG_CENTER_IGNORE),
    codeLevelMap: levels(env.LOG_CENTER_CODE_LEVEL_MAP),
    exposeCodes: list(env.LOG_CENTER_EXPOSE_CODES),
    scrub: list(env.LOG_CENTER_SCRUB),
    inApp: list(env.LOG_CENTER_IN_APP),
    rootDir: env.LOG_CENTER_ROOT_DIR,
    bodies: env.LOG_CENTER_BODIES as Options['bodies'],
    timeout: number(env.LOG_CENTER_TIMEOUT_MS),
    maxQueue: number(env.LOG_CENTER_MAX_QUEUE),
    onUncaught: env.LOG_CENTER_ON_UNCAUGHT as Options['onUncaught'],
    propagate: /^(0|1|true|false|yes|no|on|off)$/i.test(propagate ?? '')
      ? flag(propagate)
      : list(propagate),
    enabled: flag(env.LOG_CENTER_ENABLED),
    debug: flag(env.LOG_CENTER_DEBUG),
  });
}
