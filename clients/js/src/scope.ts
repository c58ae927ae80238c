// What is known while something is done: a request's id, user and tags. One scope for the program,
// one for each request inside it; the inner one wins.

import { take } from './safe.js';
import type { Breadcrumb, Context, User } from './types.js';

const BREADCRUMBS_MAX = 30;
const REQUEST_ID = /^[\w.:-]{1,128}$/;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

export class Scope {
  requestId: string | undefined;
  traceId: string | undefined;
  user: User | undefined;
  tags: Record<string, string> | undefined;
  context: Context | undefined;
  breadcrumbs: Breadcrumb[] | undefined;
  /** Describes the request, at the time of the error and only then. */
  describe: (() => Context) | undefined;
  /** Whatever an integration wants to find again. */
  found: unknown;

  constructor(readonly parent?: Scope) {}

  addBreadcrumb(crumb: Breadcrumb): void {
    const all = (this.breadcrumbs ??= []);
    const given = typeof crumb === 'string' ? { message: crumb } : crumb;
    all.push(take({ timestamp: new Date().toISOString() }, given) as unknown as Breadcrumb);
    if (all.length > BREADCRUMBS_MAX) all.shift();
  }

  /** The request id of this scope or the nearest one outside it. */
  get id(): string | undefined {
    return this.requestId ?? this.parent?.id;
  }

  /** Everything known, outermost first, so that the inner scope has the last word. */
  gather(into: Context = {}): Context {
    this.parent?.gather(into);
    if (this.describe) {
      try {
        Object.assign(into, this.describe());
      } catch {
        // A request that cannot be described is still a report.
      }
    }
    const { requestId, traceId, user, tags, breadcrumbs } = this;
    take(into, this.context);
    if (requestId) into.request_id = requestId;
    if (traceId) into.trace_id = traceId;
    if (user) {
      into.user = user;
      try {
        if (user.id != null) into.user_id = user.id;
      } catch {
        // A user who cannot be named is still a user.
      }
    }
    if (tags) into.tags = { ...into.tags, ...tags };
    if (breadcrumbs) into.breadcrumbs = [...(into.breadcrumbs ?? []), ...breadcrumbs];
    return into;
  }
}

/** The caller's own id if it is one, else that of its trace. */
export function givenId(
  header: unknown,
  traceparent: unknown,
): { requestId: string | undefined; traceId: string | undefined } {
  const traceId =
    typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;
  const own = typeof header === 'string' && REQUEST_ID.test(header) ? header : undefined;
  return { requestId: own ?? traceId, traceId };
}
