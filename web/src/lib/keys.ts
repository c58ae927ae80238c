/** Which key was meant, on any keyboard layout; null when it was not meant for the page. */

interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

/** `j`, `/`, `?`, `Enter`, `Escape` … On a Cyrillic layout the J key is `j` all the same. */
export function keyName(press: KeyPress): string | null {
  // 229: an input method is still composing (Chinese), the key belongs to it.
  if (press.isComposing || press.keyCode === 229) return null;
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const { key, code } = press;
  if (key.length > 1) return key;
  if (/^[\x21-\x7e]$/.test(key)) {
    // On the Russian layout the Slash key types a full stop (and a comma with shift).
    if (code === 'Slash' && key === '.') return '/';
    if (code === 'Slash' && key === ',') return '?';
    return key.toLowerCase();
  }
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return letter.toLowerCase();
  if (code === 'BracketLeft') return '[';
  if (code === 'BracketRight') return ']';
  return code === 'Slash' ? '/' : null;
}

/** Whether typing goes into a field, where letters are letters. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|button)$/.test(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
