/** What the server is asked about people, keys, sessions and the record. Loaded by their pages. */
import { part, request } from './api';
import type { Role } from './role';
import type {
  AuditPage,
  Invitation,
  Invited,
  Key,
  KeyMade,
  Listed,
  NewKey,
  Passkey,
  Person,
  RecoveryCodes,
  Session,
  Totp,
  TotpBegun,
} from './trust';
import type { Page } from './types';

const LIMIT = 200;
/** Far beyond what a server takes. */
const PAGES_MAX = 50;

/** All items of a list that has an end. */
async function whole<Item>(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = { limit: LIMIT, cursor };
    const answer: Page<Item> = await request<Page<Item>>('GET', path, { query });
    items.push(...answer.items);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return items;
}

export interface PersonChange {
  role?: Role;
  projects?: string[] | null;
  disabled?: boolean;
  password?: string;
}

export interface InvitationRequest {
  role: Role;
  projects: string[] | null;
  expires_in_hours: number;
}

export const trustApi = {
  people: () => whole<Listed>('/people'),
  changePerson: (name: string, change: PersonChange) =>
    request<Person>('PATCH', `/people/${part(name)}`, { body: change }),
  invitations: async () => (await request<Page<Invitation>>('GET', '/invitations')).items,
  invite: (body: InvitationRequest) => request<Invited>('POST', '/invitations', { body }),
  takeBack: (id: number) => request<null>('DELETE', `/invitations/${id}`),
  keys: () => whole<Key>('/keys'),
  createKey: (body: NewKey) => request<KeyMade>('POST', '/keys', { body }),
  rotateKey: (id: number) => request<KeyMade>('POST', `/keys/${id}/rotate`),
  revokeKey: (id: number) => request<Key>('DELETE', `/keys/${id}`),
  audit: (query: Record<string, string | null>, signal?: AbortSignal) =>
    request<AuditPage>('GET', '/audit', { query, signal }),
  sessions: async () => (await request<Page<Session>>('GET', '/sessions')).items,
  endSession: (id: number) => request<null>('DELETE', `/sessions/${id}`),
  changePassword: (password: string, new_password: string) =>
    request<{ ended_sessions: number }>('POST', '/session/password', {
      body: { password, new_password },
    }),
  totp: () => request<Totp>('GET', '/session/totp'),
  beginTotp: (password: string) =>
    request<TotpBegun>('POST', '/session/totp', { body: { password } }),
  confirmTotp: (code: string) =>
    request<RecoveryCodes>('POST', '/session/totp/confirm', { body: { code } }),
  renewCodes: (password: string) =>
    request<RecoveryCodes>('POST', '/session/totp/codes', { body: { password } }),
  removeTotp: (password: string) =>
    request<null>('POST', '/session/totp/remove', { body: { password } }),
  resetTotp: (name: string) => request<null>('DELETE', `/people/${part(name)}/totp`),
  passkeys: async () => (await request<Page<Passkey>>('GET', '/session/passkeys')).items,
  passkeyOptions: (password: string) =>
    request<{ public_key: PublicKeyCredentialCreationOptionsJSON }>(
      'POST',
      '/session/passkeys/options',
      { body: { password } },
    ),
  addPasskey: (name: string, credential: unknown) =>
    request<Passkey>('POST', '/session/passkeys', { body: { name, credential } }),
  renamePasskey: (id: number, name: string) =>
    request<Passkey>('PATCH', `/session/passkeys/${id}`, { body: { name } }),
  removePasskey: (id: number) => request<null>('DELETE', `/session/passkeys/${id}`),
  resetPasskeys: (name: string) => request<null>('DELETE', `/people/${part(name)}/passkeys`),
  logOut: () => request<null>('DELETE', '/session'),
};
