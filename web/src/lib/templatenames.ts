/** What a webhook's template may name, with what each stands for. Pure. */
import type { Key } from './words/en';

export const TEMPLATE_NAMES: readonly { names: readonly string[]; word: Key }[] = [
  { names: ['title', 'text', 'place'], word: 'template.chat' },
  { names: ['body'], word: 'template.body' },
  { names: ['frames'], word: 'template.frames' },
  { names: ['url', 'actions'], word: 'template.links' },
  { names: ['id', 'type', 'trigger', 'timestamp', 'rule'], word: 'template.message' },
  { names: ['project', 'environment', 'version', 'level'], word: 'template.report' },
  {
    names: ['issue', 'status', 'count', 'users', 'first_seen', 'assignee'],
    word: 'template.issue',
  },
  { names: ['error_type', 'error', 'code'], word: 'template.error' },
  { names: ['request_id', 'user'], word: 'template.request' },
  { names: ['data'], word: 'template.data' },
];
