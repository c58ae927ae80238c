/** Short messages at the foot of the page. */
export interface Toast {
  id: number;
  text: string;
  kind: 'plain' | 'bad';
  action?: ToastAction;
}

/** What can be done about it, as long as the message stands. */
export interface ToastAction {
  label: string;
  do: () => void;
}

const SHOWN_MS = 5_000;
/** A refusal has to be read, and often written down. */
const SHOWN_BAD_MS = 14_000;
/** One has to see it, decide, and get there. */
const SHOWN_ACTION_MS = 8_000;

let next = 1;
const list = $state<Toast[]>([]);

export function toasts(): readonly Toast[] {
  return list;
}

export function dismiss(id: number): void {
  const index = list.findIndex((toast) => toast.id === id);
  if (index >= 0) list.splice(index, 1);
}

export function say(text: string, kind: Toast['kind'] = 'plain', action?: ToastAction): void {
  const id = next++;
  list.push({ id, text, kind, action });
  if (list.length > 4) list.shift();
  const shown = kind === 'bad' ? SHOWN_BAD_MS : action ? SHOWN_ACTION_MS : SHOWN_MS;
  setTimeout(() => dismiss(id), shown);
}
