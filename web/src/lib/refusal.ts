/** What the server's refusals of people's and keys' changes mean, in the reader's language. */
import { ApiError, ConnectionError } from './api';
import type { Values } from './phrase';
import type { Key } from './words/en';

/** The fields that a refusal is about, and what it says of each. */
function faultsOf(refusal: ApiError): { field: string; message: string }[] {
  const errors = Array.isArray(refusal.info.errors) ? refusal.info.errors : [];
  return errors.flatMap((one) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? [{ field: String(one.field ?? ''), message: String(one.message ?? '') }]
      : [],
  );
}

const FIELDS: Readonly<Record<string, Key>> = {
  new_password: 'trust.weak',
  password: 'trust.weak',
  origins: 'trust.oddOrigins',
  projects: 'trust.noProject',
};

/** One sentence for a person; the server's own where there is none of ours. */
export function refusalText(error: unknown, t: (key: Key, values?: Values) => string): string {
  if (error instanceof ConnectionError) return t('failure.lost');
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 401) {
    const isPassword = error.message.includes('present password');
    return t(isPassword ? 'trust.wrongPassword' : 'shell.loggedOut');
  }
  if (error.status === 403 && error.message.startsWith('this is')) return t('failure.forbidden');
  if (error.status === 409 && error.message.includes('last administrator')) {
    return t('trust.lastAdministrator');
  }
  if (error.status === 429) return t('failure.wait', { n: error.retryAfterSeconds ?? 2 });
  const [first] = faultsOf(error);
  const key = first && FIELDS[first.field];
  return key ? t(key) : error.message;
}
