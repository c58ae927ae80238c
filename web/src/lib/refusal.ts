/** What the server's refusals of changes mean, in the reader's language. */
import { ApiError, ConnectionError } from './api';
import { faultSentence } from './fault';
import { NoPasskey } from './passkeys';
import type { Values } from './phrase';
import { saidSentence } from './said';
import type { Key } from './words/en';

/** What is refused of a form, by the field that it is about. */
export type Faults = Record<string, string>;

type Refusal = Pick<ApiError, 'status' | 'info'>;
type Speak = (key: Key, values?: Values) => string;

/** The fields that a refusal is about, and what it says of each. */
function faultsOf(refusal: Refusal): { field: string; message: string }[] {
  const errors = Array.isArray(refusal.info.errors) ? refusal.info.errors : [];
  return errors.flatMap((one) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? [{ field: String(one.field ?? ''), message: String(one.message ?? '') }]
      : [],
  );
}

/** What the server says of a field, in the reader's language where there are words for it. */
function faultText(message: string, t: Speak): string {
  if (message === 'is missing') return t('need.text');
  return saidSentence(faultSentence({ message }, t), t);
}

/**
 * Fields named by the refusal; none when it is about something else too, which a form that does
 * not show it has to tell as a whole.
 */
export function faultsIn(refusal: Refusal, t: Speak, shown: readonly string[]): Faults {
  const faults: Faults = {};
  if (refusal.status === 409 && refusal.info.field === 'name') faults.name = t('need.nameTaken');
  for (const { field: path, message } of faultsOf(refusal)) {
    // A fault inside a member is shown at the member.
    const field = path.split(/[.[]/)[0] ?? path;
    faults[field] ??= faultText(message, t);
  }
  return Object.keys(faults).every((field) => shown.includes(field)) ? faults : {};
}

const FIELDS: Readonly<Record<string, Key>> = {
  new_password: 'trust.weak',
  password: 'trust.weak',
  origins: 'trust.oddOrigins',
  projects: 'trust.noProject',
  credential: 'passkey.unfit',
};

const NO_PASSKEY = { known: 'passkey.known', cancelled: 'passkey.cancelled' } as const;
/** It was turned on or off meanwhile, in another window. */
const SECOND_STEP = /codes are asked for|begin again/;

/** One sentence for a person; the server's own where there is none of ours. */
export function refusalText(error: unknown, t: Speak): string {
  if (error instanceof NoPasskey) return t(NO_PASSKEY[error.why]);
  if (error instanceof ConnectionError) return t('failure.lost');
  if (!(error instanceof ApiError)) return String(error);
  if (error.info.from_file === true) return t('notify.inFileText');
  if (error.status === 409 && typeof error.info.max === 'number') {
    return t('notify.full', { n: error.info.max });
  }
  if (error.info.needs === 'code') return t('trust.wrongCode');
  if (error.status === 401) {
    const isPassword = error.message.includes('present password');
    return t(isPassword ? 'trust.wrongPassword' : 'shell.loggedOut');
  }
  if (error.status === 403 && error.message.startsWith('this is')) return t('failure.forbidden');
  if (error.status === 409 && error.message.includes('last administrator')) {
    return t('trust.lastAdministrator');
  }
  if (error.status === 409 && SECOND_STEP.test(error.message)) return t('second.stale');
  if (error.status === 409 && error.message.includes('passkey')) return t('passkey.tooMany');
  if (error.status === 429) return t('failure.wait', { n: error.retryAfterSeconds ?? 2 });
  const [first] = faultsOf(error);
  const key = first && FIELDS[first.field];
  return key ? t(key) : error.message;
}
