/** Links that open a frame's file in the reader's editor. Pure. */

export const EDITORS = ['vscode', 'cursor', 'zed', 'idea'] as const;
export type Editor = (typeof EDITORS)[number];

/** Their own names, the same in every language. */
export const EDITOR_NAMES: Record<Editor, string> = {
  vscode: 'VS Code',
  cursor: 'Cursor',
  zed: 'Zed',
  idea: 'JetBrains',
};

export interface EditorChoice {
  editor: Editor | '';
  /** What the paths in traces begin with, and the folder on this computer that stands for it. */
  from: string;
  to: string;
}

// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f]/;

/** The file on this computer; null where that is not known, or not safe to open. */
export function localPath(file: string, { from, to }: Pick<EditorChoice, 'from' | 'to'>) {
  let path = file.replace(/^file:\/\//, '').replace(/\\/g, '/');
  if (from && path.startsWith(from)) {
    path = `${to.replace(/\\/g, '/').replace(/\/+$/, '')}/${path.slice(from.length)}`;
    path = path.replace(/([^:])\/{2,}/g, '$1/');
  } else if (to && !from && !/^(\/|[a-z]:\/|[a-z]+:)/i.test(path)) {
    // A folder alone is where relative paths begin.
    path = `${to.replace(/\\/g, '/').replace(/\/+$/, '')}/${path.replace(/^\.\//, '')}`;
  }
  const isAbsolute = /^\/[^/]/.test(path) || /^[a-z]:\/[^/]/i.test(path);
  // Anybody can forge a report: no walking upwards, no other machine's share.
  const isPlain = !CONTROLS.test(path) && !/(^|\/)\.\.(\/|$)/.test(path);
  return isAbsolute && isPlain ? path : null;
}

export function editorLink(
  choice: EditorChoice,
  frame: { file: string; line: number | null; column: number | null },
): string | null {
  if (choice.editor === '') return null;
  const path = localPath(frame.file, choice);
  if (path === null) return null;
  const quoted = encodeURI(path).replace(/[?#]/g, encodeURIComponent);
  const rooted = quoted.startsWith('/') ? quoted : `/${quoted}`;
  const line = frame.line ?? 1;
  if (choice.editor === 'idea') {
    return `idea://open?file=${encodeURIComponent(path)}&line=${line}`;
  }
  return `${choice.editor}://file${rooted}:${line}:${frame.column ?? 1}`;
}
