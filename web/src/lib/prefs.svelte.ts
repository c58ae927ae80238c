/** What the user chose in this browser, remembered in localStorage where that is allowed. */
import type { EditorChoice } from './editor';

const PREFIX = 'log-center.';

function read(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    if (value === '') localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
}

/** A visit of the first page: from when on it shows, and when it was last on the screen. */
export interface Looked {
  since: number;
  at: number;
  /** Issues that were marked as seen at the beginning of it. */
  seen: number[];
  /** Nobody looked before: it shows a day. */
  first?: boolean;
}

function looked(value: string | null): Looked | null {
  const { since, at, seen, first } = times(value) as Record<string, unknown>;
  if (typeof since !== 'number' || typeof at !== 'number') return null;
  const ids = Array.isArray(seen) ? seen.filter((id) => typeof id === 'number') : [];
  return { since, at, seen: ids, ...(first === true ? { first } : {}) };
}

export type Theme = 'auto' | 'light' | 'dark';

function theme(value: string | null): Theme {
  return value === 'light' || value === 'dark' ? value : 'auto';
}

function times(value: string | null): Record<string, number> {
  try {
    const read: unknown = JSON.parse(value ?? '{}');
    return read && typeof read === 'object' ? (read as Record<string, number>) : {};
  } catch {
    return {};
  }
}

function editor(value: string | null): EditorChoice {
  try {
    const read = JSON.parse(value ?? '{}') as Partial<EditorChoice>;
    const text = (one: unknown) => (typeof one === 'string' ? one : '');
    const known = ['vscode', 'cursor', 'zed', 'idea'] as const;
    const name = known.find((one) => one === read.editor) ?? '';
    return { editor: name, from: text(read.from), to: text(read.to) };
  } catch {
    return { editor: '', from: '', to: '' };
  }
}

const state = $state({
  person: '',
  editor: editor(read('editor')),
  dismissed: times(read('dismissed')),
  user: read('user') ?? '',
  theme: theme(read('theme')),
  rawTrace: read('raw-trace') === 'yes',
  oldestFirst: read('oldest-first') === 'yes',
  singleKeys: read('single-keys') !== 'no',
  listChart: read('list-chart') !== 'no',
});

export const prefs = {
  /** The name that goes with every change: who is logged in, else what was typed, else empty. */
  get user(): string {
    return state.person || state.user;
  },
  /** Who the server knows the reader to be; not remembered. */
  set person(name: string) {
    state.person = name;
  },
  set user(name: string) {
    state.user = name.trim().slice(0, 64);
    write('user', state.user);
  },
  get theme(): Theme {
    return state.theme;
  },
  set theme(value: Theme) {
    state.theme = value;
    write('theme', value === 'auto' ? '' : value);
    if (value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
  },
  /** When each notice was put aside, in milliseconds since 1970. */
  get dismissed(): Readonly<Record<string, number>> {
    return state.dismissed;
  },
  dismiss(notice: string, at: number): void {
    state.dismissed = { ...state.dismissed, [notice]: at };
    write('dismissed', JSON.stringify(state.dismissed));
  },
  get looked(): Looked | null {
    return looked(read('looked'));
  },
  set looked(value: Looked | null) {
    write('looked', value ? JSON.stringify(value) : '');
  },
  get rawTrace(): boolean {
    return state.rawTrace;
  },
  set rawTrace(value: boolean) {
    state.rawTrace = value;
    write('raw-trace', value ? 'yes' : '');
  },
  get oldestFirst(): boolean {
    return state.oldestFirst;
  },
  set oldestFirst(value: boolean) {
    state.oldestFirst = value;
    write('oldest-first', value ? 'yes' : '');
  },
  /** Where a click on a frame opens it. */
  get editor(): EditorChoice {
    return state.editor;
  },
  set editor(value: EditorChoice) {
    state.editor = value;
    write('editor', value.editor ? JSON.stringify(value) : '');
  },
  /** Whether the list of issues has its chart. */
  get listChart(): boolean {
    return state.listChart;
  },
  set listChart(value: boolean) {
    state.listChart = value;
    write('list-chart', value ? '' : 'no');
  },
  get singleKeys(): boolean {
    return state.singleKeys;
  },
  set singleKeys(value: boolean) {
    state.singleKeys = value;
    write('single-keys', value ? '' : 'no');
  },
};

export function rememberedLanguage(): string | null {
  return read('language');
}

export function rememberLanguage(language: string): void {
  write('language', language);
}

/** What else is remembered in this browser. */
export { read as readStored, write as writeStored };
