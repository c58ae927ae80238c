/** Who may what: its shapes, and what is read out of them. Pure. */
import { agentOf } from './agent';
import type { Role } from './role';
import type { Json, Page } from './types';

export interface Person {
  name: string;
  role: Role;
  /** Projects that are seen; null is all, also later ones. */
  projects: string[] | null;
  has_password: boolean;
  /** Whether their login asks for a code too. */
  has_totp: boolean;
  /** How many they have. */
  passkeys?: number;
  created_at: string;
  disabled_at: string | null;
  /** When a session of theirs was used last. */
  seen_at?: string | null;
}

/** Only administrators are told more than names. */
export type Listed = Person | { name: string };

/** Who asks: in `open` mode nobody is asked, and everybody may everything. */
export interface Whoever {
  mode: 'open' | 'closed';
  person: Person | null;
  key: string | null;
  role: Role | null;
  projects: string[] | null;
  password_chars_min: number;
  /** Of which projects lines of source can be read. */
  source_projects: string[];
  /** Other ways in than a password. */
  login?: { passkeys: boolean };
}

export interface Invitation {
  id: number;
  role: Role;
  projects: string[] | null;
  created_at: string;
  created_by: string;
  expires_at: string;
}

export interface Invited {
  invitation: Invitation;
  secret: string;
  /** Its path alone where the server knows no address of its own. */
  url: string;
}

export interface Session {
  id: number;
  created_at: string;
  seen_at: string;
  agent: string;
  address: string;
  is_current: boolean;
}

/** A way in by a fingerprint, a face or a PIN. */
export interface Passkey {
  id: number;
  name: string;
  created_at: string;
  last_used_at: string | null;
  /** Kept by a service that puts it on other devices too. */
  is_synced: boolean;
}

/** The second step of one's own logins. */
export interface Totp {
  enabled_at: string | null;
  recovery_codes_left: number;
}

/** A secret for an authenticator, told once; `uri` is the same for a QR code. */
export interface TotpBegun {
  secret: string;
  uri: string;
}

export interface RecoveryCodes {
  recovery_codes: string[];
  ended_sessions: number;
}

export const SCOPES = ['read', 'change', 'manage'] as const;
export type Scope = (typeof SCOPES)[number] | 'report';

export interface Key {
  id: number;
  name: string;
  kind: 'report' | 'api';
  /** null: the whole server. */
  project_id: string | null;
  scopes: Scope[];
  origins: string[];
  /** Its first characters. */
  shown: string;
  created_at: string;
  created_by: string;
  expires_at: string | null;
  /** Within a minute or two. */
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface KeyMade {
  key: Key;
  secret: string;
}

export interface NewKey {
  name: string;
  kind: Key['kind'];
  project_id?: string;
  scopes?: Scope[];
  origins?: string[];
  expires_in_days?: number;
}

export interface AuditEntry {
  id: number;
  at: string;
  who: string;
  /** Whether the server knew them. */
  verified: boolean;
  address: string;
  action: string;
  object: string;
  detail: Record<string, Json>;
}

export type AuditPage = Page<AuditEntry>;

const AGENT_CHARS = 40;

/** "Firefox, Linux"; of what is no known browser, the beginning of what it calls itself. */
export function browserOf(agent: string): string {
  const known = agentOf(agent);
  if (!known) return agent.slice(0, AGENT_CHARS);
  return [known.browser, known.system].filter(Boolean).join(', ');
}

/** A key that is refused: somebody ended it, or its time has come. */
export function hasEnded(key: Key, now: Date): boolean {
  return key.revoked_at !== null || hasExpired(key, now);
}

export function hasExpired(key: Key, now: Date): boolean {
  return key.expires_at !== null && new Date(key.expires_at) <= now;
}

/** Keys by where they are good for: the whole server first, then the projects by name. */
export function keysByPlace(keys: readonly Key[]): [project: string | null, keys: Key[]][] {
  const places = new Map<string | null, Key[]>();
  for (const key of keys) {
    const place = places.get(key.project_id);
    if (place) place.push(key);
    else places.set(key.project_id, [key]);
  }
  return [...places].sort(([a], [b]) => {
    if (a === null || b === null) return a === null ? -1 : 1;
    return a.localeCompare(b);
  });
}

/** A secret as it is typed from a screen: four characters, a blank, four characters. */
export function groupsOf(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}

/** Origins as somebody types them: one a line, or with commas and blanks between. */
export function originsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((one) => one !== ''))];
}

/** What an entry says besides: its members that say something, as `name: value`. */
export function detailOf(detail: Record<string, Json>): string {
  const text = (value: Json, name?: string): string => {
    if (name === 'agent') return browserOf(String(value));
    if (Array.isArray(value)) return value.map((one) => text(one)).join(', ');
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  };
  return Object.entries(detail)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}: ${text(value, name)}`)
    .join(' · ');
}

/** Where an invitation leads: the server may know its path alone. */
export function linkOf(invited: Invited, origin: string): string {
  return new URL(invited.url, origin).href;
}
