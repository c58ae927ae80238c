// Apollo Server 5 and 4: a plugin that reports, and a `formatError` that answers.

import { currentClient, formatError as structured } from './api.js';
import { HEADER, requestScope } from './node/requests.js';
import type { Scope } from './scope.js';
import { state } from './state.js';
import type { Context } from './types.js';

interface Headers {
  get: (name: string) => string | undefined;
  set: (name: string, value: string) => unknown;
  [Symbol.iterator]?: () => Iterator<[string, string]>;
}
interface GraphQLProblem extends Error {
  path?: readonly (string | number)[] | undefined;
  originalError?: Error | null | undefined;
  extensions?: Record<string, unknown>;
}
interface RequestContext {
  request: {
    http?: { method?: string; headers: Headers; search?: string } | undefined;
    query?: string | undefined;
    variables?: unknown;
    operationName?: string | null | undefined;
  };
  operationName?: string | null | undefined;
  operation?: { operation?: string } | undefined;
  contextValue?: unknown;
}
interface Field {
  source: unknown;
  args: unknown;
  info: { parentType?: { name?: string }; fieldName?: string };
}

/** What was asked of a field that failed, by its error. */
const fields = new WeakMap<object, Field>();

const QUERY_CHARACTERS_MAX = 4_000;

/* What Apollo calls with has more members, which differ between its versions. */
export interface LogCenterPlugin {
  requestDidStart(context: any): Promise<any>;
}

/** Reports every error of a request that nobody expected, with the field's arguments and root. */
export function logCenterPlugin(): LogCenterPlugin {
  return {
    async requestDidStart(context: RequestContext) {
      const scope = scopeOfRequest(context);
      return {
        async executionDidStart() {
          return {
            willResolveField: (field: Field) => (error: unknown) => {
              if (typeof error === 'object' && error !== null) fields.set(error, field);
            },
          };
        },
        async didEncounterErrors({ errors }: { errors: readonly GraphQLProblem[] }) {
          for (const error of errors) report(error, context, scope);
        },
        async willSendResponse({ response }: { response: { http?: { headers: Headers } } }) {
          if (scope.id) response.http?.headers.set(HEADER, scope.id);
        },
      };
    },
  };
}

/** That of the server around Apollo, else a new one. */
function scopeOfRequest({ request }: RequestContext): Scope {
  const around = state.scopes.getStore();
  if (around?.id) return around;
  const { http } = request;
  const names = [HEADER, 'traceparent'];
  const headers = Object.fromEntries(names.map((name) => [name, http?.headers.get(name)]));
  const scope = requestScope(headers);
  scope.describe = () => ({
    method: http?.method ?? 'POST',
    headers: http?.headers[Symbol.iterator]
      ? Object.fromEntries(http.headers as Iterable<[string, string]>)
      : {},
  });
  state.scopes.enterWith?.(scope);
  return scope;
}

function report(error: GraphQLProblem, context: RequestContext, scope: Scope): void {
  const client = currentClient();
  const cause = innermost(error);
  if (!client?.isReported(cause)) return;
  client.capture(cause, { scope, context: { graphql: about(error, cause, context) } as Context });
}

function about(error: GraphQLProblem, cause: unknown, { request, ...rest }: RequestContext) {
  const field = fields.get(cause as object) ?? fields.get(error);
  return {
    operation: rest.operation?.operation,
    name: request.operationName ?? rest.operationName,
    path: error.path?.join('.'),
    field: field && `${field.info.parentType?.name ?? ''}.${field.info.fieldName ?? ''}`,
    args: field?.args,
    root: field?.source,
    variables: request.variables,
    query: request.query?.slice(0, QUERY_CHARACTERS_MAX),
  };
}

/** What the resolver threw; of what is GraphQL's own, the outermost, which has the code. */
function innermost(error: GraphQLProblem): unknown {
  const { originalError } = error;
  return originalError && !('extensions' in originalError) ? originalError : error;
}

interface Formatted {
  message: string;
  extensions?: Record<string, unknown>;
}

/** For Apollo's option of this name: the structured error stands in `extensions`. */
export function formatError<T extends Formatted>(formatted: T, error: unknown): T {
  const cause = innermost((error ?? formatted) as GraphQLProblem);
  const { message, code, ...rest } = structured(cause);
  const { stacktrace: _, ...extensions } = formatted.extensions ?? {};
  // What Apollo itself refuses keeps the code that its clients know.
  const own = String(extensions.code ?? 'INTERNAL_SERVER_ERROR');
  const kept = own === 'INTERNAL_SERVER_ERROR' ? code : own;
  return { ...formatted, message, extensions: { ...extensions, ...rest, code: kept } };
}
