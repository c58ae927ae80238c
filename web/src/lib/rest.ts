/** What of an event's context has no place of its own on the page. Pure. */
import { requestOf, REQUEST_MEMBERS } from './request';
import type { Context, Json, LogEvent } from './types';

/** Tags that are shown as such; further ones stay in the context. */
const TAGS_MAX = 24;

function membersOf(value: Json | undefined): [string, Json][] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.entries(value) : [];
}

/** Tags as names and texts. */
export function tagsOf(context: Context | null): [string, string][] {
  return membersOf(context?.tags)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .slice(0, TAGS_MAX)
    .map(([name, value]) => [name, String(value)]);
}

/** How many errors this report stands for, where its client folded a storm; 1 as usual. */
export function standsFor(context: Context | null): number {
  const folded = context?.folded;
  return typeof folded === 'number' && Number.isInteger(folded) && folded > 0 ? folded + 1 : 1;
}

/** An object without some of its members; nothing when none is left. */
function without(value: Json | undefined, gone: (name: string, value: Json) => boolean) {
  const left = membersOf(value).filter(([name, one]) => !gone(name, one));
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}

/** The context without what the cards beside it show, so that each thing stands there once. */
export function restOf(event: LogEvent): Context {
  const { context } = event;
  const tags = new Set(tagsOf(context).map(([name]) => name));
  const request: readonly string[] = requestOf(context) ? REQUEST_MEMBERS : [];
  const isId = (value: Json | undefined, id: string | null) => id !== null && String(value) === id;
  const left = membersOf(context ?? undefined).flatMap(([name, value]): [string, Json][] => {
    if (name === 'breadcrumbs' || request.includes(name)) return [];
    if (name === 'folded' && standsFor(context) > 1) return [];
    if (/^(user_id|userId)$/.test(name) && isId(value, event.user_id)) return [];
    if (/^(request_id|requestId)$/.test(name) && isId(value, event.request_id)) return [];
    if (/^(trace_id|traceId)$/.test(name) && isId(value, event.trace_id)) return [];
    const isObject = membersOf(value).length > 0;
    let kept: Json | undefined = value;
    if (name === 'tags' && isObject) kept = without(value, (tag) => tags.has(tag));
    if (/^(user|currentUser)$/.test(name) && isObject) {
      kept = without(value, (member, one) => member === 'id' && isId(one, event.user_id));
    }
    return kept === undefined ? [] : [[name, kept]];
  });
  return Object.fromEntries(left);
}
