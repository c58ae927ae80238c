/** What somebody may at most. Pure. */
export const ROLES = ['viewer', 'member', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Each role may all that the one before it may. */
export function isAtLeast(role: Role | null, least: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(least);
}
